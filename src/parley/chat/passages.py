"""From stored ids and spans to titles and text, at the time of serving: what is gone or learn-only is left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, case, cast, func

from parley.chat.tables import Turn, TurnHit
from parley.knowledge.segments import segments_touching
from parley.knowledge.tables import Chunk, Document, DocumentRange, DocumentSegment, DocumentVersion, Source, SourceBot
from parley.retrieval.schemas import DocumentRef, Hit, HitScores
from parley.store.engine import Store
from parley.store.scope import ScopedRepository


@dataclass(frozen=True, slots=True)
class SpecialSources:
    """Sources that are searched apart.

    Args:
        learn_only: what may inform answers and never be shown.
        faq: questions with answers that may be shown.
    """

    learn_only: list[str]
    faq: list[str]


class PassageRepository(ScopedRepository):
    """Reads what citations and snapshots point at."""

    async def documents(self, version_ids: Iterable[str]) -> dict[str, DocumentRef]:
        """Return these versions' documents by version id; those that may not be shown (any more) are left out."""
        wanted = set(version_ids)
        if not wanted:
            return {}
        query = self.select(DocumentVersion, Document.path, Document.url)
        query = self.join(query, Document, Document.id == DocumentVersion.document_id)
        query = self.join(query, Source, Source.id == Document.source_id)
        query = query.where(DocumentVersion.id.in_(wanted))
        query = query.where(Source.visibility == "citable", Source.deleted_at.is_(None))
        found: dict[str, DocumentRef] = {}
        for version, path, url in (await self.session.execute(query)).all():
            found[version.id] = DocumentRef(
                id=version.document_id,
                title=version.title,
                path=path,
                version=version.number,
                version_id=version.id,
                url=url,
            )
        return found

    async def text(self, version_id: str, start: int, end: int) -> str:
        """Return canonical text[start:end] of a version."""
        first = case((DocumentSegment.start < start, start - DocumentSegment.start), else_=0)
        # PostgreSQL counts characters in 32 bits, and a segment has fewer than those.
        length = cast(end - DocumentSegment.start - first, Integer)
        piece = func.substr(DocumentSegment.text, cast(first + 1, Integer), length)
        query = self.select(piece, of=DocumentSegment).where(*segments_touching(version_id, start, end))
        rows = (await self.session.execute(query.order_by(DocumentSegment.start))).scalars().all()
        return "".join(rows)

    async def body(self, version_id: str) -> tuple[int, int]:
        """Return where a version's text stands behind its first heading."""
        heading = self.select(func.min(DocumentRange.end), of=DocumentRange).where(
            DocumentRange.version_id == version_id, DocumentRange.kind == "heading"
        )
        start = (await self.session.execute(heading)).scalar_one_or_none() or 0
        length = self.select(DocumentVersion.chars).where(DocumentVersion.id == version_id)
        return start, (await self.session.execute(length)).scalar_one_or_none() or 0

    async def dates(self, version_ids: Iterable[str]) -> dict[str, datetime]:
        """Return by version id when that content was read first."""
        query = self.select(DocumentVersion.id, DocumentVersion.created_at)
        query = query.where(DocumentVersion.id.in_(set(version_ids)))
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def page(self, version_id: str, offset: int) -> int | None:
        """Return the page that an offset stands on, None where there are no pages."""
        query = self.select(DocumentRange.level).where(
            DocumentRange.version_id == version_id,
            DocumentRange.kind == "page",
            DocumentRange.start <= offset,
            DocumentRange.end > offset,
        )
        return (await self.session.execute(query.limit(1))).scalar_one_or_none()

    async def second(self, version_id: str, offset: int) -> int | None:
        """Return the second of a recording at which the words at an offset are said; None where there are no times."""
        query = self.select(DocumentRange.level).where(
            DocumentRange.version_id == version_id, DocumentRange.kind == "cue", DocumentRange.start <= offset
        )
        query = query.order_by(DocumentRange.start.desc()).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def source_statuses(self, source_ids: Sequence[str]) -> Sequence[str]:
        """Return how far these sources are, those that are gone left out."""
        query = self.select(Source.status).where(Source.id.in_(source_ids), Source.deleted_at.is_(None))
        return (await self.session.execute(query)).scalars().all()

    async def special_sources(self, bot_id: str, conversation_id: str) -> SpecialSources:
        """Return the bot's sources, and the conversation's own, that are searched apart from all others."""
        linked = self.select(SourceBot.source_id).where(SourceBot.bot_id == bot_id)
        shared = Source.conversation_id.is_(None) & Source.id.in_(linked.scalar_subquery())
        query = self.select(Source.id, Source.visibility).where(Source.deleted_at.is_(None))
        query = query.where(shared | (Source.conversation_id == conversation_id))
        query = query.where((Source.visibility != "citable") | (Source.kind == "faq")).order_by(Source.id)
        rows = (await self.session.execute(query)).all()
        return SpecialSources(
            learn_only=[source_id for source_id, visibility in rows if visibility != "citable"],
            faq=[source_id for source_id, visibility in rows if visibility == "citable"],
        )

    async def source_names(self, source_ids: Iterable[str]) -> dict[str, str]:
        """Return the names of sources."""
        query = self.select(Source.id, Source.name).where(Source.id.in_(set(source_ids)))
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def given_before(self, conversation_id: str, turn_id: str, limit: int) -> list[TurnHit]:
        """Return the learn-only passages that earlier turns of a conversation were given, the newest first."""
        query = self.join(self.select(TurnHit), Turn, Turn.id == TurnHit.turn_id)
        query = query.where(Turn.conversation_id == conversation_id, TurnHit.citable.is_(False), Turn.id != turn_id)
        query = query.order_by(TurnHit.turn_id.desc(), TurnHit.rank).limit(limit)
        return list((await self.session.execute(query)).scalars())

    async def titles(self, version_ids: Iterable[str]) -> dict[str, tuple[str, str, str]]:
        """Return by version id: title, path and source name, whether or not they may be shown."""
        query = self.select(DocumentVersion.id, DocumentVersion.title, Document.path, Source.name)
        query = query.where(Document.id == DocumentVersion.document_id, Source.id == Document.source_id)
        query = query.where(DocumentVersion.id.in_(set(version_ids)))
        return {row[0]: (row[1], row[2], row[3]) for row in (await self.session.execute(query)).all()}

    async def chunks(self, chunk_ids: Iterable[int]) -> dict[int, Chunk]:
        """Return these chunks by id, those that are gone left out."""
        query = self.select(Chunk).where(Chunk.id.in_(set(chunk_ids)))
        return {chunk.id: chunk for chunk in (await self.session.execute(query)).scalars()}

    async def chunk_at(self, version_id: str, offset: int) -> Chunk | None:
        """Return the chunk that an offset stands in; chunks are cut anew when their source's rule is changed."""
        query = self.select(Chunk).where(Chunk.version_id == version_id, Chunk.ordinal >= 0, Chunk.start <= offset)
        return (await self.session.execute(query.order_by(Chunk.ordinal.desc()).limit(1))).scalars().first()

    async def hits(self, rows: Sequence[TurnHit]) -> list[Hit]:
        """Return snapshot rows as hits, in their order, with the text as it was then."""
        refs = await self.documents(row.version_id for row in rows)
        chunks = await self.chunks(row.chunk_id for row in rows)
        hits: list[Hit] = []
        for row in rows:
            document, chunk = refs.get(row.version_id), chunks.get(row.chunk_id)
            if document is None or not row.citable:
                continue
            chunk = chunk or await self.chunk_at(row.version_id, row.start)
            if chunk is None:
                continue
            hits.append(
                Hit(
                    rank=row.rank,
                    score=row.score,
                    scores=HitScores(lexical=row.lexical, dense=row.dense, rerank=row.rerank),
                    chunk_id=row.chunk_id,
                    text=await self.text(row.version_id, row.start, row.end),
                    heading=chunk.heading.splitlines(),
                    document=document,
                    source_id=chunk.source_id,
                    citable=True,
                    page=chunk.page,
                    start=row.start,
                    end=row.end,
                    language=chunk.language,
                )
            )
        return hits


async def pages_of(store: Store, workspace_id: str, places: Sequence[tuple[Hit, int]]) -> list[int | None]:
    """Return the page that each offset of a hit's document stands on; None where the document has no pages."""
    if all(hit.page is None for hit, _ in places):
        return [None] * len(places)
    async with store.read() as session:
        passages = PassageRepository(session, workspace_id)
        return [await passages.page(hit.document.version_id, offset) or hit.page for hit, offset in places]
