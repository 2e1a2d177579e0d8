"""The stage that looks into the memory of the person who asks: facts, and what was said in earlier messages.

Nothing but the rows of that person is ever read, in this workspace. What is found goes to the model as data, and into a
quoted answer where the question asks for it.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from parley.chat.events import TurnEvent
from parley.chat.memory.asking import about, matter
from parley.chat.memory.extraction import is_echo, is_secret, only_tells, own_words, states
from parley.chat.memory.patterns import ABOUT_THE_PERSON
from parley.chat.memory.ranking import Line, Lines, Ranked
from parley.chat.memory.repository import (
    Known,
    MemoryRepository,
    PersonRepository,
    Said,
    SaidRepository,
    SummaryRepository,
)
from parley.chat.memory.schemas import Recalled
from parley.chat.quoting import classify_intent
from parley.chat.turn import Embedding, Tools, Turn
from parley.kit.analysis import analyse, is_function_word
from parley.kit.clock import Clock
from parley.kit.sentences import split_sentences

MOST_RECALLED = 8
MOST_HELD = 200
MOST_NEWEST = 30
MOST_FOR_ALL = 12
LONGEST_SENTENCE = 600
# The share of the question's own words, weighed by rarity, that a line must hold to be worth telling a model.
LEAST_TOLD = 0.34
# Beside the matter of the question, a line this near in meaning is worth telling.
LEAST_COSINE = 0.5
_HISTORY_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class _Candidate:
    recalled: Recalled
    line: Line


class MemoryRecall:
    """Recalls what the person who asks has told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def recall(self, turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
        """Fill `turn.recalled`, `turn.about` and `turn.summary`; says nothing itself."""
        for event in ():
            yield event
        if not turn.rules.remembers or turn.user_id is None:
            return
        with turn.timed("memory"):
            turn.about = about(turn.question, turn.language)
            facts, said = await self._read(turn, tools)
            turn.tells = turn.tells and await asyncio.to_thread(only_tells, turn.question, turn.answers_said)
            if not facts and not said:
                return
            turn.recalled = await asyncio.to_thread(_choose, turn, facts, said, tools)

    async def _read(self, turn: Turn, tools: Tools) -> tuple[list[Known], list[Said]]:
        """Return the facts that hold, and earlier messages where the question is about the person."""
        assert turn.user_id is not None
        async with tools.store.read() as session:
            person = await PersonRepository(session, turn.workspace_id).find(turn.user_id)
            if person is not None and not person.enabled:
                return [], []
            turn.tells = turn.question_id in await SaidRepository(session, turn.workspace_id).recallable(
                [turn.question_id]
            )
            if turn.model is not None and turn.history:
                summary = await SummaryRepository(session, turn.workspace_id).find(turn.conversation_id)
                turn.summary = summary.text if summary else ""
            memories = MemoryRepository(session, turn.workspace_id)
            facts = await memories.valid(person.id, self._clock.now()) if person else []
            said: list[Said] = []
            if turn.about:
                messages = SaidRepository(session, turn.workspace_id)
                ids = await messages.newest(turn.user_id, MOST_NEWEST)
                if terms := _terms(turn):
                    ids += await messages.holding(turn.user_id, terms, MOST_HELD)
                said = await messages.texts(set(ids) - {turn.question_id})
        return [fact for fact in facts if fact.memory.message_id != turn.question_id], said


def _terms(turn: Turn) -> list[str]:
    terms = analyse(matter(turn.question, turn.language), _HISTORY_LANGUAGE)
    return [term for term in dict.fromkeys(terms) if not is_function_word(term, turn.language)]


def _choose(turn: Turn, facts: Sequence[Known], said: Sequence[Said], tools: Tools) -> list[Recalled]:
    """Return what to recall, best first, within the budget of tokens."""
    if turn.about == "self" and turn.model is None:
        # "Can I withdraw from any machine?" is no question about what its asker owns or plans, and has said of it.
        facts, said = [fact for fact in facts if fact.memory.kind in ABOUT_THE_PERSON], []
    candidates = [_of_fact(fact) for fact in facts]
    taken = {(one.recalled.message_id, one.recalled.start) for one in candidates}
    candidates += [one for message in said for one in _of_message(message, turn) if _is_new(one, taken)]
    asked = matter(turn.question, turn.language)
    if turn.about == "said" and not asked:
        chosen = [one.recalled for one in candidates if one.recalled.memory_id][:MOST_FOR_ALL]
        chosen = chosen or [one.recalled for one in candidates[::-1]][:MOST_FOR_ALL]
    else:
        chosen = _best(asked or turn.question, turn, candidates, tools.embedder)
    return _within(chosen, tools.settings.memory_tokens, tools.embedder)


def _best(asked: str, turn: Turn, candidates: Sequence[_Candidate], embedder: Embedding) -> list[Recalled]:
    lines = Lines([one.line for one in candidates], embedder)
    ranked = lines.rank(asked, turn.language, MOST_RECALLED)
    return [_scored(candidates[one.line].recalled, one) for one in ranked if _is_worth_telling(one)]


def _is_worth_telling(one: Ranked) -> bool:
    return one.coverage >= LEAST_TOLD or one.cosine >= LEAST_COSINE


def _scored(recalled: Recalled, ranked: Ranked) -> Recalled:
    return Recalled(
        recalled.memory_id,
        recalled.message_id,
        recalled.conversation_id,
        recalled.start,
        recalled.end,
        recalled.text,
        recalled.language,
        recalled.said_at,
        round(ranked.coverage, 4),
        recalled.verbatim,
    )


def _is_new(one: _Candidate, taken: set[tuple[str, int]]) -> bool:
    """A sentence that stands in memory as a fact is told once."""
    own = one.recalled
    return not any(message == own.message_id and own.start <= start < own.end for message, start in taken)


def _of_fact(known: Known) -> _Candidate:
    row = known.memory
    recalled = Recalled(
        row.id,
        row.message_id,
        known.conversation.id,
        row.start,
        row.end,
        row.text,
        row.language,
        known.message.created_at,
        1.0,
        row.origin != "person",
    )
    return _Candidate(recalled, Line(row.text, row.language))


def _of_message(message: Said, turn: Turn) -> list[_Candidate]:
    """Return the sentences of a message that may be told again: statements, or questions where these are asked for."""
    own, found = own_words(message.text), list[_Candidate]()
    for start, end in split_sentences(own, turn.language):
        sentence = message.text[start:end]
        wanted = not states(own[start:end]) if turn.about == "asked" else states(own[start:end])
        if not wanted or is_secret(sentence) or len(sentence) > LONGEST_SENTENCE or not own[start:end].strip():
            continue
        if classify_intent(sentence) != "question" or is_echo(sentence, turn.answers_said):
            continue
        place = Recalled(
            None, message.message_id, message.conversation_id, start, end, sentence, turn.language, message.said_at, 1.0
        )
        found.append(_Candidate(place, Line(sentence, turn.language, "", message.message_id)))
    return found


def _within(chosen: Sequence[Recalled], budget: int, embedder: Embedding) -> list[Recalled]:
    kept: list[Recalled] = []
    for one, tokens in zip(chosen, embedder.count_tokens([one.text for one in chosen]) if chosen else [], strict=True):
        budget -= tokens
        if budget < 0:
            break
        kept.append(one)
    return kept
