"""A real browser beside a real server. No browser is an error, never a skip."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.server import ParleyServer
from tests.support.tools import load_tool

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PATIENCE_MS = 30_000
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
expect.set_options(timeout=PATIENCE_MS)

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """A headless Chromium."""
    find_browser = load_tool("find_browser")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_browser.find_or_install_browser(), args=FLAGS)
        yield opened
        opened.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, parley_server: ParleyServer) -> Generator[NewPage]:
    """Make signed-in pages, each in a browser profile of its own; a script error on a page fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(path: str = "/", **options: object) -> Page:
        context = browser.new_context(**({"viewport": DESKTOP, "reduced_motion": "reduce"} | options))  # pyright: ignore[reportArgumentType]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(parley_server.new_sign_in_link())
        page.wait_for_url(lambda url: "sign-in" not in url)
        if path != "/":
            page.goto(parley_server.url + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


def serious_violations(page: Page) -> list[str]:
    """Return what axe finds on the page that is serious or critical, one line each."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
