"""Take citation markers such as `[1]` out of streamed text, wherever the stream happens to be cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = r"(?:[Ss]ources?\s+|[Pp]assages?\s+|\^)?\d{1,2}(?:\s*(?:[,;–-]|and)\s*\d{1,2})*"
_MARKER = re.compile(rf"\[{_NUMBERS}\]|【{_NUMBERS}(?:†[^】\n]{{0,60}})?】")
# What may still become a marker when more text comes.
_PARTIAL = re.compile(
    r"\[(?:[Ss](?:o(?:u(?:r(?:c(?:es?)?)?)?)?)?|[Pp](?:a(?:s(?:s(?:a(?:g(?:es?)?)?)?)?)?)?|\^)?"
    r"(?:(?<=[a-z])\s+)?(?:\d{1,2}[\d\s,;–and-]*)?\Z|【[^】\n]{0,80}\Z"
)
_LONGEST = 90
_TOKEN = re.compile(
    r"(?P<space>[ \t]+)|(?P<newline>\n)|(?P<ticks>`+|~{3,})|(?P<open>[\[【])|(?P<text>[^ \t\n`~\[【]+|~)"
)
_RANGE = re.compile(r"(\d{1,2})\s*[–-]\s*(\d{1,2})")
_STOPPED = re.compile(r"[.!?…؟。！？।۔][\"'”’»)\]*_]*\s*$")
_BLANK_SO_FAR = re.compile(r"\s*(?:[-*+>#]+|\d{1,3}[.)])?\s*")


@dataclass(frozen=True, slots=True)
class Marker:
    """Numbers that were cited. `leading`: it stood before what it speaks of: at the beginning of a line, or behind a
    full stop in a line that began with one ("[1] It is blue. [2] It is green.")."""

    numbers: tuple[int, ...]
    leading: bool


class MarkerStripper:
    """Splits streamed text into text and markers.

    It holds back no more than what may be a marker, or the blanks before one. Code, fenced or inline, and links keep
    their brackets. Blanks before a marker go with it.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._line = ""
        self._fence = ""
        self._inline = 0
        self._blanks = ""
        self._leading: list[int] = []
        self._leads = False
        self._rejoin = False

    def feed(self, delta: str) -> list[str | Marker]:
        """Return what can be told now."""
        self._buffer += delta
        return list(self._drain(final=False))

    def finish(self) -> list[str | Marker]:
        """Return the rest; blanks at the very end are dropped."""
        return [*self._drain(final=True), *self._settle_leading(followed_by_text=False)]

    def _drain(self, *, final: bool) -> Iterator[str | Marker]:
        position = 0
        while position < len(self._buffer):
            match = _TOKEN.match(self._buffer, position)
            assert match is not None, "every character begins a token"
            kind, token = match.lastgroup, match.group()
            if kind == "open" and not self._in_code():
                marker = _MARKER.match(self._buffer, position)
                if marker is not None:
                    if not final and marker.end() == len(self._buffer):
                        break  # a "(" may follow and make it a link
                    if not self._buffer.startswith("(", marker.end()):
                        yield from self._take(marker.group())
                        position = marker.end()
                        continue
                elif not final and self._may_become_marker(position):
                    break
            elif kind in ("space", "ticks") and not final and match.end() == len(self._buffer):
                break  # a marker may follow the blanks, or more ticks the ticks
            position = match.end()
            yield from self._pass(kind or "text", token)
        self._buffer = self._buffer[position:]

    def _may_become_marker(self, position: int) -> bool:
        return len(self._buffer) - position < _LONGEST and _PARTIAL.match(self._buffer, position) is not None

    def _in_code(self) -> bool:
        return bool(self._fence) or self._inline > 0

    def _take(self, marker: str) -> Iterator[str | Marker]:
        numbers = _numbers(marker)
        begins = _BLANK_SO_FAR.fullmatch(self._line) or (self._leads and self._blanks and _STOPPED.search(self._line))
        if begins and not self._leading and not self._rejoin:
            self._leading = numbers
            if self._blanks:  # they separate the marker from a bullet
                yield self._flush_blanks()
        elif self._leading:
            self._leading += numbers
        else:
            self._rejoin = self._rejoin or bool(self._blanks)
            self._blanks = ""
            yield Marker(tuple(numbers), leading=False)

    def _pass(self, kind: str, token: str) -> Iterator[str | Marker]:
        if kind == "space" and not self._in_code():
            self._blanks += token
            return
        if kind == "newline":
            yield from self._settle_leading(followed_by_text=False)
            yield self._flush_blanks() + token
            if not self._line.strip():
                self._inline = 0  # inline code does not reach over a blank line
            self._line, self._rejoin, self._leads = "", False, False
            return
        if self._leading:
            self._blanks = ""  # they separated the marker from what it speaks of
        yield from self._settle_leading(followed_by_text=True)
        if kind == "ticks":
            self._see_ticks(token)
        if self._rejoin and not self._blanks and token[0].isalnum():
            self._blanks = " "
        self._rejoin = False
        text = self._flush_blanks() + token
        self._line += text
        yield text

    def _settle_leading(self, *, followed_by_text: bool) -> Iterator[Marker]:
        if self._leading:
            numbers, self._leading = self._leading, []
            self._leads = self._leads or followed_by_text
            yield Marker(tuple(numbers), leading=followed_by_text)

    def _flush_blanks(self) -> str:
        blanks, self._blanks = self._blanks, ""
        return blanks

    def _see_ticks(self, ticks: str) -> None:
        at_line_start = not self._line.strip()
        if self._fence:
            if at_line_start and ticks.startswith(self._fence):
                self._fence = ""
        elif at_line_start and len(ticks) >= 3:
            self._fence = ticks
        elif ticks[0] == "`":
            self._inline = 0 if self._inline == len(ticks) else (self._inline or len(ticks))


def _numbers(marker: str) -> list[int]:
    """Return the numbers of a marker, ranges spelled out, in order, each once."""
    body = marker.partition("†")[0]
    found: dict[int, None] = {}
    spelled = _RANGE.sub(lambda m: ",".join(str(n) for n in range(int(m[1]), int(m[2]) + 1)), body)
    for number in re.findall(r"\d+", spelled):
        found[int(number)] = None
    return list(found)
