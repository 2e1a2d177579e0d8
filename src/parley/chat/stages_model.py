"""Answering with a model: what is asked of it, and what happens when it breaks off or tells what it must not."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import structlog

from parley.chat.dam import LeakFound
from parley.chat.events import Retracted, TurnEvent
from parley.chat.privacy import Leak
from parley.chat.prompts import build_prompt
from parley.chat.stages_headed import give_whole
from parley.chat.stages_quoted import NEAREST, abstain
from parley.chat.turn import Tools, Turn
from parley.chat.understanding import manner
from parley.chat.vetting import Vetting, vetting_of
from parley.chat.writing import Writing
from parley.errors import ContextTooLong, ProviderError
from parley.llm.chat import ChatMessage, ChatModel
from parley.retrieval.schemas import Hit

log = structlog.get_logger()


async def write(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Have the model write the answer.

    A provider that breaks off in the middle gets one more try, from the start; one for which the prompt is too long
    gets half of it. An answer that gives learn-only text away is begun again without any; one that does so even then
    is replaced by an abstention.

    Raises:
        ProviderError: it failed again, or for good; what it had written stands as events.
    """
    informed = turn.hits or turn.recalled or (turn.background and turn.rules.learn_only_policy == "background")
    if turn.model is None or not informed:
        for event in abstain(turn):
            yield event
        return
    with turn.timed("compose"):
        await give_whole(turn, tools)
    answering = _Answering(turn, tools, turn.model)
    try:
        for background in (turn.background, ()):
            answering.outcome = "said"
            async with aclosing(answering.events(background)) as events:
                async for event in events:
                    yield event
            if answering.outcome == "said" or (answering.outcome == "nothing" and not background):
                break
        for event in answering.conclude():
            yield event
    finally:
        answering.close()


class _Answering:
    """The attempts at one answer. `outcome` of the newest: said, nothing (all of it was withheld), or leaked."""

    def __init__(self, turn: Turn, tools: Tools, model: ChatModel) -> None:
        self.outcome = "said"
        self._turn = turn
        self._tools = tools
        self._model = model
        self._vetting: asyncio.Task[Vetting] | None = None
        self._budget = tools.settings.prompt_tokens
        self._attempts = 2
        self._writing: Writing | None = None

    async def events(self, background: Sequence[Hit]) -> AsyncGenerator[TurnEvent]:
        """Yield the events of one answer; what is not to stand is withdrawn."""
        while True:
            with self._turn.timed("compose"):
                messages, held = await self._compose(background)
                self._turn.passages_given = held
            writing = Writing(self._turn, self._tools, self._model, self._turn.hits[:held], self._vet)
            self._writing = writing
            try:
                with self._turn.timed("generate"):
                    async with aclosing(writing.events(messages)) as events:
                        async for event in events:
                            yield event
            except LeakFound as found:
                for event in self._leaked(writing, found.leak):
                    yield event
            except ContextTooLong:
                if not self._try_again() or writing.text:
                    raise
                self._budget //= 2  # a small model: the best passages alone may fit
                continue
            except ProviderError as error:
                if not error.retryable or not writing.heard or not self._try_again():
                    raise
                log.info("a model broke off; starting again", code=error.stable_code, turn_id=self._turn.id)
                if writing.text:
                    yield Retracted(start=0, end=len(writing.text), reason="provider_failed")
                continue
            else:
                for event in self._ended(writing):
                    yield event
            finally:
                await writing.close(messages)
            return

    def close(self) -> None:
        """Let go of what nobody waits for any more."""
        if self._vetting is not None:
            self._vetting.cancel()

    async def _vet(self) -> Vetting:
        """Return what to watch for, found out once for all attempts."""
        if self._vetting is None:
            self._vetting = asyncio.create_task(vetting_of(self._turn, self._tools))
        return await self._vetting

    def conclude(self) -> list[TurnEvent]:
        """Return the events of an abstention where nothing may be said, and note one that the model made."""
        if self.outcome != "said":
            return abstain(self._turn)
        if self._writing is not None and self._writing.found_nothing:
            self._turn.abstained, self._turn.nearest = True, self._turn.hits[:NEAREST]
        return []

    def _leaked(self, writing: Writing, leak: Leak) -> list[TurnEvent]:
        self.outcome = "leaked"
        self._turn.leaks.append(leak)
        log.info("an answer was held back", kind=leak.kind, turn_id=self._turn.id)
        return [Retracted(start=0, end=len(writing.text), reason="leak")] if writing.text else []

    def _ended(self, writing: Writing) -> list[TurnEvent]:
        """An answer of which nothing but courtesies is left is withdrawn."""
        self._turn.withheld = writing.withheld
        if not writing.withheld or not writing.found_nothing:
            return []
        self.outcome = "nothing"
        marked = self._turn.rules.answer_policy == "marked"
        gone = Retracted(start=0, end=len(writing.text), reason="not_supported", shown=marked)
        return [gone] if writing.text else []

    def _try_again(self) -> bool:
        self._attempts -= 1
        return self._attempts > 0

    async def _compose(self, background: Sequence[Hit]) -> tuple[list[ChatMessage], int]:
        turn, count_tokens = self._turn, self._tools.embedder.count_tokens
        return await asyncio.to_thread(
            build_prompt,
            turn.question,
            turn.hits,
            turn.history,
            self._budget,
            count_tokens,
            turn.rules,
            background,
            manner(turn.tone, turn.language),
            turn.recalled,
            turn.summary,
            turn.shares,
        )
