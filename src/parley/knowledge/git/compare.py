"""Compare the files of a commit with those that are known: new, changed, moved, gone, not to be read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from parley.errors import IngestionError, UnsupportedFormat
from parley.knowledge.git.messages import FileSaid, Finished, GitTask, Looked, MovedSaid, Said, SkippedSaid
from parley.knowledge.git.places import is_local
from parley.knowledge.parsed import ParseLimits
from parley.knowledge.parsers import registry
from parley.knowledge.parsers.source_file import SourceFile

if TYPE_CHECKING:
    from dulwich.ignore import IgnoreFilter
    from dulwich.repo import Repo

MAX_FILES = 200_000
MAX_TREE_DEPTH = 100
# A file of which this share of the lines stands in another one is that file, moved and edited.
SIMILAR = 0.5
SIMILAR_BYTES = 2_000_000
MOVES_COMPARED = 160_000
LEFT_OUT = frozenset({"node_modules", "__pycache__", "venv", "vendor"})
_LFS = b"version https://git-lfs.github.com/spec/"
_FOLDER, _LINK, _SUBMODULE = 0o040000, 0o120000, 0o160000


class TooLarge(Exception):
    """More was sent than the limit allows."""


class MissingObjects(Exception):
    """The server left out what it believes we have; the whole commit must be asked for."""


@dataclass(slots=True)
class Entry:
    """A file in the tree of a commit."""

    path: str
    oid: str


@dataclass(slots=True)
class Listing:
    """The files and folders of a commit. `unchanged` are folders that were not sent since nothing in them changed."""

    files: dict[str, Entry] = field(default_factory=dict[str, Entry])
    trees: dict[str, str] = field(default_factory=dict[str, str])
    unchanged: list[str] = field(default_factory=list[str])

    def covers(self, path: str) -> bool:
        """Whether a path lies in a folder that has not changed."""
        return any(path.startswith(folder) for folder in self.unchanged)


def compare(task: GitTask, repo: "Repo", looked: Looked, say: Callable[[Said], None]) -> None:
    """Compare the files of a commit with those that are known."""
    listing = _list(repo, looked.commit, task)
    by_oid = {known.oid: path for path, known in task.known.items() if known.oid}
    gone = [path for path in task.known if path not in listing.files and not listing.covers(path)]
    fresh = [entry for entry in listing.files.values() if not _is_same(task, entry)]
    for entry in fresh:
        if not _has(repo, entry.oid) and entry.oid not in by_oid and task.since and not is_local(task.url):
            raise MissingObjects
    moves = _moves(task, repo, fresh, gone)
    for number, entry in enumerate(fresh):
        _tell_file(task, repo, entry, moves.get(entry.path), number, say)
    left = [path for path in gone if path not in moves.values()]
    same = len(task.known) - len(gone) - sum(entry.path in task.known for entry in fresh)
    say(Finished(commit=looked.commit, branch=looked.branch, same=same, gone=left, trees=listing.trees))


def _is_same(task: GitTask, entry: Entry) -> bool:
    known = task.known.get(entry.path)
    return known is not None and known.oid == entry.oid


def _list(repo: "Repo", commit: str, task: GitTask) -> Listing:
    from dulwich.objects import Commit, ObjectID

    found = repo[ObjectID(commit.encode())]
    if not isinstance(found, Commit):
        raise MissingObjects
    listing = Listing()
    wanted = _filter(task)
    for path, oid, mode in _walk(repo, bytes(found.tree), b"", listing, task.trees):
        if mode in (_LINK, _SUBMODULE):
            continue
        text = path.decode("utf-8", "replace")
        if wanted(text):
            listing.files[text] = Entry(text, oid.decode())
        if len(listing.files) > MAX_FILES:
            raise TooLarge
    return listing


def _walk(
    repo: "Repo", tree: bytes, prefix: bytes, listing: Listing, before: dict[str, str], depth: int = 0
) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield path, object and mode of the files below a folder.

    A folder that was not sent is passed over if it was the same at this place before. If it was elsewhere, its files
    would be missed: the server thinks we know them.

    Raises:
        MissingObjects: there is such a folder.
    """
    from dulwich.objects import ObjectID, Tree

    oid, folder = ObjectID(tree), prefix.decode("utf-8", "replace")
    listing.trees[folder] = oid.decode()
    if oid not in repo.object_store:
        if before.get(folder) != oid.decode():
            raise MissingObjects
        listing.unchanged.append(folder)
        listing.trees.update({path: known for path, known in before.items() if path.startswith(folder)})
        return
    found = repo.object_store[oid]
    if not isinstance(found, Tree) or depth > MAX_TREE_DEPTH:
        return
    for name, mode, sha in found.iteritems(name_order=True):
        if name in (b".", b"..", b".git", b"") or b"/" in name or b"\\" in name:
            continue
        if mode == _FOLDER:
            yield from _walk(repo, bytes(sha), prefix + name + b"/", listing, before, depth + 1)
        else:
            yield prefix + name, bytes(sha), mode


def _filter(task: GitTask) -> Callable[[str], bool]:
    """Which paths are wanted: patterns as in `.gitignore`; hidden files and other people's code only if named."""
    from dulwich.ignore import IgnoreFilter

    include = IgnoreFilter([pattern.encode() for pattern in task.include])
    exclude = IgnoreFilter([pattern.encode() for pattern in task.exclude])

    def wanted(path: str) -> bool:
        if _names(exclude, path):
            return False
        if task.include:
            return _names(include, path)
        return not any(part.startswith(".") or part in LEFT_OUT for part in path.split("/"))

    return wanted


def _names(patterns: "IgnoreFilter", path: str) -> bool:
    """Whether patterns name a path or a folder that it lies in."""
    parts = path.split("/")
    folders = ["/".join(parts[:at]) + "/" for at in range(1, len(parts))]
    return any(patterns.is_ignored(place) for place in [*folders, path])


def _moves(task: GitTask, repo: "Repo", fresh: list[Entry], gone: list[str]) -> dict[str, str]:
    """New path → old path of files that were renamed: the same object, or one that shares most of its lines."""
    left = dict.fromkeys(gone)
    found: dict[str, str] = {}
    new = [entry for entry in fresh if entry.path not in task.known]
    by_oid = {task.known[path].oid: path for path in reversed(gone)}
    for entry in new:
        old = by_oid.get(entry.oid)
        if old is not None and old in left:
            found[entry.path] = old
            del left[old]
    rest = [entry for entry in new if entry.path not in found and _has(repo, entry.oid)]
    if not left or not rest or len(left) * len(rest) > MOVES_COMPARED:
        return found
    old_lines = {path: lines for path in left if (lines := _stored_lines(task, path))}
    for entry in rest:
        lines = _lines(_content(repo, entry.oid))
        scores = [(_shared(lines, other), path) for path, other in old_lines.items() if path in left]
        best = max(scores, default=(0.0, ""))
        if best[0] >= SIMILAR:
            found[entry.path] = best[1]
            del left[best[1]]
    return found


def _stored_lines(task: GitTask, path: str) -> set[bytes]:
    content = task.known[path].content
    if content is None:
        return set()
    try:
        with Path(content).open("rb") as file:
            return _lines(file.read(SIMILAR_BYTES))
    except OSError:
        return set()


def _lines(content: bytes) -> set[bytes]:
    return {line.strip() for line in content[:SIMILAR_BYTES].split(b"\n") if len(line.strip()) > 2}


def _shared(first: set[bytes], second: set[bytes]) -> float:
    return len(first & second) / max(len(first), len(second)) if first and second else 0.0


def _has(repo: "Repo", oid: str) -> bool:
    from dulwich.objects import ObjectID

    return ObjectID(oid.encode()) in repo.object_store


def _content(repo: "Repo", oid: str) -> bytes:
    from dulwich.objects import ObjectID

    return repo.object_store.get_raw(ObjectID(oid.encode()))[1]


def _tell_file(
    task: GitTask, repo: "Repo", entry: Entry, moved_from: str | None, number: int, say: Callable[[Said], None]
) -> None:
    if moved_from is not None and task.known[moved_from].oid == entry.oid:
        say(MovedSaid(path=entry.path, oid=entry.oid, moved_from=moved_from))
        return
    if not _has(repo, entry.oid):
        say(_skipped(entry, "oversized_document", _too_large(task)))
        return
    content = _content(repo, entry.oid)
    if len(content) > task.max_file_bytes:
        say(_skipped(entry, "oversized_document", _too_large(task)))
    elif len(content) < 1024 and content.startswith(_LFS):
        say(_skipped(entry, "lfs_pointer", "Its content is kept in Git LFS, which is not fetched."))
    elif not content.strip():
        say(_skipped(entry, "empty_document", "The file is empty."))
    else:
        name = f"{number}.file"
        Path(task.folder, name).write_bytes(content)
        reason = _unreadable(Path(task.folder, name), entry.path)
        if reason is not None:
            Path(task.folder, name).unlink()
            say(_skipped(entry, "binary_file", reason))
        else:
            say(FileSaid(path=entry.path, oid=entry.oid, content=name, moved_from=moved_from))


def _unreadable(path: Path, name: str) -> str | None:
    """Why a file is none that is read at all, None for one that is (or is broken, which its reading will tell)."""
    try:
        registry().identify(SourceFile(path, name, ParseLimits()))
    except UnsupportedFormat as error:
        return error.message
    except IngestionError:
        return None
    return None


def _skipped(entry: Entry, code: str, message: str) -> SkippedSaid:
    return SkippedSaid(path=entry.path, oid=entry.oid, code=code, message=message)


def _too_large(task: GitTask) -> str:
    return f"The file is larger than {task.max_file_bytes / 1e6:g} MB, the limit of this source."
