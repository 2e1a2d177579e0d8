"""reStructuredText: headings by their underlines, literal blocks as code, roles and links as their words."""

import re
from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block, heading
from parley.knowledge.parsers.source_file import Parsed, SourceFile

_ADORNMENT = re.compile(r"([=\-`:.'\"~^_*+#<>!$%&,/;?@\\|{}()\[\]])\1{2,}\s*$")
_DIRECTIVE = re.compile(r"\.\. +(?:\|[^|]+\| +)?([\w:.+-]+):: *(.*)$")
_ITEM = re.compile(r"( *)([-*+•]|(?:\d{1,3}|#|[a-zA-Z])[.)]|\(\w{1,3}\)) +(\S.*)$")
_TABLE_BORDER = re.compile(r" *={2,} +={2,}")
_OPTION = re.compile(r" +:[\w -]+:(?: |$)")
_CODE_DIRECTIVES = frozenset(
    [
        "code",
        "code-block",
        "sourcecode",
        "parsed-literal",
        "literalinclude",
        "highlight",
        "doctest",
        "testcode",
        "productionlist",
        "math",
    ]
)
_SILENT = frozenset(
    [
        "toctree",
        "index",
        "image",
        "figure",
        "contents",
        "include",
        "raw",
        "highlight",
        "module",
        "currentmodule",
        "tabularcolumns",
        "only",
        "meta",
        "sectionauthor",
        "moduleauthor",
    ]
)
_ROLE = re.compile(r":[\w:+.-]+:`([^`]*)`")
_LINK = re.compile(r"`([^`<]*?)\s*<[^`>]*>`_{0,2}")
_TARGET = re.compile(r"([^`<]+?)\s*<[^<>]+>$")
_LITERAL = re.compile(r"``(.+?)``")
_REFERENCE = re.compile(r"`([^`]+)`_{0,2}|(?<=\w)__?(?=[\s.,;:)]|$)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*\*?)(?=\S)(.+?)(?<=\S)\1(?![\w*])")


def parse(file: SourceFile) -> Parsed:
    lines = file.text().replace("\r\n", "\n").expandtabs(8).split("\n")
    return Parsed(_RstReader(lines).read())


class _RstReader:
    """Reads lines from top to bottom; heading levels follow the order in which their adornments first appear."""

    def __init__(self, lines: list[str]) -> None:
        self._end = len(lines)
        # Empty lines at the end, so that nobody who looks ahead need ask whether there are more.
        self._lines = [*lines, "", "", ""]
        self._is_blank = [not line or line.isspace() for line in self._lines]
        self._is_adornment = [_ADORNMENT.match(line) is not None for line in self._lines]
        self._place = 0
        self._levels: list[str] = []

    def read(self) -> Iterator[Block]:
        lines, is_blank = self._lines, self._is_blank
        while self._place < self._end:
            line = lines[self._place]
            if is_blank[self._place]:
                self._place += 1
            elif title := self._heading():
                yield title
            elif line.startswith(".. ") or line.strip() == "..":
                yield from self._directive(line)
            elif line.lstrip().startswith((">>> ", "+--", "+==")) or ("==" in line and _TABLE_BORDER.match(line)):
                yield Block("code", "\n".join(self._until_blank()))
            else:
                yield from self._text()

    def _heading(self) -> Block | None:
        """A heading at the present place: underlined, or between two lines."""
        place, is_adornment = self._place, self._is_adornment
        if not is_adornment[place] and not is_adornment[place + 1]:
            return None
        here, below, further = self._lines[place : place + 3]
        if is_adornment[place] and below.strip() and here.strip() == further.strip():
            text, mark, taken = below, here[0] * 2, 3
        elif is_adornment[place + 1] and not here.startswith(" ") and len(below.strip()) >= min(len(here.strip()), 4):
            text, mark, taken = here, below[0], 2
        else:
            return None
        self._place += taken
        if mark not in self._levels:
            self._levels.append(mark)
        return heading(plain_inline(text.strip()), self._levels.index(mark) + 1)

    def _directive(self, line: str) -> Iterator[Block]:
        """A directive: its code, or its text, or nothing; comments and targets are left out."""
        match = _DIRECTIVE.match(line)
        self._place += 1
        if not match:
            self._indented()
            return
        name, argument = match.group(1).rpartition(":")[2], match.group(2)
        if name in _CODE_DIRECTIVES:
            body = self._indented()
            yield Block("code", "\n".join(line for line in _dedent(body) if not _OPTION.match(f" {line}")))
        elif name in _SILENT:
            self._indented()
        else:
            if argument:
                yield Block("paragraph", plain_inline(argument))
            while _OPTION.match(self._lines[self._place]):
                self._place += 1

    def _text(self) -> Iterator[Block]:
        """A paragraph or list item, and the literal block that follows where it ends in two colons."""
        held = self._until_blank()
        text = "\n".join(line.strip() for line in held)
        literal = text.endswith("::")
        if literal:
            text = text[:-2].rstrip() if text.endswith(" ::") or text == "::" else text[:-1]
        if match := _ITEM.match(held[0]):
            marker = "" if match.group(2) in "-*+•#." else f"{match.group(2)} "
            first, _, rest = text.partition("\n")
            words = marker + first[len(match.group(2)) :].lstrip() + ("\n" + rest if rest else "")
            yield Block("list_item", plain_inline(words), len(match.group(1)) // 2 + 1)
        elif text and not _ADORNMENT.match(text):
            yield Block("paragraph", plain_inline(text))
        if literal:
            yield Block("code", "\n".join(_dedent(self._indented())))

    def _until_blank(self) -> list[str]:
        """The lines up to a blank one, or to the next item of a list."""
        lines, is_blank, is_adornment = self._lines, self._is_blank, self._is_adornment
        start, end = self._place, self._place + 1
        is_flush = not lines[start].startswith(" ")
        while not is_blank[end] and not _ITEM.match(line := lines[end]):
            if is_flush and is_adornment[end + 1] and not line.startswith(" "):
                break
            end += 1
        self._place = end
        return lines[start:end]

    def _indented(self) -> list[str]:
        start = end = self._place
        while end < self._end and (self._is_blank[end] or self._lines[end].startswith((" ", "\t"))):
            end += 1
        self._place = end
        return self._lines[start:end]


def _dedent(lines: list[str]) -> list[str]:
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    least = min(indents, default=0)
    return [line[least:] for line in lines]


def plain_inline(text: str) -> str:
    """Text without its marks; a role or a link leaves its words."""
    if "`" in text:
        text = _ROLE.sub(_role_text, text)
        text = _LITERAL.sub(r"\1", text)
        text = _LINK.sub(r"\1", text)
    if "`" in text or "_" in text:
        text = _REFERENCE.sub(lambda match: match.group(1) or "", text)
    if "*" in text:
        text = _EMPHASIS.sub(r"\2", text)
    return text.replace("\\ ", "").replace("\\*", "*").replace("\\_", "_") if "\\" in text else text


def _role_text(match: re.Match[str]) -> str:
    words = match.group(1).lstrip("!")
    if target := _TARGET.match(words):
        return target.group(1)
    return words.rpartition(".")[2] if words.startswith("~") else words
