"""What Parley adds to a model: first-token overhead, and many streams open at once.

usage: python -m bench.streams [FOLDER] [--megabytes 5] [--turns 30] [--streams 200 --streams 1000] [--json]

The model is a scripted provider on loopback, in a process of its own. First-token overhead is the time from the
question until the provider is called, plus the time from the provider's first piece until the first `token` event is
here; what the provider takes itself is not counted. Open streams: each has a conversation of its own and its provider
says a word every half second; memory is that of the server's process tree above what it was before.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from bench.corpus import DEFAULT_FOLDER, text_sample
from bench.measuring import percentile, report, tree_rss, watching
from tests.support.scripted_provider import Script, scripted_provider
from tests.support.server import ParleyServer, running_parley

FAST = Script(("The ", "documents ", "say ", "so ", "[1]."))
SLOW = Script(tuple(f"word{number} " for number in range(40)), delay_seconds=0.5)
QUESTION = "How is the default value of an option configured?"
QUESTION_WORDS = 8
SEED = 5
WARM_UP = 3
STREAM_SECONDS = 300


def _serve_provider(control: "Connection") -> None:
    """Run the provider in this process; answers `times` with when it was called last and sent its first piece."""
    with scripted_provider(lambda body: SLOW if body["model"] == "slow" else FAST) as provider:
        control.send(provider.base_url)
        while control.recv() == "times":
            last = provider.requests[-1]
            control.send((last.at, last.sent[0]))


@contextmanager
def provider_process() -> Generator[tuple[str, "Connection"]]:
    """Yield the base URL of a provider in a process of its own, and the connection to ask it for times."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_provider, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        ours.send("stop")
        process.join(10)
        process.kill()


def _bot(server: ParleyServer, source_bot: str, base_url: str, model: str) -> str:
    """Point the bot at a scripted model and return the bot's id."""
    body = {"name": model, "kind": "openai", "base_url": base_url, "model": model}
    made = server.api("POST", "/models", json=body)
    server.api("PATCH", f"/bots/{source_bot}", json={"model_id": made["id"], "cache_answers": False})
    return source_bot


def questions_about(sample: Path, count: int) -> list[str]:
    """Return questions made of some words that stand together in a file, another file each: none is asked twice."""
    files = sorted(path for path in sample.rglob("*") if path.is_file())
    draw = random.Random(SEED)
    found: list[str] = []
    while len(found) < count:
        words = re.findall(r"[A-Za-z]{3,}", draw.choice(files).read_text("utf-8", "replace"))
        if len(words) > QUESTION_WORDS:
            start = draw.randrange(len(words) - QUESTION_WORDS)
            found.append(f"What about {' '.join(words[start : start + QUESTION_WORDS])}?")
    return found


def first_token_overhead(
    server: ParleyServer, bot_id: str, control: "Connection", questions: Sequence[str]
) -> list[float]:
    """Return the overhead of a turn for each question, in seconds; the first three warm up and are left out."""
    overheads: list[float] = []
    for question in questions:
        conversation = server.api("POST", "/conversations", json={"bot_id": bot_id})
        began = time.time()
        here = _first_token(server, conversation["id"], question)
        control.send("times")
        called, first_piece = control.recv()
        overheads.append((called - began) + (here - first_piece))
    return overheads[WARM_UP:]


def _first_token(server: ParleyServer, conversation_id: str, question: str) -> float:
    path = f"/api/v1/conversations/{conversation_id}/turns"
    headers = {"Accept": "text/event-stream"}
    with server.client.stream("POST", path, json={"text": question}, headers=headers) as response:
        at = 0.0
        for line in response.iter_lines():
            if line == "event: token" and not at:
                at = time.time()
    return at


def with_learn_only(server: ParleyServer, bot_id: str, control: "Connection", questions: Sequence[str]) -> list[float]:
    """Return the same overhead while learn-only text informs the answer, so that sentences are held back."""
    sections = [
        f"## {question}\n\n{question} That is decided by the office and by nobody else." for question in questions
    ]
    memo = "\n\n".join(["# Memo", *sections])
    source = server.upload(bot_id, {"memo.md": memo.encode()}, visibility="learn_only")
    server.api("PATCH", f"/bots/{bot_id}", json={"learn_only_policy": "background"})
    overheads = first_token_overhead(server, bot_id, control, questions)
    server.api("DELETE", f"/sources/{source['id']}")
    return overheads


async def _follow(client: httpx.AsyncClient, bot_id: str, ends: Counter[str], most: list[float]) -> None:
    """Ask in a new conversation and follow the stream to its end; note how it ended and its events a second."""
    made = await client.post("/api/v1/conversations", json={"bot_id": bot_id})
    path = f"/api/v1/conversations/{made.json()['id']}/turns"
    events: list[float] = []
    end = "dropped"
    try:
        async with client.stream(
            "POST", path, json={"text": QUESTION}, headers={"Accept": "text/event-stream"}
        ) as response:
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                    events.append(time.monotonic())
                    end = name if name in ("completed", "stopped", "failed") else end
    except httpx.HTTPError as error:
        end = type(error).__name__
    ends[end] += 1
    if len(events) > 2:
        most.append(len(events) / (events[-1] - events[0]))


async def _follow_all(server: ParleyServer, bot_id: str, streams: int) -> tuple[Counter[str], list[float]]:
    ends: Counter[str] = Counter()
    most: list[float] = []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    headers: Mapping[str, str] = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=STREAM_SECONDS, limits=limits, trust_env=False
    ) as client:
        await asyncio.gather(*(_follow(client, bot_id, ends, most) for _ in range(streams)))
    return ends, most


def open_streams(server: ParleyServer, bot_id: str, streams: int) -> dict[str, Any]:
    """Open so many streams at once, follow all to the end, and return the figures."""
    before = tree_rss(server.process.pid)
    began = time.perf_counter()
    with watching(server.process.pid) as usage:
        ends, most = asyncio.run(_follow_all(server, bot_id, streams))
    return {
        f"{streams} streams: how they ended": json.dumps(ends),
        f"{streams} streams: s": time.perf_counter() - began,
        f"{streams} streams: MiB above before": (usage.peak_rss - before) / 2**20,
        f"{streams} streams: events/s each, p95": percentile(most, 0.95),
    }


def _allow_many_files() -> None:
    """Raise the soft limit of open files; a stream takes two sockets here and two in the server, which inherits it."""
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--megabytes", type=float, default=5, help="Size of the seeded sample to ask about.")
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--streams", type=int, action="append")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    _allow_many_files()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as temporary:
        sample = Path(temporary) / "sample"
        text_sample(arguments.folder.resolve(), sample, arguments.megabytes)
        with running_parley(Path(temporary) / "data") as server, provider_process() as (base_url, control):
            bot_id = server.create_bot("Benchmark")
            source = server.api("POST", f"/bots/{bot_id}/sources", json={"kind": "folder", "path": str(sample)})
            chunks = server.wait_for_source(source["id"], 3600)["counts"]["chunks"]
            asked = questions_about(sample, 2 * (arguments.turns + WARM_UP))
            once, again = asked[::2], asked[1::2]
            overheads = first_token_overhead(server, _bot(server, bot_id, base_url, "fast"), control, once)
            figures: dict[str, Any] = {
                "chunks": chunks,
                "first-token overhead p50, ms": 1000 * percentile(overheads, 0.5),
                "first-token overhead p95, ms": 1000 * percentile(overheads, 0.95),
            }
            held = with_learn_only(server, bot_id, control, again)
            figures |= {
                "with learn-only text, hold-back included, p50, ms": 1000 * percentile(held, 0.5),
                "with learn-only text, hold-back included, p95, ms": 1000 * percentile(held, 0.95),
            }
            _bot(server, bot_id, base_url, "slow")
            for streams in arguments.streams or (200, 1000):
                figures |= open_streams(server, bot_id, streams)
            report("Streams", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
