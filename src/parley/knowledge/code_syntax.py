"""Where source code of any language may be cut: between definitions, and within a long one between its members.

Told by indentation, which is how people lay code out in every language: what stands deeper belongs to the line above,
closing marks to what they close, comments and decorators to what follows them. No grammar is needed, and broken code
is cut as well.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_DEPTH = 8
MAX_SIGNATURE_CHARS = 120

_DEFINES = re.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([^)]*\))?|unsafe|extern"
    r"|override|virtual|inline|const|open|sealed|data|partial|local)\s+)*"
    r"(?:def|class|function|func|fun|fn|struct|enum|union|interface|trait|impl|module|mod|namespace|package|sub"
    r"|procedure|record|object|protocol|extension|macro_rules!|defmodule|defp?|describe|test|create\s+(?:or\s+replace\s+)?"
    r"(?:table|view|function|procedure|trigger|index|type))\b",
    re.IGNORECASE,
)
# `int main(void) {`, `const run = (x) => {`, `Widget::Widget()`: a name, brackets, and a body below.
_CALLABLE = re.compile(r"[\w*&<>\[\],:~.$\s=?-]+\([^;]*$|.*=>\s*\{?\s*$")
_NOT_CALLABLE = re.compile(
    r"(?:if|for|while|switch|with|try|match|return|elif|else|do|until|unless|case|assert|print)\b"
)
_CLOSES = re.compile(r"[)\]}{]|(?:end|else|elif|elsif|except|finally|catch|then|fi|done|esac|until|rescue|ensure)\b")
_LEADS = re.compile(r"@|#|//|/\*|\*|--|;;|\"\"\"|'''|template\s*<|\[[A-Z]\w*[\](]")


class Unit(NamedTuple):
    """Whole lines that belong together, by offsets. `body`: where what is indented below the first line begins."""

    start: int
    end: int
    is_definition: bool
    signature: str
    body: int


class _Line(NamedTuple):
    start: int
    indent: int
    text: str


def code_units(text: str, start: int, end: int) -> list[Unit]:
    """The units of a stretch of code, in order and without gap but for white space."""
    lines = list(_lines(text, start, end))
    if not lines:
        return []
    base = min(line.indent for line in lines)
    firsts = _first_lines(lines, base)
    units: list[Unit] = []
    for number, first in enumerate(firsts):
        after = firsts[number + 1] if number + 1 < len(firsts) else len(lines)
        units.append(_unit(lines[first:after], base, lines[after].start if after < len(lines) else end))
    return units


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    """The lines that have text; those within a long string or comment count as indented as far as can be."""
    closing = ""
    position = start
    for raw in text[start:end].split("\n"):
        indented = raw.lstrip(" \t")
        if line := indented.rstrip():
            inside = bool(closing)
            if closing or '"""' in line or "'''" in line or line.startswith("/*"):
                closing = _still_open(line, closing)
            space = raw[: len(raw) - len(indented)]
            yield _Line(position, 1_000 if inside else len(space.expandtabs(4)), line)
        position += len(raw) + 1


def _still_open(line: str, closing: str) -> str:
    """What ends the long string or comment that is open at the end of a line, nothing if none is."""
    if closing:
        return "" if line.count(closing) % 2 else closing
    if line.startswith("/*"):
        return "" if "*/" in line else "*/"
    for mark in ('"""', "'''"):
        if line.count(mark) % 2:
            return mark
    return ""


def _first_lines(lines: list[_Line], base: int) -> list[int]:
    """Which lines begin a unit: comments and decorators above a line begin its unit."""
    firsts: list[int] = []
    leading: int | None = None
    for number, line in enumerate(lines):
        if line.indent > base or (number and _CLOSES.match(line.text)):
            continue
        if _LEADS.match(line.text):
            leading = number if leading is None else leading
            continue
        firsts.append(number if leading is None else leading)
        leading = None
    if leading is not None or not firsts:
        firsts.append(leading or 0)
    if firsts[0] != 0:
        firsts.insert(0, 0)
    return firsts


def _unit(lines: list[_Line], base: int, end: int) -> Unit:
    head = next((line for line in lines if line.indent == base and not _LEADS.match(line.text)), lines[0])
    at = lines.index(head)
    body = next((line.start for line in lines[at + 1 :] if line.indent > base), end)
    has_body = body < end
    is_definition = bool(_DEFINES.match(head.text)) or (
        has_body and bool(_CALLABLE.match(head.text)) and not _NOT_CALLABLE.match(head.text)
    )
    return Unit(lines[0].start, end, is_definition, head.text.rstrip("{").rstrip()[:MAX_SIGNATURE_CHARS], body)


class Piece(NamedTuple):
    """Code to be put into a chunk.

    `around`: signatures of the definitions it was cut out of, outermost first. `is_fresh`: a definition that is cut
    begins with it, or ended before it, so that it should not share a chunk with what stands above.
    """

    start: int
    end: int
    around: tuple[str, ...]
    is_fresh: bool


def cut_code(
    text: str, start: int, end: int, measure: Callable[[int, int], int], limit: int, around: tuple[str, ...] = ()
) -> Iterator[Piece]:
    """Pieces along the syntax, each within the limit unless it is a single statement that is longer."""
    is_fresh = False
    for unit in code_units(text, start, end):
        fits = measure(unit.start, unit.end) <= limit
        if fits or unit.body >= unit.end or len(around) >= MAX_DEPTH:
            yield Piece(unit.start, unit.end, around, is_fresh)
            is_fresh = False
            continue
        is_fresh = True
        if unit.body > unit.start:
            yield Piece(unit.start, unit.body, around, is_fresh)
        yield from cut_code(text, unit.body, unit.end, measure, limit, (*around, unit.signature))
