"""The history of a document and a list of questions and answers, looked at and changed in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, serious_violations
from tests.support.server import ParleyServer

FIRST = b"# Leave\n\nThe notice period is six weeks.\n\nEverybody has thirty days of leave.\n"
SECOND = b"# Leave\n\nThe notice period is two months.\n\nEverybody has thirty days of leave.\n"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def bot_id(parley_server: ParleyServer) -> str:
    """A bot whose handbook has been changed once."""
    bot_id = parley_server.create_bot("Screens")
    source = parley_server.upload(bot_id, {"leave.md": FIRST})
    changed = [("files", ("leave.md", SECOND))]
    parley_server.api("POST", f"/sources/{source['id']}/files", files=changed)
    parley_server.wait_for_source(source["id"])
    return bot_id


def in_use(parley_server: ParleyServer, bot_id: str) -> int:
    """Return the number of the handbook's version that answers use."""
    (document,) = parley_server.api("GET", f"/bots/{bot_id}/documents", params={"q": "leave.md"})["items"]
    return int(document["version"])


def open_versions(page: Page) -> None:
    """Go to the versions of the handbook."""
    page.get_by_role("button", name="leave.md", exact=True).click()
    page.get_by_role("radio", name="Versions").click()


class TestTheHistoryOfADocument:
    def test_shows_what_changed_and_leads_back(
        self, new_page: NewPage, bot_id: str, parley_server: ParleyServer
    ) -> None:
        page = new_page(f"/sources/{bot_id}")
        open_versions(page)
        page.get_by_role("button", name="What changed in version 2").click()
        dialog = page.get_by_role("dialog", name="What changed in Leave")
        expect(dialog.locator("del")).to_have_text("six weeks")
        expect(dialog.locator("ins")).to_have_text("two months")
        assert serious_violations(page) == []
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Open version 1").click()
        panel = page.get_by_role("complementary", name="Source document")
        expect(panel).to_contain_text("The notice period is six weeks.")
        expect(panel).to_contain_text("Version 1 of 2")
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Use this one: version 1").click()
        page.get_by_role("button", name="Use version 1", exact=True).click()
        expect(page.get_by_text("Answers use an older version")).to_be_visible()
        assert serious_violations(page) == []
        assert in_use(parley_server, bot_id) == 1

    def test_takes_the_whole_screen_of_a_phone(self, new_page: NewPage, bot_id: str) -> None:
        page = new_page(f"/sources/{bot_id}", viewport=PHONE, color_scheme="dark")
        page.get_by_role("link", name=re.compile("^leave")).click()
        open_versions(page)
        expect(page.get_by_role("button", name="Open version 1")).to_be_visible()
        expect(page.get_by_role("heading", name="Files")).not_to_be_visible()
        assert serious_violations(page) == []
        page.go_back()
        expect(page.get_by_role("heading", name="Files")).to_be_visible()


class TestQuestionsAndAnswers:
    def test_are_written_imported_and_found(self, new_page: NewPage, bot_id: str, parley_server: ParleyServer) -> None:
        page = new_page(f"/sources/{bot_id}#add")
        page.get_by_role("button", name="Questions and answers").click()
        page.get_by_role("textbox", name="Name").fill("Ferry")
        page.get_by_role("button", name="Add", exact=True).last.click()
        page.get_by_role("button", name="Add a question").click()
        page.get_by_role("textbox", name="Question").fill("Can I bring a dog?")
        page.get_by_role("button", name="Add", exact=True).last.click()
        expect(page.get_by_text("Write the answer that is given.")).to_be_visible()
        page.get_by_role("textbox", name="Answer").fill("Dogs travel free.")
        page.get_by_role("combobox", name="Category", exact=True).fill("Pets")
        page.get_by_role("button", name="Add", exact=True).last.click()
        expect(page.get_by_role("button", name="Save")).to_be_visible()
        assert serious_violations(page) == []

        page.get_by_role("button", name="Import and export").click()
        page.get_by_role("menuitem", name="Import from CSV").click()
        rows = b"question,answer\nWhat does it cost?,Twelve euros.\nIs there food?,\n"
        page.get_by_label("CSV file").set_input_files({"name": "faq.csv", "mimeType": "text/csv", "buffer": rows})
        dialog = page.get_by_role("dialog", name="Import from CSV")
        expect(dialog).to_contain_text("1 question added, 0 changed, 0 as before.")
        expect(dialog).to_contain_text("Row 3 The answer is missing.")
        assert serious_violations(page) == []
        page.get_by_role("button", name="Done").click()

        page.get_by_role("searchbox", name="Find a question or an answer").fill("euros")
        questions = page.get_by_role("region", name="Question list")
        expect(questions).to_contain_text("What does it cost?")
        expect(questions).not_to_contain_text("dog")
        (source,) = (
            source for source in parley_server.api("GET", f"/bots/{bot_id}/sources")["items"] if source["kind"] == "faq"
        )
        entries = parley_server.api("GET", f"/sources/{source['id']}/faq")["items"]
        assert {(entry["question"], entry["category"]) for entry in entries} == {
            ("Can I bring a dog?", "Pets"),
            ("What does it cost?", ""),
        }
