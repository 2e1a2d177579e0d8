"""The record of answers that were held back: ids and kinds, for owners."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from parley.chat.privacy import Leak
from parley.chat.tables import AnswerLeak
from parley.errors import InvalidInput
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.store.engine import Store
from parley.store.scope import ScopedRepository


class LeakView(BaseModel):
    """One answer that was held back. `disguise`: the reading in which it was recognised; `plain` for none."""

    id: int
    turn_id: str
    bot_id: str
    kind: str
    disguise: str
    version_id: str | None
    created_at: datetime


class LeakRepository(ScopedRepository):
    """Audit rows of held-back answers."""

    async def record(self, turn_id: str, bot_id: str, leaks: Sequence[Leak], now: datetime) -> None:
        """Write down what was held back of a turn."""
        rows: list[dict[str, Any]] = [
            {
                "turn_id": turn_id,
                "bot_id": bot_id,
                "kind": leak.kind,
                "disguise": leak.disguise[:60],
                "version_id": leak.version_id,
                "created_at": now,
            }
            for leak in leaks
        ]
        await self.insert_many(AnswerLeak, rows)

    async def page(self, bot_id: str, before: int | None, limit: int) -> Sequence[AnswerLeak]:
        """Return a bot's rows, the newest first."""
        query = self.select(AnswerLeak).where(AnswerLeak.bot_id == bot_id)
        if before is not None:
            query = query.where(AnswerLeak.id < before)
        return (await self.session.execute(query.order_by(AnswerLeak.id.desc()).limit(limit))).scalars().all()


class LeakLog:
    """Reads the record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, workspace_id: str, bot_id: str, cursor: str | None, limit: int) -> Page[LeakView]:
        """Return what was held back for a bot, the newest first.

        Raises:
            InvalidInput: the cursor is none of ours.
        """
        before = decode_cursor(cursor)[0] if cursor else None
        if before is not None and not isinstance(before, int):
            raise InvalidInput("This cursor is not valid. Start again without one.", code="invalid_cursor")
        async with self._store.read() as session:
            rows = await LeakRepository(session, workspace_id).page(bot_id, before, limit + 1)
        views = [LeakView.model_validate(row, from_attributes=True) for row in rows]
        return page_of(views, limit, lambda view: encode_cursor(view.id))
