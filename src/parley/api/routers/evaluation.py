"""Golden sets and evaluation runs."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from parley.api.deps import CallerDep, ContainerDep
from parley.insight.schemas import Comparison, QuestionOut, ResultOut, RunIn, RunOut, SetIn, SetOut

bot_sets = APIRouter(prefix="/api/v1/bots/{bot_id}/golden-sets", tags=["evaluation"])
sets = APIRouter(prefix="/api/v1/golden-sets", tags=["evaluation"])
runs = APIRouter(prefix="/api/v1/eval-runs", tags=["evaluation"])


class Made(BaseModel):
    """A set to make from what is there. `count`: at most so many questions, of a draft."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    count: int = 50


class SetList(BaseModel):
    """All golden sets of a bot."""

    items: list[SetOut]


class QuestionList(BaseModel):
    """All questions of a set."""

    items: list[QuestionOut]


class RunList(BaseModel):
    """The newest runs over a set."""

    items: list[RunOut]


class ResultList(BaseModel):
    """All results of a run."""

    items: list[ResultOut]


@bot_sets.get("")
async def list_golden_sets(bot_id: str, caller: CallerDep, container: ContainerDep) -> SetList:
    """List a bot's golden sets."""
    return SetList(items=await container.evaluation.sets(caller.workspace_id, bot_id))


@bot_sets.post("", status_code=201)
async def keep_golden_set(bot_id: str, body: SetIn, caller: CallerDep, container: ContainerDep) -> SetOut:
    """Keep golden questions under a name; questions with an id that is there already are replaced."""
    return await container.evaluation.keep(caller.workspace_id, bot_id, body)


@bot_sets.post("/from-chats", status_code=201)
async def golden_set_from_chats(bot_id: str, body: Made, caller: CallerDep, container: ContainerDep) -> SetOut:
    """Keep the questions whose answers were rated as good, with the documents that those answers cited."""
    return await container.evaluation.keep_from_chats(caller.workspace_id, bot_id, body.name)


@bot_sets.post("/draft", status_code=201)
async def draft_golden_set(bot_id: str, body: Made, caller: CallerDep, container: ContainerDep) -> SetOut:
    """Keep known-item questions made from a random choice of documents."""
    return await container.evaluation.draft(caller.workspace_id, bot_id, body.name, max(1, min(body.count, 1000)))


@sets.get("/{set_id}/questions")
async def golden_questions(set_id: str, caller: CallerDep, container: ContainerDep) -> QuestionList:
    """List the questions of a golden set."""
    return QuestionList(items=await container.evaluation.questions(caller.workspace_id, set_id))


@sets.delete("/{set_id}", status_code=204)
async def remove_golden_set(set_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Remove a golden set with its runs."""
    await container.evaluation.remove(caller.workspace_id, set_id)


@sets.get("/{set_id}/runs")
async def list_runs(set_id: str, caller: CallerDep, container: ContainerDep) -> RunList:
    """List the runs over a golden set, the newest first."""
    return RunList(items=await container.evaluation.runs(caller.workspace_id, set_id))


@sets.post("/{set_id}/runs", status_code=202)
async def begin_run(set_id: str, body: RunIn, caller: CallerDep, container: ContainerDep) -> RunOut:
    """Ask the bot, as it is now, every question of a golden set and measure what comes back."""
    return await container.evaluation.begin(caller.workspace_id, caller.user_id, set_id, body)


@runs.get("/compare")
async def compare_runs(
    before: Annotated[str, Query(description="The earlier run.")],
    after: Annotated[str, Query(description="The later run, over the same set.")],
    caller: CallerDep,
    container: ContainerDep,
) -> Comparison:
    """Tell what changed between two runs, and what got worse."""
    return await container.evaluation.compare(caller.workspace_id, before, after)


@runs.get("/{run_id}")
async def get_run(run_id: str, caller: CallerDep, container: ContainerDep) -> RunOut:
    """Return a run with what it has measured so far."""
    return await container.evaluation.run(caller.workspace_id, run_id)


@runs.get("/{run_id}/results")
async def run_results(run_id: str, caller: CallerDep, container: ContainerDep) -> ResultList:
    """Return what each question of a run came to."""
    return ResultList(items=await container.evaluation.results(caller.workspace_id, run_id))


@runs.post("/{run_id}/cancel")
async def cancel_run(run_id: str, caller: CallerDep, container: ContainerDep) -> RunOut:
    """Stop a run; what it has measured stays."""
    return await container.evaluation.cancel(caller.workspace_id, run_id)
