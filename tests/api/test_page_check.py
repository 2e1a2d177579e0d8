"""Answers quote from PDFs what a second reader of the file finds on the page as well."""

from typing import Any

import pytest

from tests.support.pdf import NOTE, make_pdf
from tests.support.server import ParleyServer
from tests.support.waiting import wait_for

QUESTION = "Who switches the night pump of the harbour on?"
BEST = "The night pump of the harbour is switched on by the keeper of the lock at nine in the evening."
NEXT = "At night the pump of the harbour is switched on by hand."


def manual(note: str) -> bytes:
    """Return a page with both sentences; a note may stand in the margin beside the first line of the best one."""
    first, second = BEST[: BEST.index("keeper") - 1], BEST[BEST.index("keeper") :]
    return make_pdf([["Boats moor at the pier until the tide turns.", first + note, second, NEXT]])


def ended(server: ParleyServer, turn_id: str) -> dict[str, Any] | None:
    """Return a turn that has come to its end."""
    turn: dict[str, Any] = server.api("GET", f"/turns/{turn_id}")
    return turn if turn["status"] not in ("queued", "running") else None


def quotes(server: ParleyServer, name: str, content: bytes) -> list[str]:
    """Ask a bot that reads one file, and return what it quotes."""
    bot_id = server.create_bot(name)
    server.upload(bot_id, {f"{name}.pdf": content})
    conversation = server.api("POST", "/conversations", json={"bot_id": bot_id})
    turn = server.api("POST", f"/conversations/{conversation['id']}/turns", json={"text": QUESTION})
    answer: dict[str, Any] = wait_for(lambda: ended(server, turn["id"]), "the answer", 60)
    assert not answer["abstained"]
    assert all(citation["page"] == 1 for citation in answer["citations"])
    return [" ".join(citation["quote"].split()) for citation in answer["citations"]]


@pytest.mark.parametrize(("note", "expected"), [("", {BEST, NEXT}), (f"{NOTE}switch", {NEXT})])
def test_a_sentence_that_it_reads_otherwise_is_not_quoted(
    parley_server: ParleyServer, note: str, expected: set[str]
) -> None:
    assert set(quotes(parley_server, f"manual{len(note)}", manual(note))) == expected
