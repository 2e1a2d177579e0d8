"""Look at local folders and files: what is new, what changed, what moved, what is gone."""

import asyncio
import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from parley.kit.clock import Clock
from parley.knowledge.file_filter import FileFilter
from parley.knowledge.ingestion import SCAN_BATCH, Counting, remove_documents, write_found
from parley.knowledge.loading import Loaded
from parley.knowledge.local_repository import KnownFile, LastRead, LocalRepository
from parley.knowledge.rechunk_repository import RechunkRepository
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.scan import FoundFile, Listing, check_root, list_folder, look_at, stat_file
from parley.knowledge.tables import Source
from parley.knowledge.version_repository import VersionRepository
from parley.knowledge.views import rules_of
from parley.settings import KnowledgeSettings
from parley.store.engine import Store

Known = dict[str, KnownFile]
"""Path → the document that is known there."""
# A file that appears may be one that was moved here; so many documents of its size are looked for at most.
MOVED_FROM = 200


@dataclass(frozen=True, slots=True)
class _Move:
    """A file that is a known document under a new path, or back under its old one."""

    file: FoundFile
    document_id: str
    old_path: str
    last: LastRead


class FolderLoader:
    """Compares a folder, or some paths of it, with the documents that are known.

    A file whose content a vanished document had keeps that document with its versions and vectors.
    """

    def __init__(self, store: Store, clock: Clock, settings: KnowledgeSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self, source: Source, counting: Counting = "anew") -> Loaded:
        """Look at the whole folder. Documents whose file is gone leave search; old citations still find their text.

        Raises:
            SourceUnavailable: the folder is not there.
            InvalidInput: it may not be listed.
        """
        async with self._locks[source.id]:
            # Known before listed: a file that comes in between must not look like one that is gone.
            async with self._store.read() as session:
                known = await DocumentRepository(session, source.workspace_id).by_path(source.id)
            root, devices = _root(source), parse_devices(source.devices)
            limit = self._settings.max_file_bytes
            listing = await asyncio.to_thread(list_folder, root, rules_of(source), limit, devices)
            if listing.devices != devices:
                await self._remember_devices(source, listing)
            return await self._compare(source, listing, known, counting)

    async def load_paths(self, source: Source, paths: Collection[str]) -> Loaded:
        """Look at some paths alone, files or folders, that something was seen to happen to.

        Args:
            paths: relative to the root, with slashes.

        Raises:
            SourceUnavailable: the folder is not there.
        """
        async with self._locks[source.id]:
            return await self._load_paths(source, _outermost(paths))

    async def _load_paths(self, source: Source, paths: Sequence[str]) -> Loaded:
        root = _root(source)
        async with self._store.read() as session:
            known = await LocalRepository(session, source.workspace_id).below(source.id, paths)
        listing = await asyncio.to_thread(self._look, root, source, paths)
        async with self._store.read() as session:
            repository = LocalRepository(session, source.workspace_id)
            sizes = {file.size for file in listing.files if file.path not in known and file.error is None}
            maybe_moved = await repository.of_size(source.id, sizes, MOVED_FROM) if sizes else {}
            known |= await repository.removed(source.id, {file.size for file in listing.files})
        known |= await asyncio.to_thread(_missing, root, maybe_moved)
        return await self._compare(source, listing, known, "none")

    async def check(self, source: Source) -> None:
        """Make sure that the folder is there.

        Raises:
            SourceUnavailable: it is not.
            InvalidInput: it may not be listed.
        """
        await asyncio.to_thread(check_root, _root(source), parse_devices(source.devices))

    async def state(self, source: Source) -> dict[str, tuple[int, int]]:
        """Return path → (size, time of the last change) of all files that are to be read.

        Raises:
            SourceUnavailable: the folder is not there.
            InvalidInput: it may not be listed.
        """
        devices = parse_devices(source.devices)
        limit = self._settings.max_file_bytes
        listing = await asyncio.to_thread(list_folder, _root(source), rules_of(source), limit, devices)
        return {file.path: (file.size, file.mtime_ns) for file in listing.files}

    def _look(self, root: Path, source: Source, paths: Sequence[str]) -> Listing:
        check_root(root, parse_devices(source.devices))
        found = Listing()
        walk_filter = FileFilter(root, rules_of(source))
        for path in paths:
            seen = look_at(root, path, walk_filter, self._settings.max_file_bytes)
            if seen is not None:
                found.files += seen.files
                found.unknown += seen.unknown
        return found

    async def _compare(self, source: Source, listing: Listing, known: Known, counting: Counting) -> Loaded:
        present = {file.path for file in listing.files}
        gone = {
            path: entry[0]
            for path, entry in known.items()
            if path not in present and entry[3] != "removed" and not listing.hides(path)
        }
        moves = await self._moves(source, listing.files, known, gone)
        await self._move(source, moves)
        moved = {move.file.path for move in moves}
        rest = [file for file in listing.files if file.path not in moved]
        loaded = await write_found(self._store, self._clock, source, rest, known, counting=counting)
        for move in moves:
            gone.pop(move.old_path, None)
        ids = list(gone.values())
        for at in range(0, len(ids), SCAN_BATCH):
            async with self._store.write() as session:
                await remove_documents(session, source.workspace_id, ids[at : at + SCAN_BATCH], self._clock)
        loaded.removed, loaded.moved = len(ids), len(moves)
        return loaded

    async def _moves(
        self, source: Source, files: Sequence[FoundFile], known: Known, gone: dict[str, str]
    ) -> list[_Move]:
        """Find the vanished documents among new files: the same size first, then the same content."""
        new = [f for f in files if f.error is None and (f.path not in known or known[f.path][3] == "removed")]
        vanished = {path: entry for path, entry in known.items() if path in gone or entry[3] == "removed"}
        sizes = {entry[1] for entry in vanished.values()}
        new = [file for file in new if file.size in sizes and file.size > 0]
        if not new:
            return []
        async with self._store.read() as session:
            last = await LocalRepository(session, source.workspace_id).last_read(
                [entry[0] for entry in vanished.values()]
            )
        by_hash: dict[str, list[str]] = {}
        for path, entry in vanished.items():
            if entry[0] in last and (path in gone or entry[3] == "removed"):
                by_hash.setdefault(last[entry[0]].content_hash, []).append(path)
        hashes = await asyncio.to_thread(_hashes, _root(source), [file.path for file in new])
        moves: list[_Move] = []
        for file in new:
            candidates = by_hash.get(hashes.get(file.path, ""), [])
            path = _best(candidates, file.path, own_only=file.path in known)
            if path is not None:
                candidates.remove(path)
                moves.append(_Move(file, vanished[path][0], path, last[vanished[path][0]]))
        return moves

    async def _move(self, source: Source, moves: Sequence[_Move]) -> None:
        for at in range(0, len(moves), SCAN_BATCH):
            async with self._store.write() as session:
                repository = LocalRepository(session, source.workspace_id)
                changes: list[tuple[str, str]] = []
                for move in moves[at : at + SCAN_BATCH]:
                    changes += await _move_document(repository, move, self._clock)
                if any(move.last.was_removed for move in moves):
                    await RechunkRepository(session, source.workspace_id).note_outdated(source, self._clock.now())
                await VersionRepository(session, source.workspace_id).log_changes(changes)

    async def _remember_devices(self, source: Source, listing: Listing) -> None:
        lines = "\n".join(f"{number} {path}" for path, number in listing.devices.items())
        async with self._store.write() as session:
            await SourceRepository(session, source.workspace_id).change(source.id, self._clock.now(), devices=lines)


async def _move_document(repository: LocalRepository, move: _Move, clock: Clock) -> list[tuple[str, str]]:
    """Give a document its new path and bring it back into search; return the changes of the index."""
    version, was_removed = move.last.version_id, move.last.was_removed
    title = move.last.title
    renamed = title == _stem(move.old_path) and title != _stem(move.file.path)
    if renamed:
        title = _stem(move.file.path)
        await repository.retitle(version, title)
    await repository.move(move.document_id, clock.now(), move.file.path, title, move.file.size, move.file.mtime_ns)
    if was_removed:
        await repository.bring_back(move.document_id, version)
        return [("add", version)]
    return [("remove", version), ("add", version)] if renamed else [("rename", version)]


class FilesLoader:
    """Looks at loose files, each where it was when it was named."""

    def __init__(self, store: Store, clock: Clock, settings: KnowledgeSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def load(self, source: Source) -> Loaded:
        """Write down which of the files are to be read again; one that is gone fails and keeps its last version."""
        async with self._store.read() as session:
            known = await DocumentRepository(session, source.workspace_id).by_path(source.id)
        found = await asyncio.to_thread(self._stat, list(known))
        return await write_found(self._store, self._clock, source, found, known, counting="anew")

    def _stat(self, paths: list[str]) -> list[FoundFile]:
        return [stat_file(Path(path), path, self._settings.max_file_bytes) for path in paths]


def parse_devices(lines: str) -> dict[str, int]:
    """Read `Source.devices`."""
    pairs = (line.partition(" ") for line in lines.splitlines())
    return {path: int(number) for number, _, path in pairs}


def _root(source: Source) -> Path:
    assert source.root is not None
    return Path(source.root)


def _outermost(paths: Collection[str]) -> list[str]:
    """Leave out paths below others of them."""
    kept: list[str] = []
    for path in sorted(paths, key=lambda path: path.split("/")):
        if not (kept and (path == kept[-1] or path.startswith(f"{kept[-1]}/"))):
            kept.append(path)
    return kept


def _best(candidates: Sequence[str], path: str, *, own_only: bool) -> str | None:
    """Choose the vanished path that a new file most likely had: its own, one of the same name, any.

    A path that had a document before goes on with that one alone: two documents cannot share a path.
    """
    if path in candidates:
        return path
    if own_only:
        return None
    name = path.rpartition("/")[2]
    return next((c for c in candidates if c.rpartition("/")[2] == name), candidates[0] if candidates else None)


def _missing(root: Path, known: Known) -> Known:
    """Return those whose file is not where it was."""
    return {path: entry for path, entry in known.items() if not os.path.lexists(Path(root, path))}


def _hashes(root: Path, paths: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        try:
            with Path(root, path).open("rb") as file:
                found[path] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            continue  # gone or closed to us meanwhile: reading it will say so
    return found


def _stem(path: str) -> str:
    return PurePosixPath(path).stem or path
