"""Every query on connected models and embedders."""

from collections.abc import Sequence

from parley.llm.tables import ChatModelRow, EmbedderRow
from parley.store.scope import ScopedRepository


class ModelRepository(ScopedRepository):
    """The connected models of a workspace."""

    async def page(self, after: str | None, limit: int) -> Sequence[ChatModelRow]:
        """Return models in the order they were connected, after the given id."""
        query = self.select(ChatModelRow).order_by(ChatModelRow.id).limit(limit)
        if after is not None:
            query = query.where(ChatModelRow.id > after)
        return (await self.session.execute(query)).scalars().all()

    async def named(self, name: str) -> ChatModelRow | None:
        """Return the model with this name."""
        return (
            await self.session.execute(self.select(ChatModelRow).where(ChatModelRow.name == name))
        ).scalar_one_or_none()

    async def remove(self, model_id: str) -> bool:
        """Remove a model; bots that used it answer with quotes again."""
        statement = self.delete(ChatModelRow).where(ChatModelRow.id == model_id).returning(ChatModelRow.id)
        return (await self.session.execute(statement)).scalar_one_or_none() is not None


class EmbedderRepository(ScopedRepository):
    """The connected embedders of a workspace."""

    async def all(self) -> Sequence[EmbedderRow]:
        """Return embedders in the order they were connected."""
        return (await self.session.execute(self.select(EmbedderRow).order_by(EmbedderRow.id))).scalars().all()

    async def named(self, name: str) -> EmbedderRow | None:
        """Return the embedder with this name."""
        query = self.select(EmbedderRow).where(EmbedderRow.name == name)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def remove(self, embedder_id: str) -> bool:
        """Remove an embedder; False if there is none."""
        statement = self.delete(EmbedderRow).where(EmbedderRow.id == embedder_id).returning(EmbedderRow.id)
        return (await self.session.execute(statement)).scalar_one_or_none() is not None
