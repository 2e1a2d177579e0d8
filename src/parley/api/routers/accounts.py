"""Who am I, signing in and out, API keys."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from parley import __version__
from parley.accounts.schemas import ApiKeyCreated, ApiKeyIn, ApiKeyOut, UserOut, WorkspaceOut
from parley.accounts.service import SESSION_LIFETIME
from parley.api.deps import SESSION_COOKIE, CallerDep, ContainerDep, Cursor, Limit, require_owner
from parley.api.schemas import PageOut
from parley.errors import NotPermitted, NotSignedIn

router = APIRouter(prefix="/api/v1", tags=["accounts"])
pages = APIRouter(include_in_schema=False)


class Me(BaseModel):
    """The caller."""

    user: UserOut
    workspace: WorkspaceOut
    role: str
    via: str
    version: str


class SignInLinkOut(BaseModel):
    """A link that signs in once."""

    url: str


@pages.get("/sign-in")
async def sign_in(token: str, container: ContainerDep) -> Response:
    """Use a one-time link up; the browser is signed in and goes to the app."""
    try:
        cookie = await container.accounts.redeem_sign_in_link(token)
    except NotSignedIn:
        return RedirectResponse("/signed-out?reason=link", 303)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        SESSION_COOKIE, cookie, max_age=int(SESSION_LIFETIME.total_seconds()), httponly=True, samesite="lax"
    )
    return response


@router.get("/me")
async def me(caller: CallerDep, container: ContainerDep) -> Me:
    """Tell who calls, and which version answers."""
    user, workspace = await container.accounts.describe(caller)
    return Me(user=user, workspace=workspace, role=caller.role, via=caller.via, version=__version__)


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, response: Response, _caller: CallerDep, container: ContainerDep) -> None:
    """End this browser's session."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        await container.accounts.sign_out(cookie)
    response.delete_cookie(SESSION_COOKIE)


@router.post("/sign-in-links", status_code=201)
async def create_sign_in_link(request: Request, caller: CallerDep, container: ContainerDep) -> SignInLinkOut:
    """Make a one-time sign-in link for the owner; only the owner's own machine may ask."""
    if caller.via != "local":
        raise NotPermitted("Sign-in links are made on the machine that runs Parley: parley link")
    token = await container.accounts.create_sign_in_link(caller)
    return SignInLinkOut(url=f"{request.url.scheme}://{request.url.netloc}/sign-in?token={token}")


@router.get("/keys")
async def list_keys(
    caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[ApiKeyOut]:
    """List API keys, oldest first; secrets are not among them."""
    return PageOut.of(await container.accounts.list_keys(caller.workspace_id, cursor, limit))


@router.post("/keys", status_code=201)
async def create_key(body: ApiKeyIn, caller: CallerDep, container: ContainerDep) -> ApiKeyCreated:
    """Make an API key. Its secret is in this answer and never again."""
    require_owner(caller)
    return await container.accounts.create_key(caller, body.name)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Revoke an API key at once."""
    require_owner(caller)
    await container.accounts.revoke_key(caller.workspace_id, key_id)
