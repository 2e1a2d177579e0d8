"""The objects that a PDF page is drawn with, in order: what pdfium's text of the page has moved or left out.

Letters left out: where each letter is an object of its own, pdfium takes the second of two that overlap, an italic
`ff`, for the same letter set twice to look bold, and leaves it out: "af ected", "afected".

Text moved: what stands on one line is put from left to right, a note in the margin before the line beside it, though
it was drawn after it.
"""

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Shapes that reach so far over the next letter that two of them look like one.
_OVERLAPPING = re.compile("[f/]")
# In heights of the letter: nearer to each other two are one that was set again to look bold.
_SAME_PLACE = 0.12
# A page whose letters are objects has more of them than this a character, unless they are all in a few forms.
_LETTER_SHARE = 0.25
_FEW_OBJECTS = 50
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class HiddenLetter:
    """A letter that belongs behind `place`, a position in the page's text; instead of the space there if `fills`."""

    place: int
    letter: str
    fills: bool


@dataclass(frozen=True, slots=True)
class _Box:
    """In PDF points."""

    left: float
    bottom: float
    right: float
    top: float


class PageObjects:
    """The objects of a page that is open in pdfium, looked at when they are needed.

    Args:
        raw: `pypdfium2.raw`.
        page, text_page: pdfium's handles.
    """

    def __init__(self, raw: Any, page: Any, text_page: Any) -> None:
        self._raw, self._page, self._text_page = raw, page, text_page

    def number_of(self, char: int) -> int:
        """Return as which of the page's objects a character was drawn, -1 where nobody drew it."""
        return self._numbers.get(self._address_of(char), -1)

    def hidden_letters(self, text: str, char_index: Callable[[int], int]) -> list[HiddenLetter]:
        """Return the letters that the page shows and pdfium's text of it lacks, in order.

        `char_index` returns pdfium's character for a position in `text`.
        """
        if _FEW_OBJECTS < self._raw.FPDFPage_CountObjects(self._page) < len(text) * _LETTER_SHARE:
            return []
        found: list[HiddenLetter] = []
        for match in _OVERLAPPING.finditer(text):
            place = match.start()
            char = char_index(place)
            if self._stands_alone(char) and (box := self._repeated(char)):
                fills = text[place + 1 : place + 2] == " " and self._left(char + 2) < box.right
                found.append(HiddenLetter(place, text[place], fills))
        return found

    @cached_property
    def _objects(self) -> list[Any]:
        count = self._raw.FPDFPage_CountObjects(self._page)
        top = (self._raw.FPDFPage_GetObject(self._page, number) for number in range(count))
        return list(self._in_order(top, 0))

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {ctypes.addressof(item.contents): number for number, item in enumerate(self._objects)}

    def _in_order(self, objects: Iterator[Any], depth: int) -> Iterator[Any]:
        """Yield objects in the order in which they are drawn, those in forms too."""
        for item in objects:
            yield item
            if depth < _MAX_DEPTH and (count := self._raw.FPDFFormObj_CountObjects(item)) > 0:
                inner = (self._raw.FPDFFormObj_GetObject(item, number) for number in range(count))
                yield from self._in_order(inner, depth + 1)

    def _address_of(self, char: int) -> int:
        """Return where a character's object lies in memory, 0 for a character that nobody drew."""
        found = self._raw.FPDFText_GetTextObject(self._text_page, char)
        return ctypes.addressof(found.contents) if found else 0

    def _stands_alone(self, char: int) -> bool:
        """Whether the next letter is another object."""
        follower = char + 2 if self._raw.FPDFText_IsGenerated(self._text_page, char + 1) == 1 else char + 1
        return self._address_of(char) != self._address_of(follower)

    def _repeated(self, char: int) -> _Box | None:
        """Return the box of the object after a letter's if it is the same letter beside it, and none of the text."""
        number = self.number_of(char)
        if not 0 <= number < len(self._objects) - 1:
            return None
        letter, following = self._objects[number : number + 2]
        if ctypes.addressof(following.contents) in {self._address_of(char + step) for step in (1, 2, 3)}:
            return None
        one, other = self._box(letter), self._box(following)
        height = other.top - other.bottom
        is_same_line = abs(one.bottom - other.bottom) < 0.05 * height and abs(one.top - other.top) < 0.05 * height
        return other if is_same_line and other.left - one.left > _SAME_PLACE * height else None

    def _box(self, item: Any) -> _Box:
        sides = [ctypes.c_float() for _ in range(4)]
        self._raw.FPDFPageObj_GetBounds(item, *sides)
        return _Box(*(side.value for side in sides))

    def _left(self, char: int) -> float:
        sides = [ctypes.c_double() for _ in range(4)]
        self._raw.FPDFText_GetCharBox(self._text_page, char, *sides)
        return sides[0].value
