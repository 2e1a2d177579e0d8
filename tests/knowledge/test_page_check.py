"""What is quoted from a PDF is looked up on its pages by a second library, in a process of its own."""

import os
import signal
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from parley.kit.clock import FixedClock
from parley.knowledge.documents import PDF
from parley.knowledge.page_check import PageCheck, Span
from parley.knowledge.tables import DocumentVersion
from parley.llm.embedding.static import StaticEmbedder
from parley.store.blobs import BlobStore
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.retrieval.library import Library, Passage
from tests.support.pdf import LETTERS, NOTE, SYMBOLS, make_pdf
from tests.support.reading import read_bytes

PAGES = [
    [
        "The keeper of the light rows over in the evening.",
        f"He winds the clockwork{NOTE}at ten",
        "and lights the lamp.",
    ],
    [f"A {SYMBOLS}h{LETTERS}name{SYMBOLS}i{LETTERS} is carved into the door.", "The sentence that begins here is not"],
    ["over before the next page.", "The end of the story is told by nobody."],
]


@dataclass
class Desk:
    """A document of a workspace, and what looks quotes up in it."""

    store: Store
    workspace_id: str
    blobs: BlobStore
    check: PageCheck
    version_id: str
    text: str

    def span(self, begin: str, end: str = "") -> Span:
        """Return the span from some words to some others."""
        start = self.text.index(begin)
        return (self.version_id, start, self.text.index(end, start) + len(end) if end else start + len(begin))

    async def look(self, *spans: Span) -> set[Span]:
        """Return which spans their pages contradict."""
        return await self.check.contradicted(self.workspace_id, spans)

    async def put(self, content: bytes) -> None:
        """Put other bytes in the place of the file."""
        async with self.store.read() as session:
            version = await ScopedRepository(session, self.workspace_id).get(DocumentVersion, self.version_id)
        assert version is not None
        assert version.blob_key is not None
        self.blobs.path(self.workspace_id, version.blob_key).write_bytes(content)


@pytest.fixture
async def desk(
    store: Store, workspace_id: str, clock: FixedClock, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[Desk]:
    content = make_pdf(getattr(request, "param", PAGES))
    read = read_bytes(tmp_path, "story.pdf", content)
    marks = tuple(("page", read.text[page.start : page.end], page.level) for page in read.ranges("page"))
    library = Library(store, clock, workspace_id, StaticEmbedder())
    source_id = await library.source(await library.bot())
    version_id = await library.document(source_id, "story.pdf", Passage(read.text, ranges=marks))
    blobs = BlobStore(tmp_path / "blobs")
    staged = await blobs.stage_file(tmp_path / "story.pdf", 10_000_000)
    key = await blobs.place(workspace_id, staged)
    async with store.write() as session:
        version = await ScopedRepository(session, workspace_id).get(DocumentVersion, version_id)
        assert version is not None
        version.media_type, version.blob_key = PDF, key
    check = PageCheck(store, blobs, seconds=20)
    yield Desk(store, workspace_id, blobs, check, version_id, read.text)
    await check.close()


def children() -> list[psutil.Process]:
    """Return the processes that look pages up."""
    mine = psutil.Process().children()
    return [child for child in mine if "parley.knowledge.page_check_child" in child.cmdline()]


class TestPages:
    async def test_what_both_libraries_read_alike_stands(self, desk: Desk) -> None:
        spans = [desk.span("The keeper", "evening."), desk.span("The end", "nobody.")]
        assert await desk.look(*spans) == set()

    async def test_a_sentence_with_a_note_amid_it_does_not(self, desk: Desk) -> None:
        cut, whole = desk.span("He winds", "lamp."), desk.span("The keeper", "evening.")
        assert await desk.look(whole, cut) == {cut}

    async def test_a_sentence_may_run_over_to_the_next_page(self, desk: Desk) -> None:
        assert await desk.look(desk.span("The sentence that", "next page.")) == set()

    async def test_signs_that_only_we_read_are_not_quoted(self, desk: Desk) -> None:
        signs = desk.span("A ⟨name⟩", "door.")
        assert await desk.look(signs) == {signs}

    @pytest.mark.parametrize("desk", [[["One page of a story."], [], ["Another one."]]], indirect=True)
    async def test_a_page_that_it_cannot_read_contradicts_nothing(self, desk: Desk) -> None:
        await desk.put(make_pdf([[], [], []]))
        assert await desk.look(desk.span("One page of a story.")) == set()

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.4\nnothing", make_pdf(PAGES)[:900]])
    async def test_a_damaged_file_contradicts_nothing(self, desk: Desk, content: bytes) -> None:
        await desk.put(content)
        assert await desk.look(desk.span("The keeper", "evening.")) == set()

    async def test_other_workspaces_and_other_kinds_are_not_looked_at(self, desk: Desk) -> None:
        cut = desk.span("He winds", "lamp.")
        assert await desk.check.contradicted("ws_other", [cut]) == set()
        async with desk.store.write() as session:
            version = await ScopedRepository(session, desk.workspace_id).get(DocumentVersion, desk.version_id)
            assert version is not None
            version.media_type = "text/html"
        assert await desk.look(cut) == set()
        assert children() == []


class TestProcess:
    async def test_it_is_kept_for_the_next_question_and_ends_with_the_server(self, desk: Desk) -> None:
        await desk.look(desk.span("The keeper", "evening."))
        (first,) = children()
        await desk.look(desk.span("The end", "nobody."))
        assert children() == [first]
        await desk.check.close()
        assert children() == []

    @pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no signal stops a process here")
    async def test_one_that_hangs_holds_nothing_up_and_is_replaced(self, desk: Desk) -> None:
        cut = desk.span("He winds", "lamp.")
        assert await desk.look(cut) == {cut}
        (hung,) = children()
        os.kill(hung.pid, signal.SIGSTOP)
        desk.check.seconds = 0.2
        assert await desk.look(cut) == set()
        desk.check.seconds = 20
        assert await desk.look(cut) == {cut}
        assert hung not in children()

    async def test_one_that_died_is_replaced(self, desk: Desk) -> None:
        cut = desk.span("He winds", "lamp.")
        await desk.look(cut)
        (first,) = children()
        first.kill()
        first.wait()
        assert await desk.look(cut) == set()
        assert await desk.look(cut) == {cut}

    async def test_nobody_is_asked_where_there_is_no_time_for_it(self, desk: Desk) -> None:
        idle = PageCheck(desk.store, desk.blobs, seconds=0)
        assert await idle.contradicted(desk.workspace_id, [desk.span("He winds", "lamp.")]) == set()
        assert children() == []
