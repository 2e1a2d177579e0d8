"""Search latency by number of chunks, straight at the searcher, on made-up chunks of real words.

usage: python -m bench.search_scale [--chunks 100000] [--queries 300] [--share 0.01] [--json]

Rows are written as ingestion writes them; words follow Zipf's law over a vocabulary of 60,000, seeded. Reports how long
the indexes take to build from what workers would hand over, p50 and p95 of a search over everything and over a source
with `--share` of the chunks, the time until a replaced document is found, and resident memory.
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil

from bench.made_up import MadeUpLibrary
from parley.llm.embedding.static import StaticEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.settings import RetrievalSettings
from parley.store.engine import Store, sqlite_url
from parley.store.migrate import migrate


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """What was found for one size."""

    chunks: int
    index_seconds: float
    index_bytes: int
    everything: Latency
    small_source: Latency
    replaced_visible: Latency
    rss_megabytes: int


def latency(samples: list[float]) -> Latency:
    """Return the percentiles of seconds, in milliseconds."""
    return Latency(*(round(float(np.percentile(samples, q)) * 1000, 2) for q in (50, 95)))


async def time_searches(searcher: Searcher, library: MadeUpLibrary, source_ids: list[str], count: int) -> Latency:
    """Search for phrases of the collection's own words, after a few to warm up."""
    samples: list[float] = []
    stages: dict[str, list[float]] = {}
    for number, query in enumerate(library.queries(count + 10)):
        start = time.perf_counter()
        request = SearchRequest(query=query, source_ids=source_ids, language="en")
        result = await searcher.search(library.workspace_id, request)
        if number >= 10:
            samples.append(time.perf_counter() - start)
            for stage, spent in result.took_ms.items():
                stages.setdefault(stage, []).append(spent)
    print({stage: round(float(np.median(spent)), 2) for stage, spent in stages.items()}, flush=True)
    return latency(samples)


async def time_replacements(searcher: Searcher, library: MadeUpLibrary, count: int) -> Latency:
    """Replace a document and apply the change, until its new text is found."""
    samples: list[float] = []
    for number in range(count):
        await library.replace(number)
        start = time.perf_counter()
        await searcher.catch_up(library.workspace_id)
        samples.append(time.perf_counter() - start)
    return latency(samples)


async def measure(chunks: int, queries: int, share: float) -> ScaleReport:
    """Build a collection of a size and search it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = sqlite_url(folder / "parley.db")
        await migrate(url)
        store, embedder = Store(url), StaticEmbedder()
        keeper = IndexKeeper(store, folder / "indexes", OneEmbedder(embedder))
        searcher = Searcher(store, RetrievalSettings(), keeper)
        library = await MadeUpLibrary.make(store, embedder)
        large, small = await library.source(), await library.source()
        start = time.perf_counter()
        spent = await library.fill(large, round(chunks * (1 - share)), searcher)
        spent += await library.fill(small, round(chunks * share), searcher)
        print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
        everything = await time_searches(searcher, library, [large, small], queries)
        narrow = await time_searches(searcher, library, [small], queries)
        replaced = await time_replacements(searcher, library, 20)
        size = sum(path.stat().st_size for path in (folder / "indexes").rglob("*") if path.is_file())
        rss = round(psutil.Process().memory_info().rss / 1e6)
        await keeper.close()
        await store.close()
        return ScaleReport(chunks, round(spent, 1), size, everything, narrow, replaced, rss)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = asyncio.run(measure(arguments.chunks, arguments.queries, arguments.share))
    print(json.dumps(asdict(report), indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
