"""Distinctive items of a text: names, numbers, dates, codes, addresses. Even a translation gives it away by them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from parley.chat.check.numbers import find_quantities
from parley.chat.privacy.letters import fold, letters, words
from parley.kit.analysis import is_function_word
from parley.kit.sentences import split_sentences

CountTokens = Callable[[Sequence[str]], list[int]]

_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*|[\w-]+\.\w{2,4}\b"
)
_CODE = re.compile(r"(?=[\w./#-]*\d)(?=[\w./#-]*[^\W\d_])[\w#]+(?:[./-]\w+)*|\b[A-Z]{2,}(?:[-_/][A-Z\d]+)+\b|#\w{3,}")
_NUMBER = re.compile(r"\d+(?:[.,'’:\u00a0\u202f \-/]\d+)*")
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DATE_WORDS = """
january february march april may june july august september october november december monday tuesday wednesday
thursday friday saturday sunday
"""
_MONTHS = frozenset(_DATE_WORDS.split())
_QUOTED = re.compile(r"[\"“„«‘'「]([^\"”“»’'」\n]{3,60})[\"”»’'」]")
_ACRONYM = re.compile(r"[A-Z]{3,}")
_TITLE_SHARE = 0.6
_FEW_DIGITS = 2
_SHORT = 4
_RARE_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Items:
    """What stands out in a text. `names` are single folded words, `codes` folded letters, `numbers` digits alone."""

    names: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    values: frozenset[tuple[float, str | None]] = frozenset()

    def without(self, other: "Items", open_words: frozenset[str], open_letters: str) -> "Items":
        """Return what stands out here and is not said elsewhere."""
        open_values = {value for value, _ in other.values}
        return Items(
            frozenset(name for name in self.names if name not in open_words),
            frozenset(code for code in self.codes if code not in open_letters),
            frozenset(number for number in self.numbers if number not in other.numbers),
            frozenset((value, unit) for value, unit in self.values if value not in open_values),
        )


def find_items(texts: Iterable[str], language: str, count_tokens: CountTokens | None = None) -> Items:
    """Return the distinctive items of texts.

    Args:
        count_tokens: of each word, by a vocabulary that is mostly English; with it, words that it does not know whole
            count as names wherever they stand.
    """
    names: set[str] = set()
    codes: set[str] = set()
    numbers: set[str] = set()
    values: set[tuple[float, str | None]] = set()
    for text in texts:
        for start, end in split_sentences(text, language) or [(0, len(text))]:
            names |= _names(text[start:end], language)
        codes |= {letters(match.group()) for match in _CODE.finditer(text)}
        codes |= {letters(match.group()) for match in _ADDRESS.finditer(text)}
        names |= {letters(match.group()) for match in _ACRONYM.finditer(text)}
        numbers |= numbers_of(text)
        values |= values_of(text, language)
        if count_tokens is not None and language in ("en", "und"):
            names |= _rare(text, count_tokens)
    return Items(
        frozenset(names), frozenset(code for code in codes if len(code) > 2), frozenset(numbers), frozenset(values)
    )


def numbers_of(text: str) -> set[str]:
    """Return the digits of the numbers of at least two digits, grouped ones whole and in their parts."""
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        written = "".join(char if char.isdigit() else " " for char in fold(match.group()))
        digits = written.replace(" ", "")
        found.update(
            number.lstrip("0") or number for number in (digits, *written.split()) if len(number) >= _FEW_DIGITS
        )
    return found


def values_of(text: str, language: str) -> set[tuple[float, str | None]]:
    """Return the values of quantities, also in words, that are more than a count of a few things."""
    return {
        (round(quantity.value, 4), quantity.unit)
        for quantity in find_quantities(text, language)
        if quantity.unit != "month" and (quantity.value > 20 or quantity.value % 1 or quantity.unit is not None)
    }


def _names(sentence: str, language: str) -> set[str]:
    found = list(_NAME.finditer(sentence))
    capital = [match for match in found if match.group()[0].isupper()]
    inside = capital if not found or capital[:1] != found[:1] else capital[1:]
    titled = len(capital) > _TITLE_SHARE * len(found) and len(found) > _SHORT
    names: set[str] = set()
    for match in [] if titled or language == "de" else inside:
        word = match.group()
        if not is_function_word(word.lower(), language) and len(word) > 2 and word.lower() not in _MONTHS:
            names.update(part for part in fold(word).split() if len(part) > 2)
    for match in _QUOTED.finditer(sentence):
        names.update(word for word in words(match[1]) if len(word) > _SHORT)
    return names


def _rare(text: str, count_tokens: CountTokens) -> set[str]:
    """Return words that a vocabulary of common words puts together from many pieces."""
    found = list({match.group().lower() for match in _NAME.finditer(text) if len(match.group()) > _SHORT})
    counts = count_tokens(found) if found else []
    return {
        letters(word) for word, count in zip(found, counts, strict=True) if count >= _RARE_TOKENS and len(word) < 24
    }
