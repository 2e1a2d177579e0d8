"""Search over what a caller may see: keyword and vector candidates, weighed, with the exact text of each hit."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parley.kit.analysis import detect_language
from parley.llm.embedding import Embedder, quantise
from parley.retrieval.index import Snapshot
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.query import AnalysedQuery, analyse_query
from parley.retrieval.ranking import Candidate, ceiling, fuse, idf
from parley.retrieval.repository import FoundChunk, RetrievalRepository, VisibleSource
from parley.retrieval.schemas import DocumentRef, Hit, HitScores, IndexState, SearchRequest, SearchResult
from parley.settings import RetrievalSettings
from parley.store.engine import Store

_DENSE_WEIGHT = {"en": 0.25}
_MAX_CORPUS_LANGUAGES = 3
_LANGUAGES_LOOKED_FOR = ("en", "de", "es", "fr", "it", "pt", "nl", "ru", "hi", "ar", "zh", "ja", "ko", "pl", "tr", "sv")


@dataclass(slots=True)
class _Ranked:
    candidates: list[Candidate]
    query: AnalysedQuery
    took_ms: dict[str, float]
    explanation: dict[str, Any]


class _Stopwatch:
    """Milliseconds per stage."""

    def __init__(self) -> None:
        self.took_ms: dict[str, float] = {}
        self._last = self._start = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.took_ms[stage] = round((now - self._last) * 1000, 3)
        self._last = now

    def total(self) -> None:
        self.took_ms["total"] = round((time.perf_counter() - self._start) * 1000, 3)


class Searcher:
    """Finds passages. `keeper` holds the derived indexes and brings them up to date."""

    def __init__(self, store: Store, settings: RetrievalSettings, embedder: Embedder, keeper: IndexKeeper) -> None:
        self._store = store
        self._settings = settings
        self._embedder = embedder
        self._keeper = keeper
        self.notify = keeper.notify
        self.catch_up = keeper.catch_up
        self.handover = keeper.handover

    async def search(self, workspace_id: str, request: SearchRequest) -> SearchResult:
        """Return the best passages, best first. Passages of equal text are shown once."""
        watch = _Stopwatch()
        async with self._store.read() as session:
            sources = await RetrievalRepository(session, workspace_id).visible_sources(
                bot_id=request.bot_id,
                source_ids=request.source_ids,
                conversation_id=request.conversation_id,
                include_learn_only=request.include_learn_only,
            )
        watch.lap("filter")
        if not sources or not request.query.strip():
            watch.total()
            return SearchResult(hits=[], took_ms=watch.took_ms, explanation={"sources": len(sources)})
        index = await self._keeper.opened(workspace_id)
        ids = frozenset(source.id for source in sources)
        ranked = await asyncio.to_thread(self._rank, index.snapshot, request, ids)
        watch.lap("rank")
        hits = await self._load(workspace_id, ranked.candidates, sources, request.limit)
        watch.lap("load")
        watch.total()
        return SearchResult(hits=hits, took_ms=ranked.took_ms | watch.took_ms, explanation=ranked.explanation)

    async def state(self, workspace_id: str) -> IndexState:
        """Return how far the indexes of a workspace have come."""
        return await self._keeper.state(workspace_id)

    def _rank(self, snapshot: Snapshot, request: SearchRequest, source_ids: frozenset[str]) -> _Ranked:
        watch = _Stopwatch()
        sources = snapshot.filter(source_ids)
        detected = request.language or detect_language(request.query)
        query = analyse_query(request.query, _languages(detected, snapshot))
        watch.lap("understand")
        depth = max(self._settings.candidates, request.limit)
        found = dict(snapshot.lexical.search(query.terms, sources.source_ids, depth))
        frequencies = {term: snapshot.lexical.document_frequency(term) for term in query.terms}
        chunks = snapshot.lexical.chunks
        top = ceiling([max(idf(chunks, frequencies[term]) for term in word.terms) for word in query.words])
        lexical = {chunk_id: min(1.0, score / top) for chunk_id, score in found.items()} if top else {}
        watch.lap("lexical")
        vector = quantise(self._embedder.embed_queries([request.query]))[0]
        watch.lap("embed")
        dense = dict(snapshot.dense.search(vector, sources.mask, depth)) if vector.any() else {}
        lexical_only = [chunk_id for chunk_id in lexical if chunk_id not in dense]
        dense |= snapshot.dense.cosines(vector, lexical_only)
        watch.lap("dense")
        weight = _DENSE_WEIGHT.get(query.languages[0], 0.0)
        candidates = fuse(lexical, dense, weight)
        watch.lap("fuse")
        explanation = {
            "language": detected,
            "analysed_as": list(query.languages),
            "terms": query.terms,
            "sources": len(source_ids),
            "chunks": chunks,
            "lexical_candidates": len(lexical),
            "dense_candidates": len(dense),
            "dense_weight": weight,
        }
        return _Ranked(candidates, query, watch.took_ms, explanation)

    async def _load(
        self, workspace_id: str, candidates: Sequence[Candidate], sources: Sequence[VisibleSource], limit: int
    ) -> list[Hit]:
        """Read what is shown from the truth; what has gone since the index was read is left out."""
        citable = {source.id: source.citable for source in sources}
        async with self._store.read() as session:
            repository = RetrievalRepository(session, workspace_id)
            found = await repository.found_chunks([c.chunk_id for c in candidates], list(citable))
            chosen = _choose(candidates, found, limit)
            texts = await repository.texts([candidate.chunk_id for candidate in chosen])
        shown = [(candidate, found[candidate.chunk_id]) for candidate in chosen if candidate.chunk_id in texts]
        return [
            _hit(rank, candidate, chunk, texts[chunk.id], citable[chunk.source_id])
            for rank, (candidate, chunk) in enumerate(shown, 1)
        ]


def _languages(detected: str, snapshot: Snapshot) -> list[str]:
    """Return the languages whose rules a query is read by: its own, then those of the collection."""
    lexical = snapshot.lexical
    counts = {language: lexical.language_frequency(language) for language in _LANGUAGES_LOOKED_FOR}
    common = sorted((language for language, n in counts.items() if n * 20 >= lexical.chunks), key=lambda x: -counts[x])
    own = [] if detected == "und" else [detected]
    return list(dict.fromkeys(own + common[:_MAX_CORPUS_LANGUAGES])) or ["und"]


def _choose(candidates: Sequence[Candidate], found: dict[int, FoundChunk], limit: int) -> list[Candidate]:
    """Return the first `limit` that still exist, equal texts once; ties fall by document and place, not by row."""
    alive = [candidate for candidate in candidates if candidate.chunk_id in found]
    alive.sort(key=lambda candidate: (-round(candidate.score, 9), *_place(found[candidate.chunk_id])))
    chosen: dict[bytes, Candidate] = {}
    for candidate in alive:
        chosen.setdefault(found[candidate.chunk_id].text_hash, candidate)
    return list(chosen.values())[:limit]


def _place(chunk: FoundChunk) -> tuple[bytes, str, int, int]:
    return chunk.text_hash, chunk.path, chunk.start, chunk.id


def _hit(rank: int, candidate: Candidate, chunk: FoundChunk, text: str, citable: bool) -> Hit:
    return Hit(
        rank=rank,
        score=round(candidate.score, 6),
        scores=HitScores(lexical=_rounded(candidate.lexical), dense=_rounded(candidate.dense)),
        chunk_id=chunk.id,
        text=text,
        heading=[line for line in chunk.heading.split("\n") if line],
        document=DocumentRef(
            id=chunk.document_id,
            title=chunk.title,
            path=chunk.path,
            version=chunk.version,
            version_id=chunk.version_id,
        ),
        source_id=chunk.source_id,
        citable=citable,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        language=chunk.language,
    )


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 6)
