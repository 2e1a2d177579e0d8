"""The whole path in a real browser: sign in, make a bot, give it files, ask, open a citation in the PDF."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, serious_violations
from tests.support.pdf import make_pdf
from tests.support.server import ParleyServer

ANCHORS = make_pdf(
    [
        ["Anchor manual", "This manual is about rock bolts and their installation."],
        [
            "Rock bolts",
            "Each bolt shall be re-checked 24 hours after grouting.",
            "The torque of a bolt is 120 newton metres.",
            "Bolts are stored in a dry room and never in the open.",
        ],
    ]
)
HANDBOOK = b"""# Handbook

## Leave

The notice period is six weeks to the end of a quarter.

## Travel

Trains are booked by the office.
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A PDF, a Markdown file and one that cannot be read."""
    contents = {"anchors.pdf": ANCHORS, "handbook.md": HANDBOOK, "empty.txt": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in contents]


def ask(page: Page, question: str) -> None:
    """Write a question and send it with Enter."""
    field = page.get_by_role("textbox", name="Message")
    field.fill(question)
    field.press("Enter")


def highlight_covers_text(page: Page, quote: str) -> bool:
    """Return whether the drawn rectangles of the open citation lie over the PDF's own text of that quote."""
    page.locator(".pdf-marks[data-tone=on] i").first.wait_for(state="attached")
    return bool(
        page.evaluate(
            """quote => {
              const spans = [...document.querySelectorAll(".pdf-text span")].filter(s => s.textContent.includes(quote));
              const marks = [...document.querySelectorAll(".pdf-marks[data-tone=on] i")];
              return spans.some(span => marks.some(mark => {
                const a = span.getBoundingClientRect(), b = mark.getBoundingClientRect();
                const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                return width > 0.8 * a.width && height > 0.5 * a.height;
              }));
            }""",
            quote,
        )
    )


class TestANewcomer:
    def test_signs_in_by_a_link_that_works_once(self, new_page: NewPage, parley_server: ParleyServer) -> None:
        page = new_page()
        link = parley_server.new_sign_in_link()
        page.context.clear_cookies()
        page.goto(link)
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        page.context.clear_cookies()
        page.goto(link)
        expect(page.get_by_role("navigation", name="Main")).not_to_be_visible()
        expect(page.locator("body")).to_contain_text(re.compile("sign", re.I))

    def test_goes_from_the_welcome_to_a_cited_passage(self, new_page: NewPage, files: list[str]) -> None:
        page = new_page()
        expect(page.get_by_role("heading", name="Talk to your documents")).to_be_visible()
        assert serious_violations(page) == []

        page.get_by_role("button", name=re.compile("^My files")).click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose files").first.click()
        chooser.value.set_files(files)
        conversation = page.get_by_role("main")
        expect(conversation).to_contain_text(re.compile(r"reading \d of 3|2 documents, 1 could not be read"))
        expect(conversation).to_contain_text("2 documents, 1 could not be read")
        assert serious_violations(page) == []

        page.get_by_role("link", name="Sources").click()
        reading = page.get_by_role("region", name="Uploads")
        expect(reading.get_by_role("progressbar", name="Files read")).to_be_visible()
        expect(reading).to_contain_text("2 ready to answer")
        expect(reading).to_contain_text("The file is empty.")
        expect(reading).to_contain_text("empty_document")
        assert serious_violations(page) == []

        page.get_by_role("link", name="Chat", exact=True).click()
        ask(page, "When is each bolt re-checked after grouting?")
        messages = page.get_by_role("log", name="Messages")
        quote = messages.get_by_role("button", name=re.compile("^Each bolt shall be re-checked 24 hours"))
        expect(quote).to_be_visible()
        expect(messages).to_contain_text(re.compile("sentences? supported"))
        assert serious_violations(page) == []

        whole = page.viewport_size
        assert whole is not None
        page.set_viewport_size({"width": whole["width"], "height": 480})
        expect(messages.get_by_role("button", name=re.compile("^Verify")).last).to_be_in_viewport()
        page.set_viewport_size(whole)

        quote.click()
        panel = page.get_by_role("complementary", name="Source document")
        expect(panel.get_by_role("heading", name="anchors")).to_be_visible()
        expect(panel).to_contain_text("Supports this sentence")
        expect(panel).to_contain_text("Page 2 of 2")
        expect(panel.locator("canvas").first).to_be_visible()
        assert serious_violations(page) == []
        assert highlight_covers_text(page, "Each bolt shall be re-checked 24 hours after grouting.")

        page.keyboard.press("Escape")
        expect(panel).not_to_be_visible()
