"""Answers of a model in a real browser: they stream, stop, survive a reload, and fail in words."""

import re
import threading
from collections.abc import Generator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewPage, serious_violations
from tests.support.scripted_provider import Script, ScriptedProvider, scripted_provider
from tests.support.server import ParleyServer
from tests.support.waiting import wait_for

HANDBOOK = b"""# Leave

The notice period is six weeks to the end of a quarter.

Everybody has thirty days of leave a year.
"""
QUESTION = "How long is the notice period?"
WORDS = (
    "The notice period ",
    "is six weeks ",
    "to the end of a quarter [1]. ",
    "Everybody has ",
    "thirty days of leave a year [1].",
)


@pytest.fixture(scope="module")
def provider() -> Generator[ScriptedProvider]:
    """A scripted provider that answers well unless told otherwise."""
    with scripted_provider(Script(WORDS)) as server:
        yield server


@pytest.fixture(scope="module")
def bot_id(parley_server: ParleyServer, provider: ScriptedProvider) -> str:
    """A bot that has read the handbook and answers with the scripted model."""
    bot_id = parley_server.create_bot("Handbook")
    parley_server.upload(bot_id, {"handbook.md": HANDBOOK})
    body = {"name": "Scripted", "kind": "openai", "base_url": provider.base_url, "model": "scripted"}
    model = parley_server.api("POST", "/models", json=body)
    parley_server.api("PATCH", f"/bots/{bot_id}", json={"model_id": model["id"], "cache_answers": False})
    return bot_id


@pytest.fixture
def chat_path(bot_id: str, parley_server: ParleyServer) -> str:
    """The address of a new conversation with the bot."""
    conversation = parley_server.api("POST", "/conversations", json={"bot_id": bot_id})
    return f"/chats/{bot_id}?conversation={conversation['id']}"


@pytest.fixture
def chat(new_page: NewPage, chat_path: str) -> Page:
    """A page at a new conversation with the bot."""
    return new_page(chat_path)


@pytest.fixture
def gate() -> Generator[threading.Event]:
    """Holds the provider back until it is set, and lets it go at the end."""
    event = threading.Event()
    yield event
    event.set()


def ask(page: Page, question: str = QUESTION) -> Locator:
    """Ask, and return the list of messages."""
    field = page.get_by_role("textbox", name="Message")
    field.fill(question)
    field.press("Enter")
    return page.get_by_role("log", name="Messages")


class TestAnAnswer:
    def test_streams_and_ends_with_checked_citations(
        self, chat: Page, provider: ScriptedProvider, gate: threading.Event
    ) -> None:
        provider.then(Script(WORDS, gate=gate, gate_after=3))
        messages = ask(chat)
        expect(messages).to_contain_text("to the end of a quarter")
        expect(messages).not_to_contain_text("thirty days")
        gate.set()
        expect(messages).to_contain_text("thirty days of leave a year")
        expect(messages).to_contain_text("2 of 2 sentences supported")
        expect(messages).not_to_contain_text("[1]")
        assert serious_violations(chat) == []

    def test_opens_the_passage_of_a_citation(self, chat: Page) -> None:
        messages = ask(chat)
        expect(messages).to_contain_text("sentences supported")
        messages.get_by_role("button", name=re.compile("^Citation 1")).click()
        panel = chat.get_by_role("complementary", name="Source document")
        expect(panel.locator("mark").first).to_contain_text("notice period is six weeks")
        assert serious_violations(chat) == []

    def test_stops_when_told_to_and_keeps_what_was_said(
        self, chat: Page, provider: ScriptedProvider, gate: threading.Event
    ) -> None:
        provider.then(Script(WORDS, gate=gate, gate_after=3))
        messages = ask(chat)
        expect(messages).to_contain_text("The notice period")
        chat.get_by_role("button", name="Stop the answer").click()
        expect(messages).to_contain_text(re.compile("stopped", re.I))
        expect(messages).to_contain_text("The notice period")
        wait_for(provider.requests[-1].disconnected.is_set, "the provider to be let go")
        expect(chat.get_by_role("button", name="Send")).to_be_visible()

    def test_goes_on_after_a_reload_of_the_page(
        self, chat: Page, provider: ScriptedProvider, gate: threading.Event
    ) -> None:
        provider.then(Script(WORDS, gate=gate, gate_after=3))
        expect(ask(chat)).to_contain_text("to the end of a quarter")
        chat.reload()
        messages = chat.get_by_role("log", name="Messages")
        expect(messages).to_contain_text(QUESTION)
        expect(messages).to_contain_text("to the end of a quarter")
        gate.set()
        expect(messages).to_contain_text("thirty days of leave a year")
        expect(messages.get_by_text("The notice period is six weeks")).to_have_count(1)

    def test_is_given_again_when_asked_again(self, chat: Page, provider: ScriptedProvider) -> None:
        messages = ask(chat)
        expect(messages).to_contain_text("sentences supported")
        provider.then(Script(("The notice period is six weeks [1].",)))
        messages.get_by_role("button", name="Ask again").click()
        expect(messages).to_contain_text("1 of 1 sentence")
        expect(messages).not_to_contain_text("thirty days")

    def test_that_fails_says_so_in_words(self, chat: Page, provider: ScriptedProvider) -> None:
        provider.then(*[Script(status=500)] * 6)
        messages = ask(chat)
        expect(messages).to_contain_text(re.compile("fail|could not|error", re.I))
        expect(chat.get_by_role("button", name="Send")).to_be_visible()
        provider.then()


class TestASentenceThatIsNotSupported:
    def test_is_marked(self, chat: Page, provider: ScriptedProvider) -> None:
        provider.then(Script(("The notice period is nine months and paid in gold [1].",)))
        messages = ask(chat)
        expect(messages).to_contain_text("0 of 1")


class TestAppearance:
    def test_is_dark_for_who_prefers_dark(self, new_page: NewPage, chat_path: str) -> None:
        page = new_page(chat_path, color_scheme="dark")
        ask(page)
        expect(page.get_by_role("log", name="Messages")).to_contain_text("sentences supported")
        colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
        assert red + green + blue < 200
        assert serious_violations(page) == []

    def test_fits_a_phone(self, new_page: NewPage, chat_path: str) -> None:
        page = new_page(chat_path, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        messages = ask(page)
        expect(messages).to_contain_text("sentences supported")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        assert serious_violations(page) == []
        messages.get_by_role("button", name=re.compile("^Citation 1")).click()
        panel = page.get_by_role("dialog", name="Source document")
        expect(panel).to_be_visible()
        box = panel.bounding_box()
        assert box is not None
        assert box["width"] >= 380
        assert serious_violations(page) == []

    def test_keeps_quotes_of_long_titles_and_addresses_within_their_bubble(
        self, new_page: NewPage, parley_server: ParleyServer
    ) -> None:
        quoting = parley_server.create_bot("Leave")
        title = b"# How leave is asked for, granted, moved and paid out at the end of a quarter"
        said = b"The notice period of https://leave.example/" + b"period-" * 20 + b" is six weeks."
        parley_server.upload(quoting, {"leave.md": title + b"\n\n" + said})
        page = new_page(f"/chats/{quoting}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        expect(ask(page)).to_contain_text("is six weeks")
        beyond = "() => [...document.querySelectorAll('.passage')].map(one =>"
        beyond += " one.getBoundingClientRect().right - one.closest('.bubble').getBoundingClientRect().right)"
        widths = page.evaluate(beyond)
        assert widths
        assert max(widths) <= 0


class TestTheKeyboard:
    def test_is_enough_to_ask_and_to_open_a_citation(self, chat: Page) -> None:
        field = chat.get_by_role("textbox", name="Message")
        field.focus()
        chat.keyboard.type("How long is")
        chat.keyboard.press("Shift+Enter")
        chat.keyboard.type("the notice period?")
        assert field.input_value() == "How long is\nthe notice period?"
        chat.keyboard.press("Enter")
        messages = chat.get_by_role("log", name="Messages")
        expect(messages).to_contain_text("sentences supported")
        messages.get_by_role("button", name=re.compile("^Citation 1")).press("Enter")
        panel = chat.get_by_role("complementary", name="Source document")
        expect(panel).to_be_visible()
        chat.keyboard.press("Escape")
        expect(panel).not_to_be_visible()
