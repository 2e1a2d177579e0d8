"""From parts that were read to pieces with chunks, index terms and vectors: the parts of a delivery together.

Each step is made for all of them before the next one: words that are new are counted, analysed and cut in runs, while
tables and vocabularies are in the processor's caches.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import cast

from parley.knowledge.chunk_input import chunk_context, join_cut_words, text_hash, with_context
from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.parsed import ChunkSpan, Part
from parley.knowledge.part_words import Costs, PartWords, all_words, mark_costs
from parley.knowledge.word_table import WordTable
from parley.knowledge.worker_messages import (
    ChunkRow,
    Closed,
    Item,
    Piece,
    RangeRow,
    RuleRow,
    SegmentRow,
    TermRow,
)
from parley.llm.embedding import Embedder, Vectors, WordEmbedder, quantise

# A chunk's text is read out of its segment: the smaller the segment, the less is read for it.
SEGMENT_CHARS = 8_192
# Index terms of longer documents are not handed over: the server would have to hold all of them until the last piece.
HANDOVER_CHARS = 4_000_000


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part of a document.

    Args:
        index: of the document.
        state: what the document's parts hand to each other.
        language: of the part.
        is_looked_at: only its chunks are wanted, without text, terms and vectors.
    """

    index: int
    part: Part
    state: ChunkState
    rule: RuleRow
    title: str
    language: str
    is_looked_at: bool = False


@dataclass(frozen=True, slots=True)
class ReadEnd:
    """A document is complete; otherwise as `Closed`, which says how many chunks it has."""

    index: int
    chars: int
    pages: int | None


Embedded = str | list[int]
"""What is embedded: pieces where the embedder adds up those, else the text."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece whose words are yet to be looked up, together with those of many others.

    `texts` are those of `spans`, `known` their terms and pieces where the part's words told them.
    """

    index: int
    segment: SegmentRow
    ranges: list[RangeRow]
    spans: Sequence[ChunkSpan]
    texts: list[str]
    known: list[tuple[str, list[int]] | None]
    title: str
    language: str


class Finisher:
    """Cuts, analyses and embeds what was read.

    Args:
        known: returns which of some texts, by their hashes, have a vector already.
    """

    def __init__(self, embedder: Embedder, chunker: Chunker, known: Callable[[list[bytes]], set[bytes]]) -> None:
        self._embedder = embedder
        self._adder = embedder if isinstance(embedder, WordEmbedder) else None
        self._chunker = chunker
        self._chunkers: dict[RuleRow, Chunker] = {}
        self._known = known
        self._words: dict[str, WordTable] = {}
        # How many chunks the documents have that are not complete.
        self._chunks: Counter[int] = Counter()

    @cached_property
    def _marks(self) -> Costs:
        """Made for the first text: a worker says that it is ready before it reads its tokenizer."""
        return mark_costs(self._embedder.count_tokens)

    def finish(self, items: Sequence[Item | ReadPart | ReadEnd]) -> list[Item]:
        """Return the same in the same order, ready to be delivered."""
        words = self._look_up_parts([item for item in items if isinstance(item, ReadPart)])
        cut = list(chain.from_iterable(self._cut(item, words.get(id(item))) for item in items))
        pieces = iter(self._finished([item for item in cut if isinstance(item, _Draft)]))
        return [next(pieces) if isinstance(item, _Draft) else item for item in cut]

    def forget(self, index: int) -> None:
        """A document begins, or is given up."""
        del self._chunks[index]

    def _look_up_parts(self, parts: Sequence[ReadPart]) -> dict[int, PartWords]:
        """Return the words of parts by the parts' identity; none for those that are measured as text."""
        found: dict[int, PartWords] = {}
        by_language: dict[str, list[PartWords]] = {}
        if self._adder is not None:
            for part in parts:
                words = found[id(part)] = PartWords(part.part.text, self._marks, self._chunker.count)
                by_language.setdefault(part.language, []).append(words)
        else:
            self._chunker.learn([part.part.text for part in parts])
        for language, own in by_language.items():
            table = self._words_of(language)
            table.learn(all_words(own))
            for words in own:
                words.look_up(table)
            table.forget()
        return found

    def _cut(self, item: Item | ReadPart | ReadEnd, words: PartWords | None) -> Sequence[Item | _Draft]:
        if isinstance(item, ReadEnd):
            return (Closed(item.index, item.chars, item.pages, self._chunks.pop(item.index, 0)),)
        if not isinstance(item, ReadPart):
            return (item,)
        spans = self._chunker_of(item.rule).chunk(item.part, item.state, words and words.tokens)
        self._chunks[item.index] += len(spans)
        if item.is_looked_at:
            return (Piece(item.index, [], [], [_chunk_row(span, item.language) for span in spans], []),)
        return list(_drafts(item, spans, words))

    def _chunker_of(self, rule: RuleRow) -> Chunker:
        if rule not in self._chunkers:
            self._chunkers[rule] = self._chunker.under(ChunkRule(*rule))
        return self._chunkers[rule]

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
            self._words[language] = WordTable(language, self._adder)
        return self._words[language]

    def _embed(self, inputs: dict[bytes, Embedded], pieces: Sequence[Piece]) -> None:
        """Embed the texts that have no vector yet, and give each vector to the first piece that has the text."""
        known = self._known(list(inputs))
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


def _drafts(read: ReadPart, spans: Sequence[ChunkSpan], words: PartWords | None) -> Iterator[_Draft]:
    """Cut a part into runs of whole segments."""
    part = read.part
    span_at = range_at = 0
    for segment in cut_segments(part, spans):
        first_span, first_range = span_at, range_at
        while span_at < len(spans) and spans[span_at].start < segment[1]:
            span_at += 1
        while range_at < len(part.ranges) and part.ranges[range_at].start < segment[1]:
            range_at += 1
        own = spans[first_span:span_at]
        places = [(span.start - part.start, span.end - part.start) for span in own]
        written = [part.text[start:end] for start, end in places]
        texts = list(map(join_cut_words, written))
        known = [
            words.terms_and_pieces(*place) if words is not None and text is before else None
            for place, before, text in zip(places, written, texts, strict=True)
        ]
        ranges = [(r.kind, r.start, r.end, r.level) for r in part.ranges[first_range:range_at]]
        yield _Draft(read.index, segment, ranges, own, texts, known, read.title, read.language)


def _look_up(
    drafts: Sequence[_Draft], words: WordTable, inputs: dict[bytes, Embedded], *, by_pieces: bool
) -> Iterator[Piece]:
    """Yield drafts of one language as pieces that lack their vectors, and add what is to be embedded to `inputs`."""
    chunks = [(draft, span, text) for draft in drafts for span, text in zip(draft.spans, draft.texts, strict=True)]
    known = list(chain.from_iterable(draft.known for draft in drafts))
    contexts = [chunk_context(span.heading, draft.title, text) for draft, span, text in chunks]
    headings = [" ".join(span.heading) for _, span, _ in chunks]
    around = list(dict.fromkeys(chain(contexts, headings)))
    rest = [text for (_, _, text), entry in zip(chunks, known, strict=True) if entry is None]
    found = words.look_up([*around, *rest])
    of_around, of_rest = dict(zip(around, found, strict=False)), iter(found[len(around) :])
    of_chunks = iter(zip(contexts, headings, known, strict=True))
    for draft in drafts:
        rows: list[ChunkRow] = []
        terms: list[TermRow] = []
        for span, text in zip(draft.spans, draft.texts, strict=True):
            context, heading, entry = next(of_chunks)
            body, pieces = next(of_rest) if entry is None else entry
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
