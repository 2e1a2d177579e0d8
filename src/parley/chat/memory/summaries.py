"""The running summary of a conversation, made of what was asked, told and found, without a model.

Of the bot's answers only sentences go in that a citation supports and that no learn-only passage informed; of a
person's words, what was asked and told. So a summary holds nothing that its conversation could not show, and it
goes when a source or a message goes that it may come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.memory.extraction import is_secret, own_words, states
from parley.kit.analysis import analyse, is_function_word
from parley.kit.sentences import split_sentences

LEAST_MESSAGES = 6
MOST_CHARACTERS = 1600
MOST_LINES = 14
_LONGEST_LINE = 220


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message: its text, and of an answer the supported sentences alone."""

    seq: int
    by_bot: bool
    text: str


def summarise(messages: Sequence[Spoken], former: str = "") -> str:
    """Return the summary of all messages: what the former one says, and the lines that say most of the new ones.

    Lines are chosen by how many of the conversation's recurring words they hold (after Nenkova and Vanderwende 2005),
    newer ones before older ones, and stand in the order said.
    """
    lines = [line for line in former.splitlines() if line.strip()]
    for message in messages:
        lines += _lines(message)
    lines = list(dict.fromkeys(lines))
    weights = _weights(lines)
    scores = [_score(line, weights) * (1 + number / max(1, len(lines))) for number, line in enumerate(lines)]
    chosen: list[int] = []
    left = MOST_CHARACTERS
    for number in sorted(range(len(lines)), key=lambda number: -scores[number]):
        if len(chosen) < MOST_LINES and len(lines[number]) < left:
            chosen.append(number)
            left -= len(lines[number]) + 1
    return "\n".join(lines[number] for number in sorted(chosen))


def _lines(message: Spoken) -> list[str]:
    text = message.text if message.by_bot else own_words(message.text)
    sentences = [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
    kept = [one for one in sentences if len(one) <= _LONGEST_LINE and not is_secret(one)]
    if message.by_bot:
        return [f"Found: {one}" for one in kept[:2]]
    return [f"{'Told' if states(one) else 'Asked'}: {one}" for one in kept[:3]]


def _weights(lines: Sequence[str]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for line in lines:
        for term in set(analyse(line, "und")):
            counts[term] = counts.get(term, 0.0) + 1
    return {term: count / max(1, len(lines)) for term, count in counts.items() if not is_function_word(term, "en")}


def _score(line: str, weights: dict[str, float]) -> float:
    terms = [term for term in set(analyse(line, "und")) if term in weights]
    return sum(weights[term] for term in terms) / max(4, len(terms))
