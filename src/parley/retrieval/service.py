"""Search over what a caller may see: keyword and vector candidates, weighed, with the exact text of each hit."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.errors import AppError
from parley.kit.analysis import detect_language
from parley.llm.embedding import Embedder, quantise
from parley.retrieval.index import Snapshot
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.lexical import LexicalSnapshot
from parley.retrieval.query import AnalysedQuery, analyse_query
from parley.retrieval.ranking import Candidate, LexicalScore, LexicalScorer, fuse
from parley.retrieval.repository import FoundChunk, RetrievalRepository, VisibleSource
from parley.retrieval.rescoring import Rescorer
from parley.retrieval.schemas import DocumentRef, Hit, HitScores, IndexState, SearchRequest, SearchResult
from parley.settings import RetrievalSettings
from parley.store.engine import Store

_NEIGHBOURED = 20
_ONLY_NEAR = 20
_SPARE = 20
_MIN_COVERAGE = 0.9
_MAX_CORPUS_LANGUAGES = 3
_LANGUAGES_LOOKED_FOR = ("en", "de", "es", "fr", "it", "pt", "nl", "ru", "hi", "ar", "zh", "ja", "ko", "pl", "tr", "sv")


@dataclass(slots=True)
class _Ranked:
    candidates: list[Candidate]
    query: AnalysedQuery
    took_ms: dict[str, float]
    explanation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """Makes the vector of a question. `trouble`: why there is no embedder, and search goes by words alone."""

    embedder: Embedder | None
    trouble: str | None

    def vector(self, query: str, dim: int) -> NDArray[np.int8]:
        """Return the int8 vector, zeros where there is none."""
        return np.zeros(dim, np.int8) if self.embedder is None else quantise(self.embedder.embed_queries([query]))[0]

    def weight(self, language: str) -> float:
        """Return the share of meaning in the score."""
        return 0.0 if self.embedder is None else self.embedder.fusion_weight(language)


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


class TermCounts:
    """In how many chunks of a workspace a term stands: what weighs the words of a question."""

    def __init__(self, lexical: LexicalSnapshot) -> None:
        self._lexical = lexical

    @property
    def chunk_count(self) -> int:
        """Chunks in the index."""
        return self._lexical.chunks

    def chunk_frequency(self, term: str) -> int:
        """Chunks that hold an index term."""
        return self._lexical.document_frequency(term)


class Searcher:
    """Finds passages. `keeper` holds the derived indexes and brings them up to date."""

    def __init__(
        self,
        store: Store,
        settings: RetrievalSettings,
        keeper: IndexKeeper,
        rescorer: Rescorer | None = None,
    ) -> None:
        self._rescorer = rescorer
        self._store = store
        self._settings = settings
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
        snapshot = index.snapshot
        question = await self._question(workspace_id, snapshot, request.query)
        ranked = await asyncio.to_thread(self._rank, snapshot, request, ids, question)
        watch.lap("rank")
        candidates = ranked.candidates
        if self._rescorer is not None:
            language = ranked.query.languages[0]
            candidates = await self._rescorer.rescore(workspace_id, request.query, language, candidates)
            ranked.explanation["rescorer"] = self._rescorer.name
            watch.lap("rescore")
        hits = await self._load(workspace_id, candidates, sources, request.limit)
        watch.lap("load")
        watch.total()
        return SearchResult(hits=hits, took_ms=ranked.took_ms | watch.took_ms, explanation=ranked.explanation)

    async def state(self, workspace_id: str) -> IndexState:
        """Return how far the indexes of a workspace have come."""
        return await self._keeper.state(workspace_id)

    async def statistics(self, workspace_id: str) -> "TermCounts":
        """Return how often terms occur in the workspace's index as it stands now."""
        return TermCounts((await self._keeper.opened(workspace_id)).snapshot.lexical)

    async def _question(self, workspace_id: str, snapshot: Snapshot, query: str) -> "_Question":
        """Return what the question's vector is made by: the embedder of the very snapshot that is searched."""
        try:
            embedder = await self._keeper.embedders.embedder(workspace_id, snapshot.space)
        except AppError as error:
            return _Question(None, error.stable_code)
        return _Question(embedder, None)

    def _rank(
        self, snapshot: Snapshot, request: SearchRequest, source_ids: frozenset[str], question: "_Question"
    ) -> _Ranked:
        """Find candidates by words and by meaning, score all of them by both, and weigh."""
        watch = _Stopwatch()
        sources = snapshot.filter(source_ids)
        detected = request.language or detect_language(request.query)
        query = analyse_query(request.query, _languages(detected, snapshot))
        watch.lap("understand")
        depth = max(self._settings.candidates, request.limit)
        matches = {match.chunk_id: match for match in snapshot.lexical.search(query.terms, sources.source_ids, depth)}
        watch.lap("lexical")
        vector = question.vector(request.query, snapshot.space.dim)
        watch.lap("embed")
        near = dict(snapshot.dense.search(vector, sources.mask, depth)) if vector.any() else {}
        near = _worth_scoring(near, matches)
        others = [chunk_id for chunk_id in matches if chunk_id not in near] if question.trouble is None else []
        dense = near | snapshot.dense.cosines(vector, others)
        watch.lap("dense")
        found_by_words = len(matches)
        by_meaning = snapshot.lexical.look_up([chunk_id for chunk_id in near if chunk_id not in matches])
        matches |= {match.chunk_id: match for match in by_meaning}
        frequencies = {term: snapshot.lexical.document_frequency(term) for term in query.terms}
        scorer = LexicalScorer(query, frequencies, snapshot.lexical.chunks, snapshot.dense.average_terms)
        lexical = {chunk_id: scorer.score(match.terms) for chunk_id, match in matches.items()}
        # While most vectors are still to be made, those that have one already must not gain by it.
        weight = question.weight(query.languages[0]) if snapshot.dense.coverage >= _MIN_COVERAGE else 0.0
        unembedded = lexical.keys() - dense.keys() if snapshot.dense.coverage < 1 else frozenset[int]()
        fused = fuse(lexical, dense, weight, unembedded)
        candidates = _with_neighbours(fused, lexical, dense, weight, unembedded, scorer, snapshot)
        watch.lap("score")
        explanation = {
            "language": detected,
            "read_as": list(query.languages),
            "terms": query.terms,
            "sources": len(source_ids),
            "chunks": snapshot.lexical.chunks,
            "found_by_words": found_by_words,
            "found_by_meaning": len(near),
            "embedder": snapshot.space.embedder,
            "dense_weight": weight,
            "dense_coverage": round(snapshot.dense.coverage, 4),
        }
        if question.trouble is not None:
            explanation["words_alone_because"] = question.trouble
        return _Ranked(candidates, query, watch.took_ms, explanation)

    async def _load(
        self, workspace_id: str, candidates: Sequence[Candidate], sources: Sequence[VisibleSource], limit: int
    ) -> list[Hit]:
        """Read what is shown from the truth; what has gone since the index was read is left out."""
        citable = {source.id: source.citable for source in sources}
        async with self._store.read() as session:
            repository = RetrievalRepository(session, workspace_id)
            found: dict[int, FoundChunk] = {}
            chosen: list[Candidate] = []
            for start, end in _rounds(len(candidates), limit):
                ids = [candidate.chunk_id for candidate in candidates[start:end]]
                found |= await repository.found_chunks(ids, list(citable))
                chosen = _choose(candidates[:end], found, limit)
                if len(chosen) == limit:
                    break
            texts = await repository.texts([candidate.chunk_id for candidate in chosen])
        shown = [(candidate, found[candidate.chunk_id]) for candidate in chosen if candidate.chunk_id in texts]
        return [
            _hit(rank, candidate, chunk, texts[chunk.id], citable[chunk.source_id])
            for rank, (candidate, chunk) in enumerate(shown, 1)
        ]


def _worth_scoring(near: dict[int, float], matches: Mapping[int, object]) -> dict[int, float]:
    """Keep, of what only the vectors found, the nearest: the rest could not come far."""
    only_near = [chunk_id for chunk_id in near if chunk_id not in matches]
    far = frozenset(only_near[_ONLY_NEAR:])
    return {chunk_id: cosine for chunk_id, cosine in near.items() if chunk_id not in far}


def _with_neighbours(
    candidates: list[Candidate],
    lexical: dict[int, LexicalScore],
    dense: dict[int, float],
    dense_weight: float,
    unembedded: Collection[int],
    scorer: LexicalScorer,
    snapshot: Snapshot,
) -> list[Candidate]:
    """Give the best candidates credit for words that only the chunks around them hold, and weigh once more."""
    lacking = [
        candidate.chunk_id
        for candidate in candidates[:_NEIGHBOURED]
        if candidate.lexical is not None and candidate.lexical.missing and candidate.lexical.total > 0
    ]
    around = snapshot.dense.neighbours(lacking)
    wanted = list({chunk_id for chunk_ids in around.values() for chunk_id in chunk_ids})
    terms = {match.chunk_id: match.terms for match in snapshot.lexical.look_up(wanted)}
    for chunk_id, beside in around.items():
        known = [terms[number] for number in beside if number in terms]
        lexical[chunk_id] = scorer.with_neighbours(lexical[chunk_id], known)
    return fuse(lexical, dense, dense_weight, unembedded)


def _languages(detected: str, snapshot: Snapshot) -> list[str]:
    """Return the languages whose rules a query is read by: its own, then those of the collection."""
    lexical = snapshot.lexical
    counts = {language: lexical.language_frequency(language) for language in _LANGUAGES_LOOKED_FOR}
    common = sorted((language for language, n in counts.items() if n * 20 >= lexical.chunks), key=lambda x: -counts[x])
    own = [] if detected == "und" else [detected]
    return list(dict.fromkeys(own + common[:_MAX_CORPUS_LANGUAGES])) or ["und"]


def _rounds(count: int, limit: int) -> list[tuple[int, int]]:
    """Return which candidates to look up first, and which only if too few of those were left."""
    first = limit + _SPARE
    return [(0, first), (first, count)] if count > first else [(0, count)]


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
        scores=HitScores(
            lexical=_rounded(candidate.lexical.total if candidate.lexical else None),
            dense=_rounded(candidate.dense),
            rerank=_rounded(candidate.rerank),
        ),
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
