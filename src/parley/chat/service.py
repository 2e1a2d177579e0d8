"""Conversations and the turns asked for in them."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any, Protocol

from parley.chat.event_log import EventRecord, LiveTurn, event_row
from parley.chat.events import Queued, Stopped
from parley.chat.memory.forgetting import Forgetting
from parley.chat.memory.repository import PersonRepository
from parley.chat.memory.service import Scrub
from parley.chat.passages import PassageRepository
from parley.chat.repository import ConversationRepository, EventRepository, TurnRepository
from parley.chat.runner import TurnRunner
from parley.chat.schemas import (
    ConversationIn,
    ConversationPatch,
    ConversationView,
    LastMessageView,
    MessageView,
    TurnIn,
    TurnView,
)
from parley.chat.tables import EVALUATION, Conversation, Message, MessagePart
from parley.chat.tables import Turn as TurnRow
from parley.chat.views import ViewReader, queued_turn_view, read_turn_view
from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, decode_moment_and_id, encode_cursor, page_of
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.store.engine import ReadSession, Store, WriteSession

TITLE_CHARACTERS = 80
MOST_QUEUED = 20


class ConversationFiles(Protocol):
    """What keeps the files that were dropped into conversations."""

    async def leave_conversation(self, session: WriteSession, workspace_id: str, conversation_id: str) -> Sequence[str]:
        """Take the files of a conversation out of search in the caller's transaction; return their sources."""
        ...

    async def erase(self, workspace_id: str, source_ids: Sequence[str]) -> None:
        """Have these sources erased without a trace."""
        ...


class ConversationService:
    """Conversations and their messages."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        runner: TurnRunner,
        events: WorkspaceEvents,
        scrub: Scrub | None = None,
        files: ConversationFiles | None = None,
    ) -> None:
        self._files = files
        self._store = store
        self._clock = clock
        self._runner = runner
        self._events = events
        self._scrub = scrub

    async def create(self, workspace_id: str, user_id: str, wanted: ConversationIn, channel: str) -> ConversationView:
        """Begin a conversation with a bot.

        Raises:
            NotFound: the workspace has no such bot.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            conversations = ConversationRepository(session, workspace_id)
            if not await conversations.has_bot(wanted.bot_id):
                raise NotFound("There is no such bot.", code="bot_not_found")
            row = conversations.add(
                Conversation(
                    id=new_id("conv"),
                    bot_id=wanted.bot_id,
                    user_id=user_id,
                    channel=channel,
                    mode="bot",
                    title=wanted.title,
                    created_at=now,
                    last_message_at=now,
                )
            )
        self._runner.warm_up()
        return _conversation_view(row, None, None)

    async def page(
        self,
        workspace_id: str,
        bot_id: str | None,
        channel: str | None,
        cursor: str | None,
        limit: int,
        *,
        archived: bool | None = False,
        pinned: bool | None = None,
    ) -> Page[ConversationView]:
        """Return conversations, the one written in last first; `archived` and `pinned` None: both kinds."""
        before = decode_moment_and_id(cursor) if cursor else None
        async with self._store.read() as session:
            conversations = ConversationRepository(session, workspace_id)
            rows = await conversations.page(bot_id, channel, before, limit + 1, archived=archived, pinned=pinned)
            views = await _conversation_views(session, workspace_id, rows)
        return page_of(views, limit, lambda view: encode_cursor(view.last_message_at.isoformat(), view.id))

    async def get(self, workspace_id: str, conversation_id: str) -> ConversationView:
        """Return a conversation.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        async with self._store.read() as session:
            row = await _existing(ConversationRepository(session, workspace_id), conversation_id)
            return (await _conversation_views(session, workspace_id, [row]))[0]

    async def change(self, workspace_id: str, conversation_id: str, patch: ConversationPatch) -> ConversationView:
        """Change what the patch names.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        async with self._store.write() as session:
            row = await _existing(ConversationRepository(session, workspace_id), conversation_id)
            if patch.title is not None:
                row.title = patch.title
            if patch.pinned is not None:
                row.pinned_at = self._clock.now() if patch.pinned else None
            if patch.archived is not None:
                row.archived_at = self._clock.now() if patch.archived else None
        await self._events.publish(workspace_id, NewEvent("conversation.changed", conversation_id))
        return await self.get(workspace_id, conversation_id)

    async def remove(self, workspace_id: str, conversation_id: str) -> None:
        """Stop what runs in a conversation, then remove it with its messages, its files and what was remembered of it.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        async with self._store.read() as session:
            active = await TurnRepository(session, workspace_id).active([conversation_id])
        for turn in active:
            await self._runner.cancel(turn.id)
        async with self._store.write() as session:
            await Forgetting(session, workspace_id).conversations([conversation_id])
            if not await ConversationRepository(session, workspace_id).remove(conversation_id):
                raise NotFound("There is no such conversation.", code="conversation_not_found")
            files: Sequence[str] = []
            if self._files is not None:
                files = await self._files.leave_conversation(session, workspace_id, conversation_id)
            await self._events.append(session, workspace_id, NewEvent("conversation.changed", conversation_id))
        self._events.announce(workspace_id)
        if self._files is not None:
            await self._files.erase(workspace_id, files)
        if self._scrub is not None:
            await self._scrub(workspace_id)

    async def messages(
        self, workspace_id: str, conversation_id: str, *, newest_first: bool, cursor: str | None, limit: int
    ) -> Page[MessageView]:
        """Return messages by number, from either end.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        beyond = _number(cursor) if cursor else None
        async with self._store.read() as session:
            conversations = ConversationRepository(session, workspace_id)
            await _existing(conversations, conversation_id)
            rows = await conversations.messages(
                conversation_id, newest_first=newest_first, beyond=beyond, limit=limit + 1
            )
            views = await ViewReader(session, workspace_id).messages(rows)
        return page_of(views, limit, lambda view: encode_cursor(view.seq))


class TurnService:
    """Ask, follow, stop."""

    def __init__(self, store: Store, clock: Clock, runner: TurnRunner, events: WorkspaceEvents) -> None:
        self._store = store
        self._clock = clock
        self._runner = runner
        self._events = events

    async def ask(self, workspace_id: str, user_id: str, conversation_id: str, wanted: TurnIn) -> TurnView:
        """Store a question and have it answered; it waits in line if the conversation is busy.

        Raises:
            NotFound: no such conversation, turn, message or attachment.
            InvalidInput: neither a text nor a turn to regenerate.
            Conflict: too many questions wait already.
        """
        async with self._store.write() as session:
            conversations = ConversationRepository(session, workspace_id)
            conversation = await conversations.lock(conversation_id)
            if conversation is None:
                raise NotFound("There is no such conversation.", code="conversation_not_found")
            turns = TurnRepository(session, workspace_id)
            waiting = len(await turns.active([conversation_id]))
            if waiting >= MOST_QUEUED:
                raise Conflict("Too many questions wait in this conversation. Wait for an answer.", code="queue_full")
            if wanted.regenerate_of is not None:
                question_id = await _question_of(turns, conversation_id, wanted.regenerate_of)
            else:
                question_id = await self._add_question(session, conversation, user_id, wanted)
            row = turns.add(_new_turn(conversation_id, question_id, self._clock.now()))
            await session.flush()
            live = LiveTurn(workspace_id, row.id, 0)
            queued = Queued(conversation_id=conversation_id, question_id=question_id, position=waiting)
            record = live.number(queued, self._clock.now())
            await EventRepository(session, workspace_id).store([event_row(row.id, record)])
            await self._events.append(session, workspace_id, NewEvent("conversation.changed", conversation_id))
        self._events.announce(workspace_id)
        live.publish(record)
        live.stored(record.seq)
        self._runner.submit(workspace_id, row, live)
        return queued_turn_view(row)

    async def get(self, workspace_id: str, turn_id: str) -> TurnView:
        """Return a turn.

        Raises:
            NotFound: the workspace has no such turn.
        """
        view = await read_turn_view(self._store, workspace_id, turn_id)
        if view is None:
            raise _no_turn()
        return view

    async def stop(self, workspace_id: str, turn_id: str) -> TurnView:
        """Stop a turn; what it has written is kept. One that has ended stays as it is.

        Raises:
            NotFound: the workspace has no such turn.
        """
        async with self._store.write() as session:
            turns = TurnRepository(session, workspace_id)
            row = await turns.get(TurnRow, turn_id)
            if row is None:
                raise _no_turn()
            if row.status == "queued":
                await self._drop_queued(session, workspace_id, row)
            elif row.status == "running":
                row.stop_requested = True
        await self._runner.cancel(turn_id)
        return await self.get(workspace_id, turn_id)

    async def follow(self, workspace_id: str, turn_id: str, after: int) -> AsyncGenerator[list[dict[str, Any]]]:
        """Yield the turn's events that follow number `after`, as they are served, until it has ended.

        Of a turn that the workspace does not have there are none; `get_status` tells.
        """
        async for records in self._runner.log.follow(workspace_id, turn_id, after):
            yield await self._served(workspace_id, turn_id, records)

    async def events(self, workspace_id: str, turn_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Return stored events that follow number `after`.

        Raises:
            NotFound: the workspace has no such turn.
        """
        await self.get_status(workspace_id, turn_id)
        records = await self._runner.log.read(workspace_id, turn_id, after, limit)
        return await self._served(workspace_id, turn_id, records)

    async def get_status(self, workspace_id: str, turn_id: str) -> str:
        """Return how far a turn is.

        Raises:
            NotFound: the workspace has no such turn.
        """
        async with self._store.read() as session:
            status = await TurnRepository(session, workspace_id).status(turn_id)
        if status is None:
            raise _no_turn()
        return status

    async def _add_question(
        self, session: WriteSession, conversation: Conversation, user_id: str, wanted: TurnIn
    ) -> str:
        if wanted.text is None:
            raise InvalidInput("A turn needs a text, or a turn to regenerate.", code="empty_question")
        conversations = ConversationRepository(session, conversation.workspace_id)
        newest = await conversations.newest_message(conversation.id)
        parent_id = newest.id if newest else None
        if wanted.parent_id is not None:
            followed = await conversations.message(wanted.parent_id)
            if followed is None or followed.conversation_id != conversation.id:
                raise NotFound("There is no such message to go on from.", code="message_not_found")
            parent_id = followed.id
        if wanted.edit_of is not None:
            edited = await conversations.message(wanted.edit_of)
            if edited is None or edited.conversation_id != conversation.id or edited.author_kind == "bot":
                raise NotFound("There is no such message of yours to edit.", code="message_not_found")
            parent_id = edited.parent_id
        now = self._clock.now()
        message = conversations.add(
            Message(
                id=new_id("msg"),
                conversation_id=conversation.id,
                seq=newest.seq + 1 if newest else 1,
                parent_id=parent_id,
                author_kind="member",
                user_id=user_id,
                delivery="sent",
                recallable=await self._may_be_remembered(session, conversation, user_id),
                created_at=now,
            )
        )
        await session.flush()
        await conversations.insert_many(MessagePart, await _question_parts(conversations, message, wanted))
        conversation.last_message_at = now
        conversation.archived_at = None  # who goes on with a conversation wants it back
        conversation.title = conversation.title or wanted.text[:TITLE_CHARACTERS]
        return message.id

    async def _may_be_remembered(self, session: WriteSession, conversation: Conversation, user_id: str) -> bool:
        if conversation.channel == EVALUATION:
            return False
        return await PersonRepository(session, conversation.workspace_id).allows(user_id, conversation.bot_id)

    async def _drop_queued(self, session: WriteSession, workspace_id: str, row: TurnRow) -> None:
        row.status, row.finished_at = "stopped", self._clock.now()
        events = EventRepository(session, workspace_id)
        live = LiveTurn(workspace_id, row.id, await events.newest_seq(row.id))
        record = live.number(Stopped(answer_id=None), self._clock.now())
        await events.store([event_row(row.id, record)])
        self._runner.log.end_queued(row.id)

    async def _served(self, workspace_id: str, turn_id: str, records: Sequence[EventRecord]) -> list[dict[str, Any]]:
        """Return events as they leave: numbered, with the titles of documents that may be shown."""
        bodies = [record.body() for record in records]
        versions = [version for body in bodies for version in _versions(body)]
        live = self._runner.log.live(turn_id)
        found = live.documents if live is not None and live.workspace_id == workspace_id else {}
        if not found.keys() >= set(versions):
            async with self._store.read() as session:
                found = await PassageRepository(session, workspace_id).documents(versions)
        documents = {version: ref.model_dump() for version, ref in found.items()}
        return [
            {
                "seq": record.seq,
                "type": record.type,
                "turn_id": turn_id,
                "at": record.at.isoformat(),
                **_shown(body, documents),
            }
            for record, body in zip(records, bodies, strict=True)
        ]


def _versions(body: dict[str, Any]) -> list[str]:
    passages: list[dict[str, Any]] = body.get("passages", [])
    own = [body["version_id"]] if "version_id" in body else []
    return own + [passage["version_id"] for passage in passages]


def _shown(body: dict[str, Any], documents: dict[str, Any]) -> dict[str, Any]:
    """Put documents in the place of ids; what may not be shown any more is null, or left out of the passages."""
    if "version_id" in body:
        kept = {name: value for name, value in body.items() if name not in ("version_id", "document_id")}
        return {**kept, "document": documents.get(body["version_id"])}
    if "passages" in body:
        passages = [
            {"document": {"id": document["id"], "title": document["title"]}, "page": passage["page"]}
            for passage in body["passages"]
            if (document := documents.get(passage["version_id"])) is not None
        ]
        return {**body, "passages": passages}
    return body


def _new_turn(conversation_id: str, question_id: str, now: datetime) -> TurnRow:
    return TurnRow(
        id=new_id("turn"),
        conversation_id=conversation_id,
        question_id=question_id,
        status="queued",
        stop_requested=False,
        created_at=now,
    )


async def _question_of(turns: TurnRepository, conversation_id: str, turn_id: str) -> str:
    row = await turns.get(TurnRow, turn_id)
    if row is None or row.conversation_id != conversation_id:
        raise _no_turn()
    return row.question_id


async def _question_parts(
    conversations: ConversationRepository, message: Message, wanted: TurnIn
) -> list[dict[str, Any]]:
    sources = await conversations.attached_sources(wanted.attachments) if wanted.attachments else {}
    for source_id in wanted.attachments:
        source = sources.get(source_id)
        if source is None or source.conversation_id != message.conversation_id:
            raise NotFound("An attached file does not belong to this conversation.", code="attachment_not_found")
    parts: list[dict[str, Any]] = [{"kind": "text", "text": wanted.text, "source_id": None}]
    parts += [{"kind": "attachment", "text": None, "source_id": source_id} for source_id in wanted.attachments]
    return [{**part, "message_id": message.id, "ordinal": ordinal} for ordinal, part in enumerate(parts)]


async def _existing(conversations: ConversationRepository, conversation_id: str) -> Conversation:
    row = await conversations.conversation(conversation_id)
    if row is None:
        raise NotFound("There is no such conversation.", code="conversation_not_found")
    return row


async def _conversation_views(
    session: ReadSession, workspace_id: str, rows: Sequence[Conversation]
) -> list[ConversationView]:
    ids = [row.id for row in rows]
    texts = await ConversationRepository(session, workspace_id).last_texts(ids)
    active: dict[str, str] = {}
    for turn in await TurnRepository(session, workspace_id).active(ids):
        active.setdefault(turn.conversation_id, turn.id)
    return [_conversation_view(row, texts.get(row.id), active.get(row.id)) for row in rows]


def _conversation_view(
    row: Conversation, last: tuple[str, str, datetime] | None, active_turn_id: str | None
) -> ConversationView:
    last_message = None
    if last is not None:
        text, author_kind, created_at = last
        last_message = LastMessageView.model_validate(
            {"text": text, "author_kind": author_kind, "created_at": created_at}
        )
    return ConversationView(
        id=row.id,
        bot_id=row.bot_id,
        channel=row.channel,
        title=row.title,
        mode="human" if row.mode == "human" else "bot",
        pinned=row.pinned_at is not None,
        archived=row.archived_at is not None,
        created_at=row.created_at,
        last_message_at=row.last_message_at,
        last_message=last_message,
        active_turn_id=active_turn_id,
    )


def _number(cursor: str) -> int:
    key = decode_cursor(cursor)
    if len(key) != 1 or not isinstance(key[0], int):
        raise InvalidInput("This cursor is not valid. Start again without one.", code="invalid_cursor")
    return key[0]


def _no_turn() -> NotFound:
    return NotFound("There is no such turn.", code="turn_not_found")
