"""Names that senders give to files."""

import pytest

from parley.knowledge.paths import MAX_PATH, distinct_paths, safe_path


class TestSafePath:
    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("report.pdf", "report.pdf"),
            ("a/b/c.txt", "a/b/c.txt"),
            ("../../etc/passwd", "etc/passwd"),
            ("..\\..\\windows\\system.ini", "windows/system.ini"),
            ("/etc/shadow", "etc/shadow"),
            ("C:\\Users\\me\\x.txt", "Users/me/x.txt"),
            ("a/./b//c.txt", "a/b/c.txt"),
            ("nul\x00l.txt", "null.txt"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("...", "file"),
            ("", "file"),
            ("..", "file"),
            ("cafe\u0301.txt", "café.txt"),
            ("half \ud800 surrogate.txt", "half ? surrogate.txt"),
        ],
    )
    def test_nothing_leads_out_of_the_root(self, name: str, safe: str) -> None:
        assert safe_path(name) == safe

    def test_long_paths_keep_their_end(self) -> None:
        path = safe_path("/".join(["folder"] * 500) + "/name.txt")
        assert len(path) <= MAX_PATH
        assert path.endswith("folder/name.txt")


class TestDistinctPaths:
    def test_repeated_names_get_numbers(self) -> None:
        assert distinct_paths(["a.txt", "a.txt", "b/a.txt", "a.txt"]) == [
            "a.txt",
            "a (2).txt",
            "b/a.txt",
            "a (3).txt",
        ]

    def test_number_does_not_meet_a_name_that_has_it(self) -> None:
        assert distinct_paths(["a (2).txt", "a.txt", "a.txt"]) == ["a (2).txt", "a.txt", "a (3).txt"]
