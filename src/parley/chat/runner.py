"""Runs turns, each in a task of its own and one at a time per conversation; finds those whose runner died."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from parley.chat.answer import AnswerState
from parley.chat.caching import AnswerCache
from parley.chat.delivery import Delivery, deliver
from parley.chat.event_log import EventLog, EventRecord, EventWriter, LiveTurn
from parley.chat.events import Completed, Failed, Retrieved, Started, Stopped, TurnEvent, from_data
from parley.chat.history import read_turn
from parley.chat.memory.recall import MemoryRecall
from parley.chat.repository import EventRepository, TurnRepository
from parley.chat.sink import EventSink
from parley.chat.stages import make_small_talk, retrieve, understand
from parley.chat.stages_model import write
from parley.chat.stages_quoted import quote, quote_memory
from parley.chat.tables import Turn as TurnRow
from parley.chat.turn import QUOTED, Embedding, Tools, Turn, run_pipeline
from parley.chat.understanding import read_message
from parley.chat.understanding.decomposition import decompose
from parley.errors import AppError, ProviderTimeout
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.language_detection import detect_language
from parley.knowledge.events import WorkspaceEvents
from parley.llm.chat import ChatModel
from parley.llm.tables import ChatModelRow
from parley.store.engine import Store

log = structlog.get_logger()
LEASE_SECONDS = 30.0
BEAT_SECONDS = 5.0
# Events that were seen but not yet stored when a process died have numbers below this far from the last stored one.
CRASH_GAP = 1000
INTERRUPTED = Failed(
    code="interrupted", message="Parley was stopped while this answer was being written. Ask again.", retryable=True
)


class ModelOpener(Protocol):
    """Gives the connected model of a bot: `llm.service.ModelService`."""

    def open_row(self, row: ChatModelRow) -> ChatModel: ...


class TurnRunner:
    """Runs turns.

    Args:
        cache: answers given before.
        stir: called with the workspace when a turn is stored, so that memory reads what was said.
        sole_process: True where no other process can share the database, so that running turns on record at the start
            are known to be dead.
        workspace_ids: returns every workspace, to look for turns that were left behind.
    """

    def __init__(
        self,
        tools: Tools,
        models: ModelOpener,
        clock: Clock,
        events: WorkspaceEvents,
        cache: AnswerCache,
        *,
        stir: Callable[[str], None] = lambda _workspace_id: None,
        sole_process: bool,
        workspace_ids: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self.log = EventLog(tools.store)
        self._tools = tools
        self._store: Store = tools.store
        self._models = models
        self._clock = clock
        self._events = events
        self._cache = cache
        self._memory = MemoryRecall(clock)
        self._stir = stir
        self._sole_process = sole_process
        self._workspace_ids = workspace_ids
        self._owner = f"{os.getpid()}-{new_id('run')}"
        self._writer = EventWriter(tools.store)
        self._conversations: dict[str, asyncio.Task[None]] = {}
        self._asked_again: set[str] = set()
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._bot_models: dict[str, ChatModelRow] = {}
        self._answering: set[str] = set()
        self._stopping: set[str] = set()
        self._closing = False
        self._warmed = False
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """End what a dead process left running, take up what it left queued, and begin to work."""
        await self._look_around(at_start=True)
        self._background = [
            asyncio.create_task(self._writer.run(), name="turn-events"),
            asyncio.create_task(self._beat(), name="turn-leases"),
        ]

    async def stop(self) -> None:
        """End running turns as interrupted, with what they have written so far; queued ones stay queued."""
        self._closing = True
        for turn_id in self._answering:
            self._turns[turn_id].cancel()
        if self._turns:
            await asyncio.wait(self._turns.values())
        conversations = list(self._conversations.values())
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._writer.flush()

    def submit(self, workspace_id: str, turn: TurnRow, live: LiveTurn) -> None:
        """Take up a queued turn whose row and first events are committed."""
        self.log.open(live)
        self._work_on(workspace_id, turn.conversation_id)

    def warm_up(self) -> None:
        """Load what the first question needs (the language model: a second, 80 MB) before somebody waits for it."""
        if not self._warmed:
            self._warmed = True
            self._background.append(
                asyncio.create_task(asyncio.to_thread(_warm_up, self._tools.meaning), name="turn-warm-up")
            )

    async def cancel(self, turn_id: str) -> bool:
        """Stop a turn that runs here; True once it has ended, False if it does not run here."""
        task = self._turns.get(turn_id)
        if task is None:
            return False
        self._stopping.add(turn_id)
        if turn_id in self._answering:
            task.cancel()
        await asyncio.wait({task})
        return True

    def _work_on(self, workspace_id: str, conversation_id: str) -> None:
        if conversation_id in self._conversations:
            self._asked_again.add(conversation_id)
            return
        task = asyncio.create_task(self._work_off(workspace_id, conversation_id), name=f"turns-{conversation_id}")
        self._conversations[conversation_id] = task

    async def _work_off(self, workspace_id: str, conversation_id: str) -> None:
        """Run a conversation's turns one after the other until none is left."""
        try:
            while not self._closing:
                turn = await self._claim(workspace_id, conversation_id)
                if turn is not None:
                    await self._run_apart(turn)
                elif conversation_id in self._asked_again:
                    self._asked_again.discard(conversation_id)
                else:
                    return
        except SQLAlchemyError as error:
            log.error("turns of a conversation cannot go on", error=type(error).__name__)
        finally:
            self._conversations.pop(conversation_id, None)

    async def _claim(self, workspace_id: str, conversation_id: str) -> Turn | None:
        """Take the oldest queued turn of a conversation, unless another process runs one."""
        now = self._clock.now()
        async with self._store.write() as session:
            turns = TurnRepository(session, workspace_id)
            active = await turns.active([conversation_id])
            if not active or any(row.status == "running" for row in active):
                return None
            row = active[0]
            bot_model = await turns.bot_model(conversation_id)
            name = bot_model.model if bot_model else QUOTED
            until = now + timedelta(seconds=LEASE_SECONDS)
            if not await turns.claim(row.id, self._owner, now, until, name):
                return None
        turn = await read_turn(self._store, workspace_id, row)
        if turn is not None:
            turn.model_id, turn.model_label = bot_model.id if bot_model else None, name
            if bot_model is not None:
                self._bot_models[turn.id] = bot_model
        return turn

    async def _run_apart(self, turn: Turn) -> None:
        """Run a turn in a task of its own, which is only ever cancelled while it answers, never while it stores."""
        live = self.log.live(turn.id) or LiveTurn(turn.workspace_id, turn.id, 1)
        self.log.open(live)
        task = asyncio.create_task(self._run(turn, live), name=f"turn-{turn.id}")
        self._turns[turn.id] = task
        try:
            await asyncio.wait({task})
        finally:
            self._turns.pop(turn.id, None)
            self._bot_models.pop(turn.id, None)
            self._stopping.discard(turn.id)
            self.log.close(turn.id)
        if (error := task.exception()) is not None:
            log.error("a turn could not be stored", turn_id=turn.id, exc_info=error)
            live.abandon()

    async def _run(self, turn: Turn, live: LiveTurn) -> None:
        sink = EventSink(live, self._writer, self._clock)
        began = turn.began = time.perf_counter()
        answer_id = new_id("msg")
        self._answering.add(turn.id)
        try:
            end = await self._answer(turn, sink, live)
        finally:
            self._answering.discard(turn.id)
        sink.flush()
        took = round((time.perf_counter() - began) * 1000, 1)
        turn.stages["total"], turn.starts["total"] = took, 0.0
        if end is None:
            end = Completed(
                answer_id=answer_id,
                abstained=turn.abstained,
                support_rate=sink.state.support_rate,
                model=turn.model_label,
                usage=turn.usage,
                took_ms=took,
                cached=turn.cached_from is not None,
                withheld=turn.withheld,
            )
        elif isinstance(end, Stopped):
            end = Stopped(answer_id=answer_id)
        last = sink.end(end)
        await self._finish(Delivery.of(turn, answer_id, sink.state, self._clock.now()), live, last)
        await self._cache.keep(turn, self._tools)
        self._stir(turn.workspace_id)

    async def _answer(self, turn: Turn, sink: EventSink, live: LiveTurn) -> Stopped | Failed | None:
        """Run the pipeline; None when it came to its end."""
        sink.emit(Started(model=turn.model_label))
        try:
            if turn.id in self._stopping or self._closing:
                raise asyncio.CancelledError
            async with asyncio.timeout(self._tools.settings.max_turn_seconds):
                if turn.model_id is not None:
                    turn.model = self._models.open_row(self._bot_models[turn.id])
                answer = write if turn.model else quote
                recall = (self._memory.recall, self._cache.recall, quote_memory)
                stages = (understand, make_small_talk, *recall, retrieve, answer)
                async with aclosing(run_pipeline(turn, self._tools, stages)) as events:
                    async for event in events:
                        if isinstance(event, Retrieved):
                            live.documents = {hit.document.version_id: hit.document for hit in turn.hits}
                        sink.emit(event)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            return Stopped(answer_id=None) if turn.id in self._stopping else INTERRUPTED
        except TimeoutError:
            return _failure(ProviderTimeout("The answer took too long and was ended. Ask again.", code="turn_timeout"))
        except AppError as error:
            return _failure(error)
        except Exception as error:  # broad: whatever goes wrong, a turn must end with an event, and the log must say it
            log.error("a turn failed unexpectedly", turn_id=turn.id, exc_info=error)
            return Failed(
                code="internal",
                message="Parley could not answer because of a fault of its own. The log on the server says more.",
                retryable=True,
            )
        return None

    async def _finish(self, delivery: Delivery, live: LiveTurn, last: EventRecord) -> None:
        """Store the end of a turn, then tell it."""
        records = [*await self._writer.take(live), last]
        await deliver(self._store, self._events, delivery, records)
        live.publish(last)

    async def _beat(self) -> None:
        """Say that running turns live, and look for what others left behind or asked to stop."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._look_around(at_start=False)
            except SQLAlchemyError as error:
                log.warning("turns could not be looked after", error=type(error).__name__)

    async def _look_around(self, *, at_start: bool) -> None:
        now = self._clock.now()
        for workspace_id in await self._workspace_ids():
            async with self._store.read() as session:
                active = await TurnRepository(session, workspace_id).all_active()
            if mine := [row.id for row in active if row.id in self._turns]:
                async with self._store.write() as session:
                    until = now + timedelta(seconds=LEASE_SECONDS)
                    await TurnRepository(session, workspace_id).extend_leases(mine, until)
            for row in active:
                if row.id in self._turns:
                    if row.stop_requested:
                        await self.cancel(row.id)
                elif row.status == "running":
                    dead = row.lease_until is None or row.lease_until < now
                    if dead or (at_start and self._sole_process):
                        await self._bury(workspace_id, row)
                elif self.log.live(row.id) is None:
                    async with self._store.read() as session:
                        told = await EventRepository(session, workspace_id).newest_seq(row.id)
                    self.submit(workspace_id, row, LiveTurn(workspace_id, row.id, told))

    async def _bury(self, workspace_id: str, row: TurnRow) -> None:
        """End a turn whose runner died, with what is stored of its answer; its question can be asked again."""
        state, told = await self._rebuilt(workspace_id, row.id)
        state.apply(INTERRUPTED)
        live = LiveTurn(workspace_id, row.id, told + CRASH_GAP)
        delivery = Delivery(
            workspace_id=workspace_id,
            turn_id=row.id,
            conversation_id=row.conversation_id,
            question_id=row.question_id,
            answer_id=new_id("msg"),
            state=state,
            at=self._clock.now(),
        )
        await self._finish(delivery, live, live.number(INTERRUPTED, self._clock.now()))

    async def _rebuilt(self, workspace_id: str, turn_id: str) -> tuple[AnswerState, int]:
        state, told = AnswerState(), 0
        while records := await self.log.read(workspace_id, turn_id, told):
            for record in records:
                event: TurnEvent = from_data(record.type, record.body())
                state.apply(event)
                told = record.seq
        return state, told


def _warm_up(meaning: Embedding) -> None:
    question = "When does the ferry leave?"
    read_message(question, detect_language(question), meaning)
    decompose(question, "en")


def _failure(error: AppError) -> Failed:
    return Failed(code=error.stable_code, message=error.message, retryable=error.retryable)
