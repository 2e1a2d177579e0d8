"""Every word, number and sign of a text, brought to forms that compare: what a claim is laid beside its source by."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from parley.kit import languages
from parley.kit.analysis import MARKS, analyse, is_function_word

# One character of a script that writes no spaces is a token, as are signs that change what a number means.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = rf"(?:(?![{_UNSPACED}])[^\W\d_]|[{MARKS}])"
_TOKEN = re.compile(
    rf"\d+(?:[.,'’\u00a0\u202f](?=\d)\d+)*(?:st|nd|rd|th|s)?(?![^\W\d_]{{3}})|[{_UNSPACED}]|[½¼¾⅓⅔]"
    rf"|{_LETTER}(?:{_LETTER}|\d)*(?:['’](?:{_LETTER})+)?|°[CF]?|[%‰٪％$€£¥₹²³]"
)
_GROUPED = re.compile(r"\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?")
_GROUPED_COMMA = re.compile(r"\d{1,3}(?:[.'’\u00a0\u202f]\d{3})+(?:,\d+)?")
_SPLIT_FORMS = {"cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not"),
                "ain't": ("is", "not")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`form`: lower case and in one spelling; `stem`: its index term; `content`: no function word; `name`: written so;
    `capital`: also at the beginning of a sentence.

    A short form ("isn't") gives two tokens over the same characters.
    """

    form: str
    stem: str
    start: int
    end: int
    content: bool
    name: bool
    capital: bool
    number: bool


def tokenise(text: str, language: str, starts: Sequence[int] = (0,)) -> list[Token]:
    """Cut a text into tokens.

    Args:
        starts: where sentences begin: a capital there makes no name, unless the whole word is written in capitals.
    """
    openings = set(starts)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        surface = match.group()
        opening = any(start in openings for start in range(match.start(), max(-1, match.start() - 4), -1))
        name = _is_name(surface, opening=opening)
        for form in filter(None, _forms(surface, language)):
            stem, content = _known(form, language)
            content = content or (len(surface) > 1 and surface.isupper() and surface.isalpha())  # US, IT, WHO
            capital, number = surface[0].isupper(), form[0].isdigit()
            span = match.start(), match.end()
            found.append(Token(form, stem, *span, content, name and content, capital, number))
    return found


def _is_name(surface: str, *, opening: bool) -> bool:
    if surface[0].isdigit():
        return False
    if any(char.isdigit() for char in surface):
        return True
    if not surface[0].isupper():
        return any(char.isupper() for char in surface)
    return not opening or (len(surface) > 1 and (surface.isupper() or any(char.isupper() for char in surface[1:])))


def _forms(surface: str, language: str) -> tuple[str, ...]:
    if surface[0].isdigit():
        return (_figure(surface, language),)
    form = unicodedata.normalize("NFKC", surface).casefold().replace("’", "'")
    if form in _SPLIT_FORMS:
        return _SPLIT_FORMS[form]
    if form.endswith("n't"):
        return (form[:-3], "not")
    if form.endswith("'s"):
        return (form[:-2],)
    return (form,)


def _figure(surface: str, language: str) -> str:
    text = "".join(str(unicodedata.digit(char, char)) if char.isdigit() else char for char in surface).lower()
    if language in languages.DECIMAL_COMMA:
        if _GROUPED_COMMA.fullmatch(text):
            text = re.sub(r"[.'’\u00a0\u202f]", "", text)
        return text.replace(",", ".")
    return re.sub(r"[,'’\u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text


@lru_cache(maxsize=50_000)
def _known(form: str, language: str) -> tuple[str, bool]:
    """Return a form's stem, and whether it is a content word."""
    terms = analyse(form, language)
    content = any(char.isalnum() for char in form) and not is_function_word(form, language)
    return (terms[0] if terms else form), content
