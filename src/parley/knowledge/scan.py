"""Find the files of a folder: what is worth reading, under which path, how large and how old."""

import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parley.errors import IngestionError, InvalidInput, OversizedDocument, UnreadableFile
from parley.store.blobs import oversized_message

IGNORED_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "__MACOSX", "$RECYCLE.BIN", "System Volume Information", "lost+found", "venv"}
)
IGNORED_FILES = ("~$*", "*~", "*.tmp", "*.temp", "*.swp", "*.part", "*.crdownload", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a scan. `path` is relative to the root, with slashes; `error` says why it cannot be read."""

    path: str
    size: int
    mtime_ns: int
    error: IngestionError | None = None


def scan_folder(root: Path, max_file_bytes: int) -> Iterator[FoundFile]:
    """Yield the files below a folder in the order of their paths.

    Hidden files and folders, version control, caches and temporary files are left out. Links to folders are not
    followed; a link to a file inside the folder is left out too, since that file is found itself.

    Raises:
        InvalidInput: the root is not a folder, or may not be listed.
    """
    root = root.resolve()
    if not root.is_dir():
        raise InvalidInput(f"{root} is not a folder.", code="not_a_folder")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise InvalidInput(f"{root} could not be opened: {error.strerror}.", code="unreadable_folder") from error
    yield from _walk(root, root, max_file_bytes)


def stat_file(path: Path, name: str, max_file_bytes: int) -> FoundFile:
    """Return what a scan says about one file that was named by hand; links are followed."""
    try:
        found = path.stat()
    except OSError as error:
        return FoundFile(name, 0, 0, _unreadable(error))
    if not stat.S_ISREG(found.st_mode):
        return FoundFile(name, 0, 0, UnreadableFile("This is not a file."))
    too_large = OversizedDocument(oversized_message(max_file_bytes)) if found.st_size > max_file_bytes else None
    return FoundFile(name, found.st_size, found.st_mtime_ns, too_large)


def _walk(root: Path, folder: Path, max_file_bytes: int) -> Iterator[FoundFile]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield FoundFile(_relative(root, folder) + "/", 0, 0, _unreadable(error))
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if not _ignores_folder(entry.name):
                yield from _walk(root, path, max_file_bytes)
        elif not _ignores_file(entry.name):
            found = _file(root, path, is_link=entry.is_symlink(), max_file_bytes=max_file_bytes)
            if found is not None:
                yield found


def _file(root: Path, path: Path, *, is_link: bool, max_file_bytes: int) -> FoundFile | None:
    if is_link:
        target = path.resolve()
        if target.is_dir() or target.is_relative_to(root):
            return None
        if target.exists():
            error = UnreadableFile("This is a link to a file outside the folder. Add that file itself.")
            return FoundFile(_relative(root, path), 0, 0, error)
    found = stat_file(path, _relative(root, path), max_file_bytes)
    is_special = found.error is not None and not is_link and path.exists() and not path.is_file()
    return None if is_special else found


def _relative(root: Path, path: Path) -> str:
    # A name that is not valid text in the file system's encoding is shown with its bytes escaped.
    return path.relative_to(root).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _ignores_folder(name: str) -> bool:
    return name.startswith(".") or name in IGNORED_FOLDERS


def _ignores_file(name: str) -> bool:
    return name.startswith(".") or any(fnmatch.fnmatchcase(name, pattern) for pattern in IGNORED_FILES)


def _unreadable(error: OSError) -> UnreadableFile:
    if isinstance(error, PermissionError):
        return UnreadableFile("Parley may not read this. Change its permissions and try again.")
    if isinstance(error, FileNotFoundError):
        return UnreadableFile("The file is gone, or the link to it leads nowhere.")
    return UnreadableFile(f"It could not be opened: {error.strerror or 'unknown reason'}.")
