"""From canonical text to chunks that keep a token limit, as a source's rule says."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.code_syntax import code_units, cut_code
from parley.knowledge.parsed import BETWEEN_CELLS, ChunkSpan, Part
from parley.knowledge.splitting import (
    Measure,
    Span,
    line_spans,
    repeated_start,
    split_blocks,
    split_long,
    trimmed,
    word_spans,
)
from parley.knowledge.token_bound import TokenBound

# A chunk below this share of the limit takes in the section that follows: a heading with a link or two beneath it
# would outrank, as a chunk of its own, what it leads to. Measured on a help centre (bench/quality/fusion.py).
SHARED_SHARE = 0.8
# A chunk below this share of the limit goes on over a page border.
SMALL_SHARE = 0.35
# A chunk above this share of the limit is closed rather than filled up with the first sentences of a long block.
FULL_SHARE = 0.65
MAX_HEADER_CHARS = 200
# What white space between a repeated end and what follows it may cost.
GAP_TOKENS = 4
UNLIMITED = 1_000_000
USUAL_RULE = ChunkRule()
_SENTENCE_ENDS = frozenset('.!?…:;。！？।॥۔؟"”’»)]')


@dataclass(slots=True)
class ChunkState:
    """What one part hands to the next: the headings in force and the page. A new document starts with a new one."""

    headings: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    page: int | None = None
    table_header: str = ""

    def enter(self, level: int, name: str) -> None:
        """Begin the section `name`, which ends those of its own level and deeper."""
        self.headings = [item for item in self.headings if item[0] < level]
        self.headings.append((level, name))

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.headings)


class Chunker:
    """Cuts documents into chunks of a bounded size.

    Together the chunks of a part hold each of its characters but white space, in order; only what overlaps is held
    twice. Unless the rule says otherwise blocks stay whole where they fit, small neighbours share a chunk, and long
    ones are cut between sentences, rows, statements or lines.

    Args:
        count_tokens: counts a batch of texts as the embedder does; each distinct word is counted once.
        max_tokens: the limit where the rule names none, special tokens included; at least 16.
        rule: how to cut.
        most_tokens: what the embedder takes at most; no rule goes beyond.
    """

    def __init__(
        self,
        count_tokens: Callable[[list[str]], list[int]],
        max_tokens: int,
        rule: ChunkRule = USUAL_RULE,
        most_tokens: int = UNLIMITED,
    ) -> None:
        self._bound = TokenBound(count_tokens)
        self._usual, self._most = max_tokens, most_tokens
        self._follow(rule)

    def under(self, rule: ChunkRule) -> "Chunker":
        """Return one that follows another rule and shares the words that were counted."""
        other = object.__new__(Chunker)
        other._bound, other._usual, other._most = self._bound, self._usual, self._most
        other._follow(rule)
        return other

    def _follow(self, rule: ChunkRule) -> None:
        size = min(rule.tokens(self._usual), self._most)
        self._strategy = rule.strategy
        # The rare word that splits otherwise after a line end is covered by a small reserve.
        self._limit = max(size - self._bound.special - size // 64, 8)
        self._overlap = min(rule.overlap_tokens(self._usual), self._limit // 2)

    def learn(self, texts: Sequence[str]) -> None:
        """Count the words of texts that will be chunked, by any rule: all together is cheaper than as they come."""
        self._bound.learn(texts)

    def count(self, text: str) -> int:
        """At least as many tokens as a text has, special ones left out."""
        return self._bound.of(text)

    def chunk(self, part: Part, state: ChunkState, measure: Measure | None = None) -> list[ChunkSpan]:
        """The chunks of one part; `state` is moved on to the part's end.

        Args:
            measure: the same as `count` of a stretch of the part's text, for a caller who has it cheaper.
        """
        bound, text = self._bound, part.text
        measure = measure or (lambda start, end: bound.of(text[start:end]))
        packer = _PACKERS[self._strategy](part, state, self._limit, self._overlap, measure, bound.special)
        return list(packer.chunks())


@dataclass(slots=True)
class _Open:
    """The chunk being filled."""

    start: int
    end: int
    tokens: int
    heading: tuple[str, ...]
    page: int | None
    kind: str
    longest: int
    only_headings: bool


class _Packer:
    """Packs the blocks of one part along its structure."""

    unit_kinds = frozenset({"page", "slide"})

    def __init__(self, part: Part, state: ChunkState, limit: int, overlap: int, measure: Measure, special: int) -> None:
        self._part = part
        self._text = part.text
        self._state = state
        self._limit = limit
        self._overlap = overlap
        # What a chunk takes beside what it may repeat of the one before.
        self._room = max(limit - overlap - GAP_TOKENS, limit // 2) if overlap else limit
        self._measure = measure
        self._special = special
        self._open: _Open | None = None
        self._repeated: tuple[int, int, int] | None = None
        base = part.start
        self._units = [
            (item.start - base, item.level, item.kind) for item in part.ranges if item.kind in self.unit_kinds
        ]
        self._unit_index = 0
        self._pages = [(start, level) for start, level, kind in self._units if kind != "sheet"]
        self._page_before = state.page
        self._headers = {
            item.start - base: part.text[item.start - base : item.end - base]
            for item in part.ranges
            if item.kind == "table_row"
        }

    def chunks(self) -> Iterator[ChunkSpan]:
        for block in split_blocks(self._part):
            if self._turn_page(block.start) and self._ends_at_page():
                yield from self._close()
            if block.kind == "heading":
                yield from self._heading(block)
            else:
                yield from self._block(block)
        self._turn_page(len(self._text))
        yield from self._close()

    def _turn_page(self, position: int) -> bool:
        before = self._unit_index
        while self._unit_index < len(self._units) and self._units[self._unit_index][0] <= position:
            _, level, kind = self._units[self._unit_index]
            if kind != "sheet":
                self._state.page = level
            self._unit_index += 1
        return self._unit_index > before

    def _ends_at_page(self) -> bool:
        """Whether the open chunk ends with its page: not if it is small or its last sentence goes on."""
        if self._open is None or self._open.only_headings:
            return False
        goes_on = self._text[self._open.end - 1] not in _SENTENCE_ENDS
        return not (goes_on and self._open.tokens < SMALL_SHARE * self._limit)

    def _heading(self, block: Span) -> Iterator[ChunkSpan]:
        has_room = self._open is not None and self._open.tokens < SHARED_SHARE * self._limit
        if not (self._open and (self._open.only_headings or has_room)):
            yield from self._close()
        yield from self._put_heading(block)

    def _put_heading(self, block: Span) -> Iterator[ChunkSpan]:
        name = self._text[block.start : block.end]
        self._state.enter(block.level, " ".join(name.split()))
        self._state.table_header = ""
        for piece, size in split_long(self._text, block, self._measure, self._limit):
            yield from self._piece(piece, size)

    def _block(self, block: Span) -> Iterator[ChunkSpan]:
        context = self._context_of(block)
        tokens = self._tokens(block)
        if tokens <= self._room:
            yield from self._piece(block, tokens, context)
            return
        if self._open and not self._open.only_headings and self._open.tokens > FULL_SHARE * self._limit:
            yield from self._close(goes_on=True)
        if block.kind == "code":
            yield from self._code(block, context)
            return
        for piece, size in split_long(self._text, block, self._measure, self._room):
            yield from self._piece(piece, size, context)

    def _code(self, block: Span, context: tuple[str, ...]) -> Iterator[ChunkSpan]:
        for start, end, around, is_fresh in cut_code(self._text, block.start, block.end, self._measure, self._room):
            statement = trimmed(self._text, start, end, block.kind)
            if statement is None:
                continue
            if is_fresh and self._open and not self._open.only_headings:
                yield from self._close()
            for piece, size in split_long(self._text, statement, self._measure, self._room):
                yield from self._piece(piece, size, (*context, *around))

    def _tokens(self, span: Span) -> int:
        return self._measure(span.start, span.end)

    def _context_of(self, block: Span) -> tuple[str, ...]:
        """The header row of the table that a block is of, which its later chunks carry as the innermost heading.

        A long table comes as several; one without a header that follows another of as many columns goes on with it.
        """
        if block.kind != "table":
            self._state.table_header = ""
        elif header := self._headers.get(block.start):
            self._state.table_header = header
        elif self._state.table_header:
            line = self._text[block.start : block.end].partition("\n")[0]
            if line.count(BETWEEN_CELLS) != self._state.table_header.count(BETWEEN_CELLS):
                self._state.table_header = ""
        return (self._state.table_header[:MAX_HEADER_CHARS],) if self._state.table_header else ()

    def _piece(self, piece: Span, tokens: int, context: tuple[str, ...] = ()) -> Iterator[ChunkSpan]:
        """Put a piece that fits into the open chunk, or close that and begin another."""
        is_heading = piece.kind == "heading"
        chunk = self._open
        if chunk is not None:
            total = chunk.tokens + self._gap_tokens(chunk.end, piece.start) + tokens
            if total <= self._limit:
                chunk.end, chunk.tokens = piece.end, total
                if chunk.only_headings:
                    chunk.heading, chunk.only_headings = self._state.path, is_heading
                elif is_heading:
                    chunk.heading = _shared(chunk.heading, self._state.path)
                if not is_heading and tokens > chunk.longest:
                    chunk.kind, chunk.longest = piece.kind, tokens
                return
            yield from self._close(goes_on=not is_heading)
        self._begin(piece, tokens, context)

    def _begin(self, piece: Span, tokens: int, context: tuple[str, ...]) -> None:
        is_heading = piece.kind == "heading"
        path = self._state.path if piece.start in self._headers else (*self._state.path, *context)
        start, page, longest = piece.start, self._state.page, 0 if is_heading else tokens
        repeated, self._repeated = self._repeated, None
        if repeated is not None:
            total = repeated[2] + self._gap_tokens(repeated[1], piece.start) + tokens
            if total <= self._limit:
                start, tokens = repeated[0], total
                page = self._page_at(start)
        self._open = _Open(start, piece.end, tokens, path, page, piece.kind, longest, is_heading)

    def _page_at(self, position: int) -> int | None:
        number = bisect_right(self._pages, position, key=lambda page: page[0])
        return self._pages[number - 1][1] if number else self._page_before

    def _gap_tokens(self, end: int, start: int) -> int:
        """What the white space between two pieces may cost; a single space comes with the word after it."""
        gap = self._text[end:start]
        return 0 if gap == " " else 2 * len(gap)

    def _close(self, *, goes_on: bool = False) -> Iterator[ChunkSpan]:
        """Yield the open chunk; where the text goes on, its end is remembered to be repeated in the next."""
        chunk, self._open = self._open, None
        self._repeated = None
        if chunk is None:
            return
        if goes_on and self._overlap:
            self._repeated = self._end_of(chunk)
        base = self._part.start
        yield ChunkSpan(
            base + chunk.start,
            base + chunk.end,
            chunk.page,
            chunk.heading,
            chunk.kind,
            chunk.tokens + self._special,
        )

    def _end_of(self, chunk: _Open) -> tuple[int, int, int] | None:
        """The last sentences or lines of a chunk that an overlap has room for: (start, end, tokens).

        Rows of tables are not repeated: their header is.
        """
        if chunk.kind in ("table", "heading"):
            return None
        span = Span(chunk.start, chunk.end, chunk.kind)
        start = repeated_start(self._text, span, self._measure, self._overlap)
        return None if start is None else (start, chunk.end, self._measure(start, chunk.end))


class _FixedPacker(_Packer):
    """Windows of as many tokens as fit, wherever they begin and end."""

    def chunks(self) -> Iterator[ChunkSpan]:
        headings = [block for block in split_blocks(self._part) if block.kind == "heading"]
        for window, tokens in self._windows():
            while headings and headings[0].start <= window.start:
                block = headings.pop(0)
                self._state.enter(block.level, " ".join(self._text[block.start : block.end].split()))
            self._turn_page(window.start)
            base = self._part.start
            yield ChunkSpan(
                base + window.start,
                base + window.end,
                self._state.page,
                self._state.path,
                "paragraph",
                tokens + self._special,
            )
        for block in headings:
            self._state.enter(block.level, " ".join(self._text[block.start : block.end].split()))
        self._turn_page(len(self._text))

    def _windows(self) -> Iterator[tuple[Span, int]]:
        words = list(word_spans(self._text, self._measure, self._limit))
        first, done = 0, 0
        while done < len(words):
            after, tokens = self._fill(words, first)
            yield Span(words[first][0], words[after - 1][1], "paragraph"), tokens
            done = after
            first = self._step_back(words, first, after) if after < len(words) else after

    def _fill(self, words: list[tuple[int, int, int]], first: int) -> tuple[int, int]:
        """Return the end of the longest window that begins with a word, and its tokens."""
        after, tokens = first, 0
        while after < len(words):
            more = words[after][2] + (self._gap_tokens(words[after - 1][1], words[after][0]) if after > first else 0)
            if after > first and tokens + more > self._limit:
                # Gaps were counted at their most: what they really cost is known for the whole.
                tokens = min(tokens, self._measure(words[first][0], words[after - 1][1]))
                if tokens + more > self._limit:
                    break
            tokens += more
            after += 1
        return after, min(tokens, self._measure(words[first][0], words[after - 1][1]))

    def _step_back(self, words: list[tuple[int, int, int]], first: int, after: int) -> int:
        """Return the word with which the next window begins: the end of this one is repeated in it.

        There must be room for the word that follows, or the next window would bring nothing new.
        """
        start, tokens = after, 0
        room = self._limit - words[after][2] - self._gap_tokens(words[after - 1][1], words[after][0])
        while start - 1 > first:
            gap = self._gap_tokens(words[start - 1][1], words[start][0]) if start < after else 0
            if tokens + gap + words[start - 1][2] > min(self._overlap, room):
                break
            tokens += gap + words[start - 1][2]
            start -= 1
        return start


class _PagePacker(_Packer):
    """A page, slide, sheet or message to a chunk; one that is too long is cut within."""

    unit_kinds = frozenset({"page", "slide", "sheet"})

    def _ends_at_page(self) -> bool:
        return self._open is not None

    def _heading(self, block: Span) -> Iterator[ChunkSpan]:
        yield from self._put_heading(block)


class _RowPacker(_Packer):
    """A table row to a chunk, the header with the first; all else along the structure."""

    def _block(self, block: Span) -> Iterator[ChunkSpan]:
        if block.kind != "table":
            yield from super()._block(block)
            return
        context = self._context_of(block)
        yield from self._close()
        for row in self._rows(block):
            for piece, size in split_long(self._text, row, self._measure, self._limit):
                yield from self._piece(piece, size, context)
            yield from self._close()

    def _rows(self, block: Span) -> Iterator[Span]:
        begun: int | None = None
        for line in line_spans(self._text, block):
            begun = line.start if begun is None else begun
            if line.start not in self._headers:
                yield line._replace(start=begun)
                begun = None
        if begun is not None:
            yield block._replace(start=begun)


class _CodePacker(_Packer):
    """A definition to a chunk; statements between them share one; what is not code follows the structure."""

    def _block(self, block: Span) -> Iterator[ChunkSpan]:
        units = code_units(self._text, block.start, block.end) if block.kind == "code" else []
        if not any(unit.is_definition for unit in units):
            yield from super()._block(block)
            return
        yield from self._close()
        for unit in units:
            span = trimmed(self._text, unit.start, unit.end, block.kind)
            if span is None:
                continue
            if unit.is_definition:
                yield from self._close()
            yield from super()._block(span)
            if unit.is_definition:
                yield from self._close()


_PACKERS: dict[str, type[_Packer]] = {
    "structure": _Packer,
    "fixed": _FixedPacker,
    "page": _PagePacker,
    "row": _RowPacker,
    "code": _CodePacker,
}


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The headings that both paths begin with."""
    return tuple(left for left, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
