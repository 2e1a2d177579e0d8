"""Embedders that are open, shared by all who ask for them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from parley.llm.embedding.base import Embedder
from parley.llm.embedding.hosted import HostedEmbedder
from parley.llm.embedding.models import open_embedder

OpenConnected = Callable[[str, str], Awaitable[Embedder]]
"""Given a workspace and the id of a connected embedder, opens it."""

CONNECTED_PREFIX = "emb_"


class EmbedderPool:
    """Opens each embedder once: a model takes a second and up to hundreds of megabytes.

    Args:
        models_folder: where local models are registered.
        open_connected: opens what a workspace has connected; without it only built-in and local ones are known.
    """

    def __init__(self, models_folder: Path, open_connected: OpenConnected | None = None) -> None:
        self._models_folder = models_folder
        self._open_connected = open_connected
        self._opened: dict[tuple[str, str], Embedder] = {}
        self._replaced: list[Embedder] = []
        self._opening = asyncio.Lock()

    async def open(self, workspace_id: str, spec: str) -> Embedder:
        """Return the embedder that a spec names: `static`, a local model, or a connected one's id.

        Raises:
            NotFound: there is no such embedder.
            InvalidInput: it cannot be used.
        """
        connected = spec.startswith(CONNECTED_PREFIX) and self._open_connected is not None
        key = (workspace_id if connected else "", spec)
        found = self._opened.get(key)
        if found is not None:
            return found
        async with self._opening:
            if key not in self._opened:
                if connected and self._open_connected is not None:
                    self._opened[key] = await self._open_connected(workspace_id, spec)
                else:
                    self._opened[key] = await asyncio.to_thread(open_embedder, spec, self._models_folder)
            return self._opened[key]

    def forget(self, workspace_id: str, spec: str) -> None:
        """Open a connected embedder anew when it is asked for next; who works with the old one goes on."""
        old = self._opened.pop((workspace_id, spec), None)
        if old is not None:
            self._replaced.append(old)

    async def close(self) -> None:
        """Let go of connections, so that nothing waits for a provider any longer."""
        for embedder in (*self._opened.values(), *self._replaced):
            if isinstance(embedder, HostedEmbedder):
                embedder.close()
