"""A turn in the making: what its stages read and fill, and the pipeline that runs them."""

import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from parley.bots.schemas import DEFAULT_RULES, AnswerRules
from parley.chat.check import SupportChecker
from parley.chat.events import Checked, Citation, Token, TurnEvent, Usage, Verdict
from parley.chat.judge import SupportJudge
from parley.chat.memory.asking import About
from parley.chat.memory.extraction import letters
from parley.chat.memory.schemas import MESSAGE_SOURCE, Recalled
from parley.chat.privacy import Leak
from parley.chat.quoting import TermStatistics, WordVectors
from parley.chat.quoting.courtesies import Courtesy
from parley.chat.understanding import Emotion, Intent, Sentiment
from parley.chat.understanding.decomposition import Part
from parley.knowledge.page_check import PageCheck
from parley.knowledge.page_check import Span as PageSpan
from parley.llm.chat import ChatModel
from parley.retrieval.schemas import Hit, SearchRequest, SearchResult
from parley.settings import ChatSettings
from parley.store.engine import Store

QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a question, or a document of several that it asks about, with its passages: chunk ids, best first."""

    label: str
    query: str
    chunk_ids: tuple[int, ...]


@dataclass(slots=True)
class Turn:
    """One answer in the making. What is asked comes first, who answers next; stages fill the rest.

    `model_label`: the provider's name of the model, or `quoted`. `hits` may be cited; `background` are learn-only
    passages, which may inform a model and are never shown. `leaks`: what was held back. `faq`: start, end and text of
    an answer in the document of the first hit, where somebody has answered this very question.
    `parts`: what a compound question is made of; `spread`: the same is asked of each of several documents; `shares`:
    which passages are for which part or document.
    `spoken`: the answer needs nothing looked up.
    `user_id`: whose memory may be looked into; None: nobody's. `about`: what the question asks of it; `recalled`: what
    was found there, best first; `summary`: of the conversation so far. `tells`: something was
    told that is remembered, and nothing asked.
    `asked_again`: the question has an answer, and another is wanted. `cached_from`: the turn whose answer is given
    again. `contradicted`: spans of PDFs that a second reader of the file does not find where they stand.
    `withheld`: sentences that were written and not shown; `passages_given`: how many of the hits the model got.
    `starts`: when each stage of `stages` began first, in milliseconds since `began`.
    """

    workspace_id: str
    id: str
    conversation_id: str
    bot_id: str
    question_id: str
    question: str
    attachments: Sequence[str]
    history: Sequence[HistoryMessage]

    user_id: str | None = None
    rules: AnswerRules = DEFAULT_RULES
    model_id: str | None = None
    model_label: str = QUOTED
    model: ChatModel | None = None
    language: str = "und"
    intent: Intent = "question"
    sentiment: Sentiment = "neutral"
    emotion: Emotion = "none"
    tone: Courtesy | None = None
    spoken: bool = False
    query: str = ""
    earlier: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    parts: list[Part] = field(default_factory=list[Part])
    spread: bool = False
    shares: list[Share] = field(default_factory=list[Share])
    hits: list[Hit] = field(default_factory=list[Hit])
    background: list[Hit] = field(default_factory=list[Hit])
    leaks: list[Leak] = field(default_factory=list[Leak])
    faq: tuple[int, int, str] | None = None
    nearest: list[Hit] = field(default_factory=list[Hit])
    about: About = ""
    recalled: list[Recalled] = field(default_factory=list[Recalled])
    summary: str = ""
    tells: bool = False
    abstained: bool = False
    asked_again: bool = False
    cache_key: bytes | None = None
    cached_from: str | None = None
    contradicted: set[PageSpan] = field(default_factory=set[PageSpan])
    usage: Usage | None = None
    withheld: int = 0
    passages_given: int | None = None
    stages: dict[str, float] = field(default_factory=dict[str, float])
    starts: dict[str, float] = field(default_factory=dict[str, float])
    began: float = field(default_factory=time.perf_counter)

    @property
    def answers_said(self) -> list[str]:
        """What the bot has said before in this branch of the conversation, letters alone."""
        return [letters(message.text) for message in self.history if message.role == "assistant"]

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Measure a stage in milliseconds; one that runs twice adds up."""
        began = time.perf_counter()
        self.starts.setdefault(stage, round((began - self.began) * 1000, 3))
        try:
            yield
        finally:
            took = (time.perf_counter() - began) * 1000
            self.stages[stage] = round(self.stages.get(stage, 0.0) + took, 3)


class PassageSearch(Protocol):
    """Finds passages: `retrieval.service.Searcher`."""

    async def search(self, workspace_id: str, request: SearchRequest) -> SearchResult: ...
    async def statistics(self, workspace_id: str, request: SearchRequest | None = None) -> TermStatistics: ...


class Embedding(Protocol):
    """Vectors of texts and the number of their tokens: any `llm.embedding.Embedder`."""

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]: ...
    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]: ...
    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What stages work with. `meaning`: the built-in embedding table, which knows many languages."""

    store: Store
    search: PassageSearch
    embedder: Embedding
    checker: SupportChecker
    settings: ChatSettings
    meaning: Embedding
    judge: SupportJudge | None = None
    page_check: PageCheck | None = None

    @property
    def vectors(self) -> WordVectors:
        """What quoted answers compare words by."""
        return WordVectors(english=self.embedder, others=self.meaning)


class AnswerWriter:
    """Numbers sentences and citations of an answer and knows where its text ends."""

    def __init__(self) -> None:
        self.length = 0
        self._sentences = 0
        self._numbers: dict[tuple[str, int, int], int] = {}

    def token(self, text: str) -> Token:
        """Append text."""
        self.length += len(text)
        return Token(text=text)

    def cite(self, hit: Hit, start: int, end: int, page: int | None) -> tuple[int, Citation | None]:
        """Return the number of a span of the hit's document, and its event if it was not cited before."""
        key = (hit.document.version_id, start, end)
        if key in self._numbers:
            return self._numbers[key], None
        n = self._numbers[key] = len(self._numbers) + 1
        version = hit.document.version_id
        if hit.source_id == MESSAGE_SOURCE:
            said = Citation(
                n=n, document_id="", version_id="", page=None, start=start, end=end, message_id=hit.document.id
            )
            return n, said
        return n, Citation(n=n, document_id=hit.document.id, version_id=version, page=page, start=start, end=end)

    def checked(self, start: int, end: int, verdict: Verdict, citations: Sequence[int] = ()) -> Checked:
        """Close a sentence."""
        event = Checked(index=self._sentences, start=start, end=end, verdict=verdict, citations=list(citations))
        self._sentences += 1
        return event


Stage = Callable[[Turn, Tools], AsyncGenerator[TurnEvent]]


async def run_pipeline(turn: Turn, tools: Tools, stages: Sequence[Stage]) -> AsyncGenerator[TurnEvent]:
    """Run the stages in order and yield their events; a stage that says something ends the answer.

    The events before and after (`turn.queued`, `turn.started`, the terminal one) are the runner's.
    """
    spoken = False
    for stage in stages:
        async with aclosing(stage(turn, tools)) as events:
            async for event in events:
                spoken = spoken or isinstance(event, Token)
                yield event
        if spoken:
            return
