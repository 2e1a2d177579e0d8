"""Every query on bots."""

from collections.abc import Sequence

from parley.bots.tables import Bot
from parley.llm.tables import ChatModelRow
from parley.store.scope import ScopedRepository


class BotRepository(ScopedRepository):
    """The bots of one workspace."""

    async def page(self, after: str | None, limit: int) -> Sequence[Bot]:
        """Return bots by id, after the given one."""
        query = self.select(Bot).order_by(Bot.id).limit(limit)
        if after is not None:
            query = query.where(Bot.id > after)
        return (await self.session.execute(query)).scalars().all()

    async def models(self, model_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of these models, by id."""
        query = self.select(ChatModelRow.id, ChatModelRow.name).where(ChatModelRow.id.in_(model_ids))
        return {row.id: row.name for row in (await self.session.execute(query)).all()}

    async def named(self, name: str) -> Sequence[Bot]:
        """Return the bots with exactly this name, oldest first."""
        query = self.select(Bot).where(Bot.name == name).order_by(Bot.id)
        return (await self.session.execute(query)).scalars().all()

    async def remove(self, bot_id: str) -> bool:
        """Delete a bot with its conversations; False if there is none."""
        result = await self.session.execute(self.delete(Bot).where(Bot.id == bot_id).returning(Bot.id))
        return result.scalar_one_or_none() is not None
