"""Find the files of a folder: what is worth reading, under which path, how large and how old."""

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from parley.errors import IngestionError, InvalidInput, OversizedDocument, SourceUnavailable, UnreadableFile
from parley.knowledge.file_filter import FileFilter
from parley.knowledge.schemas import FileRules
from parley.store.blobs import oversized_message

IGNORES_CASE = sys.platform in ("win32", "darwin")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a scan. `path` is relative to the root, with slashes; `error` says why it cannot be read.

    A folder that may not be listed is found too, its path ending with a slash.
    """

    path: str
    size: int
    mtime_ns: int
    error: IngestionError | None = None


@dataclass(slots=True)
class Listing:
    """What a folder holds. What lies below `unknown` could not be seen: nothing follows from its absence.

    `devices`: relative path → number of the device it is on, for the root (".") and the mount points below it.
    """

    files: list[FoundFile] = field(default_factory=list[FoundFile])
    unknown: list[str] = field(default_factory=list[str])
    devices: dict[str, int] = field(default_factory=dict[str, int])

    def hides(self, path: str) -> bool:
        """Whether a path lies where nothing could be seen."""
        return any(path.startswith(folder) for folder in self.unknown)


def list_folder(root: Path, rules: FileRules, max_file_bytes: int, devices: dict[str, int]) -> Listing:
    """List the files below a folder in the order of their paths; blocking.

    Links to folders are not followed; a link to a file inside the folder is left out too, since that file is found
    itself.

    Args:
        devices: those of the last listing. A folder that was a mount point and now is an empty one of its parent's
            device lost its disk or share: it is unknown rather than empty.

    Raises:
        SourceUnavailable: the folder is not there, or lost what was mounted on it.
        InvalidInput: it is no folder, or may not be listed.
    """
    check_root(root, devices)
    listing = Listing()
    for file in _walk(root, "", _Walk(root, FileFilter(root, rules), max_file_bytes, listing, devices), root.stat()):
        listing.files.append(file)
    return listing


def check_root(root: Path, devices: dict[str, int]) -> None:
    """Make sure that a folder is there and may be listed; blocking.

    Raises:
        SourceUnavailable: it is not there, or lost what was mounted on it.
        InvalidInput: it is no folder, or may not be listed.
    """
    try:
        found = root.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise InvalidInput(f"{root} is not a folder.", code="not_a_folder")
        with os.scandir(root) as entries:
            is_empty = next(entries, None) is None
    except PermissionError as error:
        raise InvalidInput(f"{root} could not be opened: {error.strerror}.", code="unreadable_folder") from error
    except OSError as error:
        raise SourceUnavailable(
            f"The folder {root} is not there. What was read from it is kept; it is looked at again once it is back."
        ) from error
    if is_empty and devices.get(".", found.st_dev) != found.st_dev:
        raise SourceUnavailable(
            f"Nothing is mounted on {root} at the moment. What was read from it is kept; it is looked at again once "
            "its disk or share is back."
        )


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


def look_at(root: Path, path: str, walk_filter: FileFilter, max_file_bytes: int) -> Listing | None:
    """Return what a scan would find at one path: a file, or all files of a folder; None if there is nothing to read.

    Args:
        path: relative to the root, with slashes, as the file system spells it.
    """
    full = Path(root, path)
    if any(Path(root, *full.relative_to(root).parts[:n]).is_symlink() for n in range(1, path.count("/") + 1)):
        return None
    try:
        found = full.lstat()
        if IGNORES_CASE and full.name not in os.listdir(full.parent):
            return None  # it is there under another spelling
    except OSError:
        return None
    is_folder = stat.S_ISDIR(found.st_mode)
    if not walk_filter.allows(path, is_folder=is_folder):
        return None
    listing = Listing()
    if is_folder:
        listing.files.extend(_walk(root, path, _Walk(root, walk_filter, max_file_bytes, listing, {}), found))
        return listing
    file = _file(root, full, path, is_link=stat.S_ISLNK(found.st_mode), max_file_bytes=max_file_bytes)
    if file is not None:
        listing.files.append(file)
    return listing


@dataclass(slots=True)
class _Walk:
    root: Path
    filter: FileFilter
    max_file_bytes: int
    listing: Listing
    devices: dict[str, int]


def _walk(root: Path, folder: str, walk: _Walk, found: os.stat_result, parent_device: int = -1) -> Iterator[FoundFile]:
    full = Path(root, folder)
    try:
        with os.scandir(full) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        walk.listing.unknown.append(f"{shown(folder)}/")
        yield FoundFile(f"{shown(folder)}/", 0, 0, _unreadable(error))
        return
    _note_device(walk, folder, found.st_dev, parent_device, is_empty=not entries)
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            if walk.filter.enters(path):
                try:
                    inner = os.stat(entry.path)  # not entry.stat(): Windows leaves the device out of that
                except OSError:
                    continue  # gone since it was listed
                yield from _walk(root, path, walk, inner, found.st_dev)
        elif walk.filter.reads(path):
            file = _file(root, Path(entry.path), path, is_link=entry.is_symlink(), max_file_bytes=walk.max_file_bytes)
            if file is not None:
                yield file


def _note_device(walk: _Walk, folder: str, device: int, parent_device: int, *, is_empty: bool) -> None:
    """Remember mount points, and notice one that lost what was mounted on it."""
    name = folder or "."
    if name == "." or device != parent_device:
        walk.listing.devices[name] = device
    elif is_empty and walk.devices.get(name, device) != device:
        walk.listing.devices[name] = walk.devices[name]
        walk.listing.unknown.append(f"{shown(folder)}/")


def _file(root: Path, path: Path, relative: str, *, is_link: bool, max_file_bytes: int) -> FoundFile | None:
    if is_link:
        try:
            target = path.resolve()
        except (OSError, RuntimeError):  # the latter before Python 3.13
            circle = UnreadableFile("This link leads back to itself. Remove it, or put the file in its place.")
            return FoundFile(shown(relative), 0, 0, circle)
        if target.is_dir() or target.is_relative_to(root.resolve()):
            return None
        if target.exists():
            error = UnreadableFile("This is a link to a file outside the folder. Add that file itself.")
            return FoundFile(shown(relative), 0, 0, error)
    found = stat_file(path, shown(relative), max_file_bytes)
    is_special = found.error is not None and not is_link and path.exists() and not path.is_file()
    is_gone = found.error is not None and not is_link and not path.exists()
    return None if is_special or is_gone else found


def shown(path: str) -> str:
    """Return a path as text: one that is not valid in the file system's encoding has its bytes escaped."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _unreadable(error: OSError) -> UnreadableFile:
    if isinstance(error, PermissionError):
        return UnreadableFile("Parley may not read this. Change its permissions and try again.")
    if isinstance(error, FileNotFoundError):
        return UnreadableFile("The file is gone, or the link to it leads nowhere.")
    return UnreadableFile(f"It could not be opened: {error.strerror or 'unknown reason'}.")
