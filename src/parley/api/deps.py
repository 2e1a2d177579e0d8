"""What routers ask for: the container, and who calls."""

import secrets
from typing import Annotated

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from parley.accounts.schemas import Caller
from parley.api.container import Container
from parley.errors import NotPermitted, NotSignedIn
from parley.kit.pagination import MAX_PAGE_SIZE

SESSION_COOKIE = "parley_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def get_container(connection: HTTPConnection) -> Container:
    """Return the container that the lifespan opened."""
    container: Container = connection.app.state.container
    return container


def require_same_origin(connection: HTTPConnection) -> None:
    """Refuse a cookie-bearing request that another site's page made.

    Raises:
        NotPermitted: `Origin` is present and is not the address this request came to.
    """
    origin = connection.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != connection.headers.get("host"):
        raise NotPermitted("This request came from another site's page.", code="cross_origin")


async def get_caller(connection: HTTPConnection) -> Caller:
    """Return who calls: by bearer token (API key, or this machine's owner) or by the browser's cookie.

    Raises:
        NotSignedIn: neither is valid.
        NotPermitted: the cookie came with a page of another site.
    """
    container = get_container(connection)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        local: str | None = connection.app.state.local_token
        if local is not None and secrets.compare_digest(token.encode(), local.encode()):
            return container.owner
        return await container.accounts.caller_by_key(token.strip())
    cookie = connection.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise NotSignedIn("Sign in first: open the link that Parley printed, or get a new one with: parley link")
    if connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS:
        require_same_origin(connection)
    return await container.accounts.caller_by_session(cookie)


def require_owner(caller: Caller) -> None:
    """Let only an owner pass.

    Raises:
        NotPermitted: the caller is a member.
    """
    if caller.role != "owner":
        raise NotPermitted("Only an owner of this workspace may do this.")


ContainerDep = Annotated[Container, Depends(get_container)]
CallerDep = Annotated[Caller, Depends(get_caller)]
Cursor = Annotated[str | None, Query(description="Where to go on: `next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Most items to return.")]
