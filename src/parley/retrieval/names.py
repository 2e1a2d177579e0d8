"""What documents are called: the words of their folders, files and sources, so that a question can name some of them.

Kept apart from the words of chunks, so that renaming a folder of thousands of files writes some bytes for each and
neither reads nor indexes them anew.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.kit.analysis import analyse
from parley.retrieval.query import AnalysedQuery, QueryWord
from parley.retrieval.rows import key_of
from parley.retrieval.term_rows import Keys, TermRows, term_key, term_keys

_ROW = np.dtype([("version", "<i8"), ("start", "<i8"), ("terms", "<i4"), ("dead", "<i4"), ("id", "S40")])
"""`version`: `key_of` the id; `start`: where its terms begin."""
_FORMAT = 1
# "Best Buy" is "bestbuy.pdf", "profit and loss" is not "profitloss": what is written as one has no words in between.
_JOINED = 3
# What nearly all documents are called, the folder of everything or the ending of a file, names none of them.
_MOST_SHARE = 0.75
# Of "Oak Clinic", "Oak School" holds half: what holds less than this share of the most is not meant.
NEARLY_AS_MUCH = 0.6
_GAP = re.compile(r"[\s\-_.&']*")


@dataclass(frozen=True, slots=True)
class DocumentName:
    """What a version's document is called. `text`: whatever people may call it by; `language`: of its text."""

    version_id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class NamedDocuments:
    """The documents whose names hold words of a query.

    Attributes:
        versions: their keys (`key_of`), ascending.
        version_ids: their ids, in the same order.
        holds: for each of them, which words of the query its name holds; a column a word.
        shares: for each word, the share of all documents whose names hold it (0 to 1).
    """

    versions: NDArray[np.int64]
    version_ids: NDArray[np.bytes_]
    holds: NDArray[np.bool_]
    shares: NDArray[np.float64]

    def __bool__(self) -> bool:
        return len(self.versions) > 0

    def of(self, versions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which words of the query stand in the names of documents; a row for each of these versions."""
        if not self:
            return np.zeros((len(versions), len(self.shares)), np.bool_)
        places = np.minimum(np.searchsorted(self.versions, versions), len(self.versions) - 1)
        return self.holds[places] & (self.versions[places] == versions)[:, None]

    def likeliest(self, weights: Sequence[float], limit: int) -> list[str]:
        """Return the versions whose names hold most of the query, best first; none that hold far less than the best.

        Args:
            weights: what each word counts.
            limit: how many at most.
        """
        if not self:
            return []
        worth = self.holds @ (np.asarray(weights) * (1 - self.shares))
        best = np.argsort(-worth, kind="stable")[:limit]
        best = best[(worth[best] > 0) & (worth[best] >= NEARLY_AS_MUCH * worth.max())]
        return [version_id.decode() for version_id in self.version_ids[best].tolist()]


class _KeysSeen:
    """Every key of an index, read on where keys were appended: while a folder is read, each second has a snapshot."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._read = 0

    def upto(self, keys: Keys) -> set[int]:
        """Return the keys, and those appended later that a newer snapshot has asked for; several threads may ask."""
        if self._read < len(keys):
            self._seen.update(keys[self._read :].tolist())
            self._read = len(keys)
        return self._seen


class NameSnapshot:
    """The names as of one change; later changes only append rows or mark them dead."""

    def __init__(self, rows: NDArray[Any], dead: NDArray[np.int32], keys: Keys, seen: _KeysSeen) -> None:
        self._rows, self._dead, self._keys, self._seen = rows, dead, keys, seen

    def holds(self, term: str) -> bool:
        """Say whether a name holds, or held, an index term."""
        return term_key(term) in self._seen.upto(self._keys)

    def versions_called(self, term: str, limit: int) -> list[str]:
        """Return versions whose documents are called by a term, so many at most."""
        if not self.holds(term):
            return []
        rows = np.unique(self._owners(term_key(term)))
        alive = rows[self._dead[rows] == 0][:limit]
        return [version_id.decode() for version_id in self._rows["id"][alive].tolist()]

    def find(self, query: AnalysedQuery, text: str) -> NamedDocuments:
        """Return the documents whose names hold words of a query, or several of them written as one.

        Args:
            text: what the words of the query itself were read from.
        """
        seen = self._seen.upto(self._keys)
        meant = {key: numbers for key, numbers in _keys_meant(query, text) if key in seen}
        if not meant:
            return _nothing(len(query.words))
        holds = np.zeros((len(self._rows), len(query.words)), np.bool_)
        for key, numbers in meant.items():
            rows = self._owners(key)
            for number in numbers:
                holds[rows, number] = True
        holds[self._dead != 0] = False
        shares = np.count_nonzero(holds, axis=0) / max(1, int(np.count_nonzero(self._dead == 0)))
        holds[:, shares > _MOST_SHARE] = False
        found = np.flatnonzero(holds.any(axis=1))
        versions = self._rows["version"][found]
        order = np.argsort(versions)
        found = found[order]
        return NamedDocuments(versions[order], self._rows["id"][found], holds[found], shares)

    def _owners(self, key: int) -> NDArray[np.intp]:
        """Return the rows whose names hold a key; of rows that begin at one place the last has the terms."""
        places = np.flatnonzero(self._keys == key)
        return np.searchsorted(self._rows["start"], places, "right") - 1


class NameIndex(TermRows):
    """A workspace's names in a folder."""

    columns = ("version", "dead")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, _ROW, _FORMAT)

    def snapshot(self) -> NameSnapshot:
        """Return the names as of the last commit."""
        rows, dead = self._rows.items[: self._count], self._column["dead"].view
        return NameSnapshot(rows, dead, self._contents(), self._seen)

    def rollback(self) -> None:
        super().rollback()
        self._seen = _KeysSeen()

    def put(self, names: Sequence[DocumentName]) -> None:
        """Give documents their names, in the place of those that they had; they count after `commit`."""
        versions = self._column["version"].view[self._column["dead"].view == 0]
        known = np.isin([key_of(name.version_id) for name in names], versions)
        for name in (name for name, is_known in zip(names, known.tolist(), strict=True) if is_known):
            self.remove_version(name.version_id)
        keys, counts = term_keys([" ".join(dict.fromkeys(analyse(name.text, name.language))) for name in names])
        rows = np.zeros(len(names), _ROW)
        rows["version"] = [key_of(name.version_id) for name in names]
        rows["id"] = [name.version_id.encode() for name in names]
        rows["terms"] = counts
        rows["start"] = self._end + np.cumsum(counts, dtype=np.int64) - counts
        self._add(rows, [keys])

    def _open_contents(self, prefix: str) -> None:
        super()._open_contents(prefix)
        self._seen = _KeysSeen()

    def _blank(self, numbers: NDArray[np.intp]) -> None:
        super()._blank(numbers)
        self._seen = _KeysSeen()


def _keys_meant(query: AnalysedQuery, text: str) -> list[tuple[int, list[int]]]:
    """Return the keys of terms that stand for words of a query, with the numbers of the words each stands for."""
    words = query.words
    meant: dict[int, list[int]] = {}
    for number, word in enumerate(words):
        if not word.function_word:
            for term in word.terms:
                meant.setdefault(term_key(term), []).append(number)
    for first, last in _runs(words, text):
        joined = "".join([text[word.start : word.end] for word in words[first : last + 1]])
        for term in analyse(joined, query.languages[0])[:1]:
            meant.setdefault(term_key(term), list(range(first, last + 1)))
    return list(meant.items())


def _runs(words: Sequence[QueryWord], text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of words of the query itself that stand beside each other in it."""
    beside = [
        left.text == right.text == 0 and _GAP.fullmatch(text, left.end, right.start) is not None
        for left, right in pairwise(words)
    ]
    for first in range(len(words)):
        for last in range(first + 1, min(first + _JOINED, len(words))):
            if not beside[last - 1]:
                break
            yield first, last


def _nothing(words: int) -> NamedDocuments:
    none = np.zeros(0, np.int64)
    return NamedDocuments(none, none.astype("S1"), np.zeros((0, words), np.bool_), np.zeros(words))
