"""The stages before an answer is composed: understand the question, find passages; and what needs no looking up."""

import asyncio
from collections.abc import AsyncGenerator

from parley.chat import replies
from parley.chat.events import PassageRef, Retrieved, TurnEvent, Understood
from parley.chat.faq import lead_with_faq
from parley.chat.followup import asked_of_something_else, earlier_texts, standalone_query
from parley.chat.gathering import gather_passages
from parley.chat.passages import PassageRepository
from parley.chat.quoting import classify_intent
from parley.chat.quoting.courtesies import courtesy
from parley.chat.turn import AnswerWriter, Tools, Turn
from parley.chat.understanding import read_message, tone_for
from parley.chat.understanding.decomposition import asks_each_document, decompose
from parley.kit.language_detection import detect_language
from parley.kit.sentences import split_sentences
from parley.retrieval.schemas import EarlierText, Hit, SearchRequest

ATTACHMENT_POLL_SECONDS = 0.1


async def understand(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Find out language, intent, sentiment and emotion, and make a follow-up stand by itself."""
    with turn.timed("understand"):
        turn.language = await asyncio.to_thread(detect_language, turn.question)
        reading = await asyncio.to_thread(
            read_message, turn.question, turn.language, tools.meaning, first=not turn.history
        )
        turn.intent, turn.sentiment, turn.emotion = reading.intent, reading.sentiment, reading.emotion
        turn.spoken = reading.spoken
        turn.tone = tone_for(reading) if turn.rules.adapts_tone else None
        asked = [message.text for message in reversed(turn.history) if message.role == "user"]
        earlier = [text for text in asked if classify_intent(text) == "question"]
        if not turn.spoken:
            of_another = asked_of_something_else(turn.question, asked)
            turn.query = of_another or standalone_query(turn.question, earlier, turn.language)
            answers = [message.text for message in turn.history if message.role == "assistant"]
            if not of_another:
                answer = answers[-1] if answers else None
                turn.earlier = earlier_texts(turn.question, earlier, answer, turn.language)
            turn.parts = decompose(turn.question, turn.language)
            turn.spread = asks_each_document(turn.question)
        else:
            turn.query = turn.question
    yield Understood(
        language=turn.language,
        intent=turn.intent,
        query=turn.query,
        sentiment=turn.sentiment,
        emotion=turn.emotion,
        tone=turn.tone,
        parts=[part.text for part in turn.parts],
        spread=turn.spread,
    )


async def make_small_talk(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Answer a greeting, or who asks for a person, without looking anything up."""
    if not turn.spoken or turn.attachments:
        return
    if turn.intent == "handover":
        text = replies.person(turn.language, turn.rules.human_contact)
        text = f"{courtesy(turn.tone, turn.language)} {text}" if turn.tone else text
    else:
        text = replies.small_talk(turn.intent, turn.language)
    for event in say(AnswerWriter(), text, turn.language):
        yield event


async def retrieve(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Find passages in what the bot reads and in the conversation's own files.

    Learn-only passages are looked for apart, and only where a model answers: what is quoted never depends on them.
    """
    if turn.attachments:
        with turn.timed("read_attachments"):
            await _wait_for_attachments(turn, tools)
    with turn.timed("retrieve"):
        request = SearchRequest(
            query=(turn.question if turn.earlier else turn.query)[:10_000],
            earlier=[EarlierText(text=text, weight=weight) for text, weight in turn.earlier],
            limit=tools.settings.passages,
            bot_id=turn.bot_id,
            conversation_id=turn.conversation_id,
            language=None if turn.language == "und" else turn.language,
        )
        async with tools.store.read() as session:
            passages = PassageRepository(session, turn.workspace_id)
            special = await passages.special_sources(turn.bot_id, turn.conversation_id)
        (turn.hits, cached), turn.background = await asyncio.gather(
            gather_passages(turn, tools.search, request), _learn_only(turn, tools, request, special.learn_only)
        )
        answer = await lead_with_faq(turn, tools, request, special.faq) if special.faq else None
        turn.faq = (answer.start, answer.end, answer.text) if answer is not None else None
    shown = [
        PassageRef(document_id=hit.document.id, version_id=hit.document.version_id, page=hit.page) for hit in turn.hits
    ]
    yield Retrieved(hits=len(turn.hits), passages=shown, took_ms=turn.stages["retrieve"], cached=cached)


async def _learn_only(turn: Turn, tools: Tools, request: SearchRequest, sources: list[str]) -> list[Hit]:
    """Return the learn-only passages that may inform the answer, best first."""
    if turn.model is None or not sources:
        return []
    wanted = request.model_copy(update={"source_ids": sources, "include_learn_only": True})
    result = await tools.search.search(turn.workspace_id, wanted)
    return [hit for hit in result.hits if not hit.citable]


async def _wait_for_attachments(turn: Turn, tools: Tools) -> None:
    """A question about a file that was dropped with it waits until that file is read, for a while."""
    try:
        async with asyncio.timeout(tools.settings.attachment_wait_seconds):
            while await _still_reading(turn, tools):  # noqa: ASYNC110  (perhaps another process reads)
                await asyncio.sleep(ATTACHMENT_POLL_SECONDS)
    except TimeoutError:
        return


async def _still_reading(turn: Turn, tools: Tools) -> bool:
    async with tools.store.read() as session:
        statuses = await PassageRepository(session, turn.workspace_id).source_statuses(turn.attachments)
    return any(status in ("scanning", "reading") for status in statuses)


def say(writer: AnswerWriter, text: str, language: str) -> list[TurnEvent]:
    """Return the events of words of our own, which claim nothing."""
    offset = writer.length
    events: list[TurnEvent] = [writer.token(text)]
    for start, end in split_sentences(text, language):
        events.append(writer.checked(offset + start, offset + end, "no_claim"))
    return events
