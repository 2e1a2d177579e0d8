"""Rows of chunks in a folder: they last, are forgotten when not committed, and shrink when many are dead."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.retrieval import rows as rows_module
from parley.retrieval.dense import DenseEntry, DenseIndex
from parley.retrieval.forward import ForwardIndex, ForwardSnapshot
from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.term_rows import term_key, term_keys


def entry(chunk_id: int, version_id: str, body: str, title: str = "", heading: str = "") -> LexicalEntry:
    """Return a chunk of terms."""
    return LexicalEntry(chunk_id, version_id, "src", "en", title, heading, body)


def terms_of(snapshot: ForwardSnapshot, chunk_id: int) -> list[int]:
    """Return the keys of one chunk."""
    return snapshot.terms(snapshot.find([chunk_id])).keys.tolist()


def known(snapshot: ForwardSnapshot, *chunk_ids: int) -> list[int]:
    """Return those of the chunks that are here."""
    return snapshot.chunks(snapshot.find(chunk_ids)).tolist()


def keys_of(terms: str) -> list[int]:
    """Return what stands for terms."""
    return [term_key(term) for term in terms.split()]


@pytest.fixture
def forward(tmp_path: Path) -> ForwardIndex:
    """Two versions of two chunks each."""
    index = ForwardIndex(tmp_path / "forward")
    index.add([entry(1, "a", "one two", "title", "some heading"), entry(2, "a", "three")])
    index.add([entry(3, "b", ""), entry(4, "b", "four five six")])
    index.commit(2)
    return index


class TestTermKeys:
    @given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), max_size=40), max_size=6)))
    def test_many_at_once_are_those_of_each(self, texts: list[list[str]]) -> None:
        keys, counts = term_keys([" ".join(terms) for terms in texts])
        assert keys.tolist() == [term_key(term) for terms in texts for term in terms if term]
        assert counts.tolist() == [sum(map(bool, terms)) for terms in texts]


class TestForward:
    def test_terms_come_back_by_field(self, forward: ForwardIndex) -> None:
        snapshot = forward.snapshot()
        found = snapshot.terms(snapshot.find([4, 1]))
        assert found.keys.tolist() == keys_of("four five six title some heading one two")
        assert (found.starts.tolist(), found.titles.tolist(), found.headings.tolist()) == ([0, 3, 8], [0, 1], [0, 2])

    def test_neighbours_stand_in_the_same_version(self, forward: ForwardIndex) -> None:
        snapshot = forward.snapshot()
        beside = snapshot.neighbours(snapshot.find([4, 1, 2, 3]))
        assert [snapshot.chunks(np.array(near)).tolist() for near in beside] == [[3], [2], [1], [4]]

    def test_what_was_committed_is_there_after_opening_again(self, forward: ForwardIndex, tmp_path: Path) -> None:
        forward.add([entry(5, "c", "lost")])
        again = ForwardIndex(tmp_path / "forward")
        again.add([entry(6, "c", "seven")])
        again.commit(3)
        snapshot = again.snapshot()
        assert known(snapshot, 1, 5, 6) == [1, 6]
        assert (terms_of(snapshot, 4), terms_of(snapshot, 6)) == (keys_of("four five six"), keys_of("seven"))
        assert again.seq == 3

    def test_a_rollback_forgets_and_a_snapshot_stays(self, forward: ForwardIndex) -> None:
        before = forward.snapshot()
        forward.add([entry(5, "c", "lost words")])
        forward.rollback()
        forward.add([entry(6, "c", "kept")])
        forward.commit(3)
        assert known(before, 6) == []
        assert known(forward.snapshot(), 5, 6) == [6]
        assert terms_of(forward.snapshot(), 6) == keys_of("kept")

    def test_dead_rows_are_left_behind(self, forward: ForwardIndex, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rows_module, "_MIN_DEAD", 1)
        before = forward.snapshot()
        forward.remove_version("a")
        assert forward.compact()
        after = forward.snapshot()
        assert known(after, 1, 2, 3, 4) == [3, 4]
        assert terms_of(after, 4) == terms_of(before, 4) == keys_of("four five six")
        assert terms_of(before, 2) == keys_of("three")


class TestVectors:
    @pytest.mark.parametrize("sources", [["x"], ["y"], ["x", "y"], []])
    @pytest.mark.parametrize("aside", [40_000, 1])
    def test_the_nearest_of_some_sources_are_found_however_they_lie(
        self, tmp_path: Path, sources: list[str], aside: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("parley.retrieval.dense._ROWS_ASIDE", aside)  # whether another thread begins
        monkeypatch.setattr("parley.retrieval.dense._SCAN_ROWS", 700)
        random = np.random.default_rng(3)
        index = DenseIndex(tmp_path / "dense", "some/1", 16)
        vectors = random.integers(-127, 127, (9000, 16), np.int8)
        owner = ["x" if random.random() < 0.05 or 3000 < n < 4000 else "y" for n in range(9000)]
        index.add([DenseEntry(n, "v", owner[n], 3, vectors[n].tobytes()) for n in range(9000)])
        index.commit(1)
        snapshot, query = index.snapshot(), vectors[17]
        scores = (vectors.astype(int) @ query.astype(int)) / np.linalg.norm(vectors.astype(float), axis=1)
        allowed = [n for n in range(9000) if owner[n] in sources and scores[n] > 0]
        expected = sorted(allowed, key=lambda n: (-scores[n], n))[:20]
        for most_runs in (64, 0):  # scanned in stretches, or row by row
            monkeypatch.setattr("parley.retrieval.dense._MAX_RUNS", most_runs)
            found = snapshot.search(query, snapshot.scope(sources), 20)
            assert [chunk_id for chunk_id, _ in found][:20] == expected
            # Many at once: what is under way for one is not for another, and nobody waits for a thread that is taken.
            under_way = [snapshot.begin_search(query, snapshot.scope(sources), 20) for _ in range(8)]
            assert all(end() == found for end in reversed(under_way))

    def test_another_embedder_in_the_same_folder_has_no_vectors_yet(self, tmp_path: Path) -> None:
        index = DenseIndex(tmp_path / "dense", "some/1", 4)
        index.add([DenseEntry(1, "v", "s", 3, b"\x01\x02\x03\x04")])
        index.commit(1)
        assert index.snapshot().coverage == 1
        assert DenseIndex(tmp_path / "dense", "other/1", 4).snapshot().coverage == 0
        assert DenseIndex(tmp_path / "dense", "some/1", 4).snapshot().coverage == 1
