"""Tells whether a text gives away what it must not: plain code over the letters, words and items of what is hidden."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from parley.chat.privacy.disguises import Reading, readings
from parley.chat.privacy.items import CountTokens, Items, find_items, numbers_of, secrets_in, values_of
from parley.chat.privacy.letters import fold, letters, letters_with_places, unleet, words
from parley.kit.analysis import is_function_word
from parley.kit.sentences import split_sentences

LeakKind = Literal["verbatim", "near_verbatim", "item", "encoded", "rules"]

GRAM = 12
"""Letters of a run that are compared at once."""
LEAST_RUN = 24
LEAST_ARBITRARY_RUN = 14
LEAST_PICKED_RUN = 32
LEAST_HIDDEN_GRAMS = 6
"""Of a run, so many places must be found in hidden text alone."""
LEAST_WORDS = 3
LEAST_SHARE = 0.6
WINDOW_WORDS = 16
_LONG_WORD = 6
_LONG_ITEM = 5
_SHORTEST_MISSPELT = 4
LONG_CODE = 6
_MOST_JOINED = 8


@dataclass(frozen=True, slots=True)
class Leak:
    """What was given away, by kind and disguise, never the text. `version_id`: where it comes from, if known."""

    kind: LeakKind
    disguise: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text that may inform but not be shown. `names`: its title, path and source, which may not be told either.

    `secret`: it says of itself that it is one, so every name in it counts, common as it may be.
    """

    text: str
    names: tuple[str, ...] = ()
    language: str = "und"
    version_id: str | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """One way to write text as letters, and the runs of hidden text in it."""

    write: Callable[[str], str]
    hidden: frozenset[str]
    shown: frozenset[str]


@dataclass(slots=True)
class _Sentence:
    """The content words of a hidden sentence."""

    text: int
    words: frozenset[str]


class LeakGuard:
    """Knows what is hidden and what is open. Building takes some milliseconds; both are safe to use from threads.

    Args:
        hidden: what must not be told.
        open_texts: what may be told: citable passages, the question, what the reader wrote before.
        language: of the question and mostly of the texts.
        count_tokens: of words, by a vocabulary that is mostly English; tells rare words from common ones.
        least_run: letters in a row that are a copy.
        runs_only: look for long copies alone, not for names, numbers or single sentences.
    """

    def __init__(
        self,
        hidden: Sequence[HiddenText],
        open_texts: Sequence[str],
        language: str = "und",
        count_tokens: CountTokens | None = None,
        *,
        least_run: int = LEAST_RUN,
        runs_only: bool = False,
    ) -> None:
        self._language = language
        self._versions = [text.version_id for text in hidden]
        self._least_run = least_run
        self._open_words = frozenset(word for text in open_texts for word in words(text))
        self._open_letters = " ".join(letters(text) for text in open_texts)
        texts = [text.text for text in hidden]
        self._alphabets = [
            _alphabet(letters, texts, open_texts),
            _alphabet(unleet, texts, open_texts),
            shifted := _alphabet(_shifts, texts, open_texts),
            _Alphabet(_mirrored_shifts, shifted.hidden, shifted.shown),
            _alphabet(_consonants, texts, open_texts),
        ]
        self._runs_only = runs_only
        self._sentences, self._by_word = ([], {}) if runs_only else _sentences(hidden, language)
        self._items = Items()
        self._titles = frozenset[str]()
        if not runs_only:
            self._learn_items(hidden, open_texts, count_tokens)
        steps = {_shifts(name) for name in self._items.names if len(name) >= _LONG_WORD}
        self._shifted_names = frozenset(one for one in steps if len(one) >= _LONG_WORD - 1)

    def _learn_items(
        self, hidden: Sequence[HiddenText], open_texts: Sequence[str], count_tokens: CountTokens | None
    ) -> None:
        names = [name for text in hidden for name in text.names]
        found = find_items([*(text.text for text in hidden), *names], self._language, count_tokens)
        for text in hidden:
            found = found | secrets_in(text.text) if text.secret else found
        self._items = found.without(find_items(open_texts, self._language), self._open_words, self._open_letters)
        titles = {letters(name) for name in names if _tells(name)}
        self._titles = frozenset(title for title in titles if title not in self._open_letters)

    @property
    def items(self) -> Items:
        """The distinctive items that are found in hidden text alone."""
        return self._items

    def find(self, text: str) -> Leak | None:
        """Return the first leak in a text, None where there is none. About a millisecond for a paragraph."""
        for reading in readings(text):
            found = self._in_reading(reading)
            if found is not None:
                return found
        return None

    def copy_begins(self, text: str) -> int | None:
        """Return where what may become a copy begins, if the text ends within one; None where it does not."""
        written, places = letters_with_places(text)
        hidden = self._alphabets[0].hidden
        first = len(written) - GRAM
        while first >= 0 and written[first : first + GRAM] in hidden:
            first -= 1
        return places[first + 1] if first < len(written) - GRAM else None

    def _in_reading(self, reading: Reading) -> Leak | None:
        run = self._run(reading)
        if run is not None:
            kind: LeakKind = "verbatim" if reading.disguise == "plain" and run == 0 else "encoded"
            return Leak(kind, reading.disguise if run == 0 else f"{reading.disguise}, ciphered")
        if self._runs_only:
            return None
        if self._item(reading) is not None:
            return Leak("item" if reading.disguise == "plain" else "encoded", reading.disguise)
        if not reading.arbitrary or " " in reading.text:
            sentence = self._near(reading)
            if sentence is not None:
                return Leak("near_verbatim", reading.disguise, self._versions[sentence.text])
        return None

    def _run(self, reading: Reading) -> int | None:
        """Return the alphabet in which a long run of hidden text stands, None where there is none."""
        for number, alphabet in enumerate(self._alphabets):
            least = self._least_run
            if reading.arbitrary and not number:
                short = LEAST_ARBITRARY_RUN if not reading.picked else LEAST_PICKED_RUN
                least = min(least, short if not self._runs_only else least // 2)
            if number and reading.arbitrary and reading.disguise != "reversed":
                continue
            if _longest_run(alphabet.write(reading.text), alphabet, least):
                return number
        return None

    def _item(self, reading: Reading) -> str | None:
        """Return an item that the reading tells, None where it tells none."""
        items, arbitrary = self._items, reading.arbitrary
        told = words(reading.text)
        least = 2 * _LONG_ITEM if reading.picked else _LONG_ITEM if arbitrary else 1
        for word in told:
            if len(word) >= least and (word in items.names or self._is_ciphered(word)):
                return word
        coded = items.codes | self._titles
        if " " in reading.text.strip():
            found = {part for part in _joined(told) if len(part) >= least + 1} & coded
        else:
            written = letters(reading.text)
            found = {code for code in coded if len(code) > LONG_CODE and code in written}
        leet = {unleet(word) for word in told if not word.isalpha() and not word.isdigit()}
        found |= {name for name in items.names if len(name) >= _LONG_ITEM and unleet(name) in leet}
        return next(iter(found), None) or self._number(reading)

    def _is_ciphered(self, word: str) -> bool:
        """Tell whether a word is a name with its letters shifted along the alphabet."""
        if len(word) < _LONG_WORD or word in self._open_words or not word.isalpha():
            return False
        return _shifts(word) in self._shifted_names

    def _number(self, reading: Reading) -> str | None:
        least = 5 if reading.arbitrary else 2
        found = {number for number in numbers_of(reading.text) if len(number) >= least}
        for number in found & self._items.numbers:
            return number
        if not reading.arbitrary:
            for value in values_of(reading.text, self._language) & self._items.values:
                return str(value[0])
        return None

    def _near(self, reading: Reading) -> _Sentence | None:
        """Return the hidden sentence that most words of a stretch of text come from, in whatever order and spelling."""
        told = [word for word in words(reading.text) if not _is_common(word, self._language)]
        for start in range(0, max(1, len(told) - WINDOW_WORDS // 2), WINDOW_WORDS // 2):
            window = told[start : start + WINDOW_WORDS]
            found = self._sentence_of(window)
            if found is not None:
                return found
        return None

    def _sentence_of(self, window: Sequence[str]) -> _Sentence | None:
        matched: defaultdict[int, set[str]] = defaultdict(set)
        strange: defaultdict[int, set[str]] = defaultdict(set)
        for word in set(window):
            is_open = word in self._open_words
            for key in spellings(word):
                for sentence, original in self._by_word.get(key, ()):
                    matched[sentence].add(original)
                    if not is_open and original not in self._open_words:
                        strange[sentence].add(original)
        for number, found in matched.items():
            sentence = self._sentences[number]
            hidden = len(strange[number])
            share = len(found) / len(sentence.words)
            if (
                hidden >= LEAST_WORDS
                and share >= LEAST_SHARE
                and (len(found) >= LEAST_SHARE * min(len(set(window)), len(sentence.words)) or hidden >= 5)
            ):
                return sentence
        return None


def spellings(word: str) -> Iterable[str]:
    """Return keys that words share which differ by a letter, or by the order of their letters."""
    yield word
    if len(word) >= _SHORTEST_MISSPELT:
        yield "~" + word[0] + "".join(sorted(word))
        yield "-" + word
    if len(word) > _SHORTEST_MISSPELT:
        for place in range(len(word)):
            yield "-" + word[:place] + word[place + 1 :]


def _tells(name: str) -> bool:
    """Tell whether a title or path says more than a common word."""
    return len(letters(name)) > _LONG_ITEM and (" " in name.strip() or not name.isalpha())


def _joined(told: Sequence[str]) -> Iterable[str]:
    """Yield neighbouring words as one, up to eight of them: "KX-4471-B" is three words and one code."""
    for start in range(len(told)):
        for end in range(start + 1, min(len(told), start + _MOST_JOINED) + 1):
            yield "".join(told[start:end])


def _alphabet(write: Callable[[str], str], hidden: Iterable[str], shown: Iterable[str]) -> _Alphabet:
    return _Alphabet(write, _grams(map(write, hidden)), _grams(map(write, shown)))


def _grams(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text[place : place + GRAM] for text in texts for place in range(len(text) - GRAM + 1))


def _longest_run(text: str, alphabet: _Alphabet, least: int) -> bool:
    """Tell whether a run of at least so many letters stands in hidden text, and enough of it there alone."""
    length, alone = 0, 0
    for place in range(len(text) - GRAM + 1):
        gram = text[place : place + GRAM]
        if gram in alphabet.hidden:
            length += 1
            alone += gram not in alphabet.shown
            if length + GRAM - 1 >= least and alone >= min(LEAST_HIDDEN_GRAMS, least - GRAM + 1):
                return True
        else:
            length, alone = 0, 0
    return False


def _shifts(text: str) -> str:
    """Return the steps between letters of the Latin alphabet: the same under every Caesar cipher."""
    codes = [ord(char) - 97 for char in letters(text) if "a" <= char <= "z"]
    return "".join(chr(97 + (after - before) % 26) for before, after in pairwise(codes))


def _mirrored_shifts(text: str) -> str:
    """Return the steps that the text had before its alphabet was turned round."""
    codes = [25 - (ord(char) - 97) for char in letters(text) if "a" <= char <= "z"]
    return "".join(chr(97 + (after - before) % 26) for before, after in pairwise(codes))


def _consonants(text: str) -> str:
    return "".join(char for char in letters(text) if char not in "aeiouy")


def _is_common(word: str, language: str) -> bool:
    return (len(word) < 3 and not word.isdigit()) or is_function_word(word, language) or is_function_word(word, "en")


def _sentences(hidden: Sequence[HiddenText], language: str) -> tuple[list[_Sentence], dict[str, list[tuple[int, str]]]]:
    found: list[_Sentence] = []
    by_word: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, text in enumerate(hidden):
        for start, end in split_sentences(text.text, text.language):
            content = [word for word in fold(text.text[start:end]).split() if not _is_common(word, language)]
            for at in range(0, max(1, len(content) - WINDOW_WORDS // 2), WINDOW_WORDS // 2):
                part = frozenset(content[at : at + WINDOW_WORDS])
                if len(part) < LEAST_WORDS:
                    continue
                for word in part:
                    for key in spellings(word):
                        by_word[key].append((len(found), word))
                found.append(_Sentence(number, part))
    return found, by_word
