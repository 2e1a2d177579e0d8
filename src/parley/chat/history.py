"""What came before a question: the branch of the conversation that leads to it."""

from collections.abc import Sequence

from parley.bots.schemas import AnswerRules
from parley.bots.service import answer_rules
from parley.bots.tables import Bot
from parley.chat.repository import ConversationRepository, TurnRepository
from parley.chat.tables import EVALUATION, Message
from parley.chat.tables import Turn as TurnRow
from parley.chat.turn import HistoryMessage, Turn
from parley.store.engine import Store

MOST_MESSAGES = 60


async def read_turn(store: Store, workspace_id: str, row: TurnRow) -> Turn | None:
    """Return a turn ready to run; None if its conversation is gone."""
    async with store.read() as session:
        conversations = ConversationRepository(session, workspace_id)
        question = await conversations.message(row.question_id)
        conversation = await conversations.conversation(row.conversation_id)
        if question is None or conversation is None:
            return None
        bot = await conversations.get(Bot, conversation.bot_id)
        nearby = await conversations.messages_until(row.conversation_id, question.seq, MOST_MESSAGES)
        answers = await TurnRepository(session, workspace_id).by_questions([message.id for message in nearby])
        parts = await conversations.parts([message.id for message in nearby])
    texts = {part.message_id: part.text or "" for part in parts if part.kind == "text"}
    newest_answers = {turn.question_id: turn.answer_id for turn in answers if turn.answer_id}
    sources = [part.source_id for part in parts if part.message_id == question.id and part.source_id]
    return Turn(
        workspace_id=workspace_id,
        id=row.id,
        conversation_id=row.conversation_id,
        bot_id=conversation.bot_id,
        question_id=question.id,
        question=texts.get(question.id, ""),
        attachments=sources,
        asked_again=conversation.channel == EVALUATION
        or any(turn.question_id == question.id and turn.id != row.id for turn in answers),
        user_id=question.user_id if conversation.channel != EVALUATION else None,
        rules=answer_rules(bot) if bot is not None else AnswerRules(answer_policy="strict"),
        history=branch(question, nearby, texts, newest_answers),
    )


def branch(
    question: Message, messages: Sequence[Message], texts: dict[str, str], answers: dict[str, str]
) -> list[HistoryMessage]:
    """Return the messages that lead to a question, oldest first, by following parents.

    A question whose parent is a question was asked before that one was answered; the answer is put in between.

    Args:
        answers: question id → id of its newest answer.
    """
    by_id = {message.id: message for message in messages}
    found: list[HistoryMessage] = []
    message = by_id.get(question.parent_id or "")
    child = question
    while message is not None:
        if message.author_kind != "bot" and child.author_kind != "bot":
            _prepend(found, "assistant", texts.get(answers.get(message.id, ""), ""))
        _prepend(found, "assistant" if message.author_kind == "bot" else "user", texts.get(message.id, ""))
        child, message = message, by_id.get(message.parent_id or "")
    return found


def _prepend(history: list[HistoryMessage], role: str, text: str) -> None:
    if text:
        history.insert(0, HistoryMessage("assistant" if role == "assistant" else "user", text))
