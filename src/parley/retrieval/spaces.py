"""Which vectors a workspace is searched by, and who makes vectors of that kind."""

from dataclasses import dataclass
from typing import Protocol

from parley.llm.embedding import Embedder

FIRST_FOLDER = "dense"


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """A generation as the derived index sees it: its vectors can be compared with each other and with no others.

    Args:
        generation_id: the row it stands for.
        embedder: the full name under which vectors are kept, which changes whenever vectors would.
        dim: length of a vector.
        folder: where its matrix lies within the workspace's index folder.
    """

    generation_id: str
    embedder: str
    dim: int
    folder: str = FIRST_FOLDER


class EmbedderSource(Protocol):
    """Tells the space a workspace is in and opens what makes its vectors."""

    async def active(self, workspace_id: str) -> VectorSpace:
        """Return the space in force."""
        ...

    async def embedder(self, workspace_id: str, space: VectorSpace) -> Embedder:
        """Return the embedder of a space.

        Raises:
            AppError: it cannot be opened, or is no longer the one that made the space's vectors.
        """
        ...


class OneEmbedder:
    """The same embedder for every workspace, for good: for benchmarks, and wherever nothing is ever changed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def active(self, workspace_id: str) -> VectorSpace:
        """Return the embedder's space."""
        return VectorSpace("fixed", self._embedder.name, self._embedder.dim)

    async def embedder(self, workspace_id: str, space: VectorSpace) -> Embedder:
        """Return the embedder."""
        return self._embedder
