"""One attempt of a model at an answer: its text checked sentence by sentence, and held back where it must be."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from parley.chat.check import SupportSpan, SupportVerdict
from parley.chat.conflicts import check_passage, find_conflict
from parley.chat.dam import Dam, LeakFound
from parley.chat.events import TurnEvent, Usage, Verdict
from parley.chat.judge import Judgement
from parley.chat.markers import Marker, MarkerStripper
from parley.chat.output_filter import AllowedAddresses, OutputFilter
from parley.chat.passages import pages_of
from parley.chat.privacy import Leak
from parley.chat.segments import Segment, Segmenter
from parley.chat.turn import AnswerWriter, Tools, Turn
from parley.chat.vetting import Vetting
from parley.errors import ProviderError
from parley.llm.chat import ChatMessage, ChatModel, ModelEvent, TextDelta, TokenUsage
from parley.retrieval.schemas import Hit

# Sentences without a marker are searched for in all passages; more than this many sources for one only clutter.
MOST_ATTACHED = 2
# Characters before a sentence that are looked at together with it.
VETTED_BEFORE = 1200
NO_ADDRESSES = AllowedAddresses(())


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the check of a segment found; spans are of hits by index, with the page that each stands on.

    `leak`: what the text around it gives away; `vetted_to`: how far was looked; `contested`: what it cites supports it,
    and another source contradicts it.
    """

    segment: Segment
    verdict: Verdict
    spans: Sequence[tuple[int, SupportSpan]]
    pages: Sequence[int | None]
    leak: Leak | None
    vetted_to: int
    contested: bool


class Writing:
    """One attempt at an answer. `text` is what was told; `heard`: whether the model has said anything.

    Where sentences may be withheld, none is told before it was checked, and while learn-only text is about not before
    some more text has come that would show it to be the beginning of a copy.
    """

    def __init__(
        self, turn: Turn, tools: Tools, model: ChatModel, hits: Sequence[Hit], vet: Callable[[], Awaitable[Vetting]]
    ) -> None:
        self.text = ""
        self.withheld = 0
        self._raw = ""
        self._turn = turn
        self._tools = tools
        self._model = model
        self._documents = len(hits)
        self._hits = [*hits, *(one.as_hit(len(hits) + n) for n, one in enumerate(turn.recalled, 1))]
        self._passages = [check_passage(hit) for hit in self._hits]
        self._writer = AnswerWriter()
        self._filter = OutputFilter(NO_ADDRESSES)
        self._stripper = MarkerStripper()
        self._segmenter = Segmenter(turn.language)
        self._checks: deque[asyncio.Task[_Checked]] = deque()
        self._inbox: asyncio.Queue[ModelEvent | None] = asyncio.Queue()
        self._usage: TokenUsage | None = None
        self._claims = 0
        self._vet = vet
        self._vetting: Vetting | None = None
        self._dam: Dam | None = None
        self._ready: deque[_Checked] = deque()
        self._told = 0
        self._shown_last = False

    @property
    def heard(self) -> bool:
        """Whether the model has said anything."""
        return bool(self._raw)

    @property
    def found_nothing(self) -> bool:
        """Whether no sentence that was told claims anything: the model said that it cannot find an answer."""
        return self._claims == 0

    async def events(self, messages: Sequence[ChatMessage]) -> AsyncGenerator[TurnEvent]:
        """Yield tokens as they come, and the verdict on each sentence once it is known, in order.

        Raises:
            LeakFound: the text gives away what it must not.
            ProviderError: the model failed, or said nothing.
        """
        pump = asyncio.create_task(self._pump(messages))
        pump.add_done_callback(self._wake)
        try:
            self._vetting = await self._vet()  # after the model was called: it takes its time
            self._filter = OutputFilter(self._vetting.addresses)
            strict = self._turn.rules.answer_policy == "strict"
            self._dam = Dam(self._vetting, by_sentence=strict or self._vetting.guard is not None)
            while not (pump.done() and self._inbox.empty()):
                event = await self._inbox.get()
                if isinstance(event, TextDelta):
                    self._take(self._stripper.feed(self._filter.feed(event.text)))
                elif isinstance(event, TokenUsage):
                    self._usage = event
                for told in await self._tell(final=False):
                    yield told
            broken = pump.exception()
        finally:
            pump.cancel()
            await asyncio.wait({pump})
        if broken is None:
            self._take(self._stripper.feed(self._filter.finish()))
            self._take(self._stripper.finish())
            self._start_checks(self._segmenter.finish())
        for told in await self._tell(final=True):
            yield told
        if broken is not None:
            raise broken
        if not self._raw.strip():
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
            texts = [*(message.text for message in messages), self._raw]
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

    def _take(self, pieces: Sequence[str | Marker]) -> None:
        for piece in pieces:
            self._start_checks(self._segmenter.add(piece))
            if isinstance(piece, str):
                self._raw += piece

    def _start_checks(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            check = asyncio.create_task(self._check(segment))
            check.add_done_callback(self._wake)
            self._checks.append(check)

    async def _check(self, segment: Segment) -> _Checked:
        raw = self._raw
        sentence = raw[segment.start : segment.end]
        leak, found, spans = await asyncio.to_thread(self._vet_and_judge, segment, raw)
        verdict, contested = found.verdict, False
        if found.undecided and leak is None and not segment.code:
            verdict = await self._ask_judge(sentence, spans) or verdict
        if verdict == "supported" and not segment.code:
            contest = await asyncio.to_thread(self._contest, sentence, spans)
            if contest is not None:
                verdict, spans, contested = "conflicting", [*spans, contest], True
        spans = spans if verdict in ("supported", "conflicting") else []
        places = [(self._hits[index], span.start) for index, span in spans]
        pages = await pages_of(self._tools.store, self._turn.workspace_id, places)
        return _Checked(segment, verdict, spans, pages, leak, len(raw), contested)

    def _vet_and_judge(
        self, segment: Segment, raw: str
    ) -> tuple[Leak | None, SupportVerdict, list[tuple[int, SupportSpan]]]:
        assert self._vetting is not None, "nothing is checked before it is known what to watch for"
        leak = self._vetting.find(raw[max(0, segment.start - VETTED_BEFORE) :], whole=False)
        if leak is not None:
            return leak, SupportVerdict("unsupported", 0.0, (), ()), []
        if (segment.code or segment.heading) and not segment.numbers:
            return None, SupportVerdict("no_claim", 0.0, (), ()), []  # code without a source is an illustration
        return None, *self._judge(segment, raw[segment.start : segment.end])

    def _judge(self, segment: Segment, sentence: str) -> tuple[SupportVerdict, list[tuple[int, SupportSpan]]]:
        """Check a sentence against what it cites; if that is wanted, then against everything that was found.

        A model that gives no number, or a wrong one, may still say what a passage states.
        """
        language = self._turn.language
        cited = [number - 1 for number in segment.numbers if 0 < number <= len(self._passages)]
        verdict = self._tools.checker.check(sentence, [self._passages[index] for index in cited], language)
        if verdict.verdict == "unsupported" and not segment.code and self._tools.settings.find_missing_citations:
            anywhere = self._tools.checker.check(sentence, self._passages, language)
            if anywhere.verdict == "supported":
                return anywhere, [(span.passage, span) for span in anywhere.spans[:MOST_ATTACHED]]
        return verdict, [(cited[span.passage], span) for span in verdict.spans]

    async def _ask_judge(self, sentence: str, spans: Sequence[tuple[int, SupportSpan]]) -> Judgement | None:
        """Have the judge decide what the rules could not; None without one."""
        if self._tools.judge is None or not spans:
            return None
        passages = [self._passages[index] for index in dict.fromkeys(index for index, _ in spans)]
        return await self._tools.judge.judge(self._turn.workspace_id, sentence, passages)

    def _contest(self, sentence: str, spans: Sequence[tuple[int, SupportSpan]]) -> tuple[int, SupportSpan] | None:
        cited = [(self._hits[index].document.version_id, span.start, span.end) for index, span in spans]
        return find_conflict(self._tools.checker, sentence, self._turn.language, self._hits[: self._documents], cited)

    async def _tell(self, *, final: bool) -> list[TurnEvent]:
        """Return the events of what may be told now; at the end, of all that is left."""
        assert self._dam is not None
        events: list[TurnEvent] = []
        if not self._dam.by_sentence:
            events += self._tell_text(len(self._raw) if final else self._dam.open_to(self._raw))
        if final and self._checks:
            await asyncio.wait(self._checks)
        while self._checks and self._checks[0].done():
            checked = await self._checks.popleft()
            if checked.leak is not None:
                raise LeakFound(checked.leak)
            self._ready.append(checked)
        if final:
            await self._vet_all()
        while self._ready and (final or self._is_due(self._ready[0])):
            events += self._tell_checked(self._ready.popleft())
        rest = self._raw[self._told :].rstrip()
        if final and self._dam.by_sentence and self._shown_last and not any(map(str.isalnum, rest)):
            events += self._tell_text(self._told + len(rest))  # what closes the last sentence, never half a new one
        return events

    async def _vet_all(self) -> None:
        """Look at the answer as a whole before the end of it is told: first letters of lines add up."""
        assert self._vetting is not None
        leak = await asyncio.to_thread(partial(self._vetting.find, self._raw, whole=True))
        if leak is not None:
            raise LeakFound(leak)

    def _is_due(self, checked: _Checked) -> bool:
        assert self._dam is not None
        if not self._dam.by_sentence:
            return checked.segment.end <= self._told
        return self._dam.is_settled(self._raw[checked.segment.end : self._ready[-1].vetted_to])

    def _tell_text(self, end: int) -> list[TurnEvent]:
        piece = self._raw[self._told : end]
        if not piece:
            return []
        self._told = end
        self.text += piece
        return [self._writer.token(piece)]

    def _tell_checked(self, checked: _Checked) -> list[TurnEvent]:
        """Return the events of a sentence that was checked: with its text where that was held back."""
        assert self._dam is not None
        segment, events = checked.segment, list[TurnEvent]()
        if self._dam.by_sentence:
            if not self._may_stand(checked):
                self.withheld += 1
                self._told, self._shown_last = segment.end, False
                return []
            if not self.text:
                self._told = segment.start
            events += self._tell_text(segment.end)
            self._shown_last = True
        start = self._writer.length - (self._told - segment.start)
        numbers: list[int] = []
        for (index, span), page in zip(checked.spans, checked.pages, strict=True):
            n, citation = self._writer.cite(self._hits[index], span.start, span.end, page)
            numbers.append(n)
            if citation is not None:
                events.append(citation)
        self._claims += checked.verdict != "no_claim"
        end = start + segment.end - segment.start
        return [*events, self._writer.checked(start, end, checked.verdict, list(dict.fromkeys(numbers)))]

    def _may_stand(self, checked: _Checked) -> bool:
        assert self._vetting is not None
        sentence = self._raw[checked.segment.start : checked.segment.end]
        held_to_sources = self._vetting.sealed is not None or self._turn.rules.answer_policy == "strict"
        if held_to_sources and checked.verdict not in ("supported", "no_claim") and not checked.contested:
            return False
        return self._vetting.sealed is None or self._vetting.sealed.allows(
            sentence, supported=checked.verdict == "supported" or checked.contested
        )
