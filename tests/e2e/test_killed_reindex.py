"""`kill -9` at random moments of a change of embedder, with searches going on: none fails, none comes back empty."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_killed import WORDS, call_sign
from tests.support.server import ParleyServer, running_parley
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

FILES = 120
KILLS = {"few": 2, "many": 20}


def write_corpus(folder: Path) -> None:
    dice = random.Random(5)
    folder.mkdir()
    for number in range(FILES):
        sections = [
            f"## Part {part}\n\nThe {dice.choice(WORDS)} of station {number} has the {dice.choice(WORDS)}.\n"
            for part in range(12)
        ]
        sign = f"The call sign of this station is {call_sign(number)}.\n"
        (folder / f"{number:03}.md").write_text(f"# Station {number}\n\n{sign}\n" + "\n".join(sections))


def search(server: ParleyServer, bot_id: str, number: int) -> Any:
    """Ask for one file's call sign; the answer must be that file, found by words and by meaning."""
    body = {"query": f"Which station has the call sign {call_sign(number)}?", "limit": 3}
    found = server.api("POST", f"/bots/{bot_id}/search", json=body)
    assert found["hits"][0]["document"]["path"] == f"{number:03}.md"
    assert found["hits"][0]["scores"]["dense"] is not None
    return found


def by_status(server: ParleyServer) -> dict[str, Any]:
    return {item["status"]: item for item in server.api("GET", "/generations")["items"]}


def change(server: ParleyServer, target: str) -> None:
    """Begin to change to an embedder, or go on."""
    known = by_status(server)
    if "building" not in known and known["active"]["embedder"] != target:
        server.api("POST", "/generations", json={"embedder": target})


def settle(server: ParleyServer, bot_id: str, target: str) -> list[Any]:
    """Let the change come to its end, searching all the time; return what is found then."""
    change(server, target)

    def switched() -> bool:
        search(server, bot_id, 17)
        known = by_status(server)
        return "building" not in known and known["active"]["embedder"] == target

    wait_for(switched, f"the change to {target}")
    state = server.api("GET", "/status")["index"]
    assert (state["missing_vectors"], state["status"]) == (0, "ready")
    hits = [hit for number in range(0, FILES, 10) for hit in search(server, bot_id, number)["hits"][:1]]
    return [(hit["document"]["path"], hit["text"], hit["score"], hit["scores"]["dense"]) for hit in hits]


def test_killed_while_it_changes_there_and_back(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    write_corpus(tmp_path / "files")
    dice = random.Random(13)
    with running_parley(tmp_path / "data") as server:
        bot_id = server.create_bot("Reader")
        source = server.api("POST", f"/bots/{bot_id}/sources", json={"kind": "folder", "path": str(tmp_path / "files")})
        server.wait_for_source(source["id"])
        before = settle(server, bot_id, "static")
        changed = settle(server, bot_id, "hash")
        settle(server, bot_id, "static")
        # Its vectors are given up, so that all of them are made again below.
        server.api("DELETE", f"/generations/{by_status(server)['ready']['id']}")
        wait_for(lambda: by_status(server)["retired"]["done"] == 0, "the vectors to go")
    for target, expected in (("hash", changed), ("static", before)):
        for _ in range(KILLS[str(request.config.getoption("--kills"))]):
            with running_parley(tmp_path / "data") as server:
                change(server, target)
                until = time.monotonic() + dice.uniform(0, 1.2 if target == "hash" else 0.4)
                while time.monotonic() < until:
                    search(server, bot_id, dice.randrange(FILES))
                server.process.kill()
                server.process.wait(20)
        with running_parley(tmp_path / "data") as server:
            assert settle(server, bot_id, target) == expected
