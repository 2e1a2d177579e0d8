"""Rankings that were made before, kept beside the indexes that they were made from.

Each change of what can be found makes a new `Snapshot`, and a snapshot is of one workspace and one generation of
vectors: so neither a stale ranking nor another workspace's can be met, and what is no longer valid goes with the
snapshot that held it. A key holds the rest: the words, how they are read, the sources that the caller may see, and how
far is looked. Only chunk ids and scores are kept, in memory: texts are read anew from the truth, which leaves out what
has gone.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from parley.retrieval.ranking import Candidate
from parley.retrieval.schemas import SearchRequest

RankingKey = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first, the languages that the query was read in, and how it came about."""

    candidates: tuple[Candidate, ...]
    languages: tuple[str, ...]
    explanation: dict[str, Any]


def ranking_key(request: SearchRequest, source_ids: frozenset[str], depth: int) -> RankingKey:
    """Return what tells one ranking over the same indexes from another."""
    earlier = tuple((text.text, text.weight) for text in request.earlier)
    return request.query, request.subject, earlier, request.language, source_ids, depth


class Rankings:
    """At most so many rankings; those that were not asked for longest go. Searches in several threads share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[RankingKey, Ranking] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: RankingKey) -> Ranking | None:
        """Return a ranking that was made before."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: RankingKey, ranking: Ranking, most: int) -> None:
        """Keep a ranking."""
        with self._lock:
            self._kept[key] = ranking
            while len(self._kept) > most:
                self._kept.popitem(last=False)
