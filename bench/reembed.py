"""Changing the embedder under load: searches and new documents go on while it is built, switched to and taken back.

usage: python -m bench.reembed [--chunks 100000] [--model FOLDER] [--json]

Made-up chunks of real words, as in `search_scale`. The new embedder is the built-in table under another name, so that
the machinery is measured rather than a model, or the ONNX model of `--model`. A search that fails, comes back empty, or
holds a hit without a score by meaning is counted; one such is a fault.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.made_up import MadeUpLibrary
from bench.search_scale import Latency, latency
from parley.errors import AppError, NotFound
from parley.jobs.queue import DbosQueue
from parley.jobs.service import Jobs, queue_url
from parley.kit.clock import SystemClock
from parley.knowledge.events import WorkspaceEvents
from parley.llm.embedding import Embedder
from parley.llm.embedding.onnx import OnnxEmbedder
from parley.llm.embedding.static import StaticEmbedder
from parley.retrieval.building import GenerationBuilder, VectorRemover
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.generations import GenerationService, register_generation_jobs
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from parley.settings import RetrievalSettings
from parley.store.engine import Store, sqlite_url
from parley.store.migrate import migrate

_ARRIVAL_SECONDS = 2.0


class Renamed(StaticEmbedder):
    """The built-in table under another name."""

    name = "renamed/1"


@dataclass(slots=True)
class Phase:
    """What searches met while something went on."""

    seconds: float = 0.0
    searches: int = 0
    failed: int = 0
    empty: int = 0
    by_words_alone: int = 0
    took: Latency | None = None
    longest_ms: float = 0.0
    samples: list[float] = field(default_factory=list[float])


class Shelf:
    """Two embedders by name."""

    def __init__(self, other: Embedder) -> None:
        self._embedders = {"static": StaticEmbedder(), "other": other}

    async def open(self, workspace_id: str, spec: str) -> Embedder:
        """Return an embedder."""
        if spec not in self._embedders:
            raise NotFound(f"There is no embedder {spec}.")
        return self._embedders[spec]


class Load:
    """Searches one after the other, and a document replaced every two seconds, until told to stop."""

    def __init__(self, searcher: Searcher, library: MadeUpLibrary, source_id: str) -> None:
        self._searcher, self._library, self._source_id = searcher, library, source_id
        self._queries = library.queries(sys.maxsize)
        self._replaced = 0

    async def during(self, work: "asyncio.Future[None] | asyncio.Task[None]") -> Phase:
        """Search until the work is done and return what was met."""
        phase, start, arrival = Phase(), time.perf_counter(), time.perf_counter()
        while not work.done():
            await self._search(phase)
            if time.perf_counter() - arrival > _ARRIVAL_SECONDS:
                arrival = time.perf_counter()
                await self._library.replace(self._replaced, self._source_id)
                self._replaced += 1
                await self._searcher.notify(self._library.workspace_id)
        await work
        phase.seconds = round(time.perf_counter() - start, 2)
        phase.took, phase.longest_ms = latency(phase.samples), round(max(phase.samples) * 1000, 1)
        phase.samples = []
        return phase

    async def _search(self, phase: Phase) -> None:
        start = time.perf_counter()
        request = SearchRequest(query=next(self._queries), language="en")
        phase.searches += 1
        try:
            result = await self._searcher.search(self._library.workspace_id, request)
        except AppError:
            phase.failed += 1
            return
        phase.samples.append(time.perf_counter() - start)
        phase.empty += not result.hits
        phase.by_words_alone += result.explanation["dense_weight"] == 0


async def measure(chunks: int, model: Path | None) -> dict[str, Phase]:
    """Build a collection and change its embedder there and back."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = sqlite_url(folder / "parley.db")
        await migrate(url)
        store, clock = Store(url), SystemClock()
        library = await MadeUpLibrary.make(store, StaticEmbedder())
        embedders = WorkspaceEmbedders(store, clock, Shelf(OnnxEmbedder(model) if model else Renamed()), "static")
        keeper = IndexKeeper(store, folder / "indexes", embedders)
        searcher = Searcher(store, RetrievalSettings(cached_searches=0), keeper)
        events = WorkspaceEvents(store, clock)
        jobs = Jobs(
            store,
            clock,
            DbosQueue(queue_url(url, folder)),
            lease_seconds=30,
            reconcile_seconds=60,
            sole_process=True,
        )
        generations = GenerationService(store, clock, jobs, events, embedders, keeper)

        async def workspace_ids() -> list[str]:
            return [library.workspace_id]

        builder = GenerationBuilder(store, clock, events, embedders, keeper, kept=1)
        register_generation_jobs(jobs, generations, builder, VectorRemover(store, clock, events), workspace_ids)
        await jobs.start()
        source_id = await library.source()
        await library.fill(source_id, chunks, searcher)
        load = Load(searcher, library, source_id)

        async def change(spec: str) -> None:
            view = await generations.start(library.workspace_id, spec)
            while view.status == "building":
                await asyncio.sleep(0.2)
                view = await generations.get(library.workspace_id, view.id)
            if view.status != "active":
                raise SystemExit(f"The change to {spec} ended as {view.status}.")

        phases = {"before": await load.during(asyncio.ensure_future(asyncio.sleep(10)))}
        for name, spec in (("there", "other"), ("back", "static"), ("there_again", "other")):
            phases[name] = await load.during(asyncio.create_task(change(spec)))
            print(name, phases[name], file=sys.stderr, flush=True)
        await jobs.stop()
        await searcher.close()
        await keeper.close()
        await store.close()
        return phases


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--model", type=Path, help="folder of an ONNX model to change to")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    phases = asyncio.run(measure(arguments.chunks, arguments.model))
    found = {name: {k: v for k, v in asdict(phase).items() if k != "samples"} for name, phase in phases.items()}
    print(json.dumps({"chunks": arguments.chunks} | found, indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
