"""Search what a bot reads."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from parley.api.deps import CallerDep, ContainerDep, require_owner
from parley.retrieval.schemas import SearchRequest, SearchResult

router = APIRouter(prefix="/api/v1/bots", tags=["search"])


class SearchIn(BaseModel):
    """What to look for."""

    query: str = Field(min_length=1, max_length=10_000)
    limit: int = Field(default=10, ge=1, le=200)
    source_ids: list[str] | None = Field(default=None, description="Only these sources; an empty list finds nothing.")
    conversation_id: str | None = Field(default=None, description="Also the files dropped into this conversation.")
    include_learn_only: bool = Field(default=False, description="Also learn-only passages; owners only.")
    language: str | None = Field(default=None, min_length=2, max_length=3, description="ISO 639-1; else detected.")


class SearchOut(SearchResult):
    """The passages found, best first."""

    query: str


@router.post("/{bot_id}/search")
async def search(bot_id: str, body: SearchIn, caller: CallerDep, container: ContainerDep) -> SearchOut:
    """Find the passages that answer a query best, with the score of each stage."""
    if body.include_learn_only:
        require_owner(caller)
    request = SearchRequest(bot_id=bot_id, **body.model_dump())
    result = await container.searcher.search(caller.workspace_id, request)
    return SearchOut(query=body.query, hits=result.hits, took_ms=result.took_ms, explanation=result.explanation)
