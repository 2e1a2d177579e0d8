"""Cut an answer into sentences while it is being written, and give each the markers that belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parley.chat.markers import Marker
from parley.kit.sentences import split_sentences

_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})", re.MULTILINE)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s|\s{0,3}(?:\*\*|__)[^*_\n]{1,120}(?:\*\*|__)\s*$")
_TABLE_RULE = re.compile(r"[ \t]*\n[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*\|")
_MAY_END = re.compile(r"[.!?…؟。！？｡।॥۔\n|]")
# A stop this far back that has ended no sentence belongs to an abbreviation or a number.
_SETTLED = 40


@dataclass(frozen=True, slots=True)
class Segment:
    """answer[start:end]: a sentence, a table row, or a whole block of code; with the numbers cited for it.

    `heading`: a title, or the first row of a table, which names what follows and states nothing.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    code: bool
    heading: bool = False


class Segmenter:
    """Collects text and markers and gives out segments once they are complete.

    A sentence is complete when the next one has begun, so that markers behind its full stop still count for it.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._text = ""
        self._done = 0
        self._markers: list[tuple[int, Marker]] = []
        self._may_end = False

    def add(self, piece: str | Marker) -> list[Segment]:
        """Take in what comes next and return what it completes."""
        if isinstance(piece, Marker):
            self._markers.append((len(self._text), piece))
            return []
        self._text += piece
        self._may_end = self._may_end or _MAY_END.search(piece) is not None
        if not self._may_end or not piece.strip():
            return []
        segments = self._assigned(list(self._complete(final=False)), final=False)
        if not segments and not _MAY_END.search(self._text, max(self._done, len(self._text) - _SETTLED)):
            self._may_end = False
        return segments

    def finish(self) -> list[Segment]:
        """Return the rest."""
        return self._assigned(list(self._complete(final=True)), final=True)

    def _complete(self, *, final: bool) -> Iterator[tuple[int, int, int, bool]]:
        """Yield (start, end, start of what follows, is code) of complete segments, and move on behind them."""
        while True:
            fence = _FENCE.search(self._text, self._done)
            prose_end = fence.start() if fence else len(self._text)
            spans = [
                (self._done + start, self._done + end)
                for start, end in split_sentences(self._text[self._done : prose_end], self._language)
            ]
            closed = final or fence is not None
            following = [*(start for start, _ in spans[1:]), prose_end]
            for (start, end), follows in list(zip(spans, following, strict=False))[: None if closed else -1]:
                self._done = end
                yield start, end, follows, False
            if fence is None:
                return
            block = self._block(fence, final=final)
            if block is None:
                return
            self._done = block[1]
            yield *block, True

    def _block(self, fence: re.Match[str], *, final: bool) -> tuple[int, int, int] | None:
        """Return a fenced block once something follows it: (start, end, start of what follows)."""
        closing = re.compile(rf"^[ ]{{0,3}}{re.escape(fence[1])}[`~]*[ \t]*$", re.MULTILINE)
        line_end = self._text.find("\n", fence.end())
        end = closing.search(self._text, line_end + 1) if line_end >= 0 else None
        if end is None:
            return (fence.start(), len(self._text.rstrip()), len(self._text)) if final else None
        rest = self._text[end.end() :]
        if not rest.strip() and not final:
            return None
        return fence.start(), end.end(), end.end() + len(rest) - len(rest.lstrip())

    def _assigned(self, found: list[tuple[int, int, int, bool]], *, final: bool) -> list[Segment]:
        segments: list[Segment] = []
        for position, (start, end, follows, code) in enumerate(found):
            reach = len(self._text) if final and position == len(found) - 1 else follows
            mine: list[int] = []
            rest: list[tuple[int, Marker]] = []
            for offset, marker in self._markers:
                if offset <= start or (offset <= reach and not marker.leading):
                    mine += marker.numbers
                else:
                    rest.append((offset, marker))
            self._markers = rest
            heading = not code and self._is_heading(start, end, follows)
            segments.append(Segment(start, end, tuple(dict.fromkeys(mine)), code, heading))
        return segments

    def _is_heading(self, start: int, end: int, follows: int) -> bool:
        line = self._text[self._text.rfind("\n", 0, start) + 1 : end]
        return _HEADING.match(line) is not None or _TABLE_RULE.match(self._text[end:follows]) is not None
