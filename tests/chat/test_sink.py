"""Merging a turn's events on their way to whoever follows."""

from datetime import UTC, datetime

from parley.chat.event_log import EventWriter, LiveTurn
from parley.chat.events import Checked, Completed, Retracted, Token
from parley.chat.sink import EventSink
from parley.kit.clock import FixedClock
from parley.store.engine import Store

CHECKED = Checked(index=0, start=0, end=1, verdict="no_claim", citations=[])


class Told:
    """A sink and what it has told."""

    def __init__(self, store: Store) -> None:
        self.live = LiveTurn("ws", "turn", 0)
        self.sink = EventSink(self.live, EventWriter(store), FixedClock(datetime(2026, 3, 1, tzinfo=UTC)))

    def events(self) -> list[tuple[str, str]]:
        return [(record.type, record.body().get("text", "")) for record in self.live.since(0)]


class TestMerging:
    async def test_tells_the_first_token_at_once_and_then_merges(self, store: Store) -> None:
        told = Told(store)
        for letter in "abcd":
            told.sink.emit(Token(text=letter))
        assert told.events() == [("token", "a")]
        told.sink.flush()
        assert told.events() == [("token", "a"), ("token", "bcd")]

    async def test_tells_text_before_what_speaks_of_it(self, store: Store) -> None:
        told = Told(store)
        for event in (Token(text="a"), Token(text="b"), CHECKED, Token(text="c")):
            told.sink.emit(event)
        told.sink.flush()
        assert told.events() == [("token", "a"), ("token", "bc"), ("checked", "")]

    async def test_withdraws_only_what_was_told(self, store: Store) -> None:
        told = Told(store)
        for event in (Token(text="a"), Token(text="b"), Retracted(start=0, end=2, reason="provider_failed")):
            told.sink.emit(event)
        assert [kind for kind, _ in told.events()] == ["token", "token", "retracted"]
        assert told.sink.state.text == ""

    async def test_the_end_is_numbered_last_and_told_only_when_published(self, store: Store) -> None:
        told = Told(store)
        told.sink.emit(Token(text="a"))
        told.sink.emit(Token(text="b"))
        end = Completed(answer_id="a", abstained=False, support_rate=None, model="m", usage=None, took_ms=1)
        record = told.sink.end(end)
        assert (record.seq, told.events()[-1]) == (3, ("token", "b"))
        told.live.publish(record)
        assert told.live.ended
        assert told.sink.state.status == "completed"
