"""What a scan of a folder finds."""

import os
import sys
from pathlib import Path

import pytest

from parley.errors import InvalidInput
from parley.knowledge.scan import scan_folder

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="links and permissions as POSIX has them")
needs_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)


def write(folder: Path, *paths: str, content: str = "text") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def found(folder: Path, max_file_bytes: int = 1000) -> dict[str, str | None]:
    return {file.path: file.error.stable_code if file.error else None for file in scan_folder(folder, max_file_bytes)}


class TestScanFolder:
    def test_files_come_in_the_order_of_their_paths(self, tmp_path: Path) -> None:
        write(tmp_path, "b.txt", "a/z.md", "a/b/c.txt")
        assert list(found(tmp_path)) == ["a/b/c.txt", "a/z.md", "b.txt"]

    def test_hidden_cached_and_temporary_files_are_left_out(self, tmp_path: Path) -> None:
        write(tmp_path, ".git/config", "node_modules/x.js", "a/__pycache__/m.pyc", ".env", "~$doc.docx", "x.txt~")
        write(tmp_path, "kept.txt", "Thumbs.db", "film.part")
        assert list(found(tmp_path)) == ["kept.txt"]

    def test_file_over_the_limit_has_its_error(self, tmp_path: Path) -> None:
        write(tmp_path, "large.txt", content="x" * 2000)
        write(tmp_path, "small.txt")
        assert found(tmp_path) == {"large.txt": "oversized_document", "small.txt": None}

    def test_empty_folder_has_no_files(self, tmp_path: Path) -> None:
        assert found(tmp_path) == {}

    def test_missing_folder_is_an_error_of_the_source(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="is not a folder"):
            found(tmp_path / "missing")


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
