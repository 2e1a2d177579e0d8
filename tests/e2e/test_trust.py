"""What makes answers answer for themselves, in a real browser: verifying, the trace, gaps, and the evaluation."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, serious_violations
from tests.support.scripted_provider import Script, ScriptedProvider, scripted_provider
from tests.support.server import ParleyServer
from tests.support.waiting import wait_for

FILES = {
    "prices.md": b"# Price list\n\nThe nine-day circuit costs 1180 pounds. Guides are included at every level.\n",
    "offers.md": b"# Autumn offers\n\nThe nine-day circuit costs 980 pounds.\n",
    "guests.md": b"# Guest book\n\nGuides are included at every level, as on all our walks.\n",
}
WORDS = (
    "The nine-day circuit costs 1180 pounds [1][2][3]. ",
    "Guides are included at every level [1][2][3]. ",
    "Most people also book a massage.",
)
QUESTION = "What does the nine-day circuit cost?"
MISSING = "How do I renew my passport?"


@pytest.fixture(scope="module")
def provider() -> Generator[ScriptedProvider]:
    """A scripted provider that makes one claim too many."""
    with scripted_provider(Script(WORDS)) as server:
        yield server


@pytest.fixture(scope="module")
def treks(parley_server: ParleyServer, provider: ScriptedProvider) -> str:
    """A bot whose documents disagree, answering with the scripted model."""
    bot_id = parley_server.create_bot("Treks")
    parley_server.upload(bot_id, FILES)
    body = {"name": "Trust", "kind": "openai", "base_url": provider.base_url, "model": "scripted"}
    model = parley_server.api("POST", "/models", json=body)
    parley_server.api("PATCH", f"/bots/{bot_id}", json={"model_id": model["id"], "cache_answers": False})
    return bot_id


@pytest.fixture(scope="module")
def desk(parley_server: ParleyServer) -> str:
    """A bot that answers with quotes and has declined a question twice."""
    bot_id = parley_server.create_bot("Desk")
    parley_server.upload(bot_id, FILES)
    for question in (MISSING, "How can I renew my passport?"):
        assert ask(parley_server, bot_id, question)["abstained"]
    return bot_id


def ask(server: ParleyServer, bot_id: str, question: str) -> dict[str, Any]:
    """Ask through the API and wait for the answer."""
    conversation = server.api("POST", "/conversations", json={"bot_id": bot_id})
    turn = server.api("POST", f"/conversations/{conversation['id']}/turns", json={"text": question})

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = server.api("GET", f"/turns/{turn['id']}")
        return found if found["status"] == "completed" else None

    return wait_for(ended, "the answer")


class TestAnAnswer:
    def test_shows_disagreement_is_verified_and_traced(
        self, new_page: NewPage, parley_server: ParleyServer, treks: str
    ) -> None:
        turn = ask(parley_server, treks, QUESTION)
        page = new_page(f"/chats/{treks}?conversation={turn['conversation_id']}")
        sides = page.get_by_role("region", name="Sources that disagree").get_by_role("button")
        expect(sides).to_have_count(2)
        expect(page.get_by_text("no source")).to_be_visible()
        page.get_by_role("button", name="Verify with sources").click()
        look = page.get_by_role("region", name="Second look")
        expect(look).to_contain_text("confirmed by another source")
        look.get_by_role("button", name="Guest book").click()
        expect(page.get_by_role("complementary", name="Source document")).to_contain_text("as on all our walks")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="How this answer came about").click()
        trace = page.get_by_role("dialog", name="How this answer came about")
        for words in ("Find passages", "Understood", "cited by sentence", "33 % supported"):
            expect(trace).to_contain_text(words)
        assert serious_violations(page) == []


class TestGaps:
    def test_a_gap_closes_after_its_answer_was_added(
        self, new_page: NewPage, parley_server: ParleyServer, desk: str
    ) -> None:
        page = new_page(f"/insight/{desk}/gaps")
        expect(page.get_by_text("Asked 2 times")).to_be_visible()
        assert serious_violations(page) == []
        page.get_by_role("button", name="Add what is missing").click()
        dialog = page.get_by_role("dialog", name="Add what is missing")
        dialog.get_by_label("Answer").fill("You renew your passport at the town hall, on the second floor.")
        dialog.get_by_role("button", name="Save and ask again").click()
        wait_for(lambda: closed(parley_server, desk), "the gap to close")
        expect(page.get_by_text("No open gaps")).to_be_visible()
        page.get_by_role("radio", name="Resolved 1").click()
        expect(page.get_by_text("Answered now")).to_be_visible()


class TestEvaluation:
    def test_a_set_is_imported_run_twice_and_compared(
        self, new_page: NewPage, parley_server: ParleyServer, desk: str, tmp_path: Path
    ) -> None:
        page = new_page(f"/insight/{desk}/evaluation")
        page.get_by_role("button", name="Import questions").click()
        page.get_by_label("File").set_input_files(golden_file(tmp_path))
        page.get_by_role("button", name="Import 2").click()
        page.get_by_role("button", name="Ask 2 questions").click()
        begin(page, "Before")
        expect(page.get_by_role("region", name="Questions", exact=True)).to_contain_text("rightly declined")
        parley_server.upload(desk, {"cup.md": b"# World cup\n\nFrance won the world cup of 1998.\n"})
        page.get_by_role("button", name="Run the evaluation").click()
        begin(page, "After")
        compared = page.get_by_role("region", name="Before and after", exact=True)
        expect(compared.get_by_role("rowheader").filter(has_text="Abstention F1")).to_be_visible()
        expect(compared).to_contain_text("got worse.")
        expect(compared).to_contain_text("Who won the world cup of 1998?")
        assert serious_violations(page) == []


def closed(server: ParleyServer, bot_id: str) -> bool:
    """Tell whether no gap of a bot is open any more."""
    return server.api("GET", f"/bots/{bot_id}/gaps", params={"status": "open"}) == []


def golden_file(folder: Path) -> Path:
    """Write two golden questions, of which one cannot be answered yet."""
    questions = [
        {"question": QUESTION, "answers": ["980 pounds", "1180 pounds"], "documents": ["prices.md"]},
        {"question": "Who won the world cup of 1998?", "answerable": False},
    ]
    path = folder / "basics.jsonl"
    path.write_text("\n".join(json.dumps(question) for question in questions), "utf-8")
    return path


def begin(page: Page, note: str) -> None:
    """Begin a run under a note and wait for its end."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill(note)
    dialog.get_by_role("button", name="Ask 2 questions").click()
    expect(page.get_by_role("combobox", name="Run", exact=True)).to_contain_text(note)
    expect(page.get_by_role("progressbar", name="Questions asked")).to_have_count(0)
    expect(page.get_by_role("region", name="Metrics", exact=True)).to_be_visible()
