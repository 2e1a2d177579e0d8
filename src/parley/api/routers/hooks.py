"""Webhooks: made by people, called by forges."""

from fastapi import APIRouter, Request

from parley.api.deps import CallerDep, ContainerDep
from parley.errors import OversizedDocument
from parley.knowledge.git.webhook import MAX_BODY_BYTES, HookOut, HookResult

router = APIRouter(prefix="/api/v1", tags=["sources"])


@router.post("/sources/{source_id}/hook", status_code=201)
async def make_hook(source_id: str, caller: CallerDep, container: ContainerDep) -> HookOut:
    """Make a repository's webhook and show its secret, this once; an earlier secret holds no longer."""
    return await container.webhooks.make(caller.workspace_id, source_id)


@router.delete("/sources/{source_id}/hook", status_code=204)
async def remove_hook(source_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Take no more pushes for a repository."""
    await container.webhooks.remove(caller.workspace_id, source_id)


@router.post("/hooks/git/{source_id}")
async def take_push(source_id: str, request: Request, container: ContainerDep) -> HookResult:
    """Take a push that GitHub, Gitea or GitLab announces; signed with the webhook's secret instead of an API key.

    GitHub and Gitea sign the body (`X-Hub-Signature-256`), GitLab sends the secret (`X-Gitlab-Token`). The same
    delivery again does nothing, nor does a push to another branch.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise OversizedDocument("A webhook's body has at most 5 MB.")
    return await container.webhooks.take(source_id, request.headers, bytes(body))
