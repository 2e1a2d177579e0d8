"""What golden questions hold of a source: made of its documents, they go with them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_

from parley.insight.tables import GoldenQuestion
from parley.knowledge.tables import Document, DocumentVersion
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

KEYS_AT_ONCE = 200


class GoldenErasureRepository(ScopedRepository):
    """Golden questions by the documents that they name."""

    async def leaving(self, version_ids: Sequence[str]) -> set[str]:
        """Return the paths of the documents of these versions that have left their sources."""
        query = self.join(self.select(Document.path), DocumentVersion, DocumentVersion.document_id == Document.id)
        query = query.where(DocumentVersion.id.in_(version_ids), Document.status == "removed")
        return set((await self.session.execute(query)).scalars())

    async def naming(self, paths: Sequence[str]) -> Sequence[GoldenQuestion]:
        """Return the questions that Parley made and that may name one of these paths."""
        named = or_(*(GoldenQuestion.documents.contains(path, autoescape=True) for path in paths))
        query = self.select(GoldenQuestion).where(GoldenQuestion.origin != "import", named)
        return (await self.session.execute(query)).scalars().all()

    async def remove(self, question_ids: Sequence[str]) -> None:
        """Remove questions with their results."""
        await self.session.execute(self.delete(GoldenQuestion).where(GoldenQuestion.id.in_(question_ids)))


class GoldenErasure:
    """Removes drafts made of documents that are erased, and their names from questions that people asked.

    What somebody imported is their own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def settle(self, workspace_id: str, before: datetime) -> None:
        """Nothing to wait for: a run keeps figures and ids."""

    async def erase(self, workspace_id: str, version_ids: Sequence[str]) -> None:
        """Forget what was made of these versions' documents, where those have left their source."""
        for at in range(0, len(version_ids), KEYS_AT_ONCE):
            async with self._store.write() as session:
                repository = GoldenErasureRepository(session, workspace_id)
                paths = await repository.leaving(version_ids[at : at + KEYS_AT_ONCE])
                doomed: list[str] = []
                for question in await repository.naming(sorted(paths)) if paths else []:
                    names = question.documents.split("\n")
                    kept = [name for name in names if name not in paths]
                    if len(kept) == len(names):
                        continue
                    if question.origin == "draft":
                        doomed.append(question.id)
                    question.documents = "\n".join(kept)
                await repository.remove(doomed)
