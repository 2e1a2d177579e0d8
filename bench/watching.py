"""Watched folders: how long from a saved file until it is found, and whether a flood of changes ends as a scan would.

usage: python -m bench.watching [FOLDER] [--megabytes 5] [--saves 100] [--flood 2000] [--json]

A server of its own watches a copy of some files. Saved to searchable is the time from the moment a file is closed until
a search finds the word that was written into it, asked for again and again; files are saved one after the other, with a
pause in between, so that the workers have gone to sleep for some. Then renames and deletes are timed in the same way.
The flood makes, changes, renames, replaces and deletes files as fast as it can while questions are asked; the end is
compared with what a new bot finds that scans the folder afresh.
"""

import argparse
import random
import shutil
import string
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.corpus import DEFAULT_FOLDER, text_sample
from bench.measuring import percentile, report
from tests.support.server import ParleyServer, running_parley

PATIENCE_SECONDS = 300.0
PAUSES = (0.0, 0.3, 1.0)
LONG_PAUSE_SECONDS = 65.0
QUESTION = "How is the default value of an option configured?"


class Bench:
    """One server, one bot, one watched folder."""

    def __init__(self, server: ParleyServer, folder: Path, seed: int = 7) -> None:
        self.server = server
        self.folder = folder
        self.random = random.Random(seed)
        self.bot_id = server.api("POST", "/bots", json={"name": "Watcher"})["id"]

    def add(self, bot_id: str) -> Any:
        """Give a bot the folder and wait until it is read."""
        source = self.server.api("POST", f"/bots/{bot_id}/sources", json={"kind": "folder", "path": str(self.folder)})
        return self.wait(lambda: self.ready(source["id"]))

    def ready(self, source_id: str) -> Any:
        source = self.server.api("GET", f"/sources/{source_id}")
        return None if source["status"] in ("scanning", "reading") else source

    def wait(self, look: Callable[[], Any]) -> Any:
        """Ask until there is an answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := look()):
            if time.monotonic() > deadline:
                raise TimeoutError("what was waited for did not come")
            time.sleep(0.01)
        return found

    def hits(self, query: str) -> list[Any]:
        """Search."""
        body = {"query": query, "limit": 5}
        return self.server.api("POST", f"/bots/{self.bot_id}/search", json=body)["hits"]

    def word(self) -> str:
        """A word that stands nowhere."""
        return "zq" + "".join(self.random.choices(string.ascii_lowercase, k=12))

    def seconds_until(self, look: Callable[[], bool]) -> float:
        """Wait for something and return how long that took."""
        began = time.perf_counter()
        self.wait(look)
        return time.perf_counter() - began

    def finds(self, word: str, path: str | None = None) -> bool:
        """Whether a search finds a word, in the file of this path."""
        return any(word in hit["text"] and path in (None, hit["document"]["path"]) for hit in self.hits(word))

    def save(self) -> float:
        """Save a file, new or changed, and return the seconds until it is found."""
        files = sorted(self.folder.rglob("*.md")) + sorted(self.folder.rglob("*.txt"))
        target = self.random.choice(files) if self.random.random() < 0.6 else self.folder / f"new-{self.word()}.md"
        word = self.word()
        before = target.read_text("utf-8", "replace") if target.exists() else "# New\n\n"
        target.write_text(f"{before}\n\nThe word is {word}.\n", "utf-8")
        return self.seconds_until(lambda: self.finds(word))

    def rename(self) -> tuple[float, bool]:
        """Rename a file that was just made; return the seconds until it is found there, and if it is that document."""
        word = self.word()
        old, new = self.folder / f"{self.word()}.md", self.folder / f"{self.word()}.md"
        old.write_text(f"# Moving\n\nThe word is {word}.\n", "utf-8")
        self.wait(lambda: self.finds(word))
        document = next(hit["document"] for hit in self.hits(word) if word in hit["text"])
        old.rename(new)
        took = self.seconds_until(lambda: self.finds(word, new.name))
        after = next(hit["document"] for hit in self.hits(word) if word in hit["text"])
        return took, (after["id"], after["version_id"]) == (document["id"], document["version_id"])

    def delete(self) -> float:
        """Delete a file that was just made and return the seconds until it is not found."""
        word, path = self.word(), self.folder / f"{self.word()}.md"
        path.write_text(f"# Going\n\nThe word is {word}.\n", "utf-8")
        self.wait(lambda: self.finds(word))
        path.unlink()
        return self.seconds_until(lambda: not self.finds(word))


def flood(bench: Bench, changes: int) -> None:
    """Make many changes of all kinds."""
    made: list[Path] = []
    for number in range(changes):
        kind = bench.random.random()
        if kind < 0.5 or not made:
            path = bench.folder / f"flood-{number % 23}" / f"{number}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"# File {number}\n\nIt tells of {bench.word()}.\n", "utf-8")
            made.append(path)
        elif kind < 0.75:
            with bench.random.choice(made).open("a", encoding="utf-8") as file:
                file.write(f"\nAnd of {bench.word()}.\n")
        elif kind < 0.88:
            at = bench.random.randrange(len(made))
            target = made[at].with_name(f"renamed-{number}.md")
            made[at] = made[at].rename(target)
        else:
            made.pop(bench.random.randrange(len(made))).unlink()
    _swap(bench.folder / "flood-0")


def _swap(folder: Path) -> None:
    """Replace a folder by a changed copy, as a deployment does."""
    if not folder.exists():
        return
    new, old = folder.with_name("swap-new"), folder.parent.parent / "swap-old"
    shutil.copytree(folder, new)
    (new / "swapped.md").write_text("# Swapped\n\nThis one came with the new folder.\n", "utf-8")
    folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old)


def state(bench: Bench, bot_id: str) -> dict[str, tuple[str, int]]:
    """Return path → (status, characters) of a bot's documents."""
    found: dict[str, tuple[str, int]] = {}
    cursor = None
    while True:
        parameters = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = bench.server.api("GET", f"/bots/{bot_id}/documents", params=parameters)
        found |= {item["path"]: (item["status"], item["chars"]) for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def on_disk(folder: Path) -> set[str]:
    """Return the paths of all files."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def ask_meanwhile(bench: Bench, done: threading.Event, took: list[float]) -> None:
    """Search again and again and note how long each took."""
    while not done.is_set():
        began = time.perf_counter()
        bench.hits(QUESTION)
        took.append(time.perf_counter() - began)
        done.wait(0.05)


def run_flood(bench: Bench, changes: int) -> dict[str, Any]:
    """Flood the folder while searching, wait until all is settled, and compare with a fresh scan."""
    done, took = threading.Event(), list[float]()
    asking = threading.Thread(target=ask_meanwhile, args=(bench, done, took))
    asking.start()
    began = time.perf_counter()
    flood(bench, changes)
    made = time.perf_counter() - began

    def settled() -> bool:
        now = state(bench, bench.bot_id)
        return now.keys() == on_disk(bench.folder) and all(status != "pending" for status, _ in now.values())

    bench.wait(settled)
    total = time.perf_counter() - began
    done.set()
    asking.join()
    other = bench.server.api("POST", "/bots", json={"name": "Fresh"})["id"]
    body = {"kind": "folder", "path": str(bench.folder), "visibility": "learn_only"}
    source = bench.server.api("POST", f"/bots/{other}/sources", json=body)
    bench.wait(lambda: bench.ready(source["id"]))
    same = state(bench, other) == state(bench, bench.bot_id)
    return {
        "changes": changes,
        "made_seconds": made,
        "settled_seconds": total,
        "search_p50_ms": percentile(took, 0.5) * 1000,
        "search_p95_ms": percentile(took, 0.95) * 1000,
        "same_as_fresh_scan": same,
    }


def measure(folder: Path, megabytes: float, saves: int, changes: int, long_pauses: int) -> dict[str, Any]:
    """Run it all and return the figures."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        watched = work / "watched"
        text_sample(folder, work / "sample", megabytes)
        shutil.copytree(work / "sample", watched, symlinks=False)
        with running_parley(work / "data") as server:
            bench = Bench(server, watched)
            source = bench.add(bench.bot_id)
            bench.wait(lambda: server.api("GET", f"/sources/{source['id']}")["watch"]["active"])
            took: list[float] = []
            for number in range(saves):
                cold = number < long_pauses
                time.sleep(LONG_PAUSE_SECONDS if cold else bench.random.choice(PAUSES))
                took.append(bench.save())
            renames = [bench.rename() for _ in range(max(saves // 5, 3))]
            deletes = [bench.delete() for _ in range(max(saves // 5, 3))]
            figures: dict[str, Any] = {"files": source["counts"]["ready"], "saves": saves}
            for label, values in (("save", took), ("rename", [s for s, _ in renames]), ("delete", deletes)):
                figures |= {f"{label}_p50_ms": percentile(values, 0.5) * 1000}
                figures |= {f"{label}_p95_ms": percentile(values, 0.95) * 1000}
            if long_pauses:
                figures["save_cold_max_ms"] = max(took[:long_pauses]) * 1000
            figures["renames_that_kept_the_document"] = sum(kept for _, kept in renames) / len(renames)
            return figures | {f"flood_{name}": value for name, value in run_flood(bench, changes).items()}


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.watching", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, help="where the files come from")
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--saves", type=int, default=100)
    parser.add_argument("--flood", type=int, default=2000)
    parser.add_argument("--cold", type=int, default=2, help="saves after a minute's pause, when no worker runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.folder, options.megabytes, options.saves, options.flood, options.cold)
    report("Watched folders", figures, as_json=options.json)
    good = figures["flood_same_as_fresh_scan"] and figures["renames_that_kept_the_document"] == 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
