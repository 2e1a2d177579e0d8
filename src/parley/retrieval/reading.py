"""What a search reads of the truth, in the thread that searches: what may be seen, and the text of what was found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, or_

from parley.bots.tables import Bot
from parley.knowledge.tables import Chunk, Document, DocumentSegment, DocumentVersion, Source, SourceBot
from parley.retrieval.repository import chunk_pieces, chunk_segments, join_pieces
from parley.retrieval.schemas import SearchRequest
from parley.store.prepared import Listed, PreparedSelect, ScopedReadRepository, scoped_select


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk as search shows it, without its text."""

    id: int
    source_id: str
    document_id: str
    title: str
    path: str
    version: int
    version_id: str
    start: int
    end: int
    page: int | None
    heading: str
    language: str
    text_hash: bytes


class SearchRepository(ScopedReadRepository):
    """Reads of one search."""

    def visible_sources(self, request: SearchRequest) -> dict[str, bool]:
        """Return the sources that a search may look into, and whether each is citable.

        Deleted sources never are. A file dropped into a chat is seen in that conversation alone.
        """
        statement = _visible_sources(
            request.bot_id is not None,
            request.conversation_id is not None,
            request.include_learn_only,
            request.source_ids is not None,
        )
        values = {"bot_id": request.bot_id, "conversation_id": request.conversation_id}
        given = {name: value for name, value in values.items() if value is not None}
        if request.source_ids is None:
            rows = self.all_rows(statement, given)
        else:
            rows = self.rows(statement, list(dict.fromkeys(request.source_ids)), given)
        return {source_id: visibility == "citable" for source_id, visibility in rows}

    def bot_caches(self, bot_id: str) -> bool | None:
        """Tell whether a bot lets what was found be given again; None if there is no such bot."""
        rows = self.all_rows(_bot_caches(), {"bot_id": bot_id})
        return bool(rows[0][0]) if rows else None

    def found_chunks(self, chunk_ids: Sequence[int], source_ids: Collection[str]) -> dict[int, FoundChunk]:
        """Return those of the chunks that are still current and stand in one of the sources."""
        rows = self.rows(_FOUND_CHUNKS, chunk_ids)
        return {row[0]: FoundChunk(*row) for row in rows if row[1] in source_ids}

    def texts(self, chunk_ids: Sequence[int]) -> dict[int, str]:
        """Return the text of chunks, cut out of the segments by the database."""
        return join_pieces(self.rows(_TEXTS, chunk_ids))


@cache
def _visible_sources(of_bot: bool, in_conversation: bool, learn_only: bool, listed: bool) -> PreparedSelect:
    def build(_sqlite: bool, source_ids: Listed) -> Select[*tuple[Any, ...]]:
        query = scoped_select(Source.id, Source.visibility).where(Source.deleted_at.is_(None))
        shared = Source.conversation_id.is_(None)
        if of_bot:
            linked = scoped_select(SourceBot.source_id).where(SourceBot.bot_id == bindparam("bot_id"))
            shared &= Source.id.in_(linked.scalar_subquery())
        own = Source.conversation_id == bindparam("conversation_id")
        query = query.where(or_(shared, own) if in_conversation else shared)
        if listed:
            query = query.where(Source.id.in_(source_ids))
        return query if learn_only else query.where(Source.visibility == "citable")

    return PreparedSelect(build, String)


@cache
def _bot_caches() -> PreparedSelect:
    def build(_sqlite: bool, _listed: Listed) -> Select[*tuple[Any, ...]]:
        return scoped_select(Bot.cache_answers).where(Bot.id == bindparam("bot_id"))

    return PreparedSelect(build)


def _found_chunks(_sqlite: bool, chunk_ids: Listed) -> Select[*tuple[Any, ...]]:
    columns = (
        Chunk.id,
        Chunk.source_id,
        Chunk.document_id,
        DocumentVersion.title,
        Document.path,
        DocumentVersion.number,
        Chunk.version_id,
        Chunk.start,
        Chunk.end,
        Chunk.page,
        Chunk.heading,
        Chunk.language,
        Chunk.text_hash,
    )
    return scoped_select(*columns).where(
        Chunk.id.in_(chunk_ids),
        Document.id == Chunk.document_id,
        DocumentVersion.id == Chunk.version_id,
        Document.current_version_id == Chunk.version_id,
    )


def _texts(sqlite: bool, chunk_ids: Listed) -> Select[*tuple[Any, ...]]:
    query = scoped_select(*chunk_pieces(sqlite), of=(DocumentSegment,)).where(*chunk_segments())
    return query.where(Chunk.id.in_(chunk_ids)).order_by(Chunk.id, DocumentSegment.start)


_FOUND_CHUNKS = PreparedSelect(_found_chunks)
_TEXTS = PreparedSelect(_texts)
