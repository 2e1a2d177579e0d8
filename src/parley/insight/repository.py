"""Every query on golden sets and runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func

from parley.chat.tables import Conversation, MessagePart, Turn, TurnHit, TurnRating
from parley.insight.tables import EvalResult, EvalRun, GoldenQuestion, GoldenSet
from parley.knowledge.tables import Document, DocumentVersion, Source, SourceBot
from parley.store.scope import ScopedRepository

OPEN = ("pending", "running")


class GoldenRepository(ScopedRepository):
    """Golden sets and their questions."""

    async def sets(self, bot_id: str) -> list[tuple[GoldenSet, int]]:
        """Return a bot's sets by name, each with the number of its questions."""
        query = self.select(GoldenSet, func.count(GoldenQuestion.id))
        query = self.join(query, GoldenQuestion, GoldenQuestion.set_id == GoldenSet.id, outer=True)
        query = query.where(GoldenSet.bot_id == bot_id).group_by(GoldenSet.id).order_by(GoldenSet.name)
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def named(self, bot_id: str, name: str) -> GoldenSet | None:
        """Return a bot's set of this name."""
        query = self.select(GoldenSet).where(GoldenSet.bot_id == bot_id, GoldenSet.name == name)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def questions(self, set_id: str) -> Sequence[GoldenQuestion]:
        """Return the questions of a set in the order they came."""
        query = self.select(GoldenQuestion).where(GoldenQuestion.set_id == set_id).order_by(GoldenQuestion.id)
        return (await self.session.execute(query)).scalars().all()

    async def remove_keys(self, set_id: str, keys: Sequence[str]) -> None:
        """Remove the questions with these keys."""
        own = (GoldenQuestion.set_id == set_id) & GoldenQuestion.key.in_(keys)
        await self.session.execute(self.delete(GoldenQuestion).where(own))

    async def remove(self, set_id: str) -> bool:
        """Remove a set with its runs; False if there is none."""
        statement = self.delete(GoldenSet).where(GoldenSet.id == set_id).returning(GoldenSet.id)
        return (await self.session.execute(statement)).scalar_one_or_none() is not None

    async def rated_up(self, bot_id: str) -> list[tuple[str, str, str]]:
        """Return (turn id, question's message id, answer's message id) of answers that somebody called good."""
        query = self.select(Turn.id, Turn.question_id, Turn.answer_id)
        query = self.join(query, Conversation, Conversation.id == Turn.conversation_id)
        query = self.join(query, TurnRating, TurnRating.turn_id == Turn.id)
        query = query.where(Conversation.bot_id == bot_id, TurnRating.value == "up", Turn.status == "completed")
        rows = (await self.session.execute(query.where(Turn.answer_id.is_not(None)).distinct())).all()
        return [(row[0], row[1], row[2]) for row in rows]

    async def parts(self, message_ids: Sequence[str], kind: str) -> Sequence[MessagePart]:
        """Return the parts of one kind of these messages."""
        query = self.select(MessagePart).where(MessagePart.message_id.in_(message_ids), MessagePart.kind == kind)
        return (await self.session.execute(query.order_by(MessagePart.message_id, MessagePart.ordinal))).scalars().all()

    async def documents(self, bot_id: str) -> list[tuple[str, str, str]]:
        """Return (path, title, current version id) of what the bot may cite, by path."""
        query = self.select(Document.path, DocumentVersion.title, DocumentVersion.id)
        query = self.join(query, DocumentVersion, DocumentVersion.id == Document.current_version_id)
        query = self.join(query, Source, Source.id == Document.source_id)
        query = self.join(query, SourceBot, SourceBot.source_id == Source.id)
        query = query.where(SourceBot.bot_id == bot_id, Source.visibility == "citable", Source.deleted_at.is_(None))
        rows = (await self.session.execute(query.order_by(Document.path))).all()
        return [(row[0], row[1], row[2]) for row in rows]


class RunRepository(ScopedRepository):
    """Runs and results."""

    async def of_set(self, set_id: str, limit: int) -> Sequence[EvalRun]:
        """Return the runs over a set, the newest first."""
        query = self.select(EvalRun).where(EvalRun.set_id == set_id)
        return (await self.session.execute(query.order_by(EvalRun.id.desc()).limit(limit))).scalars().all()

    async def open_runs(self) -> Sequence[str]:
        """Return the ids of runs that have not ended."""
        return (await self.session.execute(self.select(EvalRun.id).where(EvalRun.status.in_(OPEN)))).scalars().all()

    async def status(self, run_id: str) -> str | None:
        """Return how far a run is."""
        return (
            await self.session.execute(self.select(EvalRun.status).where(EvalRun.id == run_id))
        ).scalar_one_or_none()

    async def change(self, run_id: str, **values: Any) -> None:
        """Set columns of a run."""
        await self.session.execute(self.update(EvalRun).where(EvalRun.id == run_id).values(**values))

    async def results(self, run_id: str) -> Sequence[EvalResult]:
        """Return the results of a run."""
        return (await self.session.execute(self.select(EvalResult).where(EvalResult.run_id == run_id))).scalars().all()

    async def add_result(self, row: Mapping[str, Any]) -> None:
        """Store a result, unless the question has one in this run."""
        await self.insert_new(EvalResult, [row])

    async def retrieved(self, turn_id: str) -> list[tuple[str, str]]:
        """Return (path, title) of each passage that a turn retrieved, best first."""
        query = self.select(TurnHit.rank, Document.path, DocumentVersion.title)
        query = self.join(query, DocumentVersion, DocumentVersion.id == TurnHit.version_id)
        query = self.join(query, Document, Document.id == DocumentVersion.document_id)
        query = query.where(TurnHit.turn_id == turn_id, TurnHit.citable.is_(True)).order_by(TurnHit.rank)
        return [(row[1], row[2]) for row in (await self.session.execute(query)).all()]

    async def finish(self, run_id: str, status: str, now: datetime) -> None:
        """End a run that is open."""
        open_one = self.update(EvalRun).where(EvalRun.id == run_id, EvalRun.status.in_(OPEN))
        await self.session.execute(open_one.values(status=status, finished_at=now))
