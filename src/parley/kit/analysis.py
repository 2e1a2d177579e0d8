"""Text to index terms, for documents and for queries alike, in any language.

Words are cut on the text as it stands, so that offsets stay exact, and normalised one by one: NFKC, case folding, the
language's Snowball stem, then accents folded where they are not letters of their own. Scripts without spaces become
overlapping pairs of characters. Compound tokens (`snake_case`, `camelCase`, `foo.bar`, `utf8`) give the whole and its
parts. Everything a word turns into is cached per language, which is what makes it fast: words repeat.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, pairwise
from typing import Any, TypeVar

import Stemmer

from parley.kit import languages
from parley.kit.function_words import FUNCTION_WORDS
from parley.kit.plain_text import plain_ascii

ANALYSIS_VERSION = 2
"""Raise it with every change of what a text turns into: indexes of another version are made again."""

T = TypeVar("T")

Piece = tuple[str, int, int]
"""A term and where it stands: start and end, in characters."""

_MAX_TERM_CHARS = 64
_LEAST_PART_CHARS = 4
# What stands between the parts of compounds: "Installation-s-datei", "Platte-n-platz".
_LINKS = ("", "s", "n", "es", "en", "e", "er")
_MAX_CACHED_WORDS = 60_000
# Longer ones hardly come back.
_MAX_CACHED_CHARS = 24
_MAX_CACHED_DIGITS = 5

# `\w` leaves out combining marks, which would cut Hindi, Thai or decomposed Latin words in two; and soft hyphens,
# zero-width joiners stand inside words.
MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0816-\u082d\u08d3-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71"
    "\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03\u0b3c-\u0b57\u0b62\u0b63\u0b82\u0bbe-\u0bd7\u0c00-\u0c04"
    "\u0c3c-\u0c56\u0c62\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03\u0d3b-\u0d57\u0d62\u0d63\u0d81-\u0d83"
    "\u0dca-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e"
    "\u0f3f\u0f71-\u0f84\u0f86\u0f87\u0f8d-\u0fbc\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d"
    "\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u135d-\u135f\u17b4-\u17d3\u17dd\u1ab0-\u1aff\u1dc0-\u1dff\u200c"
    "\u200d\u20d0-\u20f0\u302a-\u302f\u3099\u309a\ua8e0-\ua8f1\ufe20-\ufe2f"
)
"""Combining marks and invisible joiners, as the inside of a character class."""
# No possessive quantifiers anywhere: Python before 3.11.5 (Debian 12 has 3.11.2) loses the last character of what they
# match in a group (https://github.com/python/cpython/issues/106052). Nothing here can fail after it has begun to match.
_TAIL = r"(?:(?:[.'’]|(?<=\d),(?=\d)){w}+)*(?:\+\+|#)?"
_WORD = re.compile(rf"[\w{MARKS}]+" + _TAIL.format(w=rf"[\w{MARKS}]"))
_ASCII_WORD = re.compile(r"\w+" + _TAIL.format(w=r"\w"), re.ASCII)
_INVISIBLE = re.compile("[\u00ad\u200c\u200d]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_DOT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
_DECIMAL = re.compile(r"\d+,\d+", re.ASCII)
_ACRONYM = re.compile(r"[^\W\d_](?:\.[^\W\d_])+", re.UNICODE)
_LETTERS = re.compile(rf"[^\W\d_](?:[^\W\d_]|(?!\w)[{MARKS}])*")
_PART = re.compile(rf"[^\W_{MARKS}][^\W_]*(?:[{MARKS}]+[^\W_]*)*")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.ASCII | re.IGNORECASE)
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+|[^A-Za-z\d]+")
_UNSPACED_RUN = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3041-\u318f\u3190-\u319f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001aff0-\U0001b16f\U00020000-\U000323af]"
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3041-\u318f\u3190-\u319f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001aff0-\U0001b16f\U00020000-\U000323af\u200c\u200d]*"
)
_CLUSTER = re.compile(rf"[^{MARKS}][{MARKS}]*|[{MARKS}]+")
_ELISION = re.compile(
    r"^(?:l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quoiqu|dell|nell|all|sull|dall|un|quest|quell)'(?=\w)"
)
_ELIDING = frozenset({"fr", "it", "ca"})
_ENGLISH_ENDING = re.compile(r"(?:'s|s'|'t|'re|'ve|'ll|'d|'m|')$")
_ARABIC_VARIANTS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None, "ي": "ي", "ی": "ي", "ك": "ك", "ک": "ك"}
)
_HINDI_VARIANTS = str.maketrans({"\u0901": "\u0902", "\u093c": None})
_TURKISH_CASE = str.maketrans({"İ": "i", "I": "ı"})


def _fold_accents(word: str, language: str) -> str:
    """Take accents off Latin and Greek letters, except those that are letters of their own in the language."""
    if word.isascii() or language in languages.KEEPS_ACCENTS:
        return word
    kept = languages.LETTER_ACCENTS.get(language, frozenset())
    return "".join(char if char in kept else _fold_char(char) for char in word)


@cache
def _fold_char(char: str) -> str:
    if languages.script_of(char) not in (languages.LATIN, languages.GREEK):
        return {"ё": "е"}.get(char, char)
    special = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
    if char in special:
        return special[char]
    return "".join(part for part in unicodedata.normalize("NFD", char) if not unicodedata.combining(part)) or char


def _ascii_digits(word: str) -> str:
    return "".join(str(unicodedata.digit(char, char)) if char.isdigit() else char for char in word)


def _normalise(word: str, language: str) -> str:
    """Bring one word to the form that is stemmed: compatibility forms, case, digits and invisible characters."""
    if word.isascii():
        return word.translate(_TURKISH_CASE).lower() if language == "tr" else word.lower()
    word = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).replace("’", "'").replace("\u2044", "/")
    if language == "tr":
        word = word.translate(_TURKISH_CASE)
    word = unicodedata.normalize("NFC", _ascii_digits(word.casefold()))
    if language in ("ar", "fa", "ur"):
        word = "".join(char for char in word if not unicodedata.combining(char)).translate(_ARABIC_VARIANTS)
    elif language in ("hi", "mr", "ne"):
        word = unicodedata.normalize("NFD", word).translate(_HINDI_VARIANTS)
    elif language in ("he", "yi"):
        word = "".join(char for char in word if not unicodedata.combining(char))
    return word


def _cluster(chars: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", chars)).casefold()


def _canonical_number(number: str, language: str) -> list[str]:
    """Return a number without group separators and with a decimal point; a bare list of numbers falls apart."""
    if _COMMA_GROUPS.fullmatch(number):
        return [number.replace(",", "")]
    if language in languages.DECIMAL_COMMA:
        if _DOT_GROUPS.fullmatch(number):
            return [number.replace(".", "").replace(",", ".")]
        if _DECIMAL.fullmatch(number):
            return [number.replace(",", ".")]
    return number.split(",")


class _Words:
    """What words of one language turn into."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._latin_language = languages.language_for(languages.LATIN, language)
        self._stemmers: dict[str, Stemmer.Stemmer] = {}
        self._stems: dict[str, str] = {}
        self._lock = threading.Lock()  # a Snowball stemmer keeps state between calls
        self.terms = _Cache(self.terms_of)
        self._segments = _Cache(self._parts_of)

    def pieces_of(self, token: str) -> list[Piece]:
        """Return the terms of one token with their offsets in it."""
        if token.isascii():
            return list(self._spaced(token, 0))
        return list(self._mixed(token))

    def stem(self, word: str) -> str:
        """Return the index term of one plain word that is already normalised."""
        stem = self._stems.get(word)
        if stem is None:
            if len(self._stems) >= _MAX_CACHED_WORDS:
                self._stems.clear()
            stem = self._stems[word] = self._stem(word)
        return stem

    def _stem(self, word: str) -> str:
        language = self._language_of(word)
        name = languages.SNOWBALL.get(language)
        if name is not None and not word.isdigit():
            with self._lock:
                stemmer = self._stemmers.get(name)
                if stemmer is None:
                    stemmer = self._stemmers[name] = Stemmer.Stemmer(name, 0)
                word = stemmer.stemWord(word) or word
        return _fold_accents(word, language)[:_MAX_TERM_CHARS]

    def terms_of(self, token: str) -> tuple[str, ...]:
        """Return the terms of one token."""
        if token.isascii():
            # Most words, straight to what `_spaced` makes of them.
            if token.isalpha() and (token.islower() or token.istitle() or token.isupper()):
                return (self.stem(_normalise(token, self._latin_language)),)
            if token.isdigit():
                return (token[:_MAX_TERM_CHARS],)
            letters = token.replace("_", "").replace(".", "")
            if letters.isalnum() and not letters.isdigit() and self._latin_language != "tr":
                word = token.lower().strip("_.")
                if not (_ACRONYM.fullmatch(word) or (word[0].isdigit() and _ORDINAL.fullmatch(word))):
                    return self._identifier(token, word)
        return tuple(term for term, _, _ in self.pieces_of(token))

    def _identifier(self, token: str, word: str) -> tuple[str, ...]:
        """Return what `_compound` makes of a plain identifier, `word` in lower case: most of its parts were met."""
        found = [self.stem(word) if word.isalpha() else word[:_MAX_TERM_CHARS]]
        segments = token.replace(".", "_").split("_")
        is_alone = len(segments) - segments.count("") == 1
        for segment in segments:
            own, humps = self._segments[segment]
            if not is_alone and own != word and (len(segment) > 1 or segment.isdigit()):
                found.append(own)
            found += [hump for hump in humps if hump != word]
        return tuple(found)

    def _parts_of(self, segment: str) -> tuple[str, tuple[str, ...]]:
        return self.stem(segment.lower()), tuple(self.stem(hump.lower()) for hump, _, _ in self._humps(segment))

    def _language_of(self, word: str) -> str:
        return languages.language_for(languages.script_of(word[0]), self.language) if word else self.language

    def _mixed(self, token: str) -> Iterator[Piece]:
        """Cut a token into runs of unspaced script and the words between them."""
        end = 0
        for run in _UNSPACED_RUN.finditer(token):
            yield from self._spaced(token[end : run.start()], end)
            yield from self._pairs(run.group(), run.start())
            end = run.end()
        yield from self._spaced(token[end:], end)

    def _pairs(self, run: str, start: int) -> Iterator[Piece]:
        """Yield overlapping pairs of characters (with the marks that stand on them); a lone character as it is."""
        clusters = [(_cluster(m.group()), start + m.start(), start + m.end()) for m in _CLUSTER.finditer(run)]
        if len(clusters) == 1:
            yield clusters[0]
        for (left, a, _), (right, _, b) in pairwise(clusters):
            yield left + right, a, b

    def _spaced(self, token: str, start: int) -> Iterator[Piece]:
        """Yield the terms of a token of a spaced script: the whole, then parts that are worth finding alone."""
        if not token:
            return
        if _LETTERS.fullmatch(token) and (token.islower() or token.istitle() or token.isupper() or not token.isascii()):
            if term := self.stem(_normalise(token, self._language_of(token))):
                yield term, start, start + len(token)
            return
        base = token.rstrip("+#")
        if len(base) < len(token) and len(base) == 1:  # C++, C#, F#
            yield token.lower(), start, start + len(token)
        language = self._language_of(base)
        word = _normalise(base, language).strip("_.'")
        end = start + len(base)
        if not word or not any(char.isalnum() for char in word):
            return
        if _NUMBER.fullmatch(word):
            for number in _canonical_number(word, language):
                yield number[:_MAX_TERM_CHARS], start, end
        elif _ACRONYM.fullmatch(word):
            yield word.replace(".", ""), start, end
        else:
            yield from self._compound(base, word, language, start)

    def _compound(self, base: str, word: str, language: str, start: int) -> Iterator[Piece]:
        end = start + len(base)
        whole = self._without_apostrophe(word, language)
        parts = [] if _ORDINAL.fullmatch(word) else list(self._parts(base, language))
        yield self.stem(whole) if _LETTERS.fullmatch(whole) else whole[:_MAX_TERM_CHARS], start, end
        if "'" in whole:
            whole = whole.replace("'", "")
        for part, a, b in parts:
            term = self.stem(_normalise(part, self._language_of(part)))
            if term and term != whole and not (a == 0 and b == len(base)):
                yield term, start + a, start + b

    def _without_apostrophe(self, word: str, language: str) -> str:
        if "'" not in word:
            return word
        if language in _ELIDING:
            word = _ELISION.sub("", word, count=1)
        elif language == "en":
            word = word if word in FUNCTION_WORDS["en"] else _ENGLISH_ENDING.sub("", word)
        return word if word in FUNCTION_WORDS.get(language, ()) else word.replace("'", "")

    def _parts(self, base: str, language: str) -> Iterator[Piece]:
        """Yield what an identifier, a dotted name or a word with an apostrophe consists of, where that is a word."""
        if "'" in base or "’" in base:
            return
        segments = list(_PART.finditer(base))
        for segment in segments:
            humps = self._humps(segment.group()) if segment.group().isascii() else []
            if len(segments) > 1 and (len(segment.group()) > 1 or segment.group().isdigit()):
                yield segment.group(), segment.start(), segment.end()
            for hump, a, b in humps:
                yield hump, segment.start() + a, segment.start() + b

    @staticmethod
    def _humps(word: str) -> list[Piece]:
        """Return the words of `camelCase`, `HTMLParser` or `utf8`; none where the cut is a guess (McDonald)."""
        if word.isdigit() or (word.isalpha() and (word.islower() or word.isupper())):
            return []
        found = [(m.group(), m.start(), m.end()) for m in _HUMP.finditer(word)]
        letters = [hump for hump, _, _ in found if hump.isalpha()]
        shortest = min((len(hump) for hump in letters), default=0)
        if len(found) < 2 or shortest < (2 if word[0].islower() and len(letters) > 1 else 3):
            return []
        return found


class _Cache(dict[str, T]):
    """What words turn into, worked out when first asked for; started afresh when it has grown too large."""

    def __init__(self, turn: Callable[[str], T]) -> None:
        super().__init__()
        self._turn = turn

    def __missing__(self, word: str) -> T:
        found = self._turn(word)
        if len(word) <= (_MAX_CACHED_DIGITS if word.isdigit() else _MAX_CACHED_CHARS):
            if len(self) >= _MAX_CACHED_WORDS:
                self.clear()
            self[word] = found
        return found


@cache
def _words(language: str) -> _Words:
    return _Words(language)


@cache
def _rules(language: str) -> _Words:
    """Return the rules of a language; `und` and languages of which nothing is known share those of English."""
    known = language in languages.SNOWBALL or language in FUNCTION_WORDS or language in languages.DECIMAL_COMMA
    return _words(language if known or len(language) == 2 else "und")


def _tokens(text: str) -> list[str]:
    plain = plain_ascii(text)
    return _WORD.findall(text) if plain is None else _ASCII_WORD.findall(plain)


def analyse(text: str, language: str) -> list[str]:
    """Return the index terms of a text in order.

    A word of another script than the language's is treated by that script's usual language, so mixed texts work.
    The whole of a compound comes before its parts. About 20 MB/s for English once its words have been met.

    Args:
        text: any text; offsets do not matter here, see `analyse_spans`.
        language: ISO 639-1, or `und`.
    """
    terms = _rules(language).terms
    return list(chain.from_iterable(map(terms.__getitem__, _tokens(text))))


def analyse_joined(text: str, language: str) -> str:
    """Return the same terms as `analyse` joined by spaces: what an index stores."""
    return " ".join(analyse(text, language))


def analyse_word(word: str, language: str) -> str:
    """Return the same for what has no white space in it, for a caller who remembers the words that were met."""
    terms_of = _rules(language).terms_of
    tokens = (word,) if word.isalnum() and word.isascii() else _tokens(word)
    return " ".join(chain.from_iterable(map(terms_of, tokens)))


def analyse_spans(text: str, language: str) -> list[Piece]:
    """Return the same terms as `analyse`, each with the start and end of what it was made from."""
    rules = _rules(language)
    found: list[Piece] = []
    for match in (_ASCII_WORD if text.isascii() else _WORD).finditer(text):
        start = match.start()
        found.extend((term, start + a, start + b) for term, a, b in rules.pieces_of(match.group()))
    return found


@cache
def _function_terms(language: str) -> frozenset[str]:
    words = FUNCTION_WORDS.get(language, frozenset())
    rules = _rules(language)
    stems = {rules.stem(_normalise(word, language)) for word in words}
    return words | stems | {term for word in words for term in rules.terms[word][:1]}


def compound_parts(word: str, language: str, is_known: Callable[[str], Any]) -> tuple[str, ...]:
    """Return the index terms of the two words that a compound is made of, both known; nothing where there are none.

    "Prozessorarchitekturen" is asked for where a text says "architectures of processors". Of several ways the one whose
    shorter part is longest.

    Args:
        word: as it stands in the text.
        is_known: tells of an index term whether anything holds it.
    """
    if language not in languages.COMPOUNDING or not word.isalpha() or len(word) > _MAX_TERM_CHARS:
        return ()
    word = word.lower()
    places = range(_LEAST_PART_CHARS, len(word) - _LEAST_PART_CHARS + 1)
    for place in sorted(places, key=lambda place: abs(2 * place - len(word))):
        head = analyse(word[place:], language)[:1]
        if not head or not is_known(head[0]) or is_function_word(head[0], language):
            continue
        for first in dict.fromkeys(word[:place].removesuffix(link) for link in _LINKS):
            term = analyse(first, language)[:1]
            if (
                len(first) >= _LEAST_PART_CHARS
                and term
                and is_known(term[0])
                and not is_function_word(term[0], language)
            ):
                return (term[0], head[0])
    return ()


def is_function_word(term: str, language: str) -> bool:
    """Say whether a term of `analyse` (or a lower-case word) carries grammar rather than meaning."""
    return term in _function_terms(languages.language_for(languages.script_of(term[:1] or " "), language))
