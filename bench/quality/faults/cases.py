"""Cases: a sentence, what it cites, and whether that supports it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.quality.faults.numbers import DATES, NUMBERS, UNITS, Change, one_off, other_digit, other_year
from bench.quality.faults.sources import Source
from bench.quality.faults.statements import NEGATIONS, SWAPS, names_in, swap_in_list
from bench.quality.faults.true import introduce, join, reword, touch
from parley.chat.check import CheckPassage

GATED_TRUE = ("verbatim", "introduced", "joined")
GATED_FAULTS = (
    "wrong number", "wrong date", "wrong unit", "negation", "swapped names", "uncited claim", "another source",
)  # fmt: skip
REPORTED = ("reworded", "false clause", "strange name", "list order")
_CHANGES: dict[str, tuple[Change, ...]] = {
    "wrong number": NUMBERS,
    "wrong date": DATES,
    "wrong unit": UNITS,
    "negation": NEGATIONS,
    "swapped names": SWAPS,
    "list order": (swap_in_list,),
}
# Languages whose numbers can be changed without knowing their words.
_FIGURES_ONLY = {"wrong number": (other_digit, one_off), "wrong date": (other_year,)}


def changes_of(kind: str) -> tuple[Change, ...]:
    """Return the ways to make a fault of a kind."""
    return _CHANGES[kind]


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with the passages it cites. `way`: how it was made; `true`: whether the passages support it."""

    kind: str
    way: str
    true: bool
    sentence: str
    passages: tuple[CheckPassage, ...]
    collection: str


def make_cases(sources: Sequence[Source], dice: random.Random, *, untuned: bool) -> Iterator[Case]:
    """Yield true sentences and faults, a few of each kind a passage where its sentences allow it.

    Args:
        untuned: introduce sentences in ways that nothing was tuned on.
    """
    topics: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        topics.setdefault((source.collection, source.document), []).append(source)
    strangers = [one.passage.text for one in sources if one.passage.language == "en"]
    for source in sources:
        yield from _true(source, dice, untuned=untuned)
        yield from _changed(source, dice)
        yield from _elsewhere(source, sources, topics[source.collection, source.document], dice)
        if source.passage.language == "en":
            yield from _added(source, sources, strangers, dice)


def _case(kind: str, way: str, sentence: str, source: Source, passages: tuple[CheckPassage, ...] | None = None) -> Case:
    true = kind in (*GATED_TRUE, "reworded", "list order")
    return Case(kind, way, true, sentence, (source.passage,) if passages is None else passages, source.collection)


def _true(source: Source, dice: random.Random, *, untuned: bool) -> Iterator[Case]:
    language, title = source.passage.language, source.passage.context
    first, second = dice.sample(source.sentences, 2)
    yield _case("verbatim", "as it stands", first, source)
    yield _case("verbatim", "touched", touch(second, dice), source)
    yield _case("introduced", "introduced", introduce(second, language, title, dice, untuned=untuned), source)
    yield _case("joined", "joined", join(first, second, language), source)
    if language == "en":
        introduced = introduce(join(second, first, language), language, title, dice, untuned=untuned)
        yield _case("joined", "introduced and joined", introduced, source)
        yield _case("reworded", "reworded", reword(first), source)


def _changed(source: Source, dice: random.Random) -> Iterator[Case]:
    """One fault of each kind; how it is made is drawn among the ways that the passage allows."""
    english = source.passage.language == "en"
    for kind, changes in (_CHANGES if english else _FIGURES_ONLY).items():
        found: dict[str, str] = {}
        for change in changes:
            for sentence in dice.sample(source.sentences, len(source.sentences)):
                changed = change(sentence, dice)
                if changed is not None and changed != sentence and changed not in source.passage.text:
                    found[change.__name__] = changed
                    break
        for way in dice.sample(sorted(found), min(2, len(found))):
            yield _case(kind, way, found[way], source)


def _elsewhere(
    source: Source, sources: Sequence[Source], topic: Sequence[Source], dice: random.Random
) -> Iterator[Case]:
    sentence = dice.choice(source.sentences)
    yield _case("uncited claim", "no source", sentence, source, ())
    others = [other for other in topic if other is not source and sentence not in " ".join(other.passage.text.split())]
    if others:
        yield _case("another source", "same document", sentence, source, (dice.choice(others).passage,))
        yield _case("another source", "nearest", sentence, source, (_nearest(sentence, others).passage,))
    strange = dice.choice(sources)
    if strange.document != source.document and strange.passage.language == source.passage.language:
        yield _case("another source", "any", sentence, source, (strange.passage,))


def _nearest(sentence: str, others: Sequence[Source]) -> Source:
    words = {word for word in sentence.lower().split() if len(word) > 3}
    return max(others, key=lambda other: sum(word in other.passage.text.lower() for word in words))


def _added(source: Source, sources: Sequence[Source], strangers: Sequence[str], dice: random.Random) -> Iterator[Case]:
    sentence = dice.choice(source.sentences)
    other = dice.choice(sources)
    if other.passage.language == "en" and other.document != source.document:
        yield _case("false clause", "joined", join(sentence, dice.choice(other.sentences), "en"), source)
    named = [text for text in source.sentences if names_in(text)]
    stranger = dice.choice(strangers)
    if named and (found := names_in(stranger)):
        text = dice.choice(named)
        start, end = dice.choice(names_in(text))
        name = stranger[slice(*dice.choice(found))]
        if name not in source.passage.text and len(name) < 40:
            yield _case("strange name", "replaced", text[:start] + name + text[end:], source)
