"""What a worker makes of a version for the derived indexes, so that the server need not tokenise or embed it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from parley.kit.analysis import analyse_joined
from parley.knowledge.chunk_input import join_cut_words


@dataclass(frozen=True, slots=True)
class PreparedVersion:
    """Index terms of a version's chunks, by ordinal, each list joined by spaces, and their vectors.

    `vectors` holds the int8 rows (`embeddings.vector`) of `embedder` one after another, empty when there are none.
    """

    embedder: str
    title: str
    headings: tuple[str, ...]
    bodies: tuple[str, ...]
    vectors: bytes

    @property
    def size(self) -> int:
        """Roughly the bytes it takes in memory."""
        return (
            2 * len(self.vectors) + sum(map(len, self.bodies)) + sum(map(len, self.headings)) + 200 * len(self.bodies)
        )


class IndexNotifier(Protocol):
    """What ingestion tells the derived indexes; the searcher is one."""

    async def notify(self, workspace_id: str) -> None:
        """Say that a commit wrote `index_changes`."""
        ...

    async def catch_up(self, workspace_id: str) -> int:
        """Apply all changes that are committed by now; return the number of the last one applied."""
        ...

    async def scrub(self, workspace_id: str) -> None:
        """Leave nothing in files of what was removed by changes that are committed."""
        ...

    def handover(self, version_id: str, prepared: PreparedVersion) -> None:
        """Give what was prepared for a version, before its change is committed; it may be dropped."""
        ...


def index_terms(text: str, language: str) -> str:
    """Return the terms of a text as the lexical index takes them: joined by spaces."""
    return analyse_joined(text, language)


def prepare_version(
    title: str,
    language: str,
    chunks: Sequence[tuple[tuple[str, ...], str, str]],
    embedder: str = "",
    vectors: bytes = b"",
) -> PreparedVersion:
    """Analyse a version's title, in the version's language, and its chunks: heading path, text, language."""
    headings: dict[tuple[tuple[str, ...], str], str] = {}
    for path, _, spoken in chunks:
        if (path, spoken) not in headings:
            headings[path, spoken] = index_terms(" ".join(path), spoken)
    return PreparedVersion(
        embedder=embedder,
        title=index_terms(title, language),
        headings=tuple(headings[path, spoken] for path, _, spoken in chunks),
        bodies=tuple(index_terms(join_cut_words(text), spoken) for _, text, spoken in chunks),
        vectors=vectors,
    )
