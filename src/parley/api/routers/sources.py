"""Sources: what a bot reads."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, TypeAdapter, ValidationError

from parley.accounts.schemas import Caller
from parley.api.container import Container
from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.api.learn_only import may_see_learn_only
from parley.api.schemas import PageOut
from parley.api.uploads import UploadForm, received_form
from parley.chat.withdrawal import CitingAnswers
from parley.errors import InvalidInput, NotPermitted
from parley.knowledge.remote.config import NoteIn, NoteOut, RemoteCreate, describe_first
from parley.knowledge.remote.service import CheckOut
from parley.knowledge.schemas import Chunking, SourceCreate, SourceOut, SourcePatch, Visibility
from parley.knowledge.service import Upload

router = APIRouter(prefix="/api/v1", tags=["sources"])

_UPLOAD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "relative_paths": {"type": "string", "description": "JSON list: the path of each file, in order."},
        "name": {"type": "string"},
        "visibility": {"type": "string", "enum": ["citable", "learn_only"]},
        "conversation_id": {"type": "string", "description": "The files belong to this conversation alone."},
        "chunking": {"type": "string", "description": "JSON of a `Chunking`: strategy, size, overlap."},
    },
    "required": ["files"],
}
_UPLOAD_BODY: dict[str, Any] = {"multipart/form-data": {"schema": _UPLOAD_SCHEMA}}
_REMOTE = TypeAdapter[RemoteCreate](RemoteCreate)
# The schemas of what is described by `check_source`, which takes the same bodies.
_REMOTE_SCHEMAS = [
    {"$ref": f"#/components/schemas/{kind}Create"} for kind in ("Website", "Git", "Video", "Faq", "Text")
]
_LOCAL_SCHEMA = SourceCreate.model_json_schema(ref_template="#/components/schemas/{model}")
# What it refers to is described by what `change_source` takes.
_LOCAL_SCHEMA.pop("$defs")
_CREATE_BODY: dict[str, Any] = {
    **_UPLOAD_BODY,
    "application/json": {"schema": {"oneOf": [*_REMOTE_SCHEMAS, _LOCAL_SCHEMA]}},
}


@router.get("/bots/{bot_id}/sources")
async def list_sources(
    bot_id: str, caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[SourceOut]:
    """List a bot's sources, oldest first; not the files of single conversations; learn-only ones for owners alone."""
    citable_only = not may_see_learn_only(caller)
    page = await container.knowledge.page(caller.workspace_id, bot_id, cursor, limit, citable_only=citable_only)
    return PageOut.of(page)


@router.post(
    "/bots/{bot_id}/sources",
    status_code=202,
    openapi_extra={"requestBody": {"content": _CREATE_BODY, "required": True}},
)
async def create_source(bot_id: str, request: Request, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Upload files (multipart), or describe a source (JSON).

    A website, a repository, a video, questions and answers, or a note; or, for the owner, a folder or files of the
    server's own machine.

    The answer comes as soon as the files are received; follow the source, its job or the event stream.
    """
    if request.headers.get("content-type", "").startswith("application/json"):
        return await _create_described(bot_id, await request.body(), caller, container)
    knowledge = container.knowledge
    await knowledge.require_bot(caller.workspace_id, bot_id)
    async with received_form(request, knowledge.blobs, knowledge.max_file_bytes) as form:
        return await knowledge.add_upload(
            caller.workspace_id,
            bot_id,
            _uploads(form),
            name=form.fields.get("name") or None,
            visibility=_visibility(form.fields.get("visibility", "citable")),
            conversation_id=form.fields.get("conversation_id") or None,
            chunking=_chunking(form.fields.get("chunking")),
        )


async def _create_described(bot_id: str, body: bytes, caller: Caller, container: Container) -> SourceOut:
    is_owner = caller.role == "owner"
    try:
        kind = _Kind.model_validate_json(body).kind
        if kind not in ("folder", "files"):
            wanted = _REMOTE.validate_json(body)
            return await container.remote.add(caller.workspace_id, bot_id, wanted, is_owner=is_owner)
        local = SourceCreate.model_validate_json(body)
    except ValidationError as error:
        raise InvalidInput(describe_first(error)) from error
    if not is_owner:
        raise NotPermitted("Only the owner may add files of the server's own machine. Upload them instead.")
    return await container.knowledge.add_local(caller.workspace_id, bot_id, local)


class _Kind(BaseModel):
    kind: str


@router.post("/sources/check")
async def check_source(body: RemoteCreate, caller: CallerDep, container: ContainerDep) -> CheckOut:
    """Look at a website, a repository or a video without adding it.

    Is it there, may it be read, how many pages, which branches. The body is the one that would add it.
    """
    return await container.remote.check(body, is_owner=caller.role == "owner")


@router.get("/sources/{source_id}")
async def get_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Return a source."""
    return await container.knowledge.get(caller.workspace_id, source_id)


@router.get("/sources/{source_id}/citing-answers")
async def list_citing_answers(
    source_id: str, caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> CitingAnswers:
    """List the answers that cite a source: their sentences are blanked for good when it becomes learn-only."""
    await container.knowledge.get(caller.workspace_id, source_id)
    return await container.cited.answers(caller.workspace_id, source_id, cursor, limit)


@router.patch("/sources/{source_id}")
async def change_source(source_id: str, body: SourcePatch, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Rename a source; change whether it may be cited, when it is looked at and what is read of it."""
    if body.config is not None or body.token is not None:
        is_owner = caller.role == "owner"
        await container.remote.reconfigure(caller.workspace_id, source_id, body.config, body.token, is_owner=is_owner)
    return await container.knowledge.lifecycle.change(caller.workspace_id, source_id, body)


@router.get("/sources/{source_id}/note")
async def get_note(source_id: str, caller: CallerDep, container: ContainerDep) -> NoteOut:
    """Return a note as it was written."""
    title, text = await container.remote.note(caller.workspace_id, source_id)
    return NoteOut(title=title, text=text)


@router.put("/sources/{source_id}/note", status_code=202)
async def rewrite_note(source_id: str, body: NoteIn, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Give a note another text, and another title if one is sent. The text before stays as a version."""
    return await container.remote.rewrite_note(caller.workspace_id, source_id, body.title, body.text)


@router.delete("/sources/{source_id}")
async def delete_source(
    source_id: str,
    caller: CallerDep,
    container: ContainerDep,
    at_once: Annotated[bool, Query(description="Erase it now, with no time for undo.")] = False,
) -> SourceOut:
    """Delete a source with everything that was read from it.

    It is out of search at once, can be restored until `purge_at`, and is then erased without a trace.
    """
    return await container.knowledge.lifecycle.delete(caller.workspace_id, source_id, at_once=at_once)


@router.get("/deleted-sources")
async def list_deleted_sources(caller: CallerDep, container: ContainerDep) -> list[SourceOut]:
    """List the deleted sources that can still be restored, the one deleted last first."""
    found = await container.knowledge.restorable(caller.workspace_id)
    return [source for source in found if source.visibility == "citable" or may_see_learn_only(caller)]


@router.post("/sources/{source_id}/restore", status_code=202)
async def restore_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Bring a deleted source back, within the time for undo; it is looked at again."""
    return await container.knowledge.lifecycle.restore(caller.workspace_id, source_id)


@router.post("/sources/{source_id}/pause")
async def pause_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Keep a source as it is: searched, but neither watched nor looked at nor read."""
    return await container.knowledge.lifecycle.pause(caller.workspace_id, source_id)


@router.post("/sources/{source_id}/resume", status_code=202)
async def resume_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Keep a paused source current again, beginning with a look at what changed meanwhile."""
    return await container.knowledge.lifecycle.resume(caller.workspace_id, source_id)


@router.post(
    "/sources/{source_id}/files",
    status_code=202,
    openapi_extra={"requestBody": {"content": _UPLOAD_BODY, "required": True}},
)
async def add_files(source_id: str, request: Request, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Add files to an upload; a path that is there already gets a new version."""
    knowledge = container.knowledge
    await knowledge.get(caller.workspace_id, source_id)
    async with received_form(request, knowledge.blobs, knowledge.max_file_bytes) as form:
        return await knowledge.add_to_upload(caller.workspace_id, source_id, _uploads(form))


@router.post("/sources/{source_id}/cancel")
async def cancel_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Stop reading; what was read stays."""
    return await container.knowledge.lifecycle.cancel(caller.workspace_id, source_id)


@router.post("/sources/{source_id}/retry", status_code=202)
async def retry_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Read the files again that failed or were left."""
    return await container.knowledge.lifecycle.retry(caller.workspace_id, source_id)


@router.post("/sources/{source_id}/sync", status_code=202)
async def sync_source(source_id: str, caller: CallerDep, container: ContainerDep) -> SourceOut:
    """Look for what is new, changed and gone in a source that can change by itself."""
    return await container.knowledge.lifecycle.sync(caller.workspace_id, source_id)


def _uploads(form: UploadForm) -> list[Upload]:
    """Give files the paths of `relative_paths`, where they were sent."""
    text = form.fields.get("relative_paths")
    if not text:
        return form.files
    try:
        paths = TypeAdapter(list[str]).validate_python(json.loads(text))
    except (ValueError, ValidationError) as error:
        raise InvalidInput("relative_paths must be a JSON list of texts.") from error
    if len(paths) != len(form.files):
        raise InvalidInput("relative_paths must hold one path for each file.")
    return [(path, blob) for path, (_, blob) in zip(paths, form.files, strict=True)]


def _chunking(text: str | None) -> Chunking | None:
    try:
        return Chunking.model_validate_json(text) if text else None
    except ValidationError as error:
        raise InvalidInput(f"chunking: {describe_first(error)}", code="invalid_chunking") from error


def _visibility(text: str) -> Visibility:
    if text == "citable":
        return "citable"
    if text == "learn_only":
        return "learn_only"
    raise InvalidInput("visibility is citable or learn_only.")
