"""How fast a folder becomes searchable: text (MB/s) and PDFs (pages/s) apart, memory, searches meanwhile.

usage: python -m bench.ingest [FOLDER] [--limit-mb N] [--whole] [--searches N] [--json]

Each half is read by a Parley of its own: a real `parley serve` on a fresh data folder. Time runs from the request that
adds the folder until its source is ready and its last document is in the index, and on until no chunk lacks a vector
(hybrid). A large folder is known by its words before that: a search for a word that only unread files hold has them
read first. With `--whole` the folder is read at once, text and PDF together, as `bench.corpus
--shape` makes it. `--searches` is how many a second are made meanwhile (2): at 13 a third of what the server does is
answering, which the rates then show. Nothing is cached: data folders are new. The machine's file cache may be warm; say
so when comparing.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.corpus import DEFAULT_FOLDER, READABLE, TEXT, files_in, link_tree
from bench.measuring import repeating, report, watching
from parley.settings import KnowledgeSettings
from tests.support.server import ParleyServer, running_parley
from tests.support.waiting import wait_for

WORDS = (
    "how to configure the index",
    "memory limit of a process",
    "error handling in functions",
    "figure and table caption",
    "default value of the option",
    "what does the command return",
    "kernel driver interface",
    "citation style package",
)
SEARCHES_PER_SECOND = 2.0
LIMIT_SECONDS = 3600
# As `parley add` does it: a source's job is looked at, which is cheap, and the source itself when the job has ended.
LOOK_EVERY_SECONDS = 0.25


def _documents(server: ParleyServer, bot_id: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"limit": 200, **({"cursor": cursor} if cursor else {})}
        page = server.api("GET", f"/bots/{bot_id}/documents", params=query)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _search(server: ParleyServer, bot_id: str, words: Sequence[str] = WORDS) -> None:
    server.api("POST", f"/bots/{bot_id}/search", json={"query": random.choice(words), "limit": 10})


def _has_ended(server: ParleyServer, source: dict[str, Any]) -> bool:
    if source["job_id"] and server.api("GET", f"/jobs/{source['job_id']}")["status"] in ("queued", "running"):
        return False
    source |= server.api("GET", f"/sources/{source['id']}")
    return source["status"] in ("ready", "failed", "cancelled")


def _index_is_caught_up(server: ParleyServer) -> bool:
    index = server.api("GET", "/status").get("index") or {}
    return index.get("applied_seq", 0) >= index.get("change_seq", 0)


def _knows_words(server: ParleyServer, texts: int) -> bool:
    """Whether so many files were read, or are known by their words, so that who asks for one has it read first.

    Of a hundred text files one may be empty.
    """
    status = server.api("GET", "/status")
    documents = status["documents"]
    return documents["ready"] + documents["failed"] + status["index"]["unread_documents"] >= 0.99 * texts


def _has_all_vectors(server: ParleyServer) -> bool:
    index = server.api("GET", "/status").get("index") or {}
    return _index_is_caught_up(server) and not index.get("missing_vectors", 0)


def ingest(
    folder: Path, *, searches_per_second: float = SEARCHES_PER_SECOND, is_started: bool = False
) -> dict[str, Any]:
    """Read a folder with a fresh Parley and return the figures.

    Args:
        folder: what is read.
        searches_per_second: how many are made meanwhile.
        is_started: the clock starts when a file of one line was read, and with it all programs and models.
    """
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = sum(path.suffix.lower() in TEXT for path in files)
    is_skimmed = sum(path.stat().st_size for path in files) >= KnowledgeSettings().skim_bytes
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as data, running_parley(Path(data) / "data") as server:
        bot_id = server.create_bot("Benchmark")
        if is_started:
            server.upload(server.create_bot("Warm up"), {"warm-up.txt": b"warm up"})
        with (
            watching(server.process.pid) as usage,
            repeating(lambda: _search(server, bot_id), 1 / max(searches_per_second, 1e-6)) as searches,
        ):
            began = time.perf_counter()
            body = {"kind": "folder", "path": str(folder)}
            source: dict[str, Any] = server.api("POST", f"/bots/{bot_id}/sources", json=body)
            if is_skimmed:
                wait_for(lambda: _knows_words(server, texts), "the words", LIMIT_SECONDS, LOOK_EVERY_SECONDS)
            word_seconds = time.perf_counter() - began
            wait_for(lambda: _has_ended(server, source), "the source", LIMIT_SECONDS, LOOK_EVERY_SECONDS)
            wait_for(lambda: _index_is_caught_up(server), "the index", LIMIT_SECONDS, LOOK_EVERY_SECONDS)
            seconds = time.perf_counter() - began
            wait_for(lambda: _has_all_vectors(server), "the vectors", LIMIT_SECONDS, LOOK_EVERY_SECONDS)
            hybrid_seconds = time.perf_counter() - began
        documents = _documents(server, bot_id)
    ready = [document for document in documents if document["status"] == "ready"]
    failed = Counter(document["error"]["code"] for document in documents if document["error"])
    total_bytes = sum(document["bytes"] for document in ready)
    pages = sum(document["pages"] or 0 for document in ready)
    return {
        "files ready": len(ready),
        "files failed": f"{len(documents) - len(ready)} {dict(failed)}",
        "MB": total_bytes / 1e6,
        "pages": pages,
        "chunks": sum(document["chunks"] for document in ready),
        "seconds until text files are known by words": word_seconds if is_skimmed else seconds,
        "seconds": seconds,
        "seconds to hybrid": hybrid_seconds,
        "MB/s": total_bytes / 1e6 / seconds,
        "pages/s": pages / seconds,
        "CPU-s/MB, server": usage.server_cpu * 1e6 / max(total_bytes, 1),
        "CPU-s/MB, workers": usage.worker_cpu * 1e6 / max(total_bytes, 1),
        "peak RSS of the process tree, MiB": usage.peak_rss / 2**20,
        "searches meanwhile": len(searches.seconds),
        "searches failed": searches.failed,
        "search p50, ms": searches.percentile_ms(0.5),
        "search p95, ms": searches.percentile_ms(0.95),
    }


def _some(paths: list[Path], limit_mb: float | None, seed: int = 7) -> list[Path]:
    if limit_mb is None:
        return paths
    random.Random(seed).shuffle(paths)
    chosen: list[Path] = []
    total = 0
    for path in paths:
        if total >= limit_mb * 1e6:
            break
        chosen.append(path)
        total += path.stat().st_size
    return chosen


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--limit-mb", type=float, help="Read a seeded choice of about so much of each half.")
    parser.add_argument("--only", choices=("text", "pdf"))
    parser.add_argument("--whole", action="store_true", help="Read the folder as it is, text and PDF together.")
    parser.add_argument("--searches", type=float, default=SEARCHES_PER_SECOND, help="How many a second meanwhile.")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    root = arguments.folder.resolve()
    if arguments.whole:
        figures = ingest(root, searches_per_second=arguments.searches)
        report(f"All files of {root.name}", figures, as_json=arguments.json)
        return
    halves = {"text": ("Files that are not PDF", READABLE - {".pdf"}), "pdf": ("PDF files", {".pdf"})}
    for name, (title, suffixes) in halves.items():
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory(prefix="bench-", dir=root.parent) as tree:
            link_tree(_some(files_in(root, suffixes), arguments.limit_mb), root, Path(tree))
            figures = ingest(Path(tree), searches_per_second=arguments.searches)
            report(title, figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
