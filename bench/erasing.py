"""Erasing from a large index: which files must be written anew, and what that costs beside what building it cost.

usage: python -m bench.erasing [--chunks 500000] [--removed 5000] [--json]

Chunks of made-up words fill an index of their own; a run of neighbours is removed, as deleting a source does. Told are
the chunks whose words must be written anew (they share files with removed ones), and the seconds of CPU for finding
them, for writing their words, and for overwriting the rest in place. In a workspace their text is tokenised too, which
`words_per_second` bounds: some 13,000 chunks of documentation a second of CPU.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.measuring import report
from parley.knowledge.prepared import prepare_version
from parley.retrieval.index import IndexEntry, WorkspaceIndex
from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.spaces import VectorSpace

DIM = 256
WORDS = 100
CHUNKS_PER_VERSION = 10
CHUNKS_PER_COMMIT = 20_000


class MadeUp:
    """Chunks of words that are as unevenly spread as those of a language."""

    def __init__(self, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self._words = [f"term{number}" for number in range(60_000)]
        self._picks = (random.zipf(1.3, size=2_000_000) % len(self._words)).tolist()
        self._vectors = random.integers(1, 100, (4_096, DIM), np.int8)

    def body(self, chunk: int) -> str:
        """Return the words of a chunk, the same each time."""
        start = chunk * WORDS % (len(self._picks) - WORDS)
        return " ".join(self._words[pick] for pick in self._picks[start : start + WORDS])

    def entry(self, chunk: int) -> IndexEntry:
        """Return a chunk as the index takes it."""
        version, source = f"v{chunk // CHUNKS_PER_VERSION}", f"s{chunk // 5_000}"
        words = LexicalEntry(chunk, version, source, "en", "title", "heading", self.body(chunk))
        return IndexEntry(words, self._vectors[chunk % len(self._vectors)].tobytes())


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return what some work costs, all threads counted."""
    began = time.process_time()
    work()
    return time.process_time() - began


def build(index: WorkspaceIndex, made_up: MadeUp, chunks: int) -> None:
    """Fill an index, as many commits as ingestion would make."""
    for number, start in enumerate(range(1, chunks + 1, CHUNKS_PER_COMMIT), 1):
        index.add(number, [made_up.entry(chunk) for chunk in range(start, min(start + CHUNKS_PER_COMMIT, chunks + 1))])
        index.commit(number)


def remove(index: WorkspaceIndex, first: int, chunks: int) -> None:
    """Remove the versions of neighbouring chunks."""
    seq = index.applied_seq + 1
    for version in range(first // CHUNKS_PER_VERSION, (first + chunks) // CHUNKS_PER_VERSION):
        index.remove_version(seq, f"v{version}")
    index.commit(seq)


def write_anew(index: WorkspaceIndex, made_up: MadeUp, chunks: list[int], total: int) -> None:
    """Put the words of the versions that chunks are of into new files."""
    versions = sorted({chunk // CHUNKS_PER_VERSION for chunk in chunks})
    for version in versions:
        own = range(version * CHUNKS_PER_VERSION, (version + 1) * CHUNKS_PER_VERSION)
        index.write_words(f"v{version}", [made_up.entry(chunk).lexical for chunk in own if 0 < chunk <= total])
    index.commit_words()


def measure(chunks: int, removed: int) -> dict[str, Any]:
    """Build, remove at three places, and return the figures, those of the dearest place."""
    made_up = MadeUp()
    sample = [((), made_up.body(chunk), "en") for chunk in range(2_000)]
    words_per_second = len(sample) / cpu_seconds(lambda: prepare_version("title", "en", sample))
    figures: dict[str, Any] = {"chunks": chunks, "removed": removed, "words_per_second": words_per_second}
    with tempfile.TemporaryDirectory() as name:
        index = WorkspaceIndex(Path(name), VectorSpace("generation", "made-up/1", DIM, "dense"))
        figures["build_cpu_seconds"] = cpu_seconds(lambda: build(index, made_up, chunks))
        for label, share in (("oldest", 0.1), ("middle", 0.5), ("newest", 0.95)):
            remove(index, int(chunks * share) // CHUNKS_PER_VERSION * CHUNKS_PER_VERSION, removed)
            beside: list[int] = []
            figures[f"{label}_find_cpu_seconds"] = cpu_seconds(lambda: beside.extend(index.chunks_beside_removed()))  # noqa: B023  called at once
            figures[f"{label}_chunks_written_anew"] = len(beside)
            figures[f"{label}_write_cpu_seconds"] = cpu_seconds(lambda: write_anew(index, made_up, beside, chunks))  # noqa: B023  called at once
            figures[f"{label}_overwrite_cpu_seconds"] = cpu_seconds(index.scrub)
            figures[f"{label}_left"] = len(index.chunks_beside_removed())
        index.close()
    return figures


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.erasing", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--chunks", type=int, default=500_000)
    parser.add_argument("--removed", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.chunks, options.removed)
    report("Erasing", figures, as_json=options.json)
    return 1 if any(figures[f"{label}_left"] for label in ("oldest", "middle", "newest")) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
