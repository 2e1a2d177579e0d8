"""Learn-only sources and their documents are for owners: whatever path names one, nobody else gets behind it."""

from fastapi import Request

from parley.accounts.schemas import Caller
from parley.api.deps import get_caller, get_container
from parley.errors import NotPermitted

NAMING = ("document_id", "source_id")


def may_see_learn_only(caller: Caller) -> bool:
    """Tell whether a caller may know of learn-only sources."""
    return caller.role == "owner"


async def guard_learn_only(request: Request) -> None:
    """Refuse a path that names a learn-only source, or a document of one, to all but owners.

    It stands before every route, so that a new one cannot forget it.

    Raises:
        NotPermitted: the caller is no owner.
    """
    named = {name: str(request.path_params[name]) for name in NAMING if name in request.path_params}
    if not named:
        return
    caller = await get_caller(request)
    if may_see_learn_only(caller):
        return
    knowledge = get_container(request).knowledge
    if await knowledge.is_learn_only(caller.workspace_id, **named):
        raise NotPermitted(
            "This source is learn-only. Only an owner of this workspace may look at it.", code="learn_only"
        )
