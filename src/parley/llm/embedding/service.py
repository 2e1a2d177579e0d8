"""The embedders that a workspace can choose from."""

import asyncio

from parley.llm.embedding.models import STATIC
from parley.llm.embedding.registry import ModelRegistry
from parley.llm.schemas import EmbedderView


class EmbedderService:
    """Built-in and local embedders."""

    def __init__(self, local: ModelRegistry) -> None:
        self._local = local

    async def all(self, workspace_id: str) -> list[EmbedderView]:
        """Return the built-in embedder, then the local models."""
        local = await asyncio.to_thread(self._local.names)
        return [_here(STATIC, STATIC), *(_here(name, "local") for name in local)]


def _here(name: str, kind: str) -> EmbedderView:
    return EmbedderView(
        id=name,
        name=name,
        kind=kind,
        model=None,
        base_url=None,
        dim=None,
        has_key=False,
        key_env=None,
        last_test=None,
    )
