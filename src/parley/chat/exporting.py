"""A conversation as a file: JSON with everything that is shown, or Markdown for people."""

import json
from collections.abc import AsyncGenerator

from parley.chat.output_filter import AllowedAddresses, clean
from parley.chat.schemas import CitationView, ConversationView, MessageView
from parley.chat.service import ConversationService

PAGE = 100


class Exporter:
    """Writes conversations out. What may not be shown (learn-only, deleted sources) is not in an export either."""

    def __init__(self, conversations: ConversationService) -> None:
        self._conversations = conversations

    async def as_json(self, workspace_id: str, conversation_id: str) -> str:
        """Return `{"conversation": ..., "messages": [...]}` on one line.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        conversation, messages = await self._read(workspace_id, conversation_id)
        body = {
            "conversation": conversation.model_dump(mode="json", exclude={"last_message", "active_turn_id"}),
            "messages": [message.model_dump(mode="json") for message in messages],
        }
        return json.dumps(body, ensure_ascii=False)

    async def as_markdown(self, workspace_id: str, conversation_id: str) -> str:
        """Return the conversation as Markdown, each answer followed by the passages that it cites.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        conversation, messages = await self._read(workspace_id, conversation_id)
        title = " ".join(conversation.title.split()) or "Conversation"
        blocks = [f"# {title}", f"{conversation.created_at:%Y-%m-%d %H:%M} UTC"]
        blocks += [block for message in messages for block in markdown_of(message)]
        return "\n\n".join(blocks) + "\n"

    async def all_as_json_lines(self, workspace_id: str, bot_id: str | None) -> AsyncGenerator[str]:
        """Yield every conversation, or every one with a bot, as one line of JSON each, newest first."""
        cursor: str | None = None
        while True:
            page = await self._conversations.page(workspace_id, bot_id, None, cursor, PAGE, archived=None)
            for conversation in page.items:
                yield await self.as_json(workspace_id, conversation.id) + "\n"
            cursor = page.next_cursor
            if cursor is None:
                return

    async def _read(self, workspace_id: str, conversation_id: str) -> tuple[ConversationView, list[MessageView]]:
        conversation = await self._conversations.get(workspace_id, conversation_id)
        messages: list[MessageView] = []
        cursor: str | None = None
        while True:
            page = await self._conversations.messages(
                workspace_id, conversation_id, newest_first=False, cursor=cursor, limit=PAGE
            )
            messages += page.items
            cursor = page.next_cursor
            if cursor is None:
                return conversation, messages


def markdown_of(message: MessageView) -> list[str]:
    """Return a message as Markdown blocks: who says it, the text with the numbers of its citations, the passages."""
    who = {"bot": "Answer", "system": "Note"}.get(message.author_kind, "Question")
    text = _with_numbers(message) if message.answer else _harmless(message.text)
    blocks = [f"## {who}, {message.created_at:%Y-%m-%d %H:%M}", text or "(nothing was written)"]
    if message.attachments:
        blocks.append("\n".join(f"- attached: {file.name}" for file in message.attachments))
    if message.answer and message.answer.citations:
        blocks.append("\n".join(map(_footnote, message.answer.citations)))
    return blocks


def _with_numbers(message: MessageView) -> str:
    """Put `[1]` behind each sentence that cites, from the end so that earlier offsets stay true."""
    text = message.text
    sentences = message.answer.sentences if message.answer else []
    for sentence in sorted(sentences, key=lambda one: one.end, reverse=True):
        marks = "".join(f"[{n}]" for n in sentence.citations)
        unsupported = " *(not supported by the documents)*" if sentence.verdict == "unsupported" else ""
        if marks or unsupported:
            text = f"{text[: sentence.end]}{' ' + marks if marks else ''}{unsupported}{text[sentence.end :]}"
    return text


def _harmless(text: str) -> str:
    """Return text with its own links, without the pictures and active HTML that opening the file would load."""
    return clean(text, AllowedAddresses([text]))


def _footnote(citation: CitationView) -> str:
    page = f", page {citation.page}" if citation.page is not None else ""
    quote = " ".join(_harmless(citation.quote).split())
    return f"- [{citation.n}] {citation.document.title} ({citation.document.path}{page}): “{quote}”"
