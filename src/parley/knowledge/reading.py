"""What a worker does with files: parse them, and pass on what they hold in bounded pieces."""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast

from parley.errors import IngestionError, UnreadableFile
from parley.kit.language_detection import detect_language
from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.finishing import Finisher, ReadEnd, ReadPart
from parley.knowledge.parsed import DocumentInfo, ParseLimits, Part, RangeKind, TextRange
from parley.knowledge.parsers import open_document
from parley.knowledge.prepared import index_terms
from parley.knowledge.worker_messages import (
    FILE_CHANGED,
    CutTask,
    CutText,
    Failed,
    Item,
    Opened,
    ReadTask,
    Unchanged,
)
from parley.llm.embedding import Embedder

# What is passed on at once: large enough to embed in bulk, small enough to be written in less than 100 ms.
FLUSH_CHARS = 600_000
FLUSH_ITEMS = 1_024
PAGED = frozenset({"page", "slide"})


class Exchange(Protocol):
    """The server, as a worker sees it."""

    def begin(self, index: int) -> None:
        """Say which file is taken up."""
        ...

    def known(self, hashes: list[bytes]) -> set[bytes]:
        """Return which of these texts have a vector already."""
        ...

    def deliver(self, items: list[Item]) -> None:
        """Pass results on; blocks until there is room."""
        ...

    def is_hurried(self) -> bool:
        """Say whether the rest of the files should be left for later."""
        ...


class FileReader:
    """Reads files one after the other and delivers what they hold; small ones together, large ones piece by piece."""

    def __init__(self, embedder: Embedder, chunker: Chunker, limits: ParseLimits, exchange: Exchange) -> None:
        self._limits = limits
        self._exchange = exchange
        self._finisher = Finisher(embedder, chunker, exchange.known)
        self._cut_state = ChunkState()
        self._items: list[Item | ReadPart | ReadEnd] = []
        self._chars = 0

    def read(self, tasks: Sequence[ReadTask]) -> None:
        """Read all of them, or the first ones if the server is in a hurry.

        A file that cannot be read is delivered as `Failed`.
        """
        for number, task in enumerate(tasks):
            if number and self._exchange.is_hurried():
                break
            self._exchange.begin(task.index)
            self._finisher.forget(task.index)
            try:
                self._read_one(task)
            except IngestionError as error:
                self._items = [item for item in self._items if item.index != task.index]
                self._items.append(Failed(task.index, error.stable_code, error.message))
        self._flush()

    def cut(self, order: CutText) -> None:
        """Cut stored text into chunks and deliver them, with vectors and terms where they are asked for."""
        for task in order.tasks:
            self._exchange.begin(task.index)
            self._cut_one(task, embed=order.embed)
        self._flush()

    def _cut_one(self, task: CutTask, *, embed: bool) -> None:
        if task.start == 0:
            self._cut_state = ChunkState()
            self._finisher.forget(task.index)
        ranges = tuple(TextRange(cast(RangeKind, kind), start, end, level) for kind, start, end, level in task.ranges)
        part = Part(task.start, task.text, ranges)
        detected = detect_language(task.text) if embed else "und"
        language = task.language if detected == "und" else detected
        self._add_part(ReadPart(task.index, part, self._cut_state, task.rule, task.title, language, not embed))
        if task.is_last:
            self._add(ReadEnd(task.index, task.start + len(task.text), None))

    def _read_one(self, task: ReadTask) -> None:
        path = Path(task.path)
        before = _state(path)
        if task.known is not None and _content_hash(task, path) == task.known[0]:
            info, parts = open_document(path, task.name, self._limits)
            if info.parser == task.known[1]:
                self._add(Unchanged(task.index))
                return
        else:
            info, parts = open_document(path, task.name, self._limits)
        self._read_parts(task, info, parts, path)
        if _state(path) != before:
            raise UnreadableFile("The file changed while it was being read. Try again.", code=FILE_CHANGED)

    def _read_parts(self, task: ReadTask, info: DocumentInfo, parts: Iterator[Part], path: Path) -> None:
        state, language, chars, pages = ChunkState(), "", 0, 0
        for part in parts:
            detected = detect_language(part.text)
            if not language:
                language = detected
                self._add(_opened(task, info, path, language))
            own = language if detected == "und" else detected
            self._add_part(ReadPart(task.index, part, state, task.rule, info.title, own))
            chars = part.start + len(part.text)
            pages = max(pages, *(r.level for r in part.ranges if r.kind in PAGED), 0)
        self._add(ReadEnd(task.index, chars, pages or None))

    def _add_part(self, part: ReadPart) -> None:
        """Take a part in, and first pass on what is there if both were too much at once."""
        size = len(part.part.text)
        if self._chars and self._chars + size > FLUSH_CHARS:
            self._flush()
        self._chars += size
        self._add(part)

    def _add(self, item: Item | ReadPart | ReadEnd) -> None:
        self._items.append(item)
        if len(self._items) >= FLUSH_ITEMS:
            self._flush()

    def _flush(self) -> None:
        if self._items:
            self._exchange.deliver(self._finisher.finish(self._items))
        self._items, self._chars = [], 0


def _opened(task: ReadTask, info: DocumentInfo, path: Path, language: str) -> Opened:
    return Opened(
        index=task.index,
        content_hash=_content_hash(task, path),
        size=_state(path)[0],
        title=info.title,
        media_type=info.media_type,
        parser=info.parser,
        language=language,
        title_terms=index_terms(info.title, language),
    )


def _content_hash(task: ReadTask, path: Path) -> str:
    if task.content_hash is not None:
        return task.content_hash
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(error) from error


def _state(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError as error:
        raise _unreadable(error) from error
    return found.st_size, found.st_mtime_ns


def _unreadable(error: OSError) -> UnreadableFile:
    if isinstance(error, PermissionError):
        return UnreadableFile("Parley may not read this file. Change its permissions and try again.")
    if isinstance(error, FileNotFoundError):
        return UnreadableFile("The file is gone.")
    if error.errno == errno.ELOOP:
        return UnreadableFile("This link leads back to itself. Remove it, or put the file in its place.")
    return UnreadableFile(f"The file could not be opened ({error.strerror or 'unknown reason'}).")
