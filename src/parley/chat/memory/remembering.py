"""The job that reads what people said, after the answers: facts into memory, the running summary of a conversation.

What is left to read is told by rows (`Conversation.remembered_seq`, `Message.recallable`), so a lost job loses nothing;
there is one for a workspace, woken shortly after turns.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from parley.bots.tables import Bot
from parley.chat.check import SupportChecker
from parley.chat.memory.by_model import extract_with_model, summarise_with_model
from parley.chat.memory.extraction import Extracted, extract
from parley.chat.memory.forgetting import forget_memories
from parley.chat.memory.repository import MemoryRepository, PersonRepository, SaidRepository, SummaryRepository
from parley.chat.memory.summaries import LEAST_MESSAGES, summarise
from parley.chat.memory.tables import Memory
from parley.chat.memory.telling import supported_answers
from parley.chat.tables import EVALUATION, Conversation, Message
from parley.errors import AppError
from parley.jobs.schemas import ErrorOut, JobRequest
from parley.jobs.service import JobContext, Jobs
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.llm.chat import ChatModel
from parley.store.engine import Store, WriteSession

log = structlog.get_logger()
REMEMBER = "remember"
SCRUB = "scrub"
CONVERSATIONS_AT_ONCE = 20
MESSAGES_AT_ONCE = 200
EXPIRED_AT_ONCE = 200
ANSWERS_COMPARED = 50
MOST_MEMORIES = 2000
STIR_SECONDS = 1.0
MOST_STIR_SECONDS = 8.0
# Said again: so much of the doubt that is left goes away.
CONFIRMED = 0.5


class ModelOpener(Protocol):
    """Gives a connected model: `llm.service.ModelService`."""

    async def open(self, workspace_id: str, model_id: str) -> ChatModel: ...


class Remembering:
    """Reads conversations for memory.

    Args:
        with_models: whether the bot's own model is asked where it has one; that is paid for like its answers.
    """

    def __init__(
        self, store: Store, clock: Clock, models: ModelOpener, checker: SupportChecker, *, with_models: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._models = models
        self._checker = checker
        self._with_models = with_models

    async def run(self, job: JobContext) -> None:
        """Read everything that was not read yet."""
        await self.catch_up(job.workspace_id)

    async def fail(self, job: JobContext, error: ErrorOut) -> None:
        """Leave the rows: the next reconciliation tries again."""

    async def catch_up(self, workspace_id: str) -> None:
        """Read all that is pending in a workspace, and let go of what has expired."""
        while True:
            async with self._store.read() as session:
                waiting = await SaidRepository(session, workspace_id).pending(CONVERSATIONS_AT_ONCE)
            if not waiting:
                break
            for conversation in waiting:
                await self._read(workspace_id, conversation)
        async with self._store.write() as session:
            memories = MemoryRepository(session, workspace_id)
            expired = await memories.expired(self._clock.now(), EXPIRED_AT_ONCE)
            await forget_memories(session, workspace_id, [row.id for row in expired])

    async def pending(self, workspace_id: str) -> bool:
        """Tell whether there is anything to read or to let go of."""
        async with self._store.read() as session:
            if await SaidRepository(session, workspace_id).pending(1):
                return True
            return bool(await MemoryRepository(session, workspace_id).expired(self._clock.now(), 1))

    async def _read(self, workspace_id: str, conversation: Conversation) -> None:
        """Read the oldest unread messages of a conversation."""
        async with self._store.read() as session:
            said = SaidRepository(session, workspace_id)
            unread = await said.unread(conversation, MESSAGES_AT_ONCE)
            first = unread[0][0].seq if unread else 0
            before = await said.said_by_bot(conversation.id, first, ANSWERS_COMPARED)
            bot = await said.get(Bot, conversation.bot_id)
        if not unread or bot is None:
            return
        model = await self._model(workspace_id, bot)
        found: list[tuple[Message, list[Extracted]]] = []
        for message, text in unread:
            if message.author_kind == "bot":
                before.append(text)
            elif message.recallable and message.user_id and conversation.channel != EVALUATION:
                found.append((message, await self._facts(model, text, list(before))))
        async with self._store.write() as session:
            for message, facts in found:
                if facts:
                    await self._keep(session, workspace_id, message, facts)
            await SaidRepository(session, workspace_id).read_up_to(conversation.id, unread[-1][0].seq)
        await self._summarise(workspace_id, conversation.id, model)

    async def _model(self, workspace_id: str, bot: Bot) -> ChatModel | None:
        if not self._with_models or bot.model_id is None:
            return None
        try:
            return await self._models.open(workspace_id, bot.model_id)
        except AppError as error:
            log.info("memory goes by rules", code=error.stable_code)
            return None

    async def _facts(self, model: ChatModel | None, text: str, before: Sequence[str]) -> list[Extracted]:
        """Return what rules find, and beside it what a model finds where there is one."""
        by_rules = await asyncio.to_thread(extract, text, before)
        if model is None:
            return by_rules
        try:
            by_model = await extract_with_model(model, text, before)
        except AppError as error:
            log.info("a model could not say what to remember", code=error.stable_code)
            return by_rules
        return by_rules + [one for one in by_model if not any(_overlap(one, other) for other in by_rules)]

    async def _keep(
        self, session: WriteSession, workspace_id: str, message: Message, facts: Sequence[Extracted]
    ) -> None:
        """Store facts; one about the same takes the older one's place, and said again it is surer."""
        assert message.user_id is not None
        now = self._clock.now()
        person = await PersonRepository(session, workspace_id).ensure(message.user_id, now)
        memories = MemoryRepository(session, workspace_id)
        if not person.enabled or not await SaidRepository(session, workspace_id).recallable([message.id]):
            return
        known = await memories.about(person.id, {(fact.kind, fact.subject) for fact in facts})
        room = MOST_MEMORIES - await memories.count(person.id)
        for fact in facts:
            older = known.get((fact.kind, fact.subject))
            again = older is not None and older.text.casefold() == fact.text.casefold()
            if older is not None:
                if older.created_at > message.created_at and not again:
                    continue
                await forget_memories(session, workspace_id, [] if again else [older.id])
            confidence = fact.confidence
            if older is not None and again:
                confidence = older.confidence + (1 - older.confidence) * CONFIRMED * fact.confidence
                await memories.remove([older.id])
            elif room <= 0:
                continue
            memories.add(_row(person.id, message, fact, confidence))
            room -= 1
        await session.flush()

    async def _summarise(self, workspace_id: str, conversation_id: str, model: ChatModel | None) -> None:
        async with self._store.read() as session:
            summaries = SummaryRepository(session, workspace_id)
            former = await summaries.find(conversation_id)
            after = former.until_seq if former else 0
            spoken = await supported_answers(session, workspace_id, conversation_id, after)
        if not spoken or (former is None and len(spoken) < LEAST_MESSAGES):
            return
        text, origin = "", "model"
        if model is not None:
            try:
                text = await summarise_with_model(model, self._checker, former.text if former else "", spoken)
            except AppError as error:
                log.info("a model could not sum a conversation up", code=error.stable_code)
        if not text:
            text, origin = await asyncio.to_thread(summarise, spoken, former.text if former else ""), "rules"
        async with self._store.write() as session:
            summaries = SummaryRepository(session, workspace_id)
            # What the former one was made of may have been forgotten meanwhile; then this one is not to be kept.
            if spoken == await supported_answers(session, workspace_id, conversation_id, after):
                await summaries.put(conversation_id, text, origin, spoken[-1].seq, self._clock.now())


def _row(person_id: str, message: Message, fact: Extracted, confidence: float) -> Memory:
    return Memory(
        id=new_id("mem"),
        person_id=person_id,
        message_id=message.id,
        start=fact.start,
        end=fact.end,
        kind=fact.kind,
        subject=fact.subject,
        text=fact.text,
        language=fact.language,
        origin=fact.origin,
        confidence=confidence,
        created_at=message.created_at,
        updated_at=message.created_at,
        expires_at=message.created_at + fact.lifetime if fact.lifetime else None,
        last_used_at=None,
    )


def _overlap(one: Extracted, other: Extracted) -> bool:
    return one.start < other.end and other.start < one.end and other.kind != "entity"


class MemoryJobs:
    """Wakes the reading of a workspace soon after somebody said something, and the clearing after a forgetting."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._stirred: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, float] = {}

    async def start(self) -> None:
        """Nothing to begin with: what was left unread is found by the reconciliation."""

    def stir(self, workspace_id: str) -> None:
        """Say that a turn has ended. What comes in quick succession is read together, once there is a moment's rest."""
        self._last[workspace_id] = time.monotonic()
        if workspace_id not in self._stirred:
            task = asyncio.create_task(self._soon(workspace_id), name=f"remember {workspace_id}")
            self._stirred[workspace_id] = task

    async def scrub(self, workspace_id: str) -> None:
        """Have the files of the database cleared of what was deleted."""
        await self._jobs.enqueue(workspace_id, SCRUB, workspace_id)

    async def stop(self) -> None:
        """Let go; what was not read is found by the next reconciliation."""
        for task in list(self._stirred.values()):
            task.cancel()
        await asyncio.gather(*self._stirred.values(), return_exceptions=True)

    async def _soon(self, workspace_id: str) -> None:
        until = time.monotonic() + MOST_STIR_SECONDS
        while (rest := min(self._last[workspace_id] + STIR_SECONDS, until) - time.monotonic()) > 0:  # noqa: ASYNC110  (what moves is the time)
            await asyncio.sleep(rest)
        self._stirred.pop(workspace_id, None)
        del self._last[workspace_id]
        await self._jobs.enqueue(workspace_id, REMEMBER, workspace_id)


def register_memory(
    jobs: Jobs,
    remembering: Remembering,
    store: Store,
    workspace_ids: Callable[[], Awaitable[list[str]]],
    forget_answers: Callable[[str, Sequence[str]], Awaitable[None]],
) -> MemoryJobs:
    """Say what runs this room's jobs, and how words that were not read are found again.

    Args:
        forget_answers: drops what is kept of HTTP answers, which may quote what was forgotten.
    """

    async def scrub(job: JobContext) -> None:
        await forget_answers(job.workspace_id, [])
        await store.scrub()

    jobs.define(REMEMBER, remembering.run, remembering.fail)
    jobs.define(SCRUB, scrub, remembering.fail)

    async def pending() -> list[JobRequest]:
        found = [one for one in await workspace_ids() if await remembering.pending(one)]
        return [JobRequest(workspace_id, REMEMBER, workspace_id) for workspace_id in found]

    jobs.reconcile_with(pending)
    return MemoryJobs(jobs)
