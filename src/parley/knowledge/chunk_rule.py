"""How the documents of a source are cut into chunks: a strategy, a size and an overlap."""

from dataclasses import dataclass
from typing import Literal, get_args

Strategy = Literal["structure", "fixed", "page", "row", "code"]
STRATEGIES: tuple[str, ...] = get_args(Strategy)
MIN_TOKENS, MAX_TOKENS = 32, 4096
# A page of prose has some 700 tokens, a full one hardly more than this.
PAGE_TOKENS = 1024
FIXED_OVERLAP_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class ChunkRule:
    """What was chosen; None takes what is usual for the strategy.

    `structure` follows headings, paragraphs, tables and definitions; `fixed` is windows of equal size; `page` keeps a
    page, slide, sheet or message whole where it fits; `row` makes a chunk of each table row; `code` one of each
    definition. `size` is in tokens of the default embedder, special ones included.
    """

    strategy: Strategy = "structure"
    size: int | None = None
    overlap: int | None = None

    @property
    def key(self) -> str:
        """What a version remembers of the rule that cut it, at most 40 characters; equal rules have equal keys."""
        size = "" if self.size is None else f" {self.size}"
        return f"{self.strategy}{size}" + ("" if self.overlap is None else f" +{self.overlap}")

    def tokens(self, usual: int) -> int:
        """Return the largest chunk in tokens, where the usual size is `usual`."""
        return self.size or (max(usual, PAGE_TOKENS) if self.strategy == "page" else usual)

    def overlap_tokens(self, usual: int) -> int:
        """Return how many tokens a chunk may repeat of the one before it."""
        if self.overlap is not None:
            return self.overlap
        return int(self.tokens(usual) * FIXED_OVERLAP_SHARE) if self.strategy == "fixed" else 0
