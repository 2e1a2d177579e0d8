"""Answering with a model: stream its prose, take its markers out, and check each sentence as it is completed."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from parley.chat.check import CheckPassage, SupportSpan, SupportVerdict
from parley.chat.events import Retracted, TurnEvent, Usage
from parley.chat.markers import Marker, MarkerStripper
from parley.chat.passages import pages_of
from parley.chat.prompts import build_prompt
from parley.chat.segments import Segment, Segmenter
from parley.chat.stages_quoted import NEAREST, abstain
from parley.chat.turn import AnswerWriter, Tools, Turn
from parley.errors import ContextTooLong, ProviderError
from parley.llm.chat import ChatMessage, ChatModel, ModelEvent, TextDelta, TokenUsage
from parley.retrieval.schemas import Hit

log = structlog.get_logger()
# Sentences without a marker are searched for in all passages; more than this many sources for one only clutter.
MOST_ATTACHED = 2


async def write(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Have the model write the answer.

    A provider that breaks off in the middle gets one more try, from the start; one for which the prompt is too long
    gets half of it.

    Raises:
        ProviderError: it failed again, or for good; what it had written stands as events.
    """
    if turn.model is None or not turn.hits:
        for event in abstain(turn):
            yield event
        return
    budget = tools.settings.prompt_tokens
    for attempt in (1, 2):
        with turn.timed("compose"):
            messages, held = await _compose(turn, tools, budget)
        writing = _Writing(turn, tools, turn.model, turn.hits[:held])
        try:
            with turn.timed("generate"):
                async with aclosing(writing.events(messages)) as events:
                    async for event in events:
                        yield event
        except ContextTooLong:
            if attempt == 2 or writing.text:
                raise
            budget //= 2  # a small model: the best passages alone may fit
        except ProviderError as error:
            if attempt == 2 or not error.retryable or not writing.text:
                raise
            log.info("a model broke off; starting again", code=error.stable_code, turn_id=turn.id)
            yield Retracted(start=0, end=len(writing.text), reason="provider_failed")
        else:
            break
        finally:
            await writing.close(messages)
    if writing.found_nothing:
        turn.abstained, turn.nearest = True, turn.hits[:NEAREST]


async def _compose(turn: Turn, tools: Tools, budget: int) -> tuple[list[ChatMessage], int]:
    return await asyncio.to_thread(
        build_prompt, turn.question, turn.hits, turn.history, budget, tools.embedder.count_tokens, turn.rules
    )


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the check of a segment found; spans are of hits by index, with the page that each stands on."""

    segment: Segment
    verdict: SupportVerdict
    spans: Sequence[tuple[int, SupportSpan]]
    pages: Sequence[int | None]


class _Writing:
    """One attempt at an answer."""

    def __init__(self, turn: Turn, tools: Tools, model: ChatModel, hits: Sequence[Hit]) -> None:
        self.text = ""
        self._turn = turn
        self._tools = tools
        self._model = model
        self._hits = hits
        self._passages = [_check_passage(hit) for hit in hits]
        self._writer = AnswerWriter()
        self._stripper = MarkerStripper()
        self._segmenter = Segmenter(turn.language)
        self._checks: deque[asyncio.Task[_Checked]] = deque()
        self._inbox: asyncio.Queue[ModelEvent | None] = asyncio.Queue()
        self._usage: TokenUsage | None = None
        self._claims = 0

    @property
    def found_nothing(self) -> bool:
        """Whether the model said that it cannot find an answer: not one sentence claims anything."""
        return self._claims == 0

    async def events(self, messages: Sequence[ChatMessage]) -> AsyncGenerator[TurnEvent]:
        """Yield tokens as they come, and the verdict on each sentence once it is known, in order."""
        pump = asyncio.create_task(self._pump(messages))
        pump.add_done_callback(self._wake)
        try:
            while not (pump.done() and self._inbox.empty()):
                event = await self._inbox.get()
                if isinstance(event, TextDelta):
                    for told in self._take(self._stripper.feed(event.text)):
                        yield told
                elif isinstance(event, TokenUsage):
                    self._usage = event
                while self._checks and self._checks[0].done():
                    for told in self._verdict(await self._checks.popleft()):
                        yield told
            broken = pump.exception()
        finally:
            pump.cancel()
            await asyncio.wait({pump})
        if broken is not None:
            while self._checks:  # what stands, stands with its verdict
                for told in self._verdict(await self._checks.popleft()):
                    yield told
            raise broken
        for told in self._take(self._stripper.finish()):
            yield told
        self._start_checks(self._segmenter.finish())
        while self._checks:
            for told in self._verdict(await self._checks.popleft()):
                yield told
        if not self.text.strip():
            raise ProviderError("The model answered without a word. Ask again.", code="provider_empty")

    async def _pump(self, messages: Sequence[ChatMessage]) -> None:
        """Read the model in a task of its own, so that a verdict need not wait for the next word."""
        max_tokens = self._tools.settings.max_answer_tokens
        async with aclosing(self._model.stream(messages, max_tokens=max_tokens)) as stream:
            async for event in stream:
                self._inbox.put_nowait(event)

    def _wake(self, _task: asyncio.Task[object]) -> None:
        self._inbox.put_nowait(None)

    async def close(self, messages: Sequence[ChatMessage]) -> None:
        """End checks that nobody waits for, and count what the attempt cost."""
        for check in self._checks:
            check.cancel()
        await asyncio.gather(*self._checks, return_exceptions=True)
        usage, estimated = self._usage, False
        if usage is None:
            texts = [*(message.text for message in messages), self.text]
            counts = await asyncio.to_thread(self._tools.embedder.count_tokens, texts)
            usage, estimated = TokenUsage(sum(counts[:-1]), counts[-1]), True
        cost = await asyncio.to_thread(self._model.price_usd, usage)
        before = self._turn.usage
        if before is not None:
            known = cost is not None and before.cost_usd is not None
            cost = (cost or 0.0) + (before.cost_usd or 0.0) if known else None
        self._turn.usage = Usage(
            input_tokens=usage.input_tokens + (before.input_tokens if before else 0),
            output_tokens=usage.output_tokens + (before.output_tokens if before else 0),
            estimated=estimated or (before is not None and before.estimated),
            cost_usd=cost,
        )

    def _take(self, pieces: Sequence[str | Marker]) -> Generator[TurnEvent]:
        for piece in pieces:
            self._start_checks(self._segmenter.add(piece))
            if isinstance(piece, str) and piece:
                self.text += piece
                yield self._writer.token(piece)

    def _start_checks(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            check = asyncio.create_task(self._check(segment))
            check.add_done_callback(self._wake)
            self._checks.append(check)

    async def _check(self, segment: Segment) -> _Checked:
        verdict, spans = await asyncio.to_thread(self._judge, segment)
        places = [(self._hits[index], span.start) for index, span in spans]
        pages = await pages_of(self._tools.store, self._turn.workspace_id, places)
        return _Checked(segment, verdict, spans, pages)

    def _judge(self, segment: Segment) -> tuple[SupportVerdict, list[tuple[int, SupportSpan]]]:
        """Check a sentence against what it cites; where that does not hold it, against everything that was found.

        A model that gives no number, or a wrong one, has still said something that a passage may well state.
        """
        sentence = self.text[segment.start : segment.end]
        language = self._turn.language
        cited = [number - 1 for number in segment.numbers if 0 < number <= len(self._passages)]
        verdict = self._tools.checker.check(sentence, [self._passages[index] for index in cited], language)
        spans = [(cited[span.passage], span) for span in verdict.spans]
        if verdict.verdict == "unsupported" and not segment.code:
            anywhere = self._tools.checker.check(sentence, self._passages, language)
            if anywhere.verdict == "supported":
                return anywhere, [(span.passage, span) for span in anywhere.spans[:MOST_ATTACHED]]
        return verdict, spans if verdict.verdict in ("supported", "conflicting") else []

    def _verdict(self, checked: _Checked) -> Generator[TurnEvent]:
        verdict = checked.verdict.verdict
        if checked.segment.code and not checked.segment.numbers:
            verdict = "no_claim"  # code without a source is an illustration
        numbers: list[int] = []
        for (index, span), page in zip(checked.spans, checked.pages, strict=True):
            n, citation = self._writer.cite(self._hits[index], span.start, span.end, page)
            numbers.append(n)
            if citation is not None:
                yield citation
        self._claims += verdict != "no_claim"
        yield self._writer.checked(checked.segment.start, checked.segment.end, verdict, list(dict.fromkeys(numbers)))


def _check_passage(hit: Hit) -> CheckPassage:
    context = "\n".join([hit.document.title, *hit.heading])
    return CheckPassage(text=hit.text, start=hit.start, language=hit.language, context=context)
