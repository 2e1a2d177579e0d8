"""Golden sets and the runs over them."""

import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence

from parley.bots.tables import Bot
from parley.chat.repository import TurnRepository
from parley.errors import Conflict, InvalidInput, NotFound
from parley.insight.evaluator import EVALUATE, Evaluator
from parley.insight.repository import GoldenRepository, RunRepository
from parley.insight.schemas import (
    Comparison,
    Metrics,
    QuestionIn,
    QuestionOut,
    ResultOut,
    RunIn,
    RunOut,
    SetIn,
    SetOut,
)
from parley.insight.summary import compare, summarise
from parley.insight.tables import EvalResult, EvalRun, GoldenQuestion, GoldenSet
from parley.jobs.schemas import ErrorOut, JobRequest
from parley.jobs.service import Jobs
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.llm.tables import ChatModelRow
from parley.store.engine import ReadSession, Store, WriteSession

MOST_RUNS = 100
RIGHT = 0.999
SEED = 7


def register_evaluation(
    jobs: Jobs, store: Store, evaluator: Evaluator, workspace_ids: Callable[[], Awaitable[list[str]]]
) -> None:
    """Say what runs this room's jobs, and how runs that were cut off are found again."""
    jobs.define(EVALUATE, evaluator.run, evaluator.fail)

    async def pending() -> list[JobRequest]:
        found: list[JobRequest] = []
        for workspace_id in await workspace_ids():
            async with store.read() as session:
                runs = await RunRepository(session, workspace_id).open_runs()
            found += [JobRequest(workspace_id, EVALUATE, run_id) for run_id in runs]
        return found

    jobs.reconcile_with(pending)


class EvaluationService:
    """Keeps golden sets, begins runs, and tells what they measured."""

    def __init__(self, store: Store, clock: Clock, jobs: Jobs) -> None:
        self._store = store
        self._clock = clock
        self._jobs = jobs

    async def keep(self, workspace_id: str, bot_id: str, wanted: SetIn) -> SetOut:
        """Keep questions under a name; those with a key that is there already take its place.

        Raises:
            NotFound: the workspace has no such bot.
        """
        async with self._store.write() as session:
            return await self._keep(session, workspace_id, bot_id, wanted, "import")

    async def keep_from_chats(self, workspace_id: str, bot_id: str, name: str) -> SetOut:
        """Keep the questions whose answers somebody called good, with what those answers quoted.

        Raises:
            NotFound: the workspace has no such bot.
        """
        async with self._store.read() as session:
            questions = await _rated_questions(GoldenRepository(session, workspace_id), bot_id)
        async with self._store.write() as session:
            return await self._keep(session, workspace_id, bot_id, SetIn(name=name, questions=questions), "chat")

    async def draft(self, workspace_id: str, bot_id: str, name: str, count: int) -> SetOut:
        """Keep questions made from a random choice of documents: each asks for a document by its title.

        Known items measure retrieval without anybody having to write down what is right; edit them into better ones.

        Raises:
            NotFound: the workspace has no such bot.
        """
        async with self._store.read() as session:
            documents = await GoldenRepository(session, workspace_id).documents(bot_id)
        chosen = random.Random(SEED).sample(documents, min(count, len(documents)))  # noqa: S311  (a sample, no secret)
        questions = [
            QuestionIn(id=f"draft {path}"[:200], question=f"What does “{title}” say?", documents=[path])
            for path, title, _ in sorted(chosen)
        ]
        async with self._store.write() as session:
            return await self._keep(session, workspace_id, bot_id, SetIn(name=name, questions=questions), "draft")

    async def sets(self, workspace_id: str, bot_id: str) -> list[SetOut]:
        """Return a bot's golden sets."""
        async with self._store.read() as session:
            return [_set(row, count) for row, count in await GoldenRepository(session, workspace_id).sets(bot_id)]

    async def questions(self, workspace_id: str, set_id: str) -> list[QuestionOut]:
        """Return the questions of a set.

        Raises:
            NotFound: the workspace has no such set.
        """
        async with self._store.read() as session:
            golden = GoldenRepository(session, workspace_id)
            await _existing_set(golden, set_id)
            return [_question(row) for row in await golden.questions(set_id)]

    async def remove(self, workspace_id: str, set_id: str) -> None:
        """Remove a set with its runs.

        Raises:
            NotFound: the workspace has no such set.
        """
        async with self._store.write() as session:
            if not await GoldenRepository(session, workspace_id).remove(set_id):
                raise _no_set()

    async def begin(self, workspace_id: str, user_id: str, set_id: str, wanted: RunIn) -> RunOut:
        """Begin a run over a set with the bot as it is now.

        Raises:
            NotFound: the workspace has no such set or model.
            InvalidInput: the set is empty.
        """
        async with self._store.write() as session:
            golden = GoldenRepository(session, workspace_id)
            row = await _existing_set(golden, set_id)
            if not await golden.questions(set_id):
                raise InvalidInput("This set holds no question yet. Import some first.", code="empty_golden_set")
            if wanted.judge_model_id is not None and await golden.get(ChatModelRow, wanted.judge_model_id) is None:
                raise NotFound("There is no such model. Add one under Settings.", code="model_not_found")
            bot = await golden.get(Bot, row.bot_id)
            model = await golden.get(ChatModelRow, bot.model_id) if bot and bot.model_id else None
            run = golden.add(
                EvalRun(
                    id=new_id("run"),
                    set_id=set_id,
                    user_id=user_id,
                    status="pending",
                    note=wanted.note,
                    model=model.model if model else "quoted",
                    judge_model_id=wanted.judge_model_id,
                    created_at=self._clock.now(),
                )
            )
        await self._jobs.enqueue(workspace_id, EVALUATE, run.id)
        return await self.run(workspace_id, run.id)

    async def cancel(self, workspace_id: str, run_id: str) -> RunOut:
        """Stop a run; what it has measured stays.

        Raises:
            NotFound: the workspace has no such run.
        """
        async with self._store.write() as session:
            runs = RunRepository(session, workspace_id)
            await _existing_run(runs, run_id)
            await runs.finish(run_id, "cancelled", self._clock.now())
        return await self.run(workspace_id, run_id)

    async def run(self, workspace_id: str, run_id: str) -> RunOut:
        """Return a run with what it has measured so far.

        Raises:
            NotFound: the workspace has no such run.
        """
        async with self._store.read() as session:
            row = await _existing_run(RunRepository(session, workspace_id), run_id)
            return await _run_view(session, workspace_id, row)

    async def runs(self, workspace_id: str, set_id: str) -> list[RunOut]:
        """Return the runs over a set, the newest first.

        Raises:
            NotFound: the workspace has no such set.
        """
        async with self._store.read() as session:
            await _existing_set(GoldenRepository(session, workspace_id), set_id)
            rows = await RunRepository(session, workspace_id).of_set(set_id, MOST_RUNS)
            return [await _run_view(session, workspace_id, row) for row in rows]

    async def results(self, workspace_id: str, run_id: str) -> list[ResultOut]:
        """Return what each question of a run came to.

        Raises:
            NotFound: the workspace has no such run.
        """
        async with self._store.read() as session:
            runs = RunRepository(session, workspace_id)
            run = await _existing_run(runs, run_id)
            questions = {one.id: one for one in await GoldenRepository(session, workspace_id).questions(run.set_id)}
            return [_result(row, questions[row.question_id]) for row in await runs.results(run_id)]

    async def compare(self, workspace_id: str, before_id: str, after_id: str) -> Comparison:
        """Return what changed between two runs over one set.

        Raises:
            NotFound: the workspace has no such runs.
            Conflict: they are over different sets.
        """
        async with self._store.read() as session:
            runs = RunRepository(session, workspace_id)
            before, after = await _existing_run(runs, before_id), await _existing_run(runs, after_id)
            if before.set_id != after.set_id:
                raise Conflict("These runs are over different sets and cannot be compared.", code="other_golden_set")
            questions = {one.id: one for one in await GoldenRepository(session, workspace_id).questions(before.set_id)}
            old, new = list(await runs.results(before_id)), list(await runs.results(after_id))
        answerable = {id: one.answerable for id, one in questions.items()}
        was = {row.question_id: _is_right(row, answerable[row.question_id]) for row in old}
        turned = [row for row in new if was.get(row.question_id) not in (None, _right_now(row, answerable))]
        return Comparison(
            before=before_id,
            after=after_id,
            changes=compare(old, new, answerable),
            worse=[_result(row, questions[row.question_id]) for row in turned if was[row.question_id]],
            better=[_result(row, questions[row.question_id]) for row in turned if not was[row.question_id]],
        )

    async def _keep(self, session: WriteSession, workspace_id: str, bot_id: str, wanted: SetIn, origin: str) -> SetOut:
        golden = GoldenRepository(session, workspace_id)
        if await golden.get(Bot, bot_id) is None:
            raise NotFound("There is no such bot.", code="bot_not_found")
        now = self._clock.now()
        row = await golden.named(bot_id, wanted.name)
        if row is None:
            row = golden.add(GoldenSet(id=new_id("set"), bot_id=bot_id, name=wanted.name, created_at=now))
            await session.flush()
        by_key = {_key(question): question for question in wanted.questions}
        await golden.remove_keys(row.id, list(by_key))
        rows = [
            {
                "id": f"{new_id('gold')}",
                "set_id": row.id,
                "key": key,
                "question": question.question,
                "answerable": question.answerable,
                "answers": "\n".join(" ".join(answer.split()) for answer in question.answers),
                "documents": "\n".join(question.documents),
                "origin": origin,
                "created_at": now,
            }
            for key, question in by_key.items()
        ]
        await golden.insert_many(GoldenQuestion, rows)
        return _set(row, len(await golden.questions(row.id)))


async def _rated_questions(golden: GoldenRepository, bot_id: str) -> list[QuestionIn]:
    rated = await golden.rated_up(bot_id)
    texts = {part.message_id: part.text or "" for part in await golden.parts([one[1] for one in rated], "text")}
    cited: dict[str, list[str]] = {}
    paths = {version: path for path, _, version in await golden.documents(bot_id)}
    for part in await golden.parts([one[2] for one in rated], "citation"):
        if (path := paths.get(part.version_id or "")) is not None:
            cited.setdefault(part.message_id, []).append(path)
    statuses = {turn: await TurnRepository(golden.session, golden.workspace_id).status(turn) for turn, _, _ in rated}
    return [
        QuestionIn(
            id=f"chat {turn}", question=texts[question], documents=list(dict.fromkeys(cited.get(answer, [])))[:50]
        )
        for turn, question, answer in rated
        if texts.get(question) and statuses[turn] == "completed"
    ]


def _key(question: QuestionIn) -> str:
    return question.id or hashlib.sha256(question.question.encode()).hexdigest()[:32]


def _set(row: GoldenSet, count: int) -> SetOut:
    return SetOut(id=row.id, bot_id=row.bot_id, name=row.name, questions=count, created_at=row.created_at)


def _question(row: GoldenQuestion) -> QuestionOut:
    return QuestionOut.model_validate(
        {
            "id": row.key,
            "question": row.question,
            "answers": row.answers.splitlines(),
            "documents": row.documents.splitlines(),
            "answerable": row.answerable,
            "origin": row.origin,
        }
    )


def _is_right(row: EvalResult, answerable: bool) -> bool:
    """Whether a question came out well: declined where it cannot be answered, else answered as it should be.

    Without a gold answer it counts as right when the bot answered and its sentences were supported.
    """
    if row.error_code is not None or not answerable:
        return row.error_code is None and row.abstained
    if row.abstained:
        return False
    return (row.faithfulness or 0.0) >= RIGHT if row.correctness is None else row.correctness >= RIGHT


def _right_now(row: EvalResult, answerable: dict[str, bool]) -> bool:
    return _is_right(row, answerable[row.question_id])


def _result(row: EvalResult, question: GoldenQuestion) -> ResultOut:
    return ResultOut(
        question_id=question.key,
        question=question.question,
        answerable=question.answerable,
        right=_is_right(row, question.answerable),
        turn_id=row.turn_id,
        abstained=row.abstained,
        correctness=row.correctness,
        faithfulness=row.faithfulness,
        recall_10=row.recall_10,
        citation_precision=row.citation_precision,
        judged_correctness=row.judged_correctness,
        ms=row.ms,
        error_code=row.error_code,
    )


async def _run_view(session: ReadSession, workspace_id: str, row: EvalRun) -> RunOut:
    questions = await GoldenRepository(session, workspace_id).questions(row.set_id)
    results: Sequence[EvalResult] = await RunRepository(session, workspace_id).results(row.id)
    answerable = {question.id: question.answerable for question in questions}
    return RunOut(
        id=row.id,
        set_id=row.set_id,
        status=row.status,  # pyright: ignore[reportArgumentType]
        note=row.note,
        model=row.model,
        judge_model_id=row.judge_model_id,
        done=len(results),
        total=len(questions),
        failed=sum(result.error_code is not None for result in results),
        metrics=summarise(results, answerable) if results else Metrics(),
        error=ErrorOut(code=row.error_code, message=row.error_message or "") if row.error_code else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


async def _existing_set(golden: GoldenRepository, set_id: str) -> GoldenSet:
    row = await golden.get(GoldenSet, set_id)
    if row is None:
        raise _no_set()
    return row


async def _existing_run(runs: RunRepository, run_id: str) -> EvalRun:
    row = await runs.get(EvalRun, run_id)
    if row is None:
        raise NotFound("There is no such evaluation run.", code="eval_run_not_found")
    return row


def _no_set() -> NotFound:
    return NotFound("There is no such golden set.", code="golden_set_not_found")
