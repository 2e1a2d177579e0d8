"""Between a turn's pipeline and its event log: merges tokens, keeps order, and adds everything up."""

import asyncio
import time

from parley.chat.answer import AnswerState
from parley.chat.event_log import EventRecord, EventWriter, LiveTurn
from parley.chat.events import Checked, Citation, Token, TurnEvent
from parley.kit.clock import Clock

FLUSH_SECONDS = 0.1


class EventSink:
    """Takes a turn's events and tells them: the first token at once, then text at most ten times a second.

    `state` is what the events told so far add up to, so what is stored from it is what was streamed.
    """

    def __init__(self, live: LiveTurn, writer: EventWriter, clock: Clock) -> None:
        self.state = AnswerState()
        self._live = live
        self._writer = writer
        self._clock = clock
        self._text: list[str] = []
        self._held: list[TurnEvent] = []
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def emit(self, event: TurnEvent) -> None:
        """Tell an event soon. Sentences and citations follow the text that they speak of."""
        if isinstance(event, Token):
            self._text.append(event.text)
            self._flush_when_due()
        elif isinstance(event, Citation | Checked):
            self._held.append(event)
            self._flush_when_due()
        else:
            self.flush()
            self._tell(event)

    def flush(self) -> None:
        """Tell what is held back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._text and not self._held:
            return
        text, held = "".join(self._text), self._held
        self._text, self._held = [], []
        if text:
            self._tell(Token(text=text))
        for event in held:
            self._tell(event)
        self._told_at = time.monotonic()

    def end(self, event: TurnEvent) -> EventRecord:
        """Number the last event, to be published once it is stored."""
        self.flush()
        self.state.apply(event)
        return self._live.number(event, self._clock.now())

    def _flush_when_due(self) -> None:
        wait = self._told_at + FLUSH_SECONDS - time.monotonic()
        if wait <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait, self.flush)

    def _tell(self, event: TurnEvent) -> None:
        self.state.apply(event)
        self._writer.put(self._live, self._live.append(event, self._clock.now()))
