"""Documents of made-up sentences, written to a store as ingestion writes them, quickly."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update

from parley.accounts.tables import Workspace
from parley.kit.ids import new_id
from parley.knowledge.chunk_input import chunk_input, text_hash
from parley.knowledge.finishing import SEGMENT_CHARS
from parley.knowledge.prepared import prepare_version
from parley.knowledge.tables import (
    Chunk,
    Document,
    DocumentSegment,
    DocumentVersion,
    Embedding,
    IndexChange,
    Source,
)
from parley.llm.embedding import Embedder, quantise
from parley.retrieval.service import Searcher
from parley.store.engine import Store, WriteSession
from parley.store.scope import ScopedRepository

VOCABULARY = 60_000
WORDS_PER_CHUNK = 110
CHUNKS_PER_DOCUMENT = 100
_SYLLABLES = (
    "ba",
    "co",
    "di",
    "fu",
    "ge",
    "hi",
    "jo",
    "ku",
    "la",
    "me",
    "ni",
    "po",
    "ra",
    "so",
    "tu",
    "ve",
    "wi",
    "za",
)


class ExactNearest:
    """The nearest of all vectors to some questions in single precision, kept up as vectors come.

    Args:
        questions: (n, dim) float32 unit rows.
    """

    def __init__(self, questions: NDArray[np.float32], limit: int = 10) -> None:
        self._questions = questions
        self._limit = limit
        self._seen = 0
        self._scores = np.full((len(questions), limit), -np.inf, np.float32)
        self._numbers = np.full((len(questions), limit), -1)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Look at more vectors; they are numbered as they come."""
        scores = np.concatenate([self._scores, self._questions @ vectors.T], axis=1)
        fresh = np.arange(self._seen, self._seen + len(vectors))
        numbers = np.concatenate([self._numbers, np.tile(fresh, (len(self._questions), 1))], axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, : self._limit]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self._numbers = np.take_along_axis(numbers, best, axis=1)
        self._seen += len(vectors)

    @property
    def count(self) -> int:
        """How many nearest there are of all questions together."""
        return self._numbers.size

    @property
    def numbers(self) -> list[list[int]]:
        """The nearest of each question, best first."""
        return self._numbers.tolist()


class MadeUpLibrary:
    """A workspace of made-up documents. Build it with `make`."""

    def __init__(self, store: Store, embedder: Embedder, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self.nearest: ExactNearest | None = None
        self._store = store
        self._embedder = embedder
        self._random = np.random.default_rng(7)
        words = ("".join(parts) for parts in itertools.product(_SYLLABLES, repeat=4))
        self._words = np.array(list(itertools.islice(words, VOCABULARY)))
        self._random.shuffle(self._words)
        shares = 1 / np.arange(3, VOCABULARY + 3)
        self._cumulative = np.cumsum(shares / shares.sum())
        self._documents: list[tuple[str, str, str]] = []
        self._replaced: dict[int, tuple[str, str, str]] = {}

    @classmethod
    async def make(cls, store: Store, embedder: Embedder) -> "MadeUpLibrary":
        """Add a workspace and return its library."""
        library = cls(store, embedder, new_id("ws"))
        async with store.write() as session:
            session.add(Workspace(id=library.workspace_id, name="Scale", created_at=datetime.now(UTC)))
        return library

    async def source(self) -> str:
        """Add a source and return its id."""
        now, source_id = datetime.now(UTC), new_id("src")
        async with self._store.write() as session:
            source = Source(id=source_id, kind="files", name="Made up", visibility="citable", status="ready")
            source.created_at = source.updated_at = now
            ScopedRepository(session, self.workspace_id).add(source)
        return source_id

    async def fill(self, source_id: str, chunks: int, searcher: Searcher) -> float:
        """Add so many chunks; return the seconds that the indexes took."""
        spent = 0.0
        for start in range(0, chunks, 20 * CHUNKS_PER_DOCUMENT):
            left = min(20 * CHUNKS_PER_DOCUMENT, chunks - start)
            for size in _sizes(left):
                await self._add(source_id, size, searcher)
            began = time.perf_counter()
            await searcher.catch_up(self.workspace_id)
            spent += time.perf_counter() - began
        return spent

    async def replace(self, number: int, source_id: str) -> None:
        """Give one of the documents of one chunk a new version; the first time it is added."""
        _, document_id, version_id = self._replaced.get(number % 5, ("", "", ""))
        await self._add(source_id, 1, None, document_id=document_id, replaced=version_id)
        self._replaced[number % 5] = self._documents[-1]

    def queries(self, count: int) -> Iterator[str]:
        """Yield questions of six words, common and rare, seeded."""
        random = np.random.default_rng(11)
        for _ in range(count):
            places = np.searchsorted(self._cumulative, random.random(6))
            yield " ".join(self._words[np.minimum(places + 20, VOCABULARY - 1)])

    def write_files(self, folder: Path, megabytes: float) -> None:
        """Write text files of about ten kilobytes each."""
        for number in range(round(megabytes * 100)):
            paragraphs = [self._text() for _ in range(12)]
            (folder / f"{number:05d}.txt").write_text("\n\n".join(paragraphs), "utf-8")

    def _text(self) -> str:
        places = np.searchsorted(self._cumulative, self._random.random(WORDS_PER_CHUNK))
        return " ".join(self._words[np.minimum(places, VOCABULARY - 1)])

    async def _add(
        self, source_id: str, size: int, searcher: Searcher | None, document_id: str = "", replaced: str = ""
    ) -> None:
        texts = [self._text() for _ in range(size)]
        inputs = [chunk_input((), "Made up", text) for text in texts]
        exact = self._embedder.embed_documents(inputs)
        if self.nearest is not None:
            self.nearest.add(exact)
        vectors = quantise(exact)
        version_id = new_id("ver")
        async with self._store.write() as session:
            repository = ScopedRepository(session, self.workspace_id)
            if not document_id:
                document_id = new_id("doc")
                await repository.insert_many(Document, [_document_row(document_id, source_id, version_id)])
            else:
                statement = repository.update(Document).where(Document.id == document_id)
                await session.execute(statement.values(current_version_id=version_id))
            await self._write(repository, document_id, version_id, source_id, texts, inputs, vectors)
            if replaced:
                await self._log(session, "remove", replaced)
            await self._log(session, "add", version_id)
        if searcher is not None:
            chunks = [((), text, "en") for text in texts]
            prepared = prepare_version("Made up", "en", chunks, self._embedder.name, vectors.tobytes())
            searcher.handover(version_id, prepared)
        self._documents.append((source_id, document_id, version_id))

    async def _write(
        self,
        repository: ScopedRepository,
        document_id: str,
        version_id: str,
        source_id: str,
        texts: list[str],
        inputs: list[str],
        vectors: Any,
    ) -> None:
        text = "\n".join(texts)
        await repository.insert_many(DocumentVersion, [_version_row(version_id, document_id, len(text), len(texts))])
        starts = list(itertools.accumulate((len(part) + 1 for part in texts), initial=0))
        segments = [
            {"version_id": version_id, "start": a, "end": a + len(piece), "text": piece}
            for a in range(0, len(text), SEGMENT_CHARS)
            if (piece := text[a : a + SEGMENT_CHARS])
        ]
        await repository.insert_many(DocumentSegment, segments)
        hashes = [text_hash(item) for item in inputs]
        common = {"version_id": version_id, "document_id": document_id, "source_id": source_id, "kind": "paragraph"}
        rows = [
            common
            | {"ordinal": n, "start": starts[n], "end": starts[n] + len(part), "page": None, "heading": ""}
            | {"tokens": 200, "language": "en", "text_hash": hashes[n]}
            for n, part in enumerate(texts)
        ]
        await repository.insert_many(Chunk, rows)
        await repository.insert_new(
            Embedding,
            [
                {"embedder": self._embedder.name, "text_hash": key, "vector": vector.tobytes()}
                for key, vector in zip(hashes, vectors, strict=True)
            ],
        )

    async def _log(self, session: WriteSession, kind: str, version_id: str) -> None:
        statement = update(Workspace).where(Workspace.id == self.workspace_id)
        statement = statement.values(change_seq=Workspace.change_seq + 1)
        seq = (await session.execute(statement.returning(Workspace.change_seq))).scalar_one()
        ScopedRepository(session, self.workspace_id).add(IndexChange(seq=seq, kind=kind, version_id=version_id))


def _sizes(chunks: int) -> list[int]:
    """Return the sizes of documents that hold so many chunks together; some are of one chunk."""
    full, rest = divmod(chunks, CHUNKS_PER_DOCUMENT)
    return [1, CHUNKS_PER_DOCUMENT - 1] * min(full, 1) + [CHUNKS_PER_DOCUMENT] * max(0, full - 1) + [rest] * (rest > 0)


def _document_row(document_id: str, source_id: str, version_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": document_id,
        "source_id": source_id,
        "path": f"{document_id}.txt",
        "title": "Made up",
        "status": "ready",
        "current_version_id": version_id,
        "created_at": now,
        "updated_at": now,
    }


def _version_row(version_id: str, document_id: str, chars: int, chunks: int) -> dict[str, Any]:
    return {
        "id": version_id,
        "document_id": document_id,
        "number": time.time_ns() % 2_000_000_000,
        "status": "ready",
        "content_hash": "0" * 64,
        "title": "Made up",
        "media_type": "text/plain",
        "parser": "text/1",
        "language": "en",
        "bytes": chars,
        "chars": chars,
        "chunks": chunks,
        "created_at": datetime.now(UTC),
    }
