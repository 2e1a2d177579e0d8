"""Words of feeling: Parley's own in fourteen languages, and the valences of English words and emoji by VADER.

VADER: Hutto and Gilbert, ICWSM 2014; its lexicon is MIT licensed. Negations turn a word round, as there.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from math import sqrt

from parley.kit.analysis import MARKS, analyse

KINDS = ("anger", "sadness", "joy", "optimism", "positive", "negative", "problem")
UNSPACED = frozenset({"zh", "ja", "ko"})
_OPPOSITE = {"joy": "negative", "optimism": "negative", "positive": "negative", "negative": "positive"}
_REACH = 3
"""Words between a negation and what it turns round, at most."""
_TURNED = -0.74
_BOOST = 0.293
_NORMAL = 15.0
_TOKEN = re.compile(rf"[\w{MARKS}'’]+|[^\w\s]")
_LIST_OF_BOOSTERS = (
    "very really so extremely absolutely totally completely incredibly too super such most highly deeply truly "
    "utterly especially fucking freaking"
)
_BOOSTERS = frozenset(_LIST_OF_BOOSTERS.split())
_LIST_OF_DAMPERS = "slightly somewhat barely hardly kinda sorta partly almost little"
_DAMPERS = frozenset(_LIST_OF_DAMPERS.split())
_LIST_OF_NEGATIONS = (
    "not no never none nobody nothing neither nor nowhere without isn't wasn't aren't weren't don't doesn't "
    "didn't can't cannot couldn't won't wouldn't shouldn't haven't hasn't hadn't ain't dont cant wont didnt "
    "doesnt isnt wasnt rarely seldom lack lacks"
)
_NEGATIONS = frozenset(_LIST_OF_NEGATIONS.split())


@dataclass(slots=True)
class Words:
    """One language's words. `stems`: a stem and its kinds; `phrases`: as they stand, in lower case."""

    stems: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    phrases: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Feelings:
    """What the words of a text weigh. `counts`: by kind; `valence`: of English words and emoji, -1 to 1."""

    counts: Mapping[str, float]
    valence: float
    pleasant: float
    unpleasant: float

    @property
    def balance(self) -> float:
        """Pleasant words less unpleasant ones; a problem counts half."""
        good = sum(self.counts[kind] for kind in ("joy", "optimism", "positive"))
        bad = sum(self.counts[kind] for kind in ("anger", "sadness", "negative")) + self.counts["problem"] / 2
        return good - bad


def feelings_of(text: str, language: str) -> Feelings:
    """Weigh a text's words of feeling. English ones are looked for in any text, for people mix languages."""
    lowered = text.lower().replace("’", "'")
    counts: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    for name in dict.fromkeys((language, "en") if language != "und" else ("en",)):
        if name in languages():
            _count(lowered, name, counts)
    valences = _valences(text)
    total = sum(valences)
    return Feelings(
        counts,
        valence=total / sqrt(total * total + _NORMAL),
        pleasant=sum(value for value in valences if value > 0),
        unpleasant=-sum(value for value in valences if value < 0),
    )


@cache
def languages() -> Mapping[str, Mapping[str, str]]:
    """Return by language and kind the lines of the list."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in files("parley.chat.understanding").joinpath("feelings.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            language, rest = line.split(" ", 1)
            kind, words = rest.split(": ", 1)
            found[language][kind] = words
    return found


def entries(language: str, kind: str) -> list[str]:
    """Return the words and phrases of a kind, as they are written."""
    return [entry.strip() for entry in languages()[language].get(kind, "").split(";") if entry.strip()]


@cache
def _words(language: str) -> Words:
    stems: defaultdict[str, list[str]] = defaultdict(list)
    phrases: defaultdict[str, list[str]] = defaultdict(list)
    for kind in KINDS:
        for entry in entries(language, kind):
            terms = (
                [] if language in UNSPACED or " " in entry or "-" in entry or "'" in entry else analyse(entry, language)
            )
            if len(terms) == 1:
                stems[terms[0]].append(kind)
            else:
                phrases[entry.lower()].append(kind)
    negations = [frozenset(entries(language, kind)) for kind in ("not", "nots")]
    return Words(
        {stem: tuple(kinds) for stem, kinds in stems.items()},
        {phrase: tuple(kinds) for phrase, kinds in phrases.items()},
        negations[0] if language != "en" else _NEGATIONS,
        negations[1],
    )


def _count(text: str, language: str, counts: dict[str, float]) -> None:
    words = _words(language)
    for phrase, kinds in words.phrases.items():
        place = text.find(phrase)
        if place >= 0 and (language in UNSPACED or _stands_apart(text, place, place + len(phrase))):
            turned = _turned_in_text(text, place, place + len(phrase), language, words)
            _add(counts, kinds, turned)
    if language in UNSPACED:
        return
    tokens = _TOKEN.findall(text)
    for place, token in enumerate(tokens):
        if kinds := words.stems.get(_stem(token, language)):
            _add(counts, kinds, _is_turned(tokens, place, words))


def _stands_apart(text: str, start: int, end: int) -> bool:
    """Words may go on behind a phrase (inflection), but not before it."""
    return start == 0 or not text[start - 1].isalnum()


def _turned_in_text(text: str, start: int, end: int, language: str, words: Words) -> bool:
    if language not in UNSPACED:
        return False
    before, after = text[max(0, start - 3) : start], text[end : end + 6]
    return any(word in before for word in words.before) or any(word in after for word in words.after)


def _is_turned(tokens: Sequence[str], place: int, words: Words) -> bool:
    before = tokens[max(0, place - _REACH) : place]
    after = tokens[place + 1 : place + 3]
    return not words.before.isdisjoint(before) or not words.after.isdisjoint(after)


def _add(counts: dict[str, float], kinds: Sequence[str], turned: bool) -> None:
    for kind in kinds:
        if not turned or kind == "problem":
            counts[kind] += 1.0
        elif kind in _OPPOSITE:
            counts[_OPPOSITE[kind]] += 1.0


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    terms = analyse(word, language)
    return terms[0] if len(terms) == 1 else ""


def _valences(text: str) -> list[float]:
    """Return the valences of the words of a text, turned, strengthened and weakened by what stands before them."""
    lexicon = _lexicon()
    tokens = _TOKEN.findall(text.replace("’", "'"))
    lowered = [token.lower() for token in tokens]
    shouting = not text.isupper()
    found: list[float] = []
    but: int | None = None
    for place, word in enumerate(lowered):
        if word == "but":
            but = len(found)
        value = lexicon.get(word)
        if value is None or word in _BOOSTERS:
            continue
        sign = 1 if value > 0 else -1
        if shouting and len(word) > 2 and tokens[place].isupper():
            value += 0.733 * sign
        for distance, before in enumerate(reversed(lowered[max(0, place - _REACH) : place])):
            share = 1 - 0.05 * distance
            if before in _BOOSTERS:
                value += _BOOST * sign * share
            elif before in _DAMPERS:
                value -= _BOOST * sign * share
        if not _NEGATIONS.isdisjoint(lowered[max(0, place - _REACH) : place]):
            value *= _TURNED
        found.append(value)
    if but is not None:
        found = [value * (0.5 if place < but else 1.5) for place, value in enumerate(found)]
    return [*found, *(lexicon[face] for face in _FACES.findall(text) if face in lexicon)]


_FACES = re.compile(r"[:;=8xX][-'^]?[()\[\]DPpOo/\\|*3<>]+|[(\[)\]]+[-'^]?[:;=]|<3|</3|[xX]D|\^_\^|T_T|-_-")


@cache
def _lexicon() -> Mapping[str, float]:
    found: dict[str, float] = {}
    for line in files("parley.chat.understanding").joinpath("valences.txt").read_text("utf-8").splitlines():
        value, _, words = line.partition("\t")
        found.update(dict.fromkeys(words.split(" "), int(value) / 10))
    return found
