"""Arrays in mapped files: what they hold stays, how much of them is resident is bounded."""

import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from parley.retrieval import mapped
from parley.retrieval.dense import DenseEntry, DenseIndex
from parley.retrieval.mapped import Growing

KEPT, WIDTH, COUNT = 1_000_000, 256, 40_000
# The system maps neighbours of a page that is touched.
SLACK = 300_000


def resident(path: Path) -> int:
    """Return how many bytes of a mapped file count as this process's memory."""
    return sum(item.rss for item in psutil.Process().memory_maps(grouped=False) if item.path == str(path))


@pytest.fixture
def rows() -> np.ndarray:
    """Ten times what may stay resident, no two rows alike."""
    return np.random.default_rng(7).integers(-90, 90, (COUNT, WIDTH), np.int8)


class TestGrowing:
    def test_what_was_written_stands_after_it_was_let_go(self, tmp_path: Path, rows: np.ndarray) -> None:
        array = Growing(tmp_path / "rows", np.int8, WIDTH, 0, KEPT)
        for start in range(0, COUNT, 1000):
            array.write(start, rows[start : start + 1000])
        before = array.rows.first(COUNT)
        array.flush()
        array.write(COUNT, rows[:1000])
        array.flush()
        assert np.array_equal(before.items, rows)
        assert np.array_equal(Growing(tmp_path / "rows", np.int8, WIDTH, COUNT, KEPT).items[:COUNT], rows)

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes pages back when asked")
    @pytest.mark.parametrize("populates", [True, False])
    def test_only_the_beginning_stays_resident(
        self, tmp_path: Path, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch, *, populates: bool
    ) -> None:
        monkeypatch.setattr(mapped, "_can_populate", lambda: populates)
        path = tmp_path / "rows"
        array = Growing(path, np.int8, WIDTH, 0, KEPT)
        array.write(0, rows)
        assert resident(path) >= rows.nbytes
        array.flush()
        assert resident(path) <= KEPT + SLACK
        for start in range(0, COUNT, 5000):
            assert np.array_equal(array.rows.fetch(start, start + 5000), rows[start : start + 5000])
            array.rows.let_go(start, start + 5000)
        assert resident(path) <= KEPT + SLACK


class TestSearch:
    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes pages back when asked")
    def test_a_search_finds_the_same_and_keeps_no_more(
        self, tmp_path: Path, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = []
        for kept in (10 * rows.nbytes, KEPT):
            monkeypatch.setattr("parley.retrieval.dense._KEPT_BYTES", kept)
            index = DenseIndex(tmp_path / str(kept), "test", WIDTH)
            index.add([DenseEntry(number, "v", "s", 1, row.tobytes()) for number, row in enumerate(rows)])
            index.commit(1)
            snapshot = index.snapshot()
            found.append(snapshot.search(rows[COUNT // 2], snapshot.scope(None), 20))
        assert found[0] == found[1]
        assert found[0][0][0] == COUNT // 2
        path = next((tmp_path / str(KEPT)).glob("*.i8"))
        assert resident(path) <= KEPT + SLACK
