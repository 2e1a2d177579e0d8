"""Takes out of Markdown what would load or lead somewhere: pictures, active HTML, addresses that no source has.

It does not trust its own reading of Markdown: an address goes wherever it stands, in code too, and a construct that
might be a link to another reader is broken where it is not known to be harmless.
"""

import re
from collections.abc import Iterator

from parley.chat.output_filter.addresses import ADDRESS, AllowedAddresses, plain, split_end

REMOVED = "(link removed)"
_ACTIVE = re.compile(
    r"/?(?:a|img|image|iframe|frame|frameset|script|object|embed|applet|link|style|svg|math|video|audio|form|input|"
    r"button|base|meta|source|picture|track|body|html|head|portal|noscript|template|map|area|textarea|select|bgsound|"
    r"layer|isindex|marquee|canvas|param|foreignobject|use|animate|set)(?![\w-])",
    re.IGNORECASE,
)
TAG = re.compile(r"<(/?[A-Za-z][^<>]*|!--.*?--|![A-Za-z\[][^<>]*|\?[^<>]*)>", re.DOTALL)
_AUTOLINK = re.compile(r"<([^\s<>]*[:@][^\s<>]*)>")
_DEFINITION = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999})\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|\S+)")
_BEFORE_DEFINITION = re.compile(r"[\s>*+\-\d.)]*\Z")
_RUN = re.compile(r"[^\s\[\]()<>!`\"]+")
_TOLD_OF_RUN = re.compile(r"[^\s\[\]()<>!`\"]+\Z")
_TITLE = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))?\s*\)""")
_LONGEST_LINK = 4000
_NUMBER = re.compile(r"[\d\s,;–-]+")
_FENCE = re.compile(r"^[ ]{0,3}(?:```|~~~)", re.MULTILINE)
# Arguments of a call, which a link has not: `handlers[i](event)`.
_ARGUMENTS = re.compile(r"[\w\s,.'\"+*=-]*")


def clean(text: str, allowed: AllowedAddresses, line: str = "", *, fenced: bool = False) -> str:
    """Return text without pictures, active HTML and addresses that are not allowed.

    Args:
        line: what stands before the text on its first line; `fenced`: whether that is in a fenced block of code.
    """
    return _Cleaner(text, allowed, line, fenced=fenced).run()


def fences(text: str) -> int:
    """Return how many lines open or close a block of code."""
    return len(_FENCE.findall(text))


class _Cleaner:
    """One pass from left to right. `_open`: places in `_out` of brackets that may begin a link."""

    def __init__(self, text: str, allowed: AllowedAddresses, line: str, *, fenced: bool) -> None:
        self._fenced = fenced
        self._text = text
        self._allowed = allowed
        self._line = line
        self._out: list[str] = []
        self._open: list[int] = []
        self._at = 0

    def run(self) -> str:
        handlers = {"!": self._picture, "[": self._bracket, "]": self._close, "<": self._angle}
        while self._at < len(self._text):
            handler = handlers.get(self._text[self._at])
            if handler is not None:
                handler()
            elif not self._takes_bracketed_address():
                self._word()
        return "".join(self._out)

    def _put(self, told: str, taken: int) -> None:
        self._out.append(told)
        self._at += taken

    def _word(self) -> None:
        match = _RUN.match(self._text, self._at)
        if match is None:
            self._put(self._text[self._at], 1)
            return
        before = _TOLD_OF_RUN.search(self._line) if not self._at else None
        self._at = match.end()
        begun = before.group() if before else ""
        told = without_addresses(begun + match.group(), self._allowed)
        self._out.append(told[len(begun) :] if told.startswith(begun) else REMOVED)

    def _takes_bracketed_address(self) -> bool:
        """Take an allowed address that goes on over brackets, as those of encyclopedias do."""
        match = ADDRESS.match(self._text, self._at)
        if match is None or (self._at and self._text[self._at - 1].isalnum()):
            return False
        address, _ = split_end(match.group())
        found = self._allowed.find(address) if re.search(r"[()\[\]!]", address) else None
        if found is None and "//[" in address:
            found = REMOVED
        if found is not None:
            self._put(found, len(address))
        return found is not None

    def _picture(self) -> None:
        if self._text.startswith("![", self._at):
            before = (self._line + "".join(self._out[-1:]))[-1:]
            self._put("! " if before.isalnum() else "", 1)
        else:
            self._put("!", 1)

    def _bracket(self) -> None:
        before = (self._line + "".join(self._out)).rpartition("\n")[2]
        definition = _DEFINITION.match(self._text, self._at)
        if definition is not None and _BEFORE_DEFINITION.match(before):
            self._define(definition)
            return
        self._open.append(len(self._out))
        self._put("[", 1)

    def _define(self, match: re.Match[str]) -> None:
        found = self._allowed.find_destination(match[2].strip("<>"))
        label = clean(match[1], self._allowed)
        if found is None:
            self._put(f"[{label}] : ", match.start(2) - self._at)
        else:
            self._put(f"[{label}]: {found}", match.end() - self._at)

    def _close(self) -> None:
        opened = self._open.pop() if self._open else None
        if not self._text.startswith("](", self._at):
            self._put("]", 1)
            return
        parsed = destination(self._text, self._at + 2)
        if parsed is None:
            self._put("] ", 1)  # no link yet; and none when more text follows
            return
        target, end = parsed
        found = self._allowed.find_destination(target)
        if found is not None:
            self._put(f"]({found})", end - self._at)
            return
        if _ARGUMENTS.fullmatch(target) and not ADDRESS.search(target) and self._in_code():
            self._put(self._text[self._at : end], end - self._at)
            return
        label = "".join(self._out[opened + 1 :]) if opened is not None else ""
        if opened is None or _NUMBER.fullmatch(label):
            self._put("]", end - self._at)  # a number is a marker of a passage
        else:
            self._out[opened] = ""
            self._put("", end - self._at)

    def _in_code(self) -> bool:
        """Whether this seems to be code; another reader of Markdown may see it otherwise."""
        told = self._line + "".join(self._out)
        return (self._fenced + fences(told)) % 2 == 1 or told.rpartition("\n")[2].count("`") % 2 == 1

    def _angle(self) -> None:
        link = _AUTOLINK.match(self._text, self._at)
        if link is not None and ADDRESS.search(plain(link[1])):
            found = self._allowed.find_destination(link[1])
            self._put(REMOVED if found is None else f"<{found}>", len(link.group()))
            return
        tag = TAG.match(self._text, self._at)
        if tag is not None and (_ACTIVE.match(tag[1]) or "=" in tag[1] or tag[1][0] in "!?"):
            self._put("", len(tag.group()))
        elif tag is None and _ACTIVE.match(self._text, self._at + 1):
            self._put("‹", 1)  # a tag that is never closed
        else:
            self._put("<", 1)


def without_addresses(run: str, allowed: AllowedAddresses) -> str:
    """Return a run of characters without white space, its addresses taken out unless they are allowed."""
    read = plain(run)
    matches = list(ADDRESS.finditer(read))
    if not matches:
        return run
    if read != run and any(allowed.find(split_end(match.group())[0]) is None for match in matches):
        return REMOVED
    return "".join(_told(read, matches, allowed))


def _told(text: str, matches: list[re.Match[str]], allowed: AllowedAddresses) -> Iterator[str]:
    done = 0
    for match in matches:
        yield text[done : match.start()]
        address, rest = split_end(match.group())
        found = allowed.find(match.group())
        if found is not None:
            rest = ""
        else:
            found = allowed.find(address)
        yield (REMOVED if found is None else found) + rest
        done = match.end()
    yield text[done:]


def destination(text: str, at: int) -> tuple[str, int] | None:
    """Read `target "title")` from an offset: the target, and where the construct ends; None where it does not."""
    limit = min(len(text), at + _LONGEST_LINK)
    while at < limit and text[at].isspace():
        at += 1
    if at < limit and text[at] == "<":
        end = text.find(">", at, limit)
        target, after = (text[at + 1 : end], end + 1) if end >= 0 else ("", -1)
    else:
        target, after = _bare_target(text, at, limit)
    if after < 0:
        return None
    closing = _TITLE.match(text, after)
    return None if closing is None else (target, closing.end())


def _bare_target(text: str, at: int, limit: int) -> tuple[str, int]:
    depth, place = 0, at
    while place < limit:
        char = text[place]
        if char == "\\" and place + 1 < limit:
            place += 2
            continue
        if char.isspace() or (char == ")" and depth == 0):
            return text[at:place], place
        depth += (char == "(") - (char == ")")
        place += 1
    return "", -1
