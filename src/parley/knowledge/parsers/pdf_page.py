"""One PDF page as lines with their place and size, read through pdfium's text layer.

pdfium gives the characters in the order of the content stream, which is reading order in nearly every document, two
columns included, and which other extractors give too. Nothing is left out or moved, so that a quote, white space
aside, is found in what they read.
"""

import ctypes
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import mode
from typing import Any

from parley.knowledge.parsers.pdf_objects import PageObjects

# pdfium's mark for a hyphen that cuts a word at a line end; it then puts no line break.
CUT_MARK = "\ufffe"
_LINE_END = re.compile(r"\r\n|\n|\r")
_WORD_START = re.compile(r"(?<=\s)\S")
_STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_BOLD = re.compile(r"bold|black|heavy|demi|CMBX|SFBX|BX\d|medi\b", re.IGNORECASE)

# TeX's symbol fonts name the angle brackets as nobody else does, and pdfium falls back on their codes: h and i.
_SYMBOLS = re.compile(r"CMSY|LMMathSymbols")
_MAYBE_CLOSING = re.compile(r"i(?![A-Za-z])")
_OPENING, _CLOSING = "\u27e8", "\u27e9"
_LONGEST_BRACKETED = 80

# Where TeX's two usual encodings, OT1 and T1 (Cork), have ligatures: https://ctan.org/pkg/encguide. The fonts of dots
# that dvips has put into files for decades have neither a name nor names for their letters.
_LIGATURES = {
    **dict(zip("\x0b\x0c\x0e\x0f", ("ff", "fi", "ffi", "ffl"), strict=True)),
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
}
_LIGATURE = re.compile(r"[\x0b\x0c\x1b-\x1d](?=[A-Za-z])|(?<=[A-Za-z])[\x0b\x0c\x0e\x0f\x1b-\x1f]")


def visible(text: str) -> str:
    """The visible characters alone, which canonical text and pdfium's text have in common."""
    return "".join(_STRANGE.sub("", text.replace(CUT_MARK, "-").replace("\x02", "-")).split())


@dataclass(slots=True)
class PageLine:
    """A line as pdfium breaks them; where it joined words cut by a hyphen, more than one line on the page.

    Places are in PDF points, y upwards: `left` and `bottom` of the first character, `last_bottom` and `right` of the
    last. `size` is the font's, in points. `first` and `last` are indexes of pdfium's characters. `is_note`: it stands
    in the margin, beside the next line.
    """

    text: str
    left: float
    bottom: float
    last_bottom: float
    right: float
    size: float
    first: int
    last: int
    is_note: bool = False


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line that holds anything begins and ends, without the space around it."""
    position = 0
    for match in _LINE_END.finditer(text + "\n"):
        line = text[position : match.start()]
        if stripped := line.strip():
            start = position + line.index(stripped[0])
            yield start, start + len(stripped)
        position = match.end()


class TextPage:
    """The text layer of one page; a context manager, since pdfium's memory is not Python's."""

    def __init__(self, document: Any, index: int) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self.page = raw.FPDF_LoadPage(document, index)
        self.text_page = raw.FPDFText_LoadPage(self.page) if self.page else None
        self._objects = PageObjects(raw, self.page, self.text_page)
        # Where `text` has a letter that pdfium's own does not.
        self._put_in: list[int] = []

    def __enter__(self) -> "TextPage":
        return self

    def __exit__(self, *_: object) -> None:
        if self.text_page:
            self._raw.FPDFText_ClosePage(self.text_page)
        if self.page:
            self._raw.FPDF_ClosePage(self.page)

    @cached_property
    def text(self) -> str:
        """The page's text as pdfium gives it, mended; empty for a broken page."""
        return self._with_ligatures(self._with_hidden(self._with_brackets(self._own_text())))

    def _own_text(self) -> str:
        if not self.text_page:
            return ""
        count = self._raw.FPDFText_CountChars(self.text_page)
        if count <= 0:
            return ""
        buffer = ctypes.create_string_buffer((2 * count + 2) * 2)
        target = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        written = self._raw.FPDFText_GetText(self.text_page, 0, count, target)
        return buffer.raw[: max(written - 1, 0) * 2].decode("utf-16-le", "replace")

    def _with_hidden(self, text: str) -> str:
        """Return the text with the letters that pdfium left out."""
        parts: list[str] = []
        start = length = 0
        for hidden in self._objects.hidden_letters(text, self.char_index):
            end = hidden.place + 1
            length += end - start
            if not hidden.fills:
                self._put_in.append(length)
            parts += text[start:end], hidden.letter
            start = end + hidden.fills
            length += 1
        return "".join([*parts, text[start:]]) if parts else text

    def _with_ligatures(self, text: str) -> str:
        """Return the text with the letters of ligatures that pdfium has only codes for: "speci\\x1ced"."""
        codes = [code for code in _LIGATURE.finditer(text) if self._font(self.char_index(code.start()))[0] == ""]
        if not codes:
            return text
        parts: list[str] = []
        put_in: list[int] = []
        start = longer = 0
        for code in codes:
            letters = _LIGATURES[code.group()]
            parts += text[start : code.start()], letters
            put_in += [place + longer for place in self._put_in if start <= place < code.start()]
            put_in += range(code.start() + longer + 1, code.end() + longer + len(letters) - 1)
            start, longer = code.end(), longer + len(letters) - 1
        self._put_in = put_in + [place + longer for place in self._put_in if place >= start]
        return "".join([*parts, text[start:]])

    def _with_brackets(self, text: str) -> str:
        """Return the text with TeX's angle brackets, `foo⟨name⟩`, in place of the letters that pdfium has for them."""
        chars: list[str] = []
        for closing in _MAYBE_CLOSING.finditer(text):
            opening = self._opening(text, closing.start())
            if opening >= 0:
                chars = chars or list(text)
                chars[opening], chars[closing.start()] = _OPENING, _CLOSING
        return "".join(chars) if chars else text

    def _opening(self, text: str, closing: int) -> int:
        """Return where the bracket opens that a letter closes, -1 if the letter is one."""
        if not self._is_symbol(closing):
            return -1
        at = closing
        while (at := text.rfind("h", max(0, closing - _LONGEST_BRACKETED), at)) >= 0:
            if self._is_symbol(at):
                return at
        return -1

    def _is_symbol(self, text_index: int) -> bool:
        """Whether a character is set in one of TeX's symbol fonts."""
        return _SYMBOLS.search(self._font(self.char_index(text_index))[0]) is not None

    def lines(self) -> Iterator[PageLine]:
        """The lines that hold anything, in order; a note in the margin before the line that it stands beside."""
        spans = list(_spans(self.text))
        lines = [self._line(*span) for span in spans]
        column = mode(round(line.left) for line in lines) if lines else 0
        for (start, end), line in zip(spans, lines, strict=True):
            rest = self._after_note(start, end) if line.left < column - max(line.size, 1) else 0
            if rest:
                note = self._line(start, start + len(self.text[start:rest].rstrip()))
                note.is_note = True
                yield note
                yield self._line(rest, end)
            elif line.text:
                yield line

    def _after_note(self, start: int, end: int) -> int:
        """Return where the rest of a line begins that was drawn before its beginning, 0 if nothing was."""
        first = self._objects.number_of(self.char_index(start))
        for word in _WORD_START.finditer(self.text, start, end):
            if 0 <= self._objects.number_of(self.char_index(word.start())) < first:
                # A sign alone is a bullet, drawn after its line.
                return word.start() if any(map(str.isalnum, self.text[start : word.start()])) else 0
        return 0

    def _line(self, start: int, end: int) -> PageLine:
        """Return the line between two positions in `text`."""
        first, last = self.char_index(start), self.char_index(end - 1)
        left, bottom, _, size = self._measure(first)
        _, last_bottom, right, _ = self._measure(last)
        text = self.text[start:end]
        if not text.isprintable():
            text = _STRANGE.sub("", text.replace(CUT_MARK, "-\n").replace("\x02", "-\n")).strip()
        return PageLine(text, left, bottom, last_bottom, right, size, first, last)

    def char_index(self, text_index: int) -> int:
        """pdfium's character for a position in `text`; the last one for a position that has none.

        That of a letter which pdfium left out is the letter before it.
        """
        own_index = text_index - bisect_right(self._put_in, text_index)
        index = self._raw.FPDFText_GetCharIndexFromTextIndex(self.text_page, own_index)
        return index if index >= 0 else max(self._raw.FPDFText_CountChars(self.text_page) - 1, 0)

    def _measure(self, char: int) -> tuple[float, float, float, float]:
        """Left, bottom and right of a character's box, and its font size on the page."""
        box, matrix = self._raw.FS_RECTF(), self._raw.FS_MATRIX()
        self._raw.FPDFText_GetLooseCharBox(self.text_page, char, box)
        size = self._raw.FPDFText_GetFontSize(self.text_page, char)
        if self._raw.FPDFText_GetMatrix(self.text_page, char, matrix):
            # Text that runs up or down the page (a watermark, an axis) has size 0: never a heading.
            size *= math.hypot(matrix.c, matrix.d) if abs(matrix.a) >= abs(matrix.b) else 0.0
        return box.left, box.bottom, box.right, size

    def boxes(self, first: int, last: int) -> list[tuple[float, float, float, float]]:
        """Boxes that cover the text between two positions in `text`: left, top, right, bottom, y upwards."""
        start, end = self.char_index(first), self.char_index(last)
        count = self._raw.FPDFText_CountRects(self.text_page, start, end - start + 1)
        sides = [ctypes.c_double() for _ in range(4)]
        found: list[tuple[float, float, float, float]] = []
        for index in range(count):
            if self._raw.FPDFText_GetRect(self.text_page, index, *sides):
                left, top, right, bottom = (side.value for side in sides)
                found.append((left, top, right, bottom))
        return found

    def is_bold(self, char: int) -> bool:
        """Whether a character's font is bold, by its name; the weight that fonts declare is seldom right."""
        name, flags = self._font(char)
        return bool(flags & 1 << 18) or _BOLD.search(name) is not None

    def _font(self, char: int) -> tuple[str, int]:
        """Return the name and the flags of a character's font."""
        buffer = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        self._raw.FPDFText_GetFontInfo(self.text_page, char, buffer, 128, flags)
        return buffer.value.decode("utf-8", "replace"), flags.value
