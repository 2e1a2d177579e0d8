"""Queries that bring the derived indexes up to date, and those for vectors; search itself reads by `reading`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, cast, func

from parley.kit.file_names import path_words
from parley.knowledge.segments import segments_touching
from parley.knowledge.tables import (
    Chunk,
    Document,
    DocumentSegment,
    DocumentVersion,
    Embedding,
    IndexChange,
    Source,
)
from parley.knowledge.version_repository import VersionRepository
from parley.retrieval.names import DocumentName
from parley.store.prepared import Listed, PreparedRepository, PreparedSelect, scoped_select

_BATCH = 500
_VERSIONS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the change log."""

    seq: int
    kind: str
    version_id: str


@dataclass(frozen=True, slots=True)
class VersionHead:
    """What the indexes need to know of a version."""

    id: str
    title: str
    language: str
    chars: int
    chunks: int
    source_id: str
    path: str
    source_name: str

    @property
    def name(self) -> DocumentName:
        """What its document may be called by."""
        return DocumentName(self.id, f"{self.source_name} {path_words(self.path)}", self.language)


class ChunkRow(NamedTuple):
    """A chunk of a version that is to be indexed; a tuple, for a folder has hundreds of thousands."""

    id: int
    ordinal: int
    start: int
    end: int
    heading: str
    language: str
    text_hash: bytes


@dataclass(frozen=True, slots=True)
class ChunkToEmbed:
    """A chunk without a vector."""

    id: int
    heading: str
    title: str
    text_hash: bytes


_ROW_COLUMNS = (
    Chunk.id,
    Chunk.ordinal,
    Chunk.start,
    Chunk.end,
    Chunk.heading,
    Chunk.language,
    Chunk.text_hash,
)
"""The fields of a `ChunkRow`."""


def _chunk_rows(_sqlite: bool, version_ids: Listed) -> Select[*tuple[Any, ...]]:
    query = scoped_select(Chunk.version_id, *_ROW_COLUMNS)
    query = query.where(Chunk.ordinal >= 0, Chunk.version_id.in_(version_ids))
    return query.order_by(Chunk.version_id, Chunk.ordinal)


_CHUNK_ROWS = PreparedSelect(_chunk_rows, String)


class RetrievalRepository(PreparedRepository):
    """What search asks of one workspace, and the vectors that it adds."""

    async def change_seq(self) -> int:
        """Return the number of the last committed change."""
        query = self.select(func.max(IndexChange.seq), of=IndexChange)
        return int(await self.session.scalar(query) or 0)

    async def changes_after(self, seq: int, limit: int) -> list[Change]:
        """Return the next changes in order."""
        query = self.select(IndexChange.seq, IndexChange.kind, IndexChange.version_id)
        query = query.where(IndexChange.seq > seq).order_by(IndexChange.seq).limit(limit)
        return [Change(*row) for row in await self.session.execute(query)]

    async def version_heads(self, version_ids: Sequence[str]) -> dict[str, VersionHead]:
        """Return those of the versions that still exist."""
        query = self.select(
            DocumentVersion.id,
            DocumentVersion.title,
            DocumentVersion.language,
            DocumentVersion.chars,
            DocumentVersion.chunks,
            Document.source_id,
            Document.path,
            Source.name,
        )
        query = query.where(DocumentVersion.document_id == Document.id, Source.id == Document.source_id)
        heads: dict[str, VersionHead] = {}
        for part in _parts(version_ids):
            for row in await self.session.execute(query.where(DocumentVersion.id.in_(part))):
                heads[row[0]] = VersionHead(*row)
        return heads

    async def current_versions(self, after: str, limit: int) -> list[str]:
        """Return the next versions that can be found, by id."""
        query = self.select(Document.current_version_id).where(Document.current_version_id > after)
        query = query.order_by(Document.current_version_id).limit(limit)
        return [str(version_id) for version_id in (await self.session.execute(query)).scalars()]

    async def chunk_rows(self, version_id: str, after: int, limit: int) -> list[ChunkRow]:
        """Return a version's chunks by ordinal."""
        query = self.select(*_ROW_COLUMNS)
        query = query.where(Chunk.version_id == version_id, Chunk.ordinal > after).order_by(Chunk.ordinal).limit(limit)
        return [ChunkRow(*row) for row in await self.session.execute(query)]

    async def chunk_rows_of(self, version_ids: Sequence[str]) -> dict[str, list[ChunkRow]]:
        """Return the chunks of some small versions by ordinal, in a few queries for all of them."""
        found: dict[str, list[ChunkRow]] = {}
        # Each part is turned into rows on the event loop: few enough that nobody waits for it.
        for part in _parts(version_ids, _VERSIONS_AT_ONCE):
            for version_id, *row in await self.rows(_CHUNK_ROWS, part):
                found.setdefault(version_id, []).append(ChunkRow._make(row))
        return found

    async def vectors(self, embedder: str, text_hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the vectors that exist."""
        versions = VersionRepository(self.session, self.workspace_id)
        return await versions.known_vectors(embedder, list(dict.fromkeys(text_hashes)))

    async def chunk_vectors(self, embedder: str, chunk_ids: Sequence[int]) -> dict[int, bytes]:
        """Return chunk → vector of those that have one."""
        # In two steps: asked for both at once, SQLite goes through all vectors of the embedder for each chunk.
        query = self.select(Chunk.id, Chunk.text_hash)
        found: dict[int, bytes] = {}
        for part in _parts(chunk_ids):
            hashes = {row[0]: row[1] for row in await self.session.execute(query.where(Chunk.id.in_(part)))}
            vectors = await self.vectors(embedder, list(hashes.values()))
            found |= {chunk_id: vectors[key] for chunk_id, key in hashes.items() if key in vectors}
        return found

    async def versions_of(self, chunk_ids: Sequence[int]) -> list[str]:
        """Return the versions that some chunks are of, each once."""
        found: dict[str, None] = {}
        query = self.select(Chunk.version_id).distinct()
        for part in _parts(chunk_ids):
            rows = await self.session.execute(query.where(Chunk.id.in_(part)))
            found.update(dict.fromkeys(rows.scalars()))
        return list(found)

    async def chunks_to_embed(self, chunk_ids: Sequence[int]) -> list[ChunkToEmbed]:
        """Return those of the chunks that still exist, with what their vector is made of besides their text."""
        query = self.select(Chunk.id, Chunk.heading, DocumentVersion.title, Chunk.text_hash)
        query = query.where(DocumentVersion.id == Chunk.version_id)
        found: list[ChunkToEmbed] = []
        for part in _parts(chunk_ids):
            found.extend(ChunkToEmbed(*row) for row in await self.session.execute(query.where(Chunk.id.in_(part))))
        return found

    async def chunks_without_vector(self, embedder: str, after: int, limit: int) -> list[int]:
        """Return the next current chunks, by id, that have no vector of an embedder."""
        known = self.select(Embedding.text_hash).where(
            Embedding.embedder == embedder, Embedding.text_hash == Chunk.text_hash
        )
        query = self.select(Chunk.id).where(
            Chunk.id > after,
            Document.id == Chunk.document_id,
            Document.current_version_id == Chunk.version_id,
            Document.workspace_id == self.workspace_id,
            ~known.exists(),
        )
        return list((await self.session.execute(query.order_by(Chunk.id).limit(limit))).scalars().all())

    async def wanted_hashes(self, text_hashes: Sequence[bytes]) -> set[bytes]:
        """Return those of the texts that still stand somewhere."""
        found: set[bytes] = set()
        for part in _parts(text_hashes):
            query = self.select(Chunk.text_hash).where(Chunk.text_hash.in_(part)).distinct()
            found.update((await self.session.execute(query)).scalars().all())
        return found

    async def add_vectors(self, embedder: str, vectors: Mapping[bytes, bytes]) -> None:
        """Keep vectors; those that are there already stay."""
        versions = VersionRepository(self.session, self.workspace_id)
        await versions.insert_embeddings(embedder, list(vectors.items()))

    async def text(self, version_id: str, start: int, end: int) -> str:
        """Return `text[start:end]` of a version."""
        query = self.select(DocumentSegment.start, DocumentSegment.text)
        query = query.where(*segments_touching(version_id, start, end)).order_by(DocumentSegment.start)
        rows = (await self.session.execute(query)).all()
        return "".join(text[max(0, start - begin) : end - begin] for begin, text in rows)

    async def texts(self, chunk_ids: Sequence[int]) -> dict[int, str]:
        """Return the text of chunks, cut out of the segments by the database."""
        query = self.select(*chunk_pieces(self._sqlite), of=Chunk)
        query = query.where(*chunk_segments(), DocumentSegment.workspace_id == self.workspace_id)
        query = query.order_by(Chunk.id, DocumentSegment.start)
        rows: list[Sequence[Any]] = []
        for part in _parts(chunk_ids):
            rows.extend(await self.session.execute(query.where(Chunk.id.in_(part))))
        return join_pieces(rows)

    @property
    def _sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"


def chunk_pieces(sqlite: bool) -> tuple[Any, Any]:
    """Return the columns of a chunk's text in pieces: the chunk's id, and what a segment has of its text."""
    start, end = DocumentSegment.start, DocumentSegment.end
    first = func.max(Chunk.start - start, 0) if sqlite else func.greatest(Chunk.start - start, 0)
    last = func.min(Chunk.end, end) if sqlite else func.least(Chunk.end, end)
    # PostgreSQL counts characters in 32 bits, and a segment has fewer than those.
    piece = func.substr(DocumentSegment.text, cast(first + 1, Integer), cast(last - start - first, Integer))
    return Chunk.id, piece


def chunk_segments() -> tuple[ColumnElement[bool], ...]:
    """Return what joins a chunk with the segments that hold its text."""
    return segments_touching(Chunk.version_id, Chunk.start, Chunk.end)


def join_pieces(rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Return the texts of chunks from their pieces in order."""
    pieces: dict[int, list[str]] = {}
    for chunk_id, text in rows:
        pieces.setdefault(chunk_id, []).append(text)
    return {chunk_id: "".join(texts) for chunk_id, texts in pieces.items()}


def _parts(items: Sequence[Any], size: int = _BATCH) -> list[Sequence[Any]]:
    """Cut a list of parameters into what one statement takes."""
    return [items[i : i + size] for i in range(0, len(items), size)]
