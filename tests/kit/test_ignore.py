"""Patterns that leave files out: what git itself says is the truth."""

import shutil
import subprocess
from pathlib import Path

import pytest

from parley.kit.ignore import IgnoreRules

PATHS = [
    *("a.txt", "b.md", "foo", "foo/a.txt", "foo/bar/a.txt", "bar/foo/a.txt", "foo/bar/baz/deep.log", "build/x.o"),
    *(
        "src/build/y.o",
        "doc/frotz/z",
        "a/doc/frotz/z",
        "logs/debug.log",
        "debug.log",
        "a/b/c/debug.log",
        "a/b/debug0.log",
    ),
    *("!important", "#hash", "trailing ", "x/y/z", "abc/x/y/q", "file1", "fileA", "file-", "file]", "Foo/a"),
    *("a.b", "aXb", "a+b(c)", "deep/a/b/c/d/e.txt", ".hidden/x", "sub/.hidden/x", "back\\slash", "a b/c d"),
]
FILES = [
    ["*.txt"],
    ["foo/"],
    ["/foo"],
    ["foo/bar"],
    ["foo/*"],
    ["foo/**"],
    ["**/foo"],
    ["**/foo/**"],
    ["a/**/debug.log"],
    ["doc/frotz/"],
    ["frotz/"],
    ["*.log", "!debug.log"],
    ["*", "!*/", "!*.txt"],
    ["/*", "!/foo", "/foo/*", "!/foo/bar"],
    ["\\!important", "\\#hash", "# comment", "", "trailing\\ "],
    ["trailing "],
    ["file[0-9]", "file[!0-9]"],
    ["file[^a-z]"],
    ["file[]-]"],
    ["file[[:upper:]]"],
    ["file?"],
    ["debug[01].log", "a.b"],
    ["a+b(c)"],
    ["x/*/z"],
    ["abc/**"],
    ["**"],
    ["**/"],
    ["***"],
    ["deep/**/e.txt"],
    ["deep/**/**/e.txt"],
    ["de**p/a"],
    ["**foo"],
    ["a b/", "c?d"],
    ["build", "!/src/build"],
    ["back\\\\slash"],
    ["foo\\"],
    ["file["],
    ["/"],
    ["!"],
    ["fo[a-z]/bar/../a.txt"],
    ["**/bar/**/a.txt", "a/**/c/**"],
    ["f*o*/b*a*r/*"],
    ["*a*b*g*.l*g"],
    ["foo/**/bar/**/deep.log"],
    ["/**/z"],
    ["foo//bar"],
]


def left_out(rules: IgnoreRules, path: str) -> bool:
    """Walk down to a path as a scan does."""
    parts = path.split("/")
    folders = ["/".join(parts[:n]) for n in range(1, len(parts))]
    return any(rules.decide(folder, is_folder=True) for folder in folders) or bool(rules.decide(path, is_folder=False))


@pytest.mark.skipif(shutil.which("git") is None, reason="git says what is right")
class TestAsGitDoes:
    @pytest.mark.parametrize("lines", FILES, ids=lambda lines: "_".join(lines)[:40])
    def test_same_paths_are_left_out(self, tmp_path: Path, lines: list[str]) -> None:
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        rules = IgnoreRules(lines)
        asked = [path for path in PATHS if path != "foo"]
        for path in asked:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text("x")
        answer = subprocess.run(
            ["git", "-C", tmp_path, "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(asked).encode(),
            capture_output=True,
            check=False,
        )
        expected = set(answer.stdout.decode().split("\0")) - {""}
        assert {path for path in asked if left_out(rules, path)} == expected


class TestDecide:
    def test_last_pattern_that_matches_wins(self) -> None:
        rules = IgnoreRules(["*.log", "!keep.log", "keep.log"])
        assert rules.decide("keep.log", is_folder=False) is True

    def test_pattern_for_folders_leaves_files_alone(self) -> None:
        rules = IgnoreRules(["out/"])
        assert rules.decide("out", is_folder=True) is True
        assert rules.decide("out", is_folder=False) is None

    def test_hostile_pattern_is_answered_quickly(self) -> None:
        rules = IgnoreRules(["a*" * 400 + "b", "**/a" * 200 + "/b", "*a" * 300])
        assert rules.decide("a" * 2000, is_folder=False) is True
        assert rules.decide("a/" * 2000 + "c", is_folder=False) is None
