"""Events of turns: told at once to those who follow here, stored in small shared transactions, resumable from any."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from parley.chat.events import TERMINAL, TurnEvent, to_data
from parley.chat.repository import ACTIVE, EventRepository, TurnRepository
from parley.retrieval.schemas import DocumentRef
from parley.store.engine import Store

log = structlog.get_logger()
STORE_SECONDS = 0.05
POLL_SECONDS = 0.25
KEPT_EVENTS = 64
PAGE = 500


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event with its number. `data` is its body as JSON."""

    seq: int
    type: str
    data: str
    at: datetime

    @property
    def terminal(self) -> bool:
        """Whether this is the last event of its turn."""
        return self.type in TERMINAL

    def body(self) -> dict[str, Any]:
        """Return the decoded body."""
        decoded: dict[str, Any] = json.loads(self.data)
        return decoded


class LiveTurn:
    """The newest events of a turn that this process runs. Older ones leave memory once they are stored.

    `documents`: by version id, those that its events speak of, so that serving them need not look them up.
    """

    def __init__(self, workspace_id: str, turn_id: str, seq: int) -> None:
        self.workspace_id = workspace_id
        self.turn_id = turn_id
        self.seq = seq
        self.ended = False
        self.documents: dict[str, DocumentRef] = {}
        self._stored = seq
        self._events: deque[EventRecord] = deque()
        self._changed = asyncio.Event()

    def append(self, event: TurnEvent, at: datetime) -> EventRecord:
        """Number an event and wake those who follow."""
        record = self.number(event, at)
        self.publish(record)
        return record

    def number(self, event: TurnEvent, at: datetime) -> EventRecord:
        """Give an event its number without telling anybody yet."""
        self.seq += 1
        return EventRecord(self.seq, event.type, to_data(event), at)

    def publish(self, record: EventRecord) -> None:
        """Tell those who follow."""
        self._events.append(record)
        self.ended = record.terminal
        self._wake()

    def stored(self, seq: int) -> None:
        """Let go of old events that the database holds."""
        self._stored = max(self._stored, seq)
        while len(self._events) > KEPT_EVENTS and self._events[0].seq <= self._stored:
            self._events.popleft()

    def abandon(self) -> None:
        """End without an event: the process stops, and the turn's end will be told by whoever finds it."""
        self.ended = True
        self._wake()

    def holds(self, after: int) -> bool:
        """Whether everything that follows number `after` is here."""
        first = self._events[0].seq if self._events else self.seq + 1
        return after + 1 >= first

    def since(self, after: int) -> list[EventRecord]:
        """Return the events that follow number `after`."""
        return [record for record in self._events if record.seq > after]

    async def wait(self) -> None:
        """Return when something has changed."""
        await self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


@dataclass(frozen=True, slots=True)
class _Unstored:
    live: LiveTurn
    record: EventRecord

    def row(self) -> dict[str, Any]:
        return event_row(self.live.turn_id, self.record)


def event_row(turn_id: str, record: EventRecord) -> dict[str, Any]:
    """Return an event as a row of the event table."""
    return {
        "turn_id": turn_id,
        "seq": record.seq,
        "type": record.type,
        "data": record.data,
        "created_at": record.at,
    }


class EventWriter:
    """Stores the events of all running turns, those of about 50 ms in one transaction.

    After a crash the last of them may be missing although somebody saw them; the number of the event that then ends
    the turn leaves room for them, so that nobody who resumes misses it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Unstored] = []
        self._filled = asyncio.Event()
        self._lock = asyncio.Lock()

    def put(self, live: LiveTurn, record: EventRecord) -> None:
        """Store an event soon."""
        self._waiting.append(_Unstored(live, record))
        self._filled.set()

    async def take(self, live: LiveTurn) -> list[EventRecord]:
        """Hand over what is not yet stored of a turn, for storing it together with the turn's end."""
        async with self._lock:
            mine = [item.record for item in self._waiting if item.live is live]
            self._waiting = [item for item in self._waiting if item.live is not live]
            return mine

    async def run(self) -> None:
        """Store events for as long as the process runs."""
        while True:
            await self._filled.wait()
            await asyncio.sleep(STORE_SECONDS)
            self._filled.clear()
            try:
                await self.flush()
            except SQLAlchemyError as error:
                log.warning("events could not be stored; trying again", error=type(error).__name__)
                self._filled.set()

    async def flush(self) -> None:
        """Store what waits."""
        async with self._lock:
            batch = list(self._waiting)
            if not batch:
                return
            try:
                await self._write(batch)
            except IntegrityError:
                await self._write_one_by_one(batch)
            self._waiting = self._waiting[len(batch) :]
        for item in batch:
            item.live.stored(item.record.seq)

    async def _write(self, batch: Sequence[_Unstored]) -> None:
        workspaces: dict[str, list[dict[str, Any]]] = {}
        for item in batch:
            workspaces.setdefault(item.live.workspace_id, []).append(item.row())
        async with self._store.write() as session:
            for workspace_id, rows in workspaces.items():
                await EventRepository(session, workspace_id).store(rows)

    async def _write_one_by_one(self, batch: Sequence[_Unstored]) -> None:
        """A turn was removed with its conversation: its events go with it, the others must not."""
        turns: dict[str, list[_Unstored]] = {}
        for item in batch:
            turns.setdefault(item.live.turn_id, []).append(item)
        for turn_id, items in turns.items():
            try:
                await self._write(items)
            except IntegrityError:
                log.info("events of a removed turn dropped", turn_id=turn_id)


class EventLog:
    """Follow a turn's events, wherever it runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._live: dict[str, LiveTurn] = {}

    def open(self, live: LiveTurn) -> None:
        """Serve this turn from memory."""
        self._live[live.turn_id] = live

    def close(self, turn_id: str) -> None:
        """Serve this turn from the database."""
        self._live.pop(turn_id, None)

    def live(self, turn_id: str) -> LiveTurn | None:
        """Return the turn if this process runs it."""
        return self._live.get(turn_id)

    def end_queued(self, turn_id: str) -> None:
        """A queued turn has ended without ever running: send those who follow it to the database."""
        live = self._live.pop(turn_id, None)
        if live is not None:
            live.abandon()

    async def read(self, workspace_id: str, turn_id: str, after: int, limit: int = PAGE) -> list[EventRecord]:
        """Return stored events that follow number `after`."""
        async with self._store.read() as session:
            rows = await EventRepository(session, workspace_id).after(turn_id, after, limit)
        return [EventRecord(row.seq, row.type, row.data, row.created_at) for row in rows]

    async def follow(self, workspace_id: str, turn_id: str, after: int) -> AsyncIterator[list[EventRecord]]:
        """Yield what follows number `after`, in lists, until the turn has ended; waits without a database session."""
        while True:
            live = self._live.get(turn_id)
            if live is not None and live.workspace_id == workspace_id and live.holds(after):
                async for records in _follow_live(live, after):
                    yield records
                    after = records[-1].seq
                    if records[-1].terminal:
                        return
                if not live.ended:
                    continue  # fell behind what memory holds
            records = await self.read(workspace_id, turn_id, after)
            if records:
                yield records
                after = records[-1].seq
                if records[-1].terminal:
                    return
            elif not await self._is_active(workspace_id, turn_id) and not await self.read(workspace_id, turn_id, after):
                return
            elif self._live.get(turn_id) is None or live is not None:
                await asyncio.sleep(POLL_SECONDS)

    async def _is_active(self, workspace_id: str, turn_id: str) -> bool:
        async with self._store.read() as session:
            return await TurnRepository(session, workspace_id).status(turn_id) in ACTIVE


async def _follow_live(live: LiveTurn, after: int) -> AsyncIterator[list[EventRecord]]:
    """Yield events from memory until the turn ends or memory no longer reaches back to `after`."""
    while live.holds(after):
        records = live.since(after)
        if records:
            yield records
            after = records[-1].seq
        elif live.ended:
            return
        else:
            await live.wait()
