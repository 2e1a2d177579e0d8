"""What a person can do with what is remembered: see it, correct it, have it forgotten, switch it off."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import get_args

from parley.chat.memory.extraction import is_secret
from parley.chat.memory.forgetting import Forgetting, forget_memories
from parley.chat.memory.patterns import MemoryKind
from parley.chat.memory.repository import (
    Known,
    MemoryRepository,
    PersonRepository,
    SaidRepository,
    SummaryRepository,
)
from parley.chat.memory.schemas import MemoryList, MemoryPatch, MemoryView, SummaryView
from parley.chat.repository import ConversationRepository
from parley.errors import InvalidInput, NotFound
from parley.kit.clock import Clock
from parley.kit.pagination import decode_cursor, encode_cursor, page_of
from parley.store.engine import Store, WriteSession

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
FACTS = frozenset(get_args(MemoryKind)) - {"entity"}
Scrub = Callable[[str], Awaitable[None]]
"""Has the files of a workspace cleared of what was deleted; soon, and also after a crash."""


class MemoryService:
    """The memory of a person, for that person alone.

    Args:
        scrub: called after something was forgotten.
    """

    def __init__(self, store: Store, clock: Clock, scrub: Scrub) -> None:
        self._store = store
        self._clock = clock
        self._scrub = scrub

    async def page(
        self, workspace_id: str, user_id: str, cursor: str | None, limit: int, *, entities: bool = False
    ) -> MemoryList:
        """Return what is remembered of a user, newest first. `entities`: the names, instead of the facts."""
        before = str(decode_cursor(cursor)[0]) if cursor else None
        kinds = {"entity"} if entities else FACTS
        async with self._store.read() as session:
            person = await PersonRepository(session, workspace_id).find(user_id)
            if person is None:
                return MemoryList(enabled=True, items=[], next_cursor=None)
            memories = MemoryRepository(session, workspace_id)
            rows = await memories.page(person.id, kinds, self._clock.now(), before, limit + 1)
        page = page_of(rows, limit, lambda row: encode_cursor(row.memory.id))
        return MemoryList(
            enabled=person.enabled, items=[_view(row) for row in page.items], next_cursor=page.next_cursor
        )

    async def switch(self, workspace_id: str, user_id: str, *, enabled: bool) -> None:
        """Let memory be kept and used, or not. What is there stays, unread, until it is forgotten."""
        async with self._store.write() as session:
            person = await PersonRepository(session, workspace_id).ensure(user_id, self._clock.now())
            person.enabled = enabled

    async def change(self, workspace_id: str, user_id: str, memory_id: str, patch: MemoryPatch) -> MemoryView:
        """Correct a memory. Answers that quoted the former words are blanked where nothing else supports them.

        Raises:
            NotFound: the user has no such memory.
            InvalidInput: the text holds a password or the like.
        """
        if patch.text is not None and is_secret(patch.text):
            raise InvalidInput("Passwords and card numbers are not kept in memory.", code="secret_in_memory")
        now = self._clock.now()
        async with self._store.write() as session:
            known = await self._existing(MemoryRepository(session, workspace_id), session, user_id, memory_id)
            row = known.memory
            if patch.text is not None and patch.text != row.text:
                await Forgetting(session, workspace_id).answers_with([], [row.id])
                row.text, row.origin, row.confidence = patch.text, "person", 1.0
            if "expires_at" in patch.model_fields_set:
                row.expires_at = _in_future(patch.expires_at, now)
            row.updated_at = now
            await session.flush()
            view = _view(known)
        await self._scrub(workspace_id)
        return view

    async def forget(self, workspace_id: str, user_id: str, memory_id: str, *, words: bool = False) -> None:
        """Forget a memory, and never recall the message that it came from. `words`: blank them there as well.

        Raises:
            NotFound: the user has no such memory.
        """
        async with self._store.write() as session:
            memories = MemoryRepository(session, workspace_id)
            known = await self._existing(memories, session, user_id, memory_id)
            row = known.memory
            doomed = [row.id, *await memories.inside(row)]
            await forget_memories(session, workspace_id, doomed)
            await Forgetting(session, workspace_id).answers_with([row.message_id])
            await SaidRepository(session, workspace_id).not_recalled_any_more([row.message_id])
            if words:
                await Forgetting(session, workspace_id).words_of(row.message_id, row.start, row.end)
        await self._scrub(workspace_id)

    async def forget_all(self, workspace_id: str, user_id: str, *, words: bool = False) -> None:
        """Forget all that is remembered of a user, and recall nothing that was said so far."""
        async with self._store.write() as session:
            people, memories = PersonRepository(session, workspace_id), MemoryRepository(session, workspace_id)
            said = SaidRepository(session, workspace_id)
            person = await people.ensure(user_id, self._clock.now())
            known = await memories.valid(person.id, LONG_AGO)
            await Forgetting(session, workspace_id).answers_with(await said.of_user(user_id))
            for row in known if words else []:
                place = row.memory
                await Forgetting(session, workspace_id).words_of(place.message_id, place.start, place.end)
            await memories.remove_of(person.id)
            await said.nothing_recalled_any_more(user_id)
        await self._scrub(workspace_id)

    async def summary(self, workspace_id: str, conversation_id: str) -> SummaryView:
        """Return the running summary of a conversation.

        Raises:
            NotFound: the workspace has no such conversation.
        """
        async with self._store.read() as session:
            if await ConversationRepository(session, workspace_id).conversation(conversation_id) is None:
                raise NotFound("There is no such conversation.", code="conversation_not_found")
            row = await SummaryRepository(session, workspace_id).find(conversation_id)
        return SummaryView(
            conversation_id=conversation_id,
            text=row.text if row else "",
            origin=row.origin if row else None,  # pyright: ignore[reportArgumentType]
            until_seq=row.until_seq if row else 0,
            updated_at=row.updated_at if row else None,
        )

    async def forget_bot(self, workspace_id: str, bot_id: str) -> None:
        """Blank what answers of others took from the conversations of a bot that is about to be removed."""
        async with self._store.write() as session:
            conversations = await SaidRepository(session, workspace_id).of_bot(bot_id)
            await Forgetting(session, workspace_id).conversations(conversations)
        await self._scrub(workspace_id)

    async def _existing(self, memories: MemoryRepository, session: WriteSession, user_id: str, memory_id: str) -> Known:
        person = await PersonRepository(session, memories.workspace_id).find(user_id)
        known = await memories.one(person.id, memory_id) if person else None
        if known is None:
            raise NotFound("Nothing is remembered under this id.", code="memory_not_found")
        return known


def _in_future(moment: datetime | None, now: datetime) -> datetime | None:
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    if moment <= now:
        raise InvalidInput("A memory can only expire in the future. Forget it to be rid of it now.", code="expired")
    return moment


def _view(known: Known) -> MemoryView:
    row = known.memory
    return MemoryView(
        id=row.id,
        kind=row.kind,  # pyright: ignore[reportArgumentType]
        text=row.text,
        origin=row.origin,  # pyright: ignore[reportArgumentType]
        confidence=round(row.confidence, 2),
        message_id=row.message_id,
        conversation_id=known.conversation.id,
        conversation_title=known.conversation.title,
        bot_id=known.conversation.bot_id,
        said_at=known.message.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
