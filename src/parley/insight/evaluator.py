"""Runs a golden set: asks every question of the bot as it is and measures what comes back."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parley.chat.schemas import ConversationIn, TurnIn, TurnView
from parley.chat.service import ConversationService, TurnService
from parley.chat.tables import EVALUATION
from parley.errors import AppError, ProviderError
from parley.insight.judge import Judgement, judge
from parley.insight.metrics import MEASURES, correctness, ndcg_at, precision, recall_at
from parley.insight.repository import GoldenRepository, RunRepository
from parley.insight.tables import EvalRun, GoldenQuestion, GoldenSet
from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext
from parley.kit.clock import Clock
from parley.llm.chat import ChatModel
from parley.store.engine import Store

EVALUATE = "evaluate"


class Embedding(Protocol):
    """Vectors of texts: any `llm.embedding.Embedder`."""

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class ModelOpener(Protocol):
    """Gives a connected model: `llm.service.ModelService`."""

    async def open(self, workspace_id: str, model_id: str) -> ChatModel: ...


class Evaluator:
    """The job behind a run. What is left to do is read from rows, so it goes on where it was cut off."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        conversations: ConversationService,
        turns: TurnService,
        models: ModelOpener,
        embedder: Embedding,
    ) -> None:
        self._store = store
        self._clock = clock
        self._conversations = conversations
        self._turns = turns
        self._models = models
        self._embedder = embedder

    async def run(self, job: JobContext) -> None:
        """Ask what has no result yet; stops when the run is cancelled or removed."""
        async with self._store.read() as session:
            runs = RunRepository(session, job.workspace_id)
            run = await runs.get(EvalRun, job.target_id)
            golden = await runs.get(GoldenSet, run.set_id) if run else None
            if run is None or golden is None:
                return
            questions = await GoldenRepository(session, job.workspace_id).questions(run.set_id)
            known = {result.question_id for result in await runs.results(run.id)}
        async with self._store.write() as session:
            await RunRepository(session, job.workspace_id).change(run.id, status="running")
        judging = await self._models.open(job.workspace_id, run.judge_model_id) if run.judge_model_id else None
        for done, question in enumerate(questions):
            if question.id in known:
                continue
            row = await self._measure(job.workspace_id, golden.bot_id, run, question, judging)
            async with self._store.write() as session:
                runs = RunRepository(session, job.workspace_id)
                if await runs.status(run.id) != "running":
                    return
                await runs.add_result(row)
                await job.write_progress(session, done + 1, len(questions), 0)
        async with self._store.write() as session:
            await RunRepository(session, job.workspace_id).finish(run.id, "done", self._clock.now())

    async def fail(self, job: JobContext, error: ErrorOut) -> None:
        """Say on the run why it could not go on."""
        async with self._store.write() as session:
            values = {"status": "failed", "error_code": error.code, "error_message": error.message}
            await RunRepository(session, job.workspace_id).change(
                job.target_id, **values, finished_at=self._clock.now()
            )

    async def _measure(
        self, workspace_id: str, bot_id: str, run: EvalRun, question: GoldenQuestion, judging: ChatModel | None
    ) -> dict[str, Any]:
        empty: dict[str, Any] = dict.fromkeys(MEASURES)
        row = empty | {"run_id": run.id, "question_id": question.id, "abstained": False, "ms": 0.0, "turn_id": None}
        try:
            turn = await self._ask(workspace_id, bot_id, run.user_id, question.question)
        except AppError as error:
            return row | {"error_code": error.stable_code, "cost_usd": None}
        row |= {"turn_id": turn.id, "abstained": turn.abstained, "ms": turn.took_ms or 0.0}
        row |= {"cost_usd": turn.usage.cost_usd if turn.usage else 0.0}
        row["error_code"] = turn.error.code if turn.error else None
        if turn.error is None:
            row |= await self._retrieval(workspace_id, turn, question)
            row |= await self._answer(turn, question)
            if judging is not None and not turn.abstained:
                row |= await _judged(judging, turn, question)
        return row

    async def _ask(self, workspace_id: str, bot_id: str, user_id: str, text: str) -> TurnView:
        wanted = ConversationIn(bot_id=bot_id)
        conversation = await self._conversations.create(workspace_id, user_id, wanted, EVALUATION)
        turn = await self._turns.ask(workspace_id, user_id, conversation.id, TurnIn(text=text))
        async for _ in self._turns.follow(workspace_id, turn.id, 0):
            pass
        return await self._turns.get(workspace_id, turn.id)

    async def _retrieval(self, workspace_id: str, turn: TurnView, question: GoldenQuestion) -> dict[str, Any]:
        wanted = frozenset(question.documents.splitlines())
        async with self._store.read() as session:
            passages = await RunRepository(session, workspace_id).retrieved(turn.id)
        found = [_name(path, title, wanted) for path, title in passages]
        documents = list(dict.fromkeys(found))
        cited = [_name(one.document.path, one.document.title, wanted) for one in turn.citations]
        return {
            "recall_5": recall_at(documents, wanted, 5),
            "recall_10": recall_at(documents, wanted, 10),
            "ndcg_10": ndcg_at(documents, wanted, 10),
            "context_precision": precision(found, wanted),
            "context_recall": recall_at(documents, wanted, len(documents)),
            "citation_precision": precision(cited, wanted),
            "citation_recall": None if turn.abstained else recall_at(cited, wanted, len(cited)),
        }

    async def _answer(self, turn: TurnView, question: GoldenQuestion) -> dict[str, Any]:
        said = "" if turn.abstained else turn.answer
        gold = question.answers.splitlines()
        return {
            "correctness": correctness(said, gold) if question.answerable else None,
            "faithfulness": turn.support_rate,
            "relevancy": await asyncio.to_thread(self._likeness, question.question, said) if said else None,
        }

    def _likeness(self, question: str, answer: str) -> float:
        """Return the cosine of question and answer, at least 0."""
        first, second = self._embedder.embed_documents([question, answer])
        return max(0.0, float(first @ second))


async def _judged(model: ChatModel, turn: TurnView, question: GoldenQuestion) -> dict[str, Any]:
    """Return the judge's grades; a judge that fails gives none, and the measured figures stand."""
    quotes = [citation.quote for citation in turn.citations]
    try:
        found = await judge(model, question.question, turn.answer, question.answers.splitlines(), quotes)
    except ProviderError:
        found = Judgement(None, None)
    return {"judged_correctness": found.correctness, "judged_faithfulness": found.faithfulness}


def _name(path: str, title: str, wanted: frozenset[str]) -> str:
    """Return the name under which a document is wanted: its path, the end of it, or its title; else its path."""
    file = path.replace("\\", "/").rsplit("/", 1)[-1]
    return next((name for name in (path, file, title) if name in wanted), path)
