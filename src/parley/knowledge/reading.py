"""What a worker does with a file: parse, chunk, hash, embed what is new, and pass it on in bounded pieces."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Protocol, cast

from parley.errors import IngestionError, UnreadableFile
from parley.kit.language_detection import detect_language
from parley.knowledge.chunk_input import chunk_context, join_cut_words, text_hash, with_context
from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.parsed import ChunkSpan, DocumentInfo, ParseLimits, Part, RangeKind, TextRange
from parley.knowledge.parsers import open_document
from parley.knowledge.prepared import index_terms
from parley.knowledge.word_table import WordTable, no_pieces
from parley.knowledge.worker_messages import (
    FILE_CHANGED,
    ChunkRow,
    Closed,
    CutTask,
    CutText,
    Failed,
    Item,
    Opened,
    Piece,
    RangeRow,
    ReadTask,
    RuleRow,
    SegmentRow,
    TermRow,
    Unchanged,
)
from parley.llm.embedding import Embedder, Vectors, WordEmbedder, quantise

# A chunk's text is read out of its segment: the smaller the segment, the less is read for it.
SEGMENT_CHARS = 16_384
# What is passed on at once: large enough to embed in bulk, small enough to be written in less than 100 ms.
FLUSH_CHARS = 400_000
FLUSH_ITEMS = 128
PAGED = frozenset({"page", "slide"})
# Index terms of longer documents are not handed over: the server would have to hold all of them until the last piece.
HANDOVER_CHARS = 4_000_000


Embedded = str | list[int]
"""What is embedded: pieces where the embedder adds up those, else the text."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece whose words are yet to be looked up: with those of many others, for that takes half the time.

    `texts` are those of `spans`.
    """

    index: int
    segment: SegmentRow
    ranges: list[RangeRow]
    spans: list[ChunkSpan]
    texts: list[str]
    title: str
    language: str


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


class FileReader:
    """Reads files one after the other and delivers what they hold; small ones together, large ones piece by piece."""

    def __init__(self, embedder: Embedder, chunker: Chunker, limits: ParseLimits, exchange: Exchange) -> None:
        self._embedder = embedder
        self._chunkers: dict[RuleRow, Chunker] = {}
        self._chunker = chunker
        self._cut_state = ChunkState()
        self._cut_chunks = 0
        self._limits = limits
        self._exchange = exchange
        self._items: list[Item | _Draft] = []
        self._adder = embedder if isinstance(embedder, WordEmbedder) else None
        self._words: dict[str, WordTable] = {}
        self._chars = 0

    def read(self, tasks: Sequence[ReadTask]) -> None:
        """Read all of them; a file that cannot be read is delivered as `Failed`."""
        for task in tasks:
            self._exchange.begin(task.index)
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
            self._cut_state, self._cut_chunks = ChunkState(), 0
        ranges = tuple(TextRange(cast(RangeKind, kind), start, end, level) for kind, start, end, level in task.ranges)
        part = Part(task.start, task.text, ranges)
        spans = self._chunker_of(task.rule).chunk(part, self._cut_state)
        self._cut_chunks += len(spans)
        if embed:
            detected = detect_language(task.text)
            self._add_piece(task.index, part, spans, task.title, task.language if detected == "und" else detected)
        else:
            rows = [_chunk_row(span, task.language) for span in spans]
            self._add(Piece(task.index, [], [], rows, []), len(task.text))
        if task.is_last:
            self._add(Closed(task.index, task.start + len(task.text), None, self._cut_chunks), 0)

    def _chunker_of(self, rule: RuleRow) -> Chunker:
        if rule not in self._chunkers:
            self._chunkers[rule] = self._chunker.under(ChunkRule(*rule))
        return self._chunkers[rule]

    def _read_one(self, task: ReadTask) -> None:
        path = Path(task.path)
        before = _state(path)
        if task.known is not None and _content_hash(task, path) == task.known[0]:
            info, parts = open_document(path, task.name, self._limits)
            if info.parser == task.known[1]:
                self._add(Unchanged(task.index), 0)
                return
        else:
            info, parts = open_document(path, task.name, self._limits)
        self._read_parts(task, info, parts, path)
        if _state(path) != before:
            raise UnreadableFile("The file changed while it was being read. Try again.", code=FILE_CHANGED)

    def _read_parts(self, task: ReadTask, info: DocumentInfo, parts: Iterator[Part], path: Path) -> None:
        state, chunker = ChunkState(), self._chunker_of(task.rule)
        language, chars, pages, chunks = "", 0, 0, 0
        for part in parts:
            detected = detect_language(part.text)
            if not language:
                language = detected
                self._add(_opened(task, info, path, language), 0)
            spans = chunker.chunk(part, state)
            self._add_piece(task.index, part, spans, info.title, language if detected == "und" else detected)
            chars = part.start + len(part.text)
            pages = max(pages, *(r.level for r in part.ranges if r.kind in PAGED), 0)
            chunks += len(spans)
        self._add(Closed(task.index, chars, pages or None, chunks), 0)

    def _add_piece(self, index: int, part: Part, spans: list[ChunkSpan], title: str, language: str) -> None:
        """Pass a part on in runs of whole segments, so that no delivery grows with the part."""
        span_at = range_at = 0
        for segment in cut_segments(part, spans):
            first_span, first_range = span_at, range_at
            while span_at < len(spans) and spans[span_at].start < segment[1]:
                span_at += 1
            while range_at < len(part.ranges) and part.ranges[range_at].start < segment[1]:
                range_at += 1
            own = spans[first_span:span_at]
            texts = [join_cut_words(part.text[span.start - part.start : span.end - part.start]) for span in own]
            ranges = [(r.kind, r.start, r.end, r.level) for r in part.ranges[first_range:range_at]]
            self._add(_Draft(index, segment, ranges, own, texts, title, language), len(segment[2]))

    def _add(self, item: Item | _Draft, chars: int) -> None:
        self._items.append(item)
        self._chars += chars
        if self._chars >= FLUSH_CHARS or len(self._items) >= FLUSH_ITEMS * 8:
            self._flush()

    def _flush(self) -> None:
        drafts = [item for item in self._items if isinstance(item, _Draft)]
        pieces = iter(self._finished(drafts))
        items = [next(pieces) if isinstance(item, _Draft) else item for item in self._items]
        if items:
            self._exchange.deliver(items)
        self._items, self._chars = [], 0

    def _finished(self, drafts: Sequence[_Draft]) -> list[Piece]:
        """Look the words of all drafts up, language by language, and embed what has no vector yet."""
        by_language: dict[str, list[int]] = {}
        for number, draft in enumerate(drafts):
            by_language.setdefault(draft.language, []).append(number)
        inputs: dict[bytes, Embedded] = {}
        pieces: dict[int, Piece] = {}
        for language, numbers in by_language.items():
            own, words = [drafts[number] for number in numbers], self._words_of(language)
            finished = _look_up(own, words, inputs, by_pieces=self._adder is not None)
            pieces.update(zip(numbers, finished, strict=True))
        ordered = [pieces[number] for number in range(len(drafts))]
        if inputs:
            self._embed(inputs, ordered)
        return ordered

    def _words_of(self, language: str) -> WordTable:
        if language not in self._words:
            self._words[language] = WordTable(language, self._adder.pieces_of if self._adder else no_pieces)
        return self._words[language]

    def _embed(self, inputs: dict[bytes, Embedded], pieces: Sequence[Piece]) -> None:
        """Embed the texts that have no vector yet, and give each vector to the first piece that has the text."""
        known = self._exchange.known(list(inputs))
        missing = [key for key in inputs if key not in known]
        if not missing:
            return
        vectors = quantise(self._vectors([inputs[key] for key in missing]))
        rows = dict(zip(missing, (row.tobytes() for row in vectors), strict=True))
        for piece in pieces:
            for chunk in piece.chunks:
                vector = rows.pop(chunk[7], None)
                if vector is not None:
                    piece.vectors.append((chunk[7], vector))

    def _vectors(self, inputs: list[Embedded]) -> Vectors:
        if self._adder is not None:
            return self._adder.embed_pieces(cast(list[list[int]], inputs))
        return self._embedder.embed_documents(cast(list[str], inputs))


def _look_up(
    drafts: Sequence[_Draft], words: WordTable, inputs: dict[bytes, Embedded], *, by_pieces: bool
) -> Iterator[Piece]:
    """Yield drafts of one language as pieces that lack their vectors, and add what is to be embedded to `inputs`."""
    chunks = [(draft, span, text) for draft in drafts for span, text in zip(draft.spans, draft.texts, strict=True)]
    contexts = [chunk_context(span.heading, draft.title, text) for draft, span, text in chunks]
    headings = [" ".join(span.heading) for _, span, _ in chunks]
    around = list(dict.fromkeys(chain(contexts, headings)))
    found = words.look_up([*around, *(text for _, _, text in chunks)])
    of_around, of_texts = dict(zip(around, found, strict=False)), iter(found[len(around) :])
    of_chunks = iter(zip(contexts, headings, of_texts, strict=True))
    for draft in drafts:
        rows: list[ChunkRow] = []
        terms: list[TermRow] = []
        for span, text in zip(draft.spans, draft.texts, strict=True):
            context, heading, (body, pieces) = next(of_chunks)
            embedded = with_context(context, text)
            key = text_hash(embedded)
            inputs[key] = [*of_around[context][1], *pieces] if by_pieces else embedded
            rows.append(_chunk_row(span, draft.language, key))
            if draft.segment[1] <= HANDOVER_CHARS:
                terms.append((of_around[heading][0], body))
        yield Piece(draft.index, [draft.segment], draft.ranges, rows, terms)


def cut_segments(part: Part, spans: Sequence[ChunkSpan]) -> Iterator[SegmentRow]:
    """Cut a part's text into segments without gap; no chunk lies across two unless it overlaps its neighbours."""
    end = part.start + len(part.text)
    cuts = [part.start]
    for span in spans:
        if span.start - cuts[-1] >= SEGMENT_CHARS:
            cuts.append(span.start)
    for start, stop in pairwise([*cuts, end]):
        yield start, stop, part.text[start - part.start : stop - part.start]


def _chunk_row(span: ChunkSpan, language: str, key: bytes = b"") -> ChunkRow:
    """The row of a chunk; one that is only looked at needs no text hash."""
    return (span.start, span.end, span.page, "\n".join(span.heading), span.kind, span.tokens, language, key)


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
    return UnreadableFile(f"The file could not be opened ({error.strerror or 'unknown reason'}).")
