"""Distinctive items of a text: names, numbers, dates, codes, addresses. Even a translation gives it away by them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from parley.chat.check.numbers import find_quantities
from parley.chat.privacy.letters import fold, letters
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
_ROW = re.compile(r"[A-Z][^\W\d_]+(?:[ \t]+(?:(?:of|the|de|la|van|von|der|bin|al)[ \t]+)?[A-Z][^\W\d_]*\.?){1,3}")
_QUOTED = re.compile(r"[\"“„«‘'「]([^\"”“»’'」\n]{2,40})[\"”»’'」]")
_ACRONYM = re.compile(r"[A-Z]{3,}")
_TITLE_SHARE = 0.6
_FEW_DIGITS = 2
_SHORT = 4
_RARE_TOKENS = 3
_LONG_ROW = 7


@dataclass(frozen=True, slots=True)
class Items:
    """What stands out in a text. `names` are single folded words, `codes` folded letters, `numbers` digits alone."""

    names: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    values: frozenset[tuple[float, str | None]] = frozenset()

    def __or__(self, other: "Items") -> "Items":
        return Items(
            self.names | other.names, self.codes | other.codes, self.numbers | other.numbers, self.values | other.values
        )

    def without(self, other: "Items", open_words: frozenset[str], open_letters: str) -> "Items":
        """Return what stands out here and is not said elsewhere."""
        open_values = {value for value, _ in other.values}
        return Items(
            frozenset(name for name in self.names if name not in open_words and not _within(name, open_letters)),
            frozenset(code for code in self.codes if code not in open_letters),
            frozenset(number for number in self.numbers if number not in other.numbers),
            frozenset((value, unit) for value, unit in self.values if value not in open_values),
        )


def secrets_in(text: str) -> Items:
    """Return what may be a secret in an instruction: every capitalised or quoted word, every number, every code."""
    found = find_items([text], "und")
    capital = {
        part for match in _NAME.finditer(text) if match.group()[0].isupper() for part in fold(match.group()).split()
    }
    quoted = {part for match in _QUOTED.finditer(text) for part in fold(match[1]).split()}
    names = {name for name in capital if len(name) > 2 and not is_function_word(name, "en")} | quoted
    return Items(frozenset(names) | found.names, found.codes, found.numbers, found.values)


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
            single, rows = _names(text[start:end], language)
            names |= _uncommon(single, count_tokens) if language != "de" else set()
            codes |= rows
        codes |= {letters(match.group()) for match in _CODE.finditer(text)}
        codes |= {letters(match.group()) for match in _ADDRESS.finditer(text)}
        names |= _uncommon({letters(match.group()) for match in _ACRONYM.finditer(text)}, count_tokens)
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


def _within(name: str, open_letters: str) -> bool:
    return len(name) > _SHORT and name in open_letters


def _names(sentence: str, language: str) -> tuple[set[str], set[str]]:
    """Return capitalised words within a sentence, and rows of several of them as one."""
    found = list(_NAME.finditer(sentence))
    capital = [match for match in found if match.group()[0].isupper()]
    if len(capital) > _TITLE_SHARE * len(found) and len(found) > _SHORT:
        return set(), set()  # a heading
    names: set[str] = set()
    for match in capital:
        word = match.group()
        if match is not found[0] and not is_function_word(word.lower(), language) and word.lower() not in _MONTHS:
            names.update(part for part in fold(word).split() if len(part) > 2)
    rows = {letters(_row(match.group(), language)) for match in _ROW.finditer(sentence)}
    return names, {row for row in rows if len(row) > _LONG_ROW}


def _row(text: str, language: str) -> str:
    """Return capitalised words in a row, without the article or preposition that a sentence begins with."""
    first, _, rest = text.partition(" ")
    return (rest if " " in rest else "") if is_function_word(first.lower(), language) else text


def _uncommon(found: set[str], count_tokens: CountTokens | None) -> set[str]:
    """Leave out words that a vocabulary of common words has whole."""
    if count_tokens is None:
        return found
    listed = list(found)
    return {word for word, count in zip(listed, count_tokens(listed) if listed else [], strict=True) if count > 1}


def _rare(text: str, count_tokens: CountTokens) -> set[str]:
    """Return words that a vocabulary of common words puts together from many pieces."""
    found = list({match.group().lower() for match in _NAME.finditer(text) if len(match.group()) > _SHORT})
    counts = count_tokens(found) if found else []
    return {
        letters(word) for word, count in zip(found, counts, strict=True) if count >= _RARE_TOKENS and len(word) < 24
    }
