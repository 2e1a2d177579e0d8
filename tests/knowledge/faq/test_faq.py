"""Questions and answers: each a document of its own, imported and exported as CSV."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from parley.errors import Conflict, InvalidInput, NotFound
from parley.knowledge.faq.csv_rows import read_rows
from parley.knowledge.faq.matching import best_match, lexical_likeness, question_key
from parley.knowledge.faq.schemas import FaqIn, FaqPatch
from parley.knowledge.remote.config import FaqCreate, TextConfig, TextCreate
from parley.store.engine import Store
from tests.support.ingestion import Room, running_room


@pytest.fixture
async def room(store: Store, data_folder: Path) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder) as running:
        yield running


@pytest.fixture
async def faq(room: Room) -> str:
    return (await room.add_remote(FaqCreate(kind="faq", name="Help"))).id


class TestAnEntry:
    async def test_is_a_document_with_a_version_for_each_edit(self, room: Room, faq: str) -> None:
        wanted = FaqIn(question="Can I bring a dog?", answer="Dogs travel free.", category="Pets", tags=["dog", "dog"])
        entry = await room.faq.add(room.workspace_id, faq, wanted)
        assert (entry.category, entry.tags) == ("Pets", ["dog"])
        await room.finished(faq)
        document = (await room.all_documents(faq))[f"{entry.id}.md"]
        assert (document.id, document.title) == (entry.document_id, "Can I bring a dog?")
        assert "Dogs travel free." in await room.text_of(document)
        await room.faq.change(room.workspace_id, faq, entry.id, FaqPatch(answer="Dogs pay half."))
        await room.finished(faq)
        document = (await room.all_documents(faq))[f"{entry.id}.md"]
        assert document.version == 2
        assert "Dogs travel free." in await room.text_of(document, 1)
        await room.faq.change(room.workspace_id, faq, entry.id, FaqPatch(category="Animals"))
        await room.finished(faq)
        assert (await room.all_documents(faq))[f"{entry.id}.md"].version == 2
        await room.faq.remove(room.workspace_id, faq, entry.id)
        await room.finished(faq)
        assert await room.all_documents(faq) == {}
        with pytest.raises(NotFound):
            await room.faq.get(room.workspace_id, faq, entry.id)

    async def test_asks_what_no_other_asks(self, room: Room, faq: str) -> None:
        first = await room.faq.add(room.workspace_id, faq, FaqIn(question="Is it open?", answer="Yes."))
        second = await room.faq.add(room.workspace_id, faq, FaqIn(question="Is it closed?", answer="No."))
        with pytest.raises(Conflict):
            await room.faq.add(room.workspace_id, faq, FaqIn(question="  is it OPEN ", answer="No."))
        with pytest.raises(Conflict):
            await room.faq.change(room.workspace_id, faq, second.id, FaqPatch(question=first.question))

    async def test_has_a_category_that_is_listed_with_its_entries(self, room: Room, faq: str) -> None:
        for at, category in enumerate(["Prices", "", "Prices"]):
            wanted = FaqIn(question=f"What about {at}?", answer="That.", category=category)
            await room.faq.add(room.workspace_id, faq, wanted)
        listed = await room.faq.categories(room.workspace_id, faq)
        assert [(found.name, found.entries) for found in listed] == [("", 1), ("Prices", 2)]

    async def test_belongs_to_a_faq(self, room: Room) -> None:
        note = await room.add_remote(TextCreate(kind="text", config=TextConfig(title="Note"), text="Some words."))
        with pytest.raises(Conflict):
            await room.faq.add(room.workspace_id, note.id, FaqIn(question="q", answer="a"))


class TestCsv:
    async def test_comes_back_as_it_went(self, room: Room, faq: str) -> None:
        content = (
            "Question;Answer;Tags;Category\r\n"
            'What does it cost?;"Twelve euros;\nchildren: six.";price;children;\r\n'
            "=1+1;It is a formula;;Odd\r\n"
        )
        content = content.replace("price;children;", '"price;children";Prices')
        first = await room.faq.import_csv(room.workspace_id, faq, content.encode())
        assert (first.added, first.changed, first.unchanged, first.problems) == (2, 0, 0, [])
        await room.finished(faq)
        exported = await room.faq.export_csv(room.workspace_id, faq)
        assert "'=1+1" in exported
        again = await room.faq.import_csv(room.workspace_id, faq, exported.encode())
        assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
        changed = await room.faq.import_csv(room.workspace_id, faq, b"question,answer\nWhat does it cost?,Thirteen.\n")
        assert (changed.added, changed.changed) == (0, 1)

    def test_tells_each_bad_row(self) -> None:
        long = "x" * 3_000
        found, problems = read_rows(f"question,answer\n,no question\nonly a question\n{long},a\nGood?,Yes.\n".encode())
        assert [entry.question for entry in found] == ["Good?"]
        assert [(problem.row, problem.code) for problem in problems] == [(2, "missing"), (3, "missing"), (4, "invalid")]

    @pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n\0\0\0\0"])
    def test_that_is_none_says_so(self, content: bytes) -> None:
        with pytest.raises(InvalidInput):
            read_rows(content)


class TestMatching:
    def test_ignores_case_punctuation_and_white_space(self) -> None:
        assert question_key("How do I pay?") == question_key("how  do I\npay")
        assert question_key("How do I pay?") != question_key("How do you pay?")

    def test_counts_rare_words_more(self) -> None:
        def frequency(term: str) -> float:
            return 0.5 if term in ("ticket", "cost") else 0.01

        shared_rare = lexical_likeness("ticket cost surcharge", "surcharge rules", "en", frequency)
        shared_common = lexical_likeness("ticket cost surcharge", "ticket rules", "en", frequency)
        assert shared_rare > shared_common

    def test_leaves_open_what_is_not_clear(self) -> None:
        assert best_match([], []) is None
        assert best_match([0.9, 0.3], ["a", "b"]) == 0
        assert best_match([0.3], ["a"]) is None
        assert best_match([0.9, 0.895], ["a", "b"]) is None
        assert best_match([0.9, 0.895], ["a", "a"]) == 0


class TestANote:
    async def test_is_edited_into_versions(self, room: Room) -> None:
        wanted = TextCreate(kind="text", config=TextConfig(title="House rules"), text="No *smoking* on deck.")
        source = await room.add_remote(wanted)
        assert (source.status, source.name) == ("ready", "House rules")
        assert await room.remote.note(room.workspace_id, source.id) == ("House rules", "No *smoking* on deck.\n")
        await room.remote.rewrite_note(room.workspace_id, source.id, None, "No smoking anywhere.")
        await room.finished(source.id)
        (document,) = (await room.all_documents(source.id)).values()
        assert (document.version, document.title) == (2, "House rules")
        assert "anywhere" in await room.text_of(document)
        assert "on deck" in await room.text_of(document, 1)
