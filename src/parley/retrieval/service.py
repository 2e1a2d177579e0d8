"""Search over what a caller may see: keyword and vector candidates, weighed, with the exact text of each hit."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from parley.errors import NotFound
from parley.kit.analysis import analyse, is_function_word
from parley.kit.language_detection import detect_language
from parley.knowledge.skimming import word_keys
from parley.knowledge.unread import UnreadWords
from parley.retrieval.caching import Ranking, ranking_key
from parley.retrieval.defining import chunks_that_may_define
from parley.retrieval.forward import ChunkRows
from parley.retrieval.index import Snapshot
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.lexical import LexicalSnapshot
from parley.retrieval.names import NamedDocuments, NameSnapshot
from parley.retrieval.query import AnalysedQuery, analyse_query, with_known_forms
from parley.retrieval.questions import Question, Questions
from parley.retrieval.ranking import Candidate, LexicalScorer, best_first, fused_scores, ranked, rarities, with_siblings
from parley.retrieval.reading import FoundChunk, SearchRepository
from parley.retrieval.rescoring import Rescorer
from parley.retrieval.schemas import DocumentRef, Hit, HitScores, IndexState, SearchRequest, SearchResult
from parley.settings import RetrievalSettings
from parley.store.engine import Store

_T = TypeVar("_T")
_NEIGHBOURED = 20
_ONLY_NEAR = 20
_SPARE = 6
_THREADS = 4
_MIN_COVERAGE = 0.9
_MAX_CORPUS_LANGUAGES = 3
_INDEX_SECONDS = 0.5
# A folder may hold thousands; of so many, chunks are looked for by themselves.
_NAMED_DOCUMENTS = 200


class _Stopwatch:
    """Milliseconds per stage."""

    def __init__(self) -> None:
        self.took_ms: dict[str, float] = {}
        self._last = self._start = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.took_ms[stage] = round((now - self._last) * 1000, 3)
        self._last = now

    def total(self) -> dict[str, float]:
        self.took_ms["total"] = round((time.perf_counter() - self._start) * 1000, 3)
        return self.took_ms


class TermCounts:
    """In how many chunks of a workspace a term stands: what weighs the words of a question.

    `visible`: looks up the sources that may be shown, when that is asked for; None where all may.
    """

    def __init__(
        self, lexical: LexicalSnapshot, names: NameSnapshot, visible: Callable[[], Sequence[str]] | None = None
    ) -> None:
        self._lexical, self._names, self._visible = lexical, names, visible

    @property
    def chunk_count(self) -> int:
        """Chunks in the index."""
        return self._lexical.chunks

    def chunk_frequency(self, term: str) -> int:
        """Chunks that hold an index term; one where documents are called so, though no text says it."""
        return self._lexical.document_frequency(term) or int(self._names.holds(term))

    def shows(self, term: str) -> bool:
        """Say, to a thread that may wait, whether what may be shown holds a term or is called so."""
        if self._lexical.search([term], self._source_ids, 1):
            return True
        called = self._names.versions_called(term, _NAMED_DOCUMENTS)
        return bool(called) and self._lexical.holds_any(called, self._source_ids)

    @cached_property
    def _source_ids(self) -> Sequence[str] | None:
        return None if self._visible is None else self._visible()


class Searcher:
    """Finds passages. `keeper` holds the derived indexes and brings them up to date."""

    def __init__(
        self,
        store: Store,
        settings: RetrievalSettings,
        keeper: IndexKeeper,
        rescorer: Rescorer | None = None,
        unread: UnreadWords | None = None,
    ) -> None:
        self._rescorer = rescorer
        self._unread = unread or UnreadWords()
        self._store = store
        self._settings = settings
        self._keeper = keeper
        self._questions = Questions(keeper.embedders, settings.question_seconds)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
        self.catch_up = keeper.catch_up
        self.handover = keeper.handover
        self.scrub = keeper.scrub

    async def notify(self, workspace_id: str) -> None:
        """Say that there are new changes; they are applied soon."""
        if self._rescorer is not None:
            self._rescorer.stir(workspace_id)
        await self._keeper.notify(workspace_id)

    async def search(self, workspace_id: str, request: SearchRequest) -> SearchResult:
        """Return the best passages, best first. Passages of equal text are shown once.

        Files that are still to be read and hold a word that nothing else does are read first and waited for, within
        `retrieval.unread_seconds`.

        Raises:
            NotFound: the workspace has no such bot.
        """
        watch = _Stopwatch()
        if not request.query.strip():
            return SearchResult(hits=[], took_ms=watch.total(), explanation={})
        search, result = await self._search(workspace_id, request, watch)
        if await self._read_first(workspace_id, search):
            watch.lap("unread")
            _, result = await self._search(workspace_id, request, watch)
        return result

    async def _search(
        self, workspace_id: str, request: SearchRequest, watch: "_Stopwatch"
    ) -> "tuple[_Search, SearchResult]":
        snapshot = (await self._keeper.opened(workspace_id)).snapshot
        question = await self._questions.prepare(workspace_id, snapshot.space, request.spoken)
        search = _Search(self._store, self._settings, workspace_id, request, snapshot, question, watch)
        if self._rescorer is None:
            return search, await self._in_thread(search.whole)
        self._rescorer.stir()
        if await self._in_thread(search.rank):
            language = search.languages[0]
            rescored = await self._rescorer.rescore(workspace_id, request.query, language, search.candidates)
            search.candidates = rescored.candidates
            search.explanation |= {
                "rescorer": self._rescorer.name,
                "rescored": rescored.compared,
                "not_rescored_yet": rescored.waiting,
            }
            watch.lap("rescore")
        return search, await self._in_thread(search.load)

    async def _read_first(self, workspace_id: str, search: "_Search") -> bool:
        """Have unread files read that hold words which nothing holds that was read; say whether some were."""
        words: list[str] = search.explanation.get("not_held", [])
        if not words or not self._unread.is_reading(workspace_id):
            return False
        seconds, began = self._settings.unread_seconds, time.monotonic()
        if not await self._unread.read_first(workspace_id, search.sources, word_keys(words), seconds):
            return False
        # Much may wait to be indexed besides: minutes of it where the file was a long one.
        left = max(seconds - (time.monotonic() - began), _INDEX_SECONDS)
        return await self._keeper.catch_up_within(workspace_id, left)

    async def close(self) -> None:
        """Let the threads go once they are done."""
        self._questions.close()
        if self._rescorer is not None:
            await self._rescorer.close()
        await asyncio.to_thread(self._threads.shutdown)

    async def _in_thread(self, work: "Callable[[], _T]") -> "_T":
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def state(self, workspace_id: str) -> IndexState:
        """Return how far the indexes of a workspace have come."""
        state = await self._keeper.state(workspace_id)
        return state.model_copy(update={"unread_documents": self._unread.count(workspace_id)})

    async def statistics(self, workspace_id: str, request: SearchRequest | None = None) -> "TermCounts":
        """Return how often terms occur in the workspace's index as it stands now.

        Args:
            request: whose sources count as what may be shown; None for everything.
        """
        snapshot = (await self._keeper.opened(workspace_id)).snapshot
        visible = None if request is None else partial(self._visible, workspace_id, request)
        return TermCounts(snapshot.lexical, snapshot.names, visible)

    def _visible(self, workspace_id: str, request: SearchRequest) -> list[str]:
        with self._store.read_in_thread() as connection:
            return list(SearchRepository(connection, workspace_id).visible_sources(request))


class _Search:
    """One search, in a thread from beginning to end: each way to the event loop and back would wait its turn there."""

    def __init__(
        self,
        store: Store,
        settings: RetrievalSettings,
        workspace_id: str,
        request: SearchRequest,
        snapshot: Snapshot,
        question: Question,
        watch: _Stopwatch,
    ) -> None:
        self._store, self._settings, self._workspace_id = store, settings, workspace_id
        self._request, self._snapshot, self._question, self._watch = request, snapshot, question, watch
        self._sources: dict[str, bool] = {}
        self.candidates: list[Candidate] = []
        self.languages: tuple[str, ...] = ("und",)
        self.explanation: dict[str, Any] = {}

    @property
    def sources(self) -> list[str]:
        """The sources that it may see."""
        return list(self._sources)

    def whole(self) -> SearchResult:
        """Rank and load."""
        with self._store.read_in_thread() as connection:
            repository = SearchRepository(connection, self._workspace_id)
            self._rank(repository)
            return self._load(repository)

    def rank(self) -> bool:
        """Find the candidates, best first; say whether there are any."""
        with self._store.read_in_thread() as connection:
            self._rank(SearchRepository(connection, self._workspace_id))
        return bool(self.candidates)

    def load(self) -> SearchResult:
        """Read what is shown."""
        with self._store.read_in_thread() as connection:
            return self._load(SearchRepository(connection, self._workspace_id))

    def _rank(self, repository: SearchRepository) -> None:
        self._watch.lap("wait")
        bot_id = self._request.bot_id
        caches = bot_id is None or repository.bot_caches(bot_id)
        if caches is None:
            raise NotFound("There is no such bot. See the list with: parley bots list", code="bot_not_found")
        self._sources = repository.visible_sources(self._request)
        self._watch.lap("filter")
        self.explanation |= {"sources": len(self._sources), "cached": False}
        if self._sources:
            self._find_again(self._settings.cached_searches if caches else 0)

    def _find_again(self, most: int) -> None:
        """Take the ranking that was made before of the same indexes, or make it; `most` are remembered."""
        request = self._request
        if not most:
            return self._find()
        key = ranking_key(request, frozenset(self._sources), max(self._settings.candidates, request.limit))
        known = self._snapshot.rankings.get(key)
        if known is not None:
            self.candidates, self.languages = list(known.candidates), known.languages
            self.explanation |= known.explanation | {"cached": True}
            self._watch.lap("recall")
            return None
        self._find()
        # While vectors are missing or a provider is in trouble, the next look may find more.
        if self._snapshot.dense.coverage >= 1 and self._question.trouble is None:
            ranking = Ranking(tuple(self.candidates), self.languages, dict(self.explanation))
            self._snapshot.rankings.put(key, ranking, most)
        return None

    def _find(self) -> None:
        """Find candidates by words and, meanwhile, by meaning, score all of them by both, and weigh."""
        snapshot, request, watch = self._snapshot, self._request, self._watch
        sources = snapshot.filter(frozenset(self._sources))
        depth = max(self._settings.candidates, request.limit)
        vector = self._question.vector(request.query, request.earlier, snapshot.space.dim)
        watch.lap("embed")
        is_dense = bool(vector.any()) and request.subject is None
        nearest = snapshot.dense.begin_search(vector, sources.scope, depth) if is_dense else list[tuple[int, float]]
        detected = request.language or detect_language(request.query)
        earlier = [(text.text, text.weight) for text in request.earlier]
        query = analyse_query(request.query, _languages(detected, snapshot), earlier)
        frequency = _Frequencies(snapshot.lexical)
        query = with_known_forms(query, request.query, lambda term: frequency[term] or snapshot.names.holds(term))
        named = snapshot.names.find(query, request.query)
        watch.lap("understand")
        by_words = self._by_words(query, named, frequency, sources.source_ids, depth)
        watch.lap("lexical")
        near = dict(nearest())
        near = _worth_scoring(near, frozenset(by_words))
        others = [chunk_id for chunk_id in by_words if chunk_id not in near] if vector.any() else []
        dense = near | snapshot.dense.cosines(vector, others)
        watch.lap("dense")
        found = snapshot.forward.find(dict.fromkeys([*by_words, *near]))
        # While most vectors are still to be made, those that have one already must not gain by it.
        weight = self._question.weight(query.languages[0]) if snapshot.dense.coverage >= _MIN_COVERAGE else 0.0
        self.candidates = _weigh(query, named, frequency, found, dense, weight, snapshot)
        self.languages = query.languages
        watch.lap("score")
        self.explanation |= {
            "language": detected,
            "read_as": list(query.languages),
            "terms": query.terms,
            "not_held": [
                request.query[word.start : word.end]
                for word in query.words
                if word.text == 0 and not word.function_word and not any(map(frequency.__getitem__, word.terms))
            ],
            "chunks": snapshot.lexical.chunks,
            "found_by_words": len(by_words),
            "found_by_meaning": len(near),
            "found_by_name": int(named.of(snapshot.forward.versions(found)).any(axis=1).sum()) if named else 0,
            "embedder": snapshot.space.embedder,
            "dense_weight": weight,
            "dense_coverage": round(snapshot.dense.coverage, 4),
        }
        if self._question.trouble is not None:
            self.explanation["words_alone_because"] = self._question.trouble

    def _by_words(
        self,
        query: AnalysedQuery,
        named: NamedDocuments,
        frequency: Mapping[str, int],
        source_ids: Sequence[str] | None,
        depth: int,
    ) -> list[int]:
        """Return the chunks with the words of the query, or those that may say what its subject is.

        Documents that it names are searched beside all others: their chunks need not repeat what they are called.
        """
        lexical = self._snapshot.lexical
        if self._request.subject is None:
            found = lexical.search(query.terms, source_ids, depth)
            if named:
                weights = rarities(query, frequency, lexical.chunks, named)
                likeliest = named.likeliest(weights, _NAMED_DOCUMENTS)
                found += lexical.search(query.terms, source_ids, depth, likeliest)
            return list(dict.fromkeys(found))
        language = query.languages[0]
        subject = [term for term in analyse(self._request.subject, language) if not is_function_word(term, language)]
        return chunks_that_may_define(subject, language, lexical, self._snapshot.forward, source_ids, depth)

    def _load(self, repository: SearchRepository) -> SearchResult:
        """Read what is shown from the truth; what has gone since the index was read is left out."""
        candidates, limit = self.candidates, self._request.limit
        found: dict[int, FoundChunk] = {}
        chosen: list[Candidate] = []
        for start, end in _rounds(len(candidates), limit):
            ids = [candidate.chunk_id for candidate in candidates[start:end]]
            found |= repository.found_chunks(ids, self._sources)
            chosen = _choose(candidates[:end], found, limit)
            if len(chosen) == limit:
                break
        texts = repository.texts([candidate.chunk_id for candidate in chosen])
        shown = [(candidate, found[candidate.chunk_id]) for candidate in chosen if candidate.chunk_id in texts]
        hits = [
            _hit(rank, candidate, chunk, texts[chunk.id], self._sources[chunk.source_id])
            for rank, (candidate, chunk) in enumerate(shown, 1)
        ]
        self._watch.lap("load")
        return SearchResult(hits=hits, took_ms=self._watch.total(), explanation=self.explanation)


class _Frequencies(dict[str, int]):
    """In how many chunks terms occur, each asked for once in a search."""

    def __init__(self, lexical: LexicalSnapshot) -> None:
        super().__init__()
        self._lexical = lexical

    def __missing__(self, term: str) -> int:
        frequency = self[term] = self._lexical.document_frequency(term)
        return frequency


def _weigh(
    query: AnalysedQuery,
    named: NamedDocuments,
    frequencies: Mapping[str, int],
    found: ChunkRows,
    dense: Mapping[int, float],
    weight: float,
    snapshot: Snapshot,
) -> list[Candidate]:
    """Score the words of the chunks found, weigh in their cosines, and do so again with what stands around the best."""
    if not len(found):
        return []
    lexical, forward = snapshot.lexical, snapshot.forward
    chunk_ids, versions = forward.chunks(found), forward.versions(found)
    scorer = LexicalScorer(query, frequencies, lexical.chunks, forward.average_terms, named)
    scores = scorer.score(forward.terms(found), versions)
    cosines = np.array([dense.get(chunk_id, np.nan) for chunk_id in chunk_ids.tolist()])
    unembedded = np.isnan(cosines) if snapshot.dense.coverage < 1 else None
    best = best_first(chunk_ids, fused_scores(scores.totals, cosines, weight, unembedded))[:_NEIGHBOURED]
    lacking = best[(scores.totals[best] > 0) & scores.missing[best].any(axis=1)].tolist()
    around = forward.neighbours(found[lacking])
    wanted = list(dict.fromkeys(chain.from_iterable(around)))
    at = {row: place for place, row in enumerate(wanted)}
    beside = [[at[row] for row in near] for near in around]
    totals = scorer.with_neighbours(scores, lacking, beside, forward.terms(np.array(wanted, np.intp)))
    fused = fused_scores(totals, cosines, weight, unembedded)
    return ranked(chunk_ids, with_siblings(fused, versions), totals, cosines)


def _worth_scoring(near: dict[int, float], matches: Collection[int]) -> dict[int, float]:
    """Keep, of what only the vectors found, the nearest: the rest could not come far."""
    only_near = [chunk_id for chunk_id in near if chunk_id not in matches]
    far = frozenset(only_near[_ONLY_NEAR:])
    return {chunk_id: cosine for chunk_id, cosine in near.items() if chunk_id not in far}


def _languages(detected: str, snapshot: Snapshot) -> list[str]:
    """Return the languages whose rules a query is read by: its own, then those of the collection."""
    counts = snapshot.lexical.languages
    enough = snapshot.lexical.chunks / 20
    common = sorted((language for language, n in counts.items() if n >= enough), key=lambda x: -counts[x])
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
            lexical=_rounded(candidate.lexical),
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
