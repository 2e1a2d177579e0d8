"""Search by number of chunks, in this process, on made-up chunks of real words.

usage: python -m bench.search_scale [--chunks 100000] [--queries 300] [--share 0.01] [--ingest-mb 60] [--data FOLDER]
                                    [--texts FOLDER]

Rows are written as ingestion writes them; words follow Zipf's law over a vocabulary of 60,000, seeded. Reports how long
the indexes take to build from what workers would hand over; recall@10 of the int8 scan against exact single precision;
a restart (everything closed, then opened until the first search has answered); p50 and p95 of a search over everything,
over a source with `--share` of the chunks, and in a workspace of its own with as many; the time until a replaced
document is found; and searches at a fixed pace, timed from when they were due, while a real ingestion reads
`--ingest-mb` of text with its worker processes. With `--data` the collection is kept in that folder and used again.

Made-up chunks are unusually alike, which makes recall hard; `--texts` (`.bench/corpus` where it is there) measures it
on passages of real files as well.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from bench.corpus import DEFAULT_FOLDER, files_in
from bench.made_up import ExactNearest, MadeUpLibrary
from parley.api.container import Container, open_container
from parley.bots.schemas import BotIn
from parley.kit.memory import collect_rarely, prepare_server
from parley.knowledge.schemas import SourceCreate
from parley.llm.embedding import Embedder, Vectors, quantise, unit_rows
from parley.llm.embedding.models import STATIC, open_embedder
from parley.retrieval.dense import DenseIndex
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import FIRST_FOLDER
from parley.settings import Settings

_RECALL_QUERIES = 100
_NOTES = "collection.json"
_PACES = (10, 50)
_PASSAGE_CHARS = 800
_TAG = re.compile(r"<[^>]+>")


def _default() -> Embedder:
    return open_embedder(STATIC, Path())


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, and how many searches a second were answered."""

    p50: float
    p95: float
    per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Notes:
    """What a collection that is kept in a folder is made of."""

    chunks: int
    index_seconds: float
    recall_at_10: float
    workspace: str
    large: str
    small: str
    tenant: str


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """What was found for one size."""

    chunks: int
    index_seconds: float
    index_bytes: int
    recall_at_10: float
    recall_at_10_on_texts: float | None
    restart_to_first_search_seconds: float
    everything: Latency
    small_source: Latency
    small_workspace: Latency
    replaced_visible: Latency
    while_ingesting: dict[str, Latency]
    ingested_mb_per_second: float
    rss_megabytes: int


def latency(samples: Sequence[float], per_second: float = 0.0) -> Latency:
    """Return the percentiles of seconds, in milliseconds."""
    p50, p95 = (round(float(np.percentile(samples, share)) * 1000, 2) for share in (50, 95))
    return Latency(p50, p95, round(per_second, 1))


async def time_searches(
    searcher: Searcher, library: MadeUpLibrary, source_ids: list[str] | None, count: int
) -> Latency:
    """Search for phrases of the collection's own words, after a few to warm up."""
    samples: list[float] = []
    stages: dict[str, list[float]] = {}
    for number, query in enumerate(library.queries(count + 10)):
        start = time.perf_counter()
        result = await searcher.search(library.workspace_id, SearchRequest(query=query, source_ids=source_ids))
        if number >= 10:
            samples.append(time.perf_counter() - start)
            for stage, spent in result.took_ms.items():
                stages.setdefault(stage, []).append(spent)
    print({stage: round(float(np.median(spent)), 2) for stage, spent in stages.items()}, flush=True)
    return latency(samples)


async def time_paced(searcher: Searcher, library: MadeUpLibrary, pace: int, busy: asyncio.Task[float]) -> Latency:
    """Search so many times a second, without waiting for answers, for ten seconds or until the work is done."""
    samples: list[float] = []
    running: set[asyncio.Task[None]] = set()

    async def one(query: str, due: float) -> None:
        await searcher.search(library.workspace_id, SearchRequest(query=query))
        samples.append(time.perf_counter() - due)

    start = time.perf_counter()
    for number, query in enumerate(library.queries(10 * pace)):
        due = start + number / pace
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if busy.done():
            break
        task = asyncio.create_task(one(query, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return latency(samples or [float("nan")], len(samples) / (time.perf_counter() - start))


async def time_replacements(searcher: Searcher, library: MadeUpLibrary, source_id: str, count: int) -> Latency:
    """Replace a document and apply the change, until its new text is found."""
    samples: list[float] = []
    for number in range(count):
        await library.replace(number, source_id)
        start = time.perf_counter()
        await searcher.catch_up(library.workspace_id)
        samples.append(time.perf_counter() - start)
    return latency(samples)


async def fill(container: Container, chunks: int, share: float, nearest: ExactNearest) -> Notes:
    """Make a collection in the owner's workspace, and a small one in another."""
    embedder, searcher = _default(), container.searcher
    library = MadeUpLibrary(container.store, embedder, container.owner.workspace_id)
    large, small = await library.source(), await library.source()
    library.nearest = nearest
    start = time.perf_counter()
    spent = await library.fill(large, round(chunks * (1 - share)), searcher)
    spent += await library.fill(small, round(chunks * share), searcher)
    print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
    tenant = await MadeUpLibrary.make(container.store, embedder)
    await tenant.fill(await tenant.source(), round(chunks * share), searcher)
    return Notes(chunks, round(spent, 1), 0.0, library.workspace_id, large, small, tenant.workspace_id)


def recall_at_10(data: Path, notes: Notes, questions: Vectors, nearest: ExactNearest) -> float:
    """Return how many of the ten nearest in single precision the int8 scan finds.

    The collection is the first of its database, so that chunks are numbered from one as they came.
    """
    index = DenseIndex(data / "indexes" / notes.workspace / FIRST_FOLDER, _default().name, questions.shape[1])
    dense = index.snapshot()
    hits = 0
    for row, exact in zip(quantise(questions), nearest.numbers, strict=True):
        found = dense.search(row, dense.scope(None), 10)[:10]
        hits += len({chunk_id for chunk_id, _ in found} & {number + 1 for number in exact})
    return round(hits / nearest.count, 4)


def recall_on_texts(folder: Path, limit: int) -> float:
    """Return the recall@10 of quantised vectors over passages of real text files, asked for parts of them."""
    embedder, chosen = _default(), random.Random(5)
    files = files_in(folder, {".txt", ".md", ".rst", ".html"})
    chosen.shuffle(files)
    passages: list[str] = []
    for path in files:
        text = " ".join(_TAG.sub(" ", path.read_text("utf-8", "ignore")[:100_000]).split())
        passages.extend(text[at : at + _PASSAGE_CHARS] for at in range(0, len(text) - 200, _PASSAGE_CHARS))
        if len(passages) >= limit:
            break
    questions = embedder.embed_queries([text[100:180] for text in chosen.sample(passages, _RECALL_QUERIES)])
    nearest, rounded = ExactNearest(questions), ExactNearest(unit_rows(quantise(questions).astype(np.float32)))
    for at in range(0, len(passages), 1000):
        vectors = embedder.embed_documents(passages[at : at + 1000])
        nearest.add(vectors)
        rounded.add(unit_rows(quantise(vectors).astype(np.float32)))
    hits = sum(len(set(a) & set(b)) for a, b in zip(nearest.numbers, rounded.numbers, strict=True))
    return round(hits / nearest.count, 4)


async def ingest(container: Container, folder: Path, megabytes: float) -> float:
    """Read a folder with worker processes; return the megabytes a second until it is ready."""
    workspace_id = container.owner.workspace_id
    start = time.perf_counter()
    bot = await container.bots.create(workspace_id, BotIn(name="Benchmark"))
    wanted = SourceCreate(kind="folder", path=str(folder))
    source = await container.knowledge.add_local(workspace_id, bot.id, wanted)
    while source.status in ("scanning", "reading"):
        await asyncio.sleep(0.1)
        source = await container.knowledge.get(workspace_id, source.id)
    return round(megabytes / (time.perf_counter() - start), 2)


async def measure(data: Path, notes: Notes, queries: int, ingest_mb: float) -> ScaleReport:
    """Open a collection and search it."""
    start = time.perf_counter()
    settings = Settings(data=data)
    settings.retrieval.cached_searches = 0  # a ranking that is given again would flatter
    async with open_container(settings) as container:
        collect_rarely()
        searcher, store = container.searcher, container.store
        library = MadeUpLibrary(store, _default(), container.owner.workspace_id)
        await searcher.search(library.workspace_id, SearchRequest(query=next(library.queries(1))))
        restart = time.perf_counter() - start
        everything = await time_searches(searcher, library, None, queries)
        narrow = await time_searches(searcher, library, [notes.small], queries)
        tenant = MadeUpLibrary(store, _default(), notes.tenant)
        small_workspace = await time_searches(searcher, tenant, None, queries)
        replaced = await time_replacements(searcher, library, notes.small, 20)
        meanwhile: dict[str, Latency] = {}
        speed = 0.0
        with tempfile.TemporaryDirectory() as folder:
            if ingest_mb > 0:
                await asyncio.to_thread(library.write_files, Path(folder), ingest_mb)
                busy = asyncio.create_task(ingest(container, Path(folder), ingest_mb))
                for pace in _PACES:
                    meanwhile[f"{pace} a second"] = await time_paced(searcher, library, pace, busy)
                speed = await busy
        size = sum(path.stat().st_size for path in (data / "indexes").rglob("*") if path.is_file())
        rss = round(psutil.Process().memory_info().rss / 1e6)
    return ScaleReport(
        notes.chunks,
        notes.index_seconds,
        size,
        notes.recall_at_10,
        None,
        round(restart, 2),
        everything,
        narrow,
        small_workspace,
        replaced,
        meanwhile,
        speed,
        rss,
    )


async def run(arguments: argparse.Namespace, data: Path) -> ScaleReport:
    """Make the collection, unless the folder holds one, and measure."""
    noted = data / _NOTES
    if noted.is_file():
        notes = Notes(**json.loads(noted.read_text("utf-8")))
    else:
        embedder = _default()
        async with open_container(Settings(data=data)) as container:
            library = MadeUpLibrary(container.store, embedder, container.owner.workspace_id)
            questions = embedder.embed_queries(list(library.queries(_RECALL_QUERIES)))
            nearest = ExactNearest(questions)
            notes = await fill(container, arguments.chunks, arguments.share, nearest)
        notes = replace(notes, recall_at_10=recall_at_10(data, notes, questions, nearest))
        noted.write_text(json.dumps(asdict(notes)), "utf-8")
    report = await measure(data, notes, arguments.queries, arguments.ingest_mb)
    if arguments.texts.is_dir():
        recall = await asyncio.to_thread(recall_on_texts, arguments.texts, notes.chunks)
        report = replace(report, recall_at_10_on_texts=recall)
    return report


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--ingest-mb", type=float, default=60, help="0: no searches while ingesting")
    parser.add_argument("--data", type=Path, help="keep the collection here, and use it again")
    parser.add_argument("--texts", type=Path, default=DEFAULT_FOLDER, help="real text files to measure recall on")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    prepare_server()
    with tempfile.TemporaryDirectory() as temporary:
        report = asyncio.run(run(arguments, (arguments.data or Path(temporary)).resolve()))
    print(json.dumps(asdict(report), indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
