"""Questions and answers of FAQ sources."""

from fastapi import APIRouter, Request, Response

from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.api.schemas import PageOut
from parley.errors import OversizedDocument
from parley.knowledge.faq.schemas import CategoryOut, FaqIn, FaqOut, FaqPatch, ImportOut

router = APIRouter(prefix="/api/v1/sources/{source_id}/faq", tags=["sources"])
MAX_CSV_BYTES = 20_000_000


@router.get("")
async def list_entries(
    source_id: str,
    caller: CallerDep,
    container: ContainerDep,
    category: str | None = None,
    text: str | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[FaqOut]:
    """List questions and answers, oldest first; of one category, or that hold a text."""
    found = await container.faq.page(
        caller.workspace_id, source_id, category=category, text=text, cursor=cursor, limit=limit
    )
    return PageOut.of(found)


@router.post("", status_code=201)
async def add_entry(source_id: str, body: FaqIn, caller: CallerDep, container: ContainerDep) -> FaqOut:
    """Add a question with its answer."""
    return await container.faq.add(caller.workspace_id, source_id, body)


@router.get("/categories")
async def list_categories(source_id: str, caller: CallerDep, container: ContainerDep) -> list[CategoryOut]:
    """List the categories of a source with the number of their entries."""
    return await container.faq.categories(caller.workspace_id, source_id)


@router.get("/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def export_entries(source_id: str, caller: CallerDep, container: ContainerDep) -> Response:
    """Return all questions and answers as CSV."""
    text = await container.faq.export_csv(caller.workspace_id, source_id)
    headers = {"Content-Disposition": 'attachment; filename="faq.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/csv",
    openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}},
)
async def import_entries(source_id: str, request: Request, caller: CallerDep, container: ContainerDep) -> ImportOut:
    """Import questions and answers from CSV (the body itself): question, answer, category, tags separated by `;`.

    A question that is there already gets the new answer. A bad row is told and fails only itself.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_CSV_BYTES:
            raise OversizedDocument("A CSV of questions has at most 20 MB.")
    return await container.faq.import_csv(caller.workspace_id, source_id, bytes(body))


@router.get("/{entry_id}")
async def get_entry(source_id: str, entry_id: str, caller: CallerDep, container: ContainerDep) -> FaqOut:
    """Return a question with its answer."""
    return await container.faq.get(caller.workspace_id, source_id, entry_id)


@router.patch("/{entry_id}")
async def change_entry(
    source_id: str, entry_id: str, body: FaqPatch, caller: CallerDep, container: ContainerDep
) -> FaqOut:
    """Change a question, its answer, category or tags."""
    return await container.faq.change(caller.workspace_id, source_id, entry_id, body)


@router.delete("/{entry_id}", status_code=204)
async def remove_entry(source_id: str, entry_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Remove a question with its answer."""
    await container.faq.remove(caller.workspace_id, source_id, entry_id)
