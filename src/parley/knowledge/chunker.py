"""From canonical text to chunks that follow its structure and keep a token limit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from parley.knowledge.parsed import ChunkSpan, Part
from parley.knowledge.splitting import Span, split_blocks, split_long
from parley.knowledge.token_bound import TokenBound

# A section of these levels never shares a chunk with the one before it.
TOP_LEVELS = 2
# A chunk below this share of the limit takes in a small section of a deeper level, or goes on over a page border.
SMALL_SHARE = 0.35
# A chunk above this share of the limit is closed rather than filled up with the first sentences of a long block.
FULL_SHARE = 0.65
MAX_HEADER_CHARS = 200
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
    """Cuts documents into chunks of at most `max_tokens`.

    Together the chunks of a part hold each of its characters but white space exactly once, in order. Blocks stay
    whole where they fit; small neighbours share a chunk; long ones are cut between sentences, rows or lines.

    Args:
        count_tokens: counts a batch of texts as the embedder does; each distinct word is counted once.
        max_tokens: the limit, special tokens included; at least 16.
    """

    def __init__(self, count_tokens: Callable[[list[str]], list[int]], max_tokens: int) -> None:
        self._bound = TokenBound(count_tokens)
        # The rare word that splits otherwise after a line end is covered by a small reserve.
        self._limit = max(max_tokens - self._bound.special - max_tokens // 64, 8)

    def chunk(self, part: Part, state: ChunkState) -> list[ChunkSpan]:
        """The chunks of one part; `state` is moved on to the part's end."""
        self._bound.learn(part.text)
        packer = _Packer(part, state, self._limit, self._bound)
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
    """Packs the blocks of one part."""

    def __init__(self, part: Part, state: ChunkState, limit: int, bound: TokenBound) -> None:
        self._part = part
        self._text = part.text
        self._state = state
        self._limit = limit
        self._bound = bound
        self._open: _Open | None = None
        self._pages = [(item.start - part.start, item.level) for item in part.ranges if item.kind in ("page", "slide")]
        self._page_index = 0
        self._headers = {
            item.start - part.start: part.text[item.start - part.start : item.end - part.start]
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
        before = self._page_index
        while self._page_index < len(self._pages) and self._pages[self._page_index][0] <= position:
            self._state.page = self._pages[self._page_index][1]
            self._page_index += 1
        return self._page_index > before

    def _ends_at_page(self) -> bool:
        """Whether the open chunk ends with its page: not if it is small or its last sentence goes on."""
        if self._open is None or self._open.only_headings:
            return False
        goes_on = self._text[self._open.end - 1] not in _SENTENCE_ENDS
        return not (goes_on and self._open.tokens < SMALL_SHARE * self._limit)

    def _heading(self, block: Span) -> Iterator[ChunkSpan]:
        is_small = self._open is not None and self._open.tokens < SMALL_SHARE * self._limit
        if not (self._open and (self._open.only_headings or (is_small and block.level > TOP_LEVELS))):
            yield from self._close()
        name = self._text[block.start : block.end]
        self._state.enter(block.level, " ".join(name.split()))
        self._state.table_header = ""
        for piece, size in split_long(self._text, block, self._bound.of, self._limit):
            yield from self._piece(piece, size)

    def _block(self, block: Span) -> Iterator[ChunkSpan]:
        context = self._context_of(block)
        tokens = self._bound.of(self._text[block.start : block.end])
        if tokens <= self._limit:
            yield from self._piece(block, tokens, context)
            return
        if self._open and not self._open.only_headings and self._open.tokens > FULL_SHARE * self._limit:
            yield from self._close()
        for piece, size in split_long(self._text, block, self._bound.of, self._limit):
            yield from self._piece(piece, size, context)

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
            if line.count(" | ") != self._state.table_header.count(" | "):
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
                if not is_heading and tokens > chunk.longest:
                    chunk.kind, chunk.longest = piece.kind, tokens
                return
            yield from self._close()
        path = self._state.path if piece.start in self._headers else (*self._state.path, *context)
        longest = 0 if is_heading else tokens
        self._open = _Open(piece.start, piece.end, tokens, path, self._state.page, piece.kind, longest, is_heading)

    def _gap_tokens(self, end: int, start: int) -> int:
        """What the white space between two pieces may cost; a single space comes with the word after it."""
        gap = self._text[end:start]
        return 0 if gap == " " else 2 * len(gap)

    def _close(self) -> Iterator[ChunkSpan]:
        chunk, self._open = self._open, None
        if chunk is None:
            return
        base = self._part.start
        yield ChunkSpan(
            base + chunk.start,
            base + chunk.end,
            chunk.page,
            chunk.heading,
            chunk.kind,
            chunk.tokens + self._bound.special,
        )
