"""Documents: their text, chunks, pages and original files."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.api.learn_only import may_see_learn_only
from parley.api.schemas import PageOut
from parley.knowledge.chunk_rule import MAX_TOKENS, MIN_TOKENS, Strategy
from parley.knowledge.documents import PDF, check_unchanged
from parley.knowledge.schemas import (
    Chunking,
    ChunkOut,
    ChunkPreview,
    DocumentOut,
    DocumentStatus,
    DocumentText,
    RectanglesOut,
    RollBack,
    SourceOut,
    VersionDiff,
    VersionOut,
)

router = APIRouter(prefix="/api/v1", tags=["documents"])
Version = Annotated[int | None, Query(ge=1, description="Number of the version; the newest unless given.")]
Start = Annotated[int | None, Query(ge=0, description="First character, counted in Unicode code points.")]
NoDocuments = Annotated[
    bool | None,
    Query(description="True for pictures and the like alone, which cannot be read; false for all but those."),
]
End = Annotated[int | None, Query(ge=0, description="One past the last character.")]


@router.get("/bots/{bot_id}/documents")
async def list_documents(
    bot_id: str,
    caller: CallerDep,
    container: ContainerDep,
    source_id: str | None = None,
    status: DocumentStatus | None = None,
    q: Annotated[str | None, Query(description="Part of the path or title.", max_length=200)] = None,
    no_documents: NoDocuments = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[DocumentOut]:
    """List a bot's documents in the order they were found; those of learn-only sources for owners alone."""
    page = await container.documents.page(
        caller.workspace_id,
        bot_id,
        source_id=source_id,
        status=status,
        text=q,
        no_documents=no_documents,
        cursor=cursor,
        limit=limit,
        citable_only=not may_see_learn_only(caller),
    )
    return PageOut.of(page)


@router.get("/documents/{document_id}")
async def get_document(document_id: str, caller: CallerDep, container: ContainerDep) -> DocumentOut:
    """Return a document."""
    return await container.documents.get(caller.workspace_id, document_id)


@router.post("/documents/{document_id}/retry", status_code=202)
async def retry_document(document_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Read one document again, whether or not it failed; returns its source."""
    return await container.knowledge.lifecycle.retry_document(caller.workspace_id, document_id)


@router.get("/documents/{document_id}/versions")
async def list_versions(
    document_id: str, caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[VersionOut]:
    """List the versions of a document, the newest first."""
    return PageOut.of(await container.versions.page(caller.workspace_id, document_id, cursor, limit))


@router.get("/documents/{document_id}/diff")
async def compare_versions(
    document_id: str,
    caller: CallerDep,
    container: ContainerDep,
    before: Annotated[int, Query(ge=1, description="Number of a version.")],
    after: Annotated[int, Query(ge=1, description="Number of the version to compare it with.")],
    context: Annotated[int, Query(ge=0, le=50, description="Equal lines shown around each change.")] = 3,
) -> VersionDiff:
    """Return what changed from one version to another, by lines and words."""
    return await container.versions.diff(caller.workspace_id, document_id, before, after, context)


@router.post("/documents/{document_id}/rollback")
async def roll_back(document_id: str, body: RollBack, caller: CallerDep, container: ContainerDep) -> DocumentOut:
    """Let an older version be found again. The next change of the file makes a new version, which replaces it."""
    return await container.versions.roll_back(caller.workspace_id, document_id, body.version)


@router.get(
    "/documents/{document_id}/text",
    response_model=DocumentText,
    responses={200: {"content": {"text/plain": {}}}},
)
async def get_text(
    document_id: str,
    request: Request,
    caller: CallerDep,
    container: ContainerDep,
    version: Version = None,
    start: Start = None,
    end: End = None,
) -> DocumentText | Response:
    """Return a version's canonical text, to which all offsets refer; asked for text/plain, the bare text."""
    text = await container.documents.text(caller.workspace_id, document_id, version, start, end)
    if request.headers.get("accept", "").startswith("text/plain"):
        return PlainTextResponse(text.text, headers={"X-Content-Type-Options": "nosniff"})
    return text


@router.get("/documents/{document_id}/chunks")
async def list_chunks(
    document_id: str,
    caller: CallerDep,
    container: ContainerDep,
    version: Version = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[ChunkOut]:
    """List the chunks of a version in the order of its text."""
    return PageOut.of(await container.documents.chunks(caller.workspace_id, document_id, version, cursor, limit))


@router.get("/documents/{document_id}/chunk-preview")
async def preview_chunks(
    document_id: str,
    caller: CallerDep,
    container: ContainerDep,
    strategy: Strategy = "structure",
    size: Annotated[int | None, Query(ge=MIN_TOKENS, le=MAX_TOKENS, description="Tokens of a chunk at most.")] = None,
    overlap: Annotated[
        int | None, Query(ge=0, le=MAX_TOKENS // 2, description="Tokens repeated of the chunk before at most.")
    ] = None,
    version: Version = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ChunkPreview:
    """Return the chunks that a version would have under other settings. Nothing is stored."""
    wanted = Chunking(strategy=strategy, size=size, overlap=overlap)
    return await container.previews.page(caller.workspace_id, document_id, version, wanted, cursor, limit)


@router.get("/documents/{document_id}/file", response_class=FileResponse)
async def get_file(
    document_id: str, caller: CallerDep, container: ContainerDep, version: Version = None
) -> FileResponse:
    """Return the original file of a version: a PDF to be shown in a sandbox, anything else to be saved."""
    file = await container.documents.file(caller.workspace_id, document_id, version)
    await asyncio.to_thread(check_unchanged, file)
    is_pdf = file.media_type == PDF
    disposition = "inline" if is_pdf else "attachment"
    return FileResponse(
        file.path,
        media_type=PDF if is_pdf else "application/octet-stream",
        headers={
            "Content-Disposition": f"{disposition}; filename*=utf-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/documents/{document_id}/rectangles")
async def get_rectangles(
    document_id: str,
    caller: CallerDep,
    container: ContainerDep,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=0)],
    version: Version = None,
) -> RectanglesOut:
    """Return where a span of a PDF's text lies on its pages, in points from the top left corner."""
    return await container.documents.rectangles(caller.workspace_id, document_id, version, start, end)
