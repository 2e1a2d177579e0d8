"""What every kind of source has in common when it is looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from parley.knowledge.tables import Source

LOCAL_KINDS = frozenset({"folder", "files"})
"""Read where they lie; documents of all other kinds have their content in a blob."""


@dataclass(slots=True)
class Loaded:
    """What a look at a source found, in documents. `unchanged` is counted on the source by whoever compares."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0

    @property
    def anything(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.added or self.changed or self.removed or self.moved)


class SourceLoader(Protocol):
    """Finds out what a source of one kind holds now.

    It writes new and changed documents down as `pending` and takes those that are gone out of search; ingestion reads
    what is pending afterwards. A document whose content was fetched carries it as `blob_key`; local files are read
    where they lie. It runs inside the job `ingest`, may be cut off at any moment, and is called again from the
    beginning: it must be idempotent.
    """

    async def load(self, source: Source) -> Loaded:
        """Look at the source once.

        Raises:
            SourceUnavailable: it cannot be reached for now; nothing was changed.
            AppError: it failed for another reason.
        """
        ...


Loaders = Mapping[str, SourceLoader]
"""Kind of source → its loader. A kind without one changes only when somebody changes it (uploads, notes)."""
