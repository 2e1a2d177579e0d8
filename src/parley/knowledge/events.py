"""The event log of a workspace: what happened, numbered, to be followed from any number on."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from parley.accounts.repository import SequenceRepository
from parley.kit.clock import Clock
from parley.knowledge.tables import WorkspaceEvent
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

EventType = Literal[
    "source.progress",
    "source.changed",
    "document.failed",
    "bot.changed",
    "conversation.changed",
    "answer.held_back",
    "generation.progress",
    "generation.changed",
]
PAGE = 500
POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to write. It carries ids, counts and codes, never text."""

    type: EventType
    target_id: str
    done: int | None = None
    total: int | None = None
    failed: int | None = None
    code: str | None = None


class EventRepository(ScopedRepository):
    """The event log of one workspace."""

    async def append(self, events: Sequence[NewEvent], now: datetime) -> int:
        """Write events and return the number of the last; late in a transaction, since it locks the workspace row."""
        first = await SequenceRepository(self.session).take_events(self.workspace_id, len(events))
        rows = [
            {
                "seq": first + offset,
                "type": event.type,
                "target_id": event.target_id,
                "done": event.done,
                "total": event.total,
                "failed": event.failed,
                "code": event.code,
                "created_at": now,
            }
            for offset, event in enumerate(events)
        ]
        await self.insert_many(WorkspaceEvent, rows)
        return first + len(events) - 1

    async def forget(self, seq: int) -> None:
        """Remove an event that a newer one of the same kind replaces, so that progress does not pile up."""
        await self.session.execute(self.delete(WorkspaceEvent).where(WorkspaceEvent.seq == seq))

    async def after(self, seq: int, limit: int) -> Sequence[WorkspaceEvent]:
        """Return events in order, from the one after `seq`."""
        query = self.select(WorkspaceEvent).where(WorkspaceEvent.seq > seq).order_by(WorkspaceEvent.seq).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def newest(self) -> int:
        """Return the number of the newest event, 0 if there is none."""
        query = self.select(WorkspaceEvent.seq).order_by(WorkspaceEvent.seq.desc()).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none() or 0


class WorkspaceEvents:
    """Writes and follows workspace events.

    Writers append within their own transaction (`append`) and call `announce` once it is committed; followers of
    this process then wake at once, those of others within two seconds.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._wakers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def append(self, session: AsyncSession, workspace_id: str, *events: NewEvent) -> int:
        """Write events in the caller's transaction and return the number of the last."""
        return await EventRepository(session, workspace_id).append(events, self._clock.now())

    def announce(self, workspace_id: str) -> None:
        """Wake followers up; after the commit."""
        for waker in self._wakers.get(workspace_id, ()):
            waker.set()

    async def publish(self, workspace_id: str, *events: NewEvent) -> None:
        """Write events in a transaction of their own and wake followers up."""
        async with self._store.write() as session:
            await self.append(session, workspace_id, *events)
        self.announce(workspace_id)

    async def newest(self, workspace_id: str) -> int:
        """Return the number of the newest event, 0 if there is none."""
        async with self._store.read() as session:
            return await EventRepository(session, workspace_id).newest()

    async def read(self, workspace_id: str, after: int, limit: int = PAGE) -> Sequence[WorkspaceEvent]:
        """Return the events that follow number `after`, at most `limit`."""
        async with self._store.read() as session:
            return await EventRepository(session, workspace_id).after(after, limit)

    async def follow(self, workspace_id: str, after: int) -> AsyncGenerator[Sequence[WorkspaceEvent]]:
        """Yield the events that follow number `after`, some at a time, for ever; no session is held in between."""
        waker = asyncio.Event()
        self._wakers[workspace_id].add(waker)
        try:
            while True:
                waker.clear()
                events = await self.read(workspace_id, after)
                if events:
                    after = events[-1].seq
                    yield events
                else:
                    await _wait(waker, POLL_SECONDS)
        finally:
            self._wakers[workspace_id].discard(waker)


def event_json(event: WorkspaceEvent) -> dict[str, Any]:
    """Return an event as it is sent."""
    return {
        "seq": event.seq,
        "type": event.type,
        "target_id": event.target_id,
        "done": event.done,
        "total": event.total,
        "failed": event.failed,
        "code": event.code,
        "at": event.created_at.isoformat(),
    }


async def _wait(waker: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waker.wait()
    except TimeoutError:
        return
