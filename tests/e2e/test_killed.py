"""`kill -9` during ingestion, ten times at random moments: the next start finishes, nothing lost or doubled."""

import random
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ParleyServer, running_parley
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

KILLS = 10
WORDS = ["harbour", "lantern", "anchor", "signal", "compass", "rudder", "mast", "pilot", "channel", "buoy", "reef"]


def call_sign(number: int) -> str:
    """Return a word that one file has alone."""
    return "".join(
        "bcdfghklmnprstvz"[(number * 7 + place * place) // 3**place % 16] + "aeiou"[place] for place in range(5)
    )


def write_corpus(folder: Path) -> int:
    """Write small files and a few that are read in several pieces; return how many."""
    dice = random.Random(7)
    folder.mkdir()
    for number in range(240):
        sentences = [f"The {dice.choice(WORDS)} of station {number} has the {dice.choice(WORDS)}." for _ in range(40)]
        sentences.append(f"Its call sign is {call_sign(number)}.")
        (folder / f"{number:03}.md").write_text(f"# Station {number}\n\n" + " ".join(sentences))
    for number in range(2):
        lines = [
            f"Entry {line} of log {number}: {dice.choice(WORDS)} {dice.choice(WORDS)}.\n\n" for line in range(9_000)
        ]
        (folder / f"log{number}.txt").write_text("".join(lines))
    return 242


def rows(data: Path, query: str) -> list[Any]:
    with sqlite3.connect(data / "parley.db") as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def content(data: Path) -> list[Any]:
    """What was read, whatever ids it got."""
    return rows(
        data,
        "SELECT d.path, d.status, v.number, v.chars, v.chunks, count(c.id), min(c.ordinal), max(c.ordinal)"
        " FROM documents d JOIN document_versions v ON v.document_id = d.id JOIN chunks c ON c.version_id = v.id"
        " GROUP BY v.id ORDER BY d.path, v.number",
    )


def searched(server: ParleyServer, bot_id: str) -> list[Any]:
    """What searches for single files find first, without ids: equal scores further down may change places."""
    found: list[Any] = []
    for number in range(0, 240, 20):
        body = {"query": f"Which station has the call sign {call_sign(number)}?", "limit": 1}

        def caught_up(body: dict[str, Any] = body) -> Any:
            state = server.api("GET", "/status")["index"]
            ready = state["applied_seq"] == state["change_seq"]
            return server.api("POST", f"/bots/{bot_id}/search", json=body)["hits"] if ready else None

        hits = wait_for(caught_up, "the index")
        found += [(hit["document"]["path"], hit["start"], hit["end"], hit["text"], hit["score"]) for hit in hits]
    return found


def add(server: ParleyServer, folder: Path) -> tuple[str, str]:
    bot_id = server.create_bot("Reader")
    source = server.api("POST", f"/bots/{bot_id}/sources", json={"kind": "folder", "path": str(folder)})
    return bot_id, source["id"]


def ready(data: Path) -> int:
    return rows(data, "SELECT count(*) FROM documents WHERE status = 'ready'")[0][0]


def test_killed_ten_times_it_reads_every_file_exactly_once(tmp_path: Path) -> None:
    total = write_corpus(tmp_path / "files")
    dice = random.Random(11)
    bot_id = source_id = ""
    for kill in range(KILLS):
        with running_parley(tmp_path / "data") as server:
            if not source_id:
                bot_id, source_id = add(server, tmp_path / "files")
            # Some kills come before anything is read, the others in the middle of something, further on each time.
            if kill % 3:
                goal = min(kill * 20, total - 1)
                wait_for(lambda goal=goal: ready(tmp_path / "data") >= goal, "some progress")
            threading.Event().wait(dice.uniform(0, 0.4))
            server.process.kill()
            server.process.wait(20)
    with running_parley(tmp_path / "data") as server:
        source = server.wait_for_source(source_id)
        assert (source["status"], source["counts"]["ready"], source["counts"]["failed"]) == ("ready", total, 0)
        after_kills = searched(server, bot_id)
    with running_parley(tmp_path / "calm") as server:
        calm_bot, calm_source = add(server, tmp_path / "files")
        server.wait_for_source(calm_source)
        undisturbed = searched(server, calm_bot)
    assert after_kills == undisturbed
    assert [path for path, *_ in undisturbed] == [f"{number:03}.md" for number in range(0, 240, 20)]
    assert content(tmp_path / "data") == content(tmp_path / "calm")
    assert rows(tmp_path / "data", "SELECT count(*) FROM document_versions WHERE status != 'ready'") == [(0,)]
    assert rows(tmp_path / "data", "SELECT version_id FROM index_changes GROUP BY version_id HAVING count(*) > 1") == []
    assert rows(tmp_path / "data", "SELECT count(*) FROM index_changes") == [(total,)]
