"""The event log: memory, storage, and whoever follows."""

import asyncio
from datetime import UTC, datetime

from parley.chat.event_log import KEPT_EVENTS, EventRecord, LiveTurn
from parley.chat.events import Stopped, Token
from tests.chat.desk import Desk

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def numbers(records: list[EventRecord]) -> list[int]:
    return [record.seq for record in records]


class TestALiveTurn:
    def test_numbers_events_and_returns_those_that_follow(self) -> None:
        live = LiveTurn("ws", "turn", 1)
        for word in ("a", "b", "c"):
            live.append(Token(text=word), NOW)
        assert numbers(live.since(0)) == [2, 3, 4]
        assert numbers(live.since(3)) == [4]
        assert live.holds(1)
        assert not live.holds(0)

    def test_lets_go_of_what_is_stored_but_of_nothing_else(self) -> None:
        live = LiveTurn("ws", "turn", 0)
        for _ in range(KEPT_EVENTS * 3):
            live.append(Token(text="a"), NOW)
        assert live.holds(0)
        live.stored(KEPT_EVENTS)
        assert not live.holds(0)
        assert live.holds(KEPT_EVENTS)
        live.stored(KEPT_EVENTS * 3)
        assert len(live.since(0)) == KEPT_EVENTS

    async def test_wakes_everybody_who_waits(self) -> None:
        live = LiveTurn("ws", "turn", 0)
        waiting = [asyncio.create_task(live.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        live.append(Stopped(answer_id=None), NOW)
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        assert live.ended


class TestAReaderWhoFallsBehind:
    async def test_gets_every_event_once_and_in_order(self, desk: Desk) -> None:
        gates = [asyncio.Event() for _ in range(4)]
        words = [f"word{n} " for n in range(40)]
        script = [step for gate in gates for step in (*words, gate)]
        await desk.use_model(script)
        turn = await desk.submit(await desk.conversation(), "When does the ferry leave?")
        slow = desk.runner.log.follow(desk.workspace_id, turn.id, 0)
        first = await anext(slow)
        for gate in gates:
            gate.set()
        await desk.follow(turn.id)
        rest = [record async for batch in slow for record in batch]
        stored = await desk.runner.log.read(desk.workspace_id, turn.id, 0)
        assert numbers([*first, *rest]) == numbers(stored)
