"""Puts documents into a store the way ingestion does, without reading files."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update

from parley.accounts.tables import Workspace
from parley.bots.tables import Bot
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.language_detection import detect_language
from parley.knowledge.chunk_input import chunk_input, text_hash
from parley.knowledge.tables import (
    Chunk,
    Document,
    DocumentRange,
    DocumentSegment,
    DocumentVersion,
    Embedding,
    IndexChange,
    Source,
    SourceBot,
)
from parley.llm.embedding import Embedder, quantise
from parley.schema import metadata
from parley.store.engine import Store, WriteSession
from parley.store.scope import ScopedRepository

TABLES = metadata.tables  # importing them all, since foreign keys name tables of other rooms


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk to be: its text and where it stands. `ranges`: kind, words and level of what is marked within it."""

    text: str
    heading: tuple[str, ...] = ()
    page: int | None = None
    ranges: tuple[tuple[str, str, int], ...] = ()


class Library:
    """A workspace's documents."""

    def __init__(self, store: Store, clock: Clock, workspace_id: str, embedder: Embedder) -> None:
        self.store = store
        self.clock = clock
        self.workspace_id = workspace_id
        self.embedder = embedder

    async def bot(self, name: str = "Guide") -> str:
        """Add a bot and return its id."""
        now, bot_id = self.clock.now(), new_id("bot")
        async with self.store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            repository.add(Bot(id=bot_id, name=name, created_at=now, updated_at=now))
        return bot_id

    async def source(
        self, *bot_ids: str, visibility: str = "citable", conversation_id: str | None = None, name: str = "Source"
    ) -> str:
        """Add a source that these bots read and return its id."""
        now, source_id = self.clock.now(), new_id("src")
        async with self.store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            repository.add(
                Source(
                    id=source_id,
                    kind="upload",
                    name=name,
                    status="ready",
                    visibility=visibility,
                    conversation_id=conversation_id,
                    created_at=now,
                    updated_at=now,
                )
            )
            await session.flush()
            for bot_id in bot_ids:
                repository.add(SourceBot(source_id=source_id, bot_id=bot_id))
        return source_id

    async def document(self, source_id: str, path: str, *passages: str | Passage, title: str | None = None) -> str:
        """Add a document, or a new version of it, and return the version's id."""
        chunks = [Passage(passage) if isinstance(passage, str) else passage for passage in passages]
        async with self.store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            document = await self._document(session, source_id, path, title or path)
            version_id = await self._version(repository, document, chunks)
            if document.current_version_id is not None:
                await self._log(session, "remove", document.current_version_id)
            document.current_version_id = version_id
            await self._log(session, "add", version_id)
        return version_id

    async def remove(self, source_id: str, path: str) -> None:
        """Take a document out of the collection."""
        async with self.store.write() as session:
            document = await self._document(session, source_id, path, path)
            assert document.current_version_id is not None
            await self._log(session, "remove", document.current_version_id)
            document.current_version_id = None

    async def rename(self, source_id: str, path: str, new_path: str) -> None:
        """Give a document another path."""
        async with self.store.write() as session:
            document = await self._document(session, source_id, path, path)
            assert document.current_version_id is not None
            document.path = new_path
            await self._log(session, "rename", document.current_version_id)

    async def delete_source(self, source_id: str) -> None:
        """Mark a source as deleted."""
        async with self.store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            statement = repository.update(Source).where(Source.id == source_id).values(deleted_at=self.clock.now())
            await session.execute(statement)

    async def make_everything_learn_only(self) -> None:
        """Turn every source to learn-only."""
        async with self.store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            await session.execute(repository.update(Source).values(visibility="learn_only"))

    async def _document(self, session: WriteSession, source_id: str, path: str, title: str) -> Document:
        repository = ScopedRepository(session, self.workspace_id)
        query = repository.select(Document).where(Document.source_id == source_id, Document.path == path)
        document: Document | None = (await session.execute(query)).scalar_one_or_none()
        if document is None:
            now = self.clock.now()
            document = Document(
                id=new_id("doc"),
                source_id=source_id,
                path=path,
                title=title,
                status="ready",
                created_at=now,
                updated_at=now,
            )
            repository.add(document)
            await session.flush()
        return document

    async def _version(self, repository: ScopedRepository, document: Document, chunks: Sequence[Passage]) -> str:
        text = "\n\n".join(chunk.text for chunk in chunks)
        version_id = new_id("ver")
        repository.add(
            DocumentVersion(
                id=version_id,
                document_id=document.id,
                number=1 if document.current_version_id is None else 2,
                status="ready",
                content_hash="0" * 64,
                title=document.title,
                media_type="text/plain",
                parser="text/1",
                language=detect_language(text),
                bytes=len(text),
                chars=len(text),
                chunks=len(chunks),
                created_at=self.clock.now(),
            )
        )
        await repository.session.flush()
        for start in range(0, len(text), 50):  # small ones: chunks run over their borders
            piece = text[start : start + 50]
            repository.add(DocumentSegment(version_id=version_id, start=start, end=start + len(piece), text=piece))
        await self._chunks(repository, document, version_id, chunks)
        return version_id

    async def _chunks(
        self, repository: ScopedRepository, document: Document, version_id: str, chunks: Sequence[Passage]
    ) -> None:
        inputs = [chunk_input(chunk.heading, document.title, chunk.text) for chunk in chunks]
        vectors = quantise(self.embedder.embed_documents(inputs))
        start = 0
        for ordinal, chunk in enumerate(chunks):
            repository.add(
                Chunk(
                    version_id=version_id,
                    document_id=document.id,
                    source_id=document.source_id,
                    ordinal=ordinal,
                    start=start,
                    end=start + len(chunk.text),
                    page=chunk.page,
                    heading="\n".join(chunk.heading),
                    kind="paragraph",
                    tokens=1,
                    language=detect_language(chunk.text),
                    text_hash=text_hash(inputs[ordinal]),
                )
            )
            for kind, words, level in chunk.ranges:
                at = start + chunk.text.index(words)
                marked = DocumentRange(version_id=version_id, kind=kind, start=at, end=at + len(words), level=level)
                repository.add(marked)
            start += len(chunk.text) + 2
        await repository.insert_new(
            Embedding,
            [
                {"embedder": self.embedder.name, "text_hash": text_hash(text), "vector": vector.tobytes()}
                for text, vector in zip(inputs, vectors, strict=True)
            ],
        )

    async def _log(self, session: WriteSession, kind: str, version_id: str) -> None:
        statement = (
            update(Workspace)
            .where(Workspace.id == self.workspace_id)
            .values(change_seq=Workspace.change_seq + 1)
            .returning(Workspace.change_seq)
        )
        seq = (await session.execute(statement)).scalar_one()
        ScopedRepository(session, self.workspace_id).add(IndexChange(seq=seq, kind=kind, version_id=version_id))
