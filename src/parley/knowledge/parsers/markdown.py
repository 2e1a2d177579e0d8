"""Markdown: headings, lists, tables, code and quotes; the text without its marks.

CommonMark and GitHub's tables, with what much documentation is written in besides: front matter, footnotes, attributes
(`{#id .class}` of kramdown and Pandoc), notes (`> [!NOTE]` of GitHub, `!!! note` and tabs of MkDocs, `:::note` of
Docusaurus), and lines that are but a tag of a site generator.
"""

import re
from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block, heading, table
from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.text import text_pieces

_ATTRIBUTES = r"\{:?[ \t]*(?:[.#][\w-]|[\w-]+=)[^{}\n]*\}"
_HEADING = re.compile(rf" {{0,3}}(#{{1,6}})(?:[ \t]+(.*?))?(?:[ \t]+#+)?(?:[ \t]*{_ATTRIBUTES})?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})([^`]*)$")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\S.*)$")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_QUOTE = re.compile(r" {0,3}>[ \t]?(.*)$")
_TABLE_LINE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_DEFINITION = re.compile(r" {0,3}\[[^\]^][^\]]*\]:[ \t]+\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*$")
_FOOTNOTE = re.compile(r" {0,3}\[\^[^\[\]\s]{1,60}\]:[ \t]*(.*)$")
_ALERT = re.compile(r"\[![\w-]+\][-+]?[ \t]*(.*)$")
_NOTE = re.compile(
    r" {0,3}(?:(?:!!!|\?\?\?\+?)[ \t]+(?:note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done"
    r"|question|help|faq|warning|caution|attention|failure|fail|missing|danger|error|bug|example|quote|cite|seealso)"
    r"|(?:!!!|\?\?\?\+?|===\+?)[^\"]*\"(?P<title>[^\"]*)\")[ \t]*$",
    re.IGNORECASE,
)
_NOTE_INDENT = 4
_CONTAINER = re.compile(r" {0,3}:{3,}[ \t]*(?:\{[^{}]*\}|[\w-]+(?:\[(?P<label>[^\]]*)\])?)?[ \t]*(?P<title>.*)$")
_GENERATOR_TAG = re.compile(r" {0,3}(?:\{%.*%\}|\{\{[<%].*[>%]\}\}|\{:[^{}]*\})[ \t]*$")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)

_MARKED = re.compile(r"[*_`\[<&\\~]|https?:")
_CODE_SPAN = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)")
# MyST's roles: {mod}`venv`.
_ROLE = re.compile(r"\{[a-zA-Z][\w:-]{0,40}\}\Z")
_IMAGE = re.compile(
    r"!\[([^\[\]\n]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])" + f"(?:{_ATTRIBUTES})?"
)
_LINK = re.compile(
    r"\[([^\[\]]+)\](?:\(<?[^()\s]*(?:\([^()]*\)[^()\s]*)*>?(?:\s+[\"'(][^\"')]*[\"')])?\)|\[[^\[\]]*\])"
    f"(?:{_ATTRIBUTES})?"
)
# Pictures alone, linked or not, as badges are: their description belongs to no sentence.
_ONLY_IMAGES = re.compile(rf"\s*(?:(?:{_IMAGE.pattern}|\[\s*{_IMAGE.pattern}\s*\]\([^()\s]*\))\s*)+")
_FOOTNOTE_MARK = re.compile(r"(?<![ \t])[ \t]*\[\^[^\[\]\s]{1,60}\]")
_AUTOLINK = re.compile(r"<((?:https?|mailto|ftp):[^>\s]+|[\w.+-]+@[\w.-]+\.\w+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*\*|\*\*|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_STAR = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])|(?<=\w)\*(?=[^\s*])([^*\s]+)\*")
_UNDERSCORE = re.compile(r"(?<![\w_])(__?)(?=[^\s_])(.+?)(?<=[^\s])\1(?![\w_])", re.DOTALL)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,31});")


def parse(file: SourceFile) -> Parsed:
    pieces = text_pieces(file)
    first = next(pieces, "").replace("\r\n", "\n")
    title = ""
    if match := _FRONT_MATTER.match(first):
        found = _FRONT_TITLE.search(match.group(1))
        title = found.group(1) if found else ""
        first = first[match.end() :]
    return Parsed(_blocks(first, pieces), title)


def _blocks(first: str, rest: Iterator[str]) -> Iterator[Block]:
    reader = MarkdownReader()
    yield from reader.read(first)
    for piece in rest:
        yield from reader.read(piece.replace("\r\n", "\n"))
    yield from reader.finish()


class MarkdownReader:
    """Reads lines to blocks; an open fence goes on over the pieces of a long file."""

    def __init__(self) -> None:
        self._fence = ""
        self._fence_indent = 0
        self._held: list[str] = []
        self._kind = "paragraph"
        self._level = 0
        # How far the content of the open list items and notes is indented, outer before inner.
        self._insides: list[int] = []
        # The number of the last item of each open list and the sign behind it, by depth.
        self._numbers: dict[int, tuple[int, str]] = {}

    def read(self, text: str) -> Iterator[Block]:
        lines = iter(text.split("\n"))
        for line in lines:
            yield from self._line(line.expandtabs(4) if "\t" in line[:8] else line)
        if not self._fence:
            yield from self._flush()

    def finish(self) -> Iterator[Block]:
        yield from self._flush()

    def _line(self, line: str) -> Iterator[Block]:
        stripped = line.strip()
        if self._fence:
            yield from self._in_fence(line, stripped)
            return
        if not stripped:
            yield from self._flush()
            return
        indent = len(line) - len(line.lstrip(" "))
        if not (self._held or (self._insides and indent >= self._insides[0]) or _ITEM.match(line)):
            self._numbers.clear()
        line = self._inside(line, indent)
        if stripped[0] in "`~" and (match := _FENCE.match(line)):
            yield from self._flush()
            self._fence, self._fence_indent, self._kind = match.group(2), indent, "code"
        elif stripped[0] == "#" and (match := _HEADING.match(line)):
            yield from self._flush()
            self._numbers.clear()
            yield heading(plain_inline(match.group(2) or ""), len(match.group(1)))
        elif stripped[0] in "!?=:{" and (title := self._note(line, indent)) is not None:
            yield from self._flush()
            if title:
                yield Block("paragraph", plain_inline(title))
        elif stripped[0] == "[" and (match := _FOOTNOTE.match(line)):
            yield from self._flush()
            self._held.append(match.group(1))
            self._insides.append(indent + _NOTE_INDENT)
        else:
            yield from self._text_line(line, stripped)

    def _inside(self, line: str, indent: int) -> str:
        """Take the indentation away that stands for being within a list item or a note.

        Items keep theirs, which tells their depth, and so does what goes on with an open block.
        """
        if self._held:
            return line
        self._leave(indent)
        return line[self._insides[-1] :] if self._insides and not _ITEM.match(line) else line

    def _leave(self, indent: int) -> None:
        """Close the list items and notes whose content is indented further."""
        while self._insides and self._insides[-1] > indent:
            self._insides.pop()

    def _note(self, line: str, indent: int) -> str | None:
        """Return the title of a note, a tab or a container that a line begins or ends; None if it does neither."""
        if match := _NOTE.match(line):
            self._insides.append(indent + _NOTE_INDENT)
            return match["title"] or ""
        if match := _CONTAINER.match(line):
            return match["label"] or match["title"]
        return "" if _GENERATOR_TAG.match(line) else None

    def _in_fence(self, line: str, stripped: str) -> Iterator[Block]:
        if stripped.startswith(self._fence) and not stripped.strip(self._fence[0]):
            self._fence = ""
            yield from self._flush()
        else:
            indent = min(self._fence_indent, len(line) - len(line.lstrip(" ")))
            self._held.append(line[indent:])

    def _text_line(self, line: str, stripped: str) -> Iterator[Block]:
        if self._held and self._kind == "paragraph" and stripped[0] in "=-" and (match := _UNDERLINE.match(line)):
            title, self._held = " ".join(self._held), []
            yield heading(plain_inline(title), 1 if match.group(1)[0] == "=" else 2)
        elif stripped[0] in "-*_" and _RULE.match(line):
            yield from self._flush()
        elif stripped[0] in "-*+0123456789" and (match := _ITEM.match(line)):
            yield from self._flush()
            self._begin_item(*match.groups())
        elif stripped[0] == ">" and (match := _QUOTE.match(line)):
            quoted = match.group(1)
            if self._kind != "quote":
                yield from self._flush()
                self._kind = "quote"
                alert = _ALERT.match(quoted)
                quoted = alert.group(1) if alert else quoted
            self._held.append(quoted)
        elif self._kind == "table" or (self._held and "|" in self._held[-1] and _is_table_line(self._held[-1], line)):
            if self._kind != "table":
                header = self._held.pop()
                yield from self._flush()
                self._kind, self._held = "table", [header]
            self._held.append(stripped)
        elif not self._held and line.startswith("    ") and self._kind == "paragraph":
            self._kind = "code"
            self._held.append(line[4:])
        elif self._kind == "code":
            if line.startswith("    "):
                self._held.append(line[4:])
            else:
                yield from self._flush()
                self._held.append(stripped)
        elif not (_DEFINITION.match(line) and not self._held):
            self._held.append(stripped)

    def _begin_item(self, indent: str, marker: str, space: str, text: str) -> None:
        self._kind, self._level = "list_item", len(indent) // 2 + 1
        self._held.append(f"{self._numbered(len(indent) // 2, marker)}{text}")
        self._leave(len(indent))
        self._insides.append(len(indent) + len(marker) + (len(space) if len(space) <= 4 else 1))

    def _numbered(self, depth: int, marker: str) -> str:
        """Return the number of an item as a reader sees it, empty for a bullet: "1." for each stands for 1, 2, 3."""
        sign = marker[-1]
        number, before = self._numbers.get(depth, (0, ""))
        self._numbers = {deep: last for deep, last in self._numbers.items() if deep < depth}
        if sign in "-*+":
            return ""
        self._numbers[depth] = (number + 1 if sign == before else int(marker[:-1]), sign)
        return f"{self._numbers[depth][0]}{sign} "

    def _flush(self) -> Iterator[Block]:
        held, kind, level = self._held, self._kind, self._level
        self._held, self._kind, self._level = [], "paragraph", 0
        if not held:
            return
        if kind == "code":
            yield Block("code", "\n".join(held))
        elif kind == "table":
            yield table([_cells(held[0]), *(_cells(line) for line in held[2:])])
        elif kind == "list_item":
            yield Block("list_item", plain_inline("\n".join(held)), level)
        elif not _ONLY_IMAGES.fullmatch(text := "\n".join(held).strip("\n")):
            yield Block("quote" if kind == "quote" else "paragraph", plain_inline(text))


def _is_table_line(header: str, line: str) -> bool:
    return (
        "-" in line
        and _TABLE_LINE.match(line) is not None
        and (len(_cells(header)) == len(_cells(line)) or len(_cells(line)) > 1)
    )


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [plain_inline(cell.strip()).replace("\n", " ") for cell in _CELL_BORDER.split(inner)]


def plain_inline(text: str) -> str:
    """Text without its marks: emphasis, links (their words stay), images (their description stays), tags, entities."""
    if not _MARKED.search(text):
        return text
    if "`" not in text:
        return _plain(text)
    pieces: list[str] = []
    end = 0
    for match in _CODE_SPAN.finditer(text):
        before = _ROLE.sub("", text[end : match.start()])
        pieces += [_plain(before), match.group(2).strip()]
        end = match.end()
    pieces.append(_plain(text[end:]))
    return "".join(pieces)


def _plain(text: str) -> str:
    if "[" in text:
        text = _IMAGE.sub(r"\1", text)
        text = _FOOTNOTE_MARK.sub("", _LINK.sub(r"\1", text))
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _AUTOLINK.sub(r"\1", text)))
    if "*" in text or "~~" in text:
        text = _STRONG.sub(r"\2", _STRONG.sub(r"\2", text))
        text = _STAR.sub(lambda match: match.group(1) or match.group(2), text)
    if "_" in text:
        text = _UNDERSCORE.sub(r"\2", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        from html import unescape

        text = _ENTITY.sub(lambda match: unescape(match.group()), text)
    return text
