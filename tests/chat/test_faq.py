"""What somebody has answered already leads; and a citation of a recording tells the second."""

import pytest

from parley.chat.views import place_in
from parley.kit.ids import new_id
from parley.knowledge.faq.matching import question_key
from parley.knowledge.tables import Document, DocumentRange, DocumentVersion, FaqEntry, Source
from parley.store.scope import ScopedRepository
from tests.chat.desk import Desk
from tests.retrieval.library import Passage

QUESTION = "Can I bring my dog on the ferry?"
ANSWER = "Dogs need a ticket of their own in July. Ask at the counter."


async def add_entry(desk: Desk, question: str, answer: str, visibility: str = "citable") -> None:
    """Add a FAQ source with one entry."""
    source_id = await desk.library.source(desk.bot_id, visibility=visibility)
    version_id = await desk.library.document(source_id, "faq.md", Passage(answer, (question,)), title=question)
    now = desk.clock.now()
    async with desk.store.write() as session:
        repository = ScopedRepository(session, desk.workspace_id)
        await session.execute(repository.update(Source).where(Source.id == source_id).values(kind="faq"))
        query = repository.select(DocumentVersion.document_id).where(DocumentVersion.id == version_id)
        document_id = (await session.execute(query)).scalar_one()
        repository.add(
            FaqEntry(
                id=new_id("faq"),
                source_id=source_id,
                document_id=document_id,
                question=question,
                question_key=question_key(question),
                answer=answer,
                created_at=now,
                updated_at=now,
            )
        )
    await desk.searcher.catch_up(desk.workspace_id)


class TestAQuestionAnsweredBefore:
    @pytest.mark.parametrize("asked", [QUESTION, "can i bring my dog on the ferry", "May I take my dog on the ferry?"])
    async def test_is_answered_so_again(self, desk: Desk, asked: str) -> None:
        await add_entry(desk, QUESTION, ANSWER)
        turn = await desk.ask(asked)
        assert not turn.abstained
        assert [citation.quote for citation in turn.citations] == [ANSWER]
        assert turn.answer.endswith(ANSWER)

    async def test_leads_the_passages_of_a_model(self, desk: Desk) -> None:
        await add_entry(desk, QUESTION, ANSWER)
        model = await desk.use_model([f"{ANSWER} [1]"])
        await desk.ask(QUESTION)
        prompt = str(model.calls[0])
        assert prompt.index(ANSWER) < prompt.index("The ferry leaves")

    async def test_does_not_answer_other_questions(self, desk: Desk) -> None:
        await add_entry(desk, QUESTION, ANSWER)
        turn = await desk.ask("When does the ferry leave?")
        assert "9:40" in turn.answer
        assert turn.citations[0].quote != ANSWER

    async def test_in_another_language_is_told_by_meaning(self, desk: Desk) -> None:
        await add_entry(desk, "Welche Zahlungsarten gibt es?", "Karte und Rechnung, beides ohne Aufschlag.")
        same = await desk.ask("Welche Zahlungsmethoden gibt es bei euch?")
        assert [citation.quote for citation in same.citations] == ["Karte und Rechnung, beides ohne Aufschlag."]
        other = await desk.ask("Welche Farben gibt es?")
        assert "Rechnung" not in other.answer

    async def test_that_is_learn_only_leads_nothing(self, desk: Desk) -> None:
        await add_entry(desk, QUESTION, ANSWER, visibility="learn_only")
        turn = await desk.ask(QUESTION)
        assert "July" not in turn.answer


class TestARecording:
    async def test_is_cited_with_its_second(self, desk: Desk) -> None:
        async with desk.store.write() as session:
            repository = ScopedRepository(session, desk.workspace_id)
            query = repository.select(Document).where(Document.path == "boats.md")
            document = (await session.execute(query)).scalar_one()
            document.url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
            version_id = document.current_version_id
            assert version_id is not None
            for start, end, second in ((0, 34, 12), (35, 57, 75)):
                repository.add(DocumentRange(version_id=version_id, kind="cue", start=start, end=end, level=second))
        turn = await desk.ask("How much do tickets cost?")
        cited = next(citation for citation in turn.citations if "12 euros" in citation.quote)
        assert (cited.seconds, cited.url) == (75, "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=75")

    def test_opens_where_it_is_said(self) -> None:
        assert place_in("https://example.org/a", 5, None) == "https://example.org/a?t=5"
        assert place_in("https://example.org/a.pdf#x", None, 3) == "https://example.org/a.pdf#page=3"
        assert place_in(None, 5, 3) is None
