"""What a scan of a folder finds."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from parley.errors import InvalidInput, SourceUnavailable
from parley.knowledge.scan import list_folder
from parley.knowledge.schemas import FileRules

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="links and permissions as POSIX has them")
needs_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)


def write(folder: Path, *paths: str, content: str = "text") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def found(folder: Path, max_file_bytes: int = 1000, **rules: Any) -> dict[str, str | None]:
    listing = list_folder(folder, FileRules(**rules), max_file_bytes, {})
    return {file.path: file.error.stable_code if file.error else None for file in listing.files}


class TestScanFolder:
    def test_files_come_in_the_order_of_their_paths(self, tmp_path: Path) -> None:
        write(tmp_path, "b.txt", "a/z.md", "a/b/c.txt")
        assert list(found(tmp_path)) == ["a/b/c.txt", "a/z.md", "b.txt"]

    def test_hidden_cached_and_temporary_files_are_left_out(self, tmp_path: Path) -> None:
        write(tmp_path, ".git/config", "node_modules/x.js", "a/__pycache__/m.pyc", ".env", "~$doc.docx", "x.txt~")
        write(
            tmp_path, "kept.txt", "Thumbs.db", "film.part", "html/searchindex.js", "html/jquery.min.js", "html/own.js"
        )
        assert list(found(tmp_path)) == ["html/own.js", "kept.txt"]

    def test_file_over_the_limit_has_its_error(self, tmp_path: Path) -> None:
        write(tmp_path, "large.txt", content="x" * 2000)
        write(tmp_path, "small.txt")
        assert found(tmp_path) == {"large.txt": "oversized_document", "small.txt": None}

    def test_empty_folder_has_no_files(self, tmp_path: Path) -> None:
        assert found(tmp_path) == {}

    def test_missing_folder_is_unavailable(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnavailable):
            found(tmp_path / "missing")

    def test_file_is_no_folder(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt")
        with pytest.raises(InvalidInput, match="is not a folder"):
            found(tmp_path / "a.txt")


class TestMounts:
    def test_device_of_the_root_is_told(self, tmp_path: Path) -> None:
        write(tmp_path, "a/b.txt")
        assert list_folder(tmp_path, FileRules(), 1000, {}).devices == {".": tmp_path.stat().st_dev}

    def test_empty_folder_that_was_another_device_is_unavailable(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnavailable, match="mounted"):
            list_folder(tmp_path, FileRules(), 1000, {".": tmp_path.stat().st_dev + 1})

    def test_folder_that_was_emptied_is_empty(self, tmp_path: Path) -> None:
        assert list_folder(tmp_path, FileRules(), 1000, {".": tmp_path.stat().st_dev}).files == []

    def test_share_that_came_back_as_another_device_is_read(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt")
        listing = list_folder(tmp_path, FileRules(), 1000, {".": tmp_path.stat().st_dev + 1})
        assert [file.path for file in listing.files] == ["a.txt"]

    def test_empty_mount_point_below_the_root_is_unknown(self, tmp_path: Path) -> None:
        write(tmp_path, "a.txt")
        (tmp_path / "share").mkdir()
        devices = {".": tmp_path.stat().st_dev, "share": tmp_path.stat().st_dev + 1}
        listing = list_folder(tmp_path, FileRules(), 1000, devices)
        assert listing.hides("share/was-here.txt")
        assert not listing.hides("sharing/other.txt")
        assert listing.devices == devices


class TestRules:
    def test_gitignore_files_are_obeyed_from_the_inside_out(self, tmp_path: Path) -> None:
        write(tmp_path, "a.log", "a.txt", "sub/b.log", "sub/keep.log", "out/c.txt", "sub/deep/keep.log")
        (tmp_path / ".gitignore").write_text("*.log\n/out/\n")
        (tmp_path / "sub" / ".gitignore").write_text("!keep.log\n")
        assert list(found(tmp_path)) == ["a.txt", "sub/deep/keep.log", "sub/keep.log"]
        assert "out/c.txt" in found(tmp_path, gitignore=False)

    def test_file_below_an_ignored_folder_cannot_be_taken_back(self, tmp_path: Path) -> None:
        write(tmp_path, "out/keep.txt", "a.txt")
        (tmp_path / ".gitignore").write_text("out\n!out/keep.txt\n")
        assert list(found(tmp_path)) == ["a.txt"]

    def test_include_names_what_is_read(self, tmp_path: Path) -> None:
        write(tmp_path, "a.md", "b.txt", "docs/c.txt", "docs/d/e.html", "src/f.md")
        assert list(found(tmp_path, include=["/docs/", "a.*"])) == ["a.md", "docs/c.txt", "docs/d/e.html"]

    def test_hidden_files_are_read_only_when_named(self, tmp_path: Path) -> None:
        write(tmp_path, ".github/guide.md", ".env.md", "a.md", "node_modules/x/readme.md", ".git/y.md")
        assert list(found(tmp_path, include=["*.md"])) == ["a.md"]
        assert list(found(tmp_path, include=["*.md", ".github/**"])) == [".github/guide.md", "a.md"]
        assert "node_modules/x/readme.md" in found(tmp_path, include=["node_modules/x/*.md"])

    def test_exclude_has_the_last_word(self, tmp_path: Path) -> None:
        write(tmp_path, "a.md", "drafts/b.md", "c/drafts/d.md", "c/e.md")
        assert list(found(tmp_path, include=["*.md"], exclude=["drafts/", "!a.md"])) == ["a.md", "c/e.md"]


@needs_posix
class TestLinks:
    def test_loop_of_links_ends(self, tmp_path: Path) -> None:
        write(tmp_path, "a/file.txt")
        (tmp_path / "a" / "loop").symlink_to(tmp_path)
        assert list(found(tmp_path)) == ["a/file.txt"]

    def test_link_within_the_folder_is_the_file_itself(self, tmp_path: Path) -> None:
        write(tmp_path, "real.txt")
        (tmp_path / "alias.txt").symlink_to("real.txt")
        assert list(found(tmp_path)) == ["real.txt"]

    def test_link_out_of_the_folder_is_not_followed(self, tmp_path: Path) -> None:
        write(tmp_path, "outside.txt", "in/real.txt")
        (tmp_path / "in" / "out.txt").symlink_to(tmp_path / "outside.txt")
        assert found(tmp_path / "in") == {"out.txt": "unreadable_file", "real.txt": None}

    def test_broken_link_is_that_files_error(self, tmp_path: Path) -> None:
        (tmp_path / "broken.txt").symlink_to("/nowhere/at/all")
        assert found(tmp_path) == {"broken.txt": "unreadable_file"}

    @pytest.mark.parametrize("name", ["circle.txt", "in/circle.txt"])
    def test_link_that_leads_back_to_itself_is_that_files_error(self, tmp_path: Path, name: str) -> None:
        write(tmp_path, "in/real.txt")
        (tmp_path / name).symlink_to(tmp_path / "there.txt")
        (tmp_path / "there.txt").symlink_to(tmp_path / name)
        assert found(tmp_path) == {"in/real.txt": None, name: "unreadable_file", "there.txt": "unreadable_file"}

    def test_pipe_is_not_a_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert found(tmp_path) == {}

    @needs_user
    def test_folder_without_permission_is_its_own_error(self, tmp_path: Path) -> None:
        write(tmp_path, "closed/secret.txt", "open.txt")
        (tmp_path / "closed").chmod(0)
        try:
            assert found(tmp_path) == {"closed/": "unreadable_file", "open.txt": None}
        finally:
            (tmp_path / "closed").chmod(0o700)
