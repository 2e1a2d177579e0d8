"""What of a conversation may go into its summary: a person's own words, and sentences that a citation supports."""

from collections import defaultdict

from parley.chat.memory.summaries import Spoken
from parley.chat.passages import PassageRepository
from parley.chat.repository import ConversationRepository, TurnRepository
from parley.chat.tables import MessagePart
from parley.store.engine import ReadSession, WriteSession

MOST_MESSAGES = 200


async def supported_answers(
    session: ReadSession | WriteSession, workspace_id: str, conversation_id: str, after: int
) -> list[Spoken]:
    """Return the messages after a number, oldest first. Answers that learn-only text informed are left out whole."""
    conversations, turns = ConversationRepository(session, workspace_id), TurnRepository(session, workspace_id)
    rows = await conversations.messages(conversation_id, newest_first=False, beyond=after, limit=MOST_MESSAGES)
    parts: defaultdict[str, list[MessagePart]] = defaultdict(list)
    for part in await conversations.parts([row.id for row in rows]):
        parts[part.message_id].append(part)
    answered = {turn.answer_id: turn.id for turn in await turns.by_answers([row.id for row in rows])}
    secret = await turns.informed_by_hidden(list(answered.values()))
    versions = {part.version_id for own in parts.values() for part in own if part.kind == "citation"}
    shown = await PassageRepository(session, workspace_id).documents(version for version in versions if version)
    spoken: list[Spoken] = []
    for row in rows:
        by_bot = row.author_kind == "bot"
        text = "".join(part.text or "" for part in parts[row.id] if part.kind == "text")
        if by_bot:
            hidden = answered.get(row.id) is None or answered[row.id] in secret
            text = "" if hidden else _supported(text, parts[row.id], set(shown))
        spoken.append(Spoken(row.seq, by_bot, text))
    return spoken


def _supported(text: str, parts: list[MessagePart], versions: set[str]) -> str:
    """Return the sentences that cite a document which may be shown, one a line."""
    citable = {part.n for part in parts if part.kind == "citation" and part.version_id in versions}
    cited = {part.start for part in parts if part.kind == "sentence_citation" and part.n in citable}
    sentences = [part for part in parts if part.kind == "sentence"]
    kept = [
        text[one.start or 0 : one.end or 0]
        for index, one in enumerate(sentences)
        if index in cited and one.verdict == "supported"
    ]
    return "\n".join(kept)
