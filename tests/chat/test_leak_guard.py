"""What gives hidden text away, in each disguise by itself; and what does not."""

import random

import pytest

from bench.privacy.attacks import ATTACKS, Attack
from bench.privacy.redteam import CITABLE, leaks_in, make_secret
from parley.chat.output_filter import AllowedAddresses, clean
from parley.chat.privacy import HiddenText, LeakGuard
from parley.llm.embedding.static import StaticEmbedder

SECRET = make_secret(random.Random(5))
GUARD = LeakGuard(
    [HiddenText(SECRET.text, ("Minutes of the board", "board/minutes.md"), "en", "ver_1")],
    [CITABLE, "What is planned?"],
    "en",
    StaticEmbedder().count_tokens,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_disguise_is_seen_through(attack: Attack) -> None:
    told = clean(attack.write(SECRET.text, random.Random(1)), AllowedAddresses([CITABLE]))
    assert GUARD.find(told) is not None or not leaks_in(told, told, SECRET, CITABLE, attack)


@pytest.mark.parametrize("sentence", SECRET.text.split(". "))
def test_every_sentence_is_known_by_itself(sentence: str) -> None:
    assert GUARD.find(sentence) is not None


@pytest.mark.parametrize("item", SECRET.items)
@pytest.mark.parametrize("told", ["Es gibt {}.", "{}", "It says {} there"])
def test_every_item_is_known_by_itself(item: str, told: str) -> None:
    assert GUARD.find(told.format(item)) is not None


@pytest.mark.parametrize(
    "told",
    [
        CITABLE,
        "The office opens at eight, and bicycles are free. A return ticket is 24 euros.",
        "I cannot find this in the documents.",
        "There are 3 things to know:\n\n1. It opens at eight.\n2. The trip takes ninety minutes.",
        "The board seems to have plans for the coming year, which are not public.",
    ],
)
def test_other_words_are_let_through(told: str) -> None:
    assert GUARD.find(told) is None
