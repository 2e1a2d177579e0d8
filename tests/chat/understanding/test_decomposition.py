"""Compound questions, taken apart and answered part by part."""

import pytest

from parley.chat.understanding.decomposition import (
    MOST_PARTS,
    asked_of_each_document,
    asks_each_document,
    decompose,
    fair_share,
    without_spread,
)
from parley.chat.understanding.periods import is_of_period, names_period
from tests.chat.desk import Desk


def queries(question: str, language: str = "en") -> list[str]:
    return [part.query for part in decompose(question, language)]


NAMES = [frozenset(name.split()) for name in ("project acm contract", "project oak clinic", "project citi librari")]


class TestOfEachDocument:
    @pytest.mark.parametrize(
        ("question", "things"),
        [
            ("When are the keys handed over at Acme and at the Oak Clinic?", ["at Acme", "at Oak Clinic"]),
            ("What do Acme, Oak Clinic and City Library want?", ["do Acme", "do Oak Clinic", "do City Library"]),
            ("Was steht bei Acme und bei City Library?", ["bei Acme", "bei City Library"]),
            ("Is it Acme or Oak Clinic?", ["it Acme", "it Oak Clinic"]),
        ],
    )
    def test_what_is_named_side_by_side_is_asked_of_each(self, question: str, things: list[str]) -> None:
        parts = asked_of_each_document(question, NAMES)
        assert len(parts) == len(things)
        for part, thing in zip(parts, things, strict=True):
            assert thing in part.query
            assert len(part.query) < len(question)

    @pytest.mark.parametrize(
        "question",
        [
            "When are the keys handed over at Acme?",
            "When are the keys handed over at Acme and at Globex?",  # no document is called Globex
            "What do Oak and Clinic want?",  # one document is called both
            "Who met Johnson and Johnson?",
        ],
    )
    def test_a_question_about_one_stays_whole(self, question: str) -> None:
        assert asked_of_each_document(question, NAMES) == []


class TestDecomposing:
    @pytest.mark.parametrize(
        ("question", "language", "expected"),
        [
            (
                "revenue in Q1 2022 and Q3 2023",
                "en",
                ["revenue in Q1 2022", "revenue in Q3 2023"],
            ),
            (
                "What is the difference between the price of tea and coffee in London?",
                "en",
                ["the price of tea in London", "the price of coffee in London"],
            ),
            (
                "Vergleiche die Akkulaufzeit von Modell A und Modell B",
                "de",
                ["die Akkulaufzeit von Modell A", "die Akkulaufzeit von Modell B"],
            ),
            (
                "How does Boeing's tax rate in FY2022 compare to FY2021?",
                "en",
                ["Boeing's tax rate in FY2022", "Boeing's tax rate in FY2021"],
            ),
            (
                "What is the population of France, Spain and Italy?",
                "en",
                [
                    "What is the population of France?",
                    "What is the population of Spain?",
                    "What is the population of Italy?",
                ],
            ),
            (
                "What is the difference between stable, testing and unstable?",
                "en",
                ["stable", "testing", "unstable"],
            ),
            ("渡轮几点开？票价多少？", "zh", ["渡轮几点开？", "票价多少？"]),
        ],
    )
    def test_gives_questions_that_stand_by_themselves(self, question: str, language: str, expected: list[str]) -> None:
        assert queries(question, language) == expected

    def test_a_part_takes_over_what_it_leaves_out(self) -> None:
        first, second = decompose("When does the night train leave and how much does it cost?", "en")
        assert second.text == "How much does it cost?"
        assert "train" in second.query
        assert first.query == "When does the night train leave?"

    @pytest.mark.parametrize(
        "question",
        [
            "What happened between 1990 and 1995?",
            "Who were the founders of Procter and Gamble?",
            "When and where was Tesla born?",
            "Imperialism extends a country's power and what?",
            "How are research and development expenses reported?",
            "",
            "?",
            "why " * 1000,
        ],
    )
    def test_single_questions_stay_whole(self, question: str) -> None:
        assert decompose(question, "en") == []

    def test_there_are_never_many_parts(self) -> None:
        assert len(decompose("What is one? What is two thing? " * 10, "en")) <= MOST_PARTS


class TestDocumentsOfAPeriod:
    @pytest.mark.parametrize(
        "question", ["How has revenue changed over time?", "What risks do these reports name?", "各季度的收入是多少"]
    )
    def test_what_is_asked_of_each_document_is_seen(self, question: str) -> None:
        assert asks_each_document(question)

    def test_words_of_change_are_left_out(self) -> None:
        assert without_spread("How has total revenue changed over time?", "en") == "How has total revenue ?"
        assert without_spread("What changed over time?", "en") == "What changed over time?"

    def test_a_title_of_the_named_quarter_is_meant(self) -> None:
        assert names_period("What was revenue in the third quarter of 2022?")
        assert is_of_period("2022 Q3 ACME.pdf", "What was revenue in the third quarter of 2022?")
        assert is_of_period("ACME_2022Q3_10Q.pdf", "revenue in Q3 2022")
        assert not is_of_period("2023 Q3 ACME.pdf", "revenue in Q3 2022")
        assert not names_period("Who won the war in 1914?")


class TestFairShare:
    def test_lists_take_turns_and_an_item_counts_once(self) -> None:
        assert fair_share([[1, 2, 3, 4], [2, 5], []], 4) == [(0, 1), (1, 2), (1, 5), (0, 3)]

    def test_no_list_gives_nothing(self) -> None:
        assert fair_share([], 3) == []


class TestAnsweringPartByPart:
    async def test_each_part_has_its_sentences_and_a_missing_one_is_told(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("When does the ferry leave? Which enzyme unwinds the double helix of bacteria?")
        events = await any_desk.follow(turn.id)
        understood = next(event for event in events if event["type"] == "understood")
        assert len(understood["parts"]) == 2
        told = turn.answer.index("9:40"), turn.answer.index("Which enzyme"), turn.answer.index("this part")
        assert list(told) == sorted(told)
        assert not turn.abstained
        assert turn.support_rate == 1.0

    async def test_parts_are_answered_from_several_documents(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave, and who built the night train to Vienna?")
        assert "9:40" in turn.answer
        assert "Anna Smith" in turn.answer
        assert {citation.document.title for citation in turn.citations} == {"Boats", "Trains"}

    async def test_a_sentence_that_speaks_of_both_answers_what_they_differ_in(self, desk: Desk) -> None:
        question = "What is the difference between the ferry and the night train?"
        apart = await desk.ask(question)
        assert "**" in apart.answer
        told = "The ferry leaves by day, unlike the night train, which leaves in the evening."
        await desk.library.document(desk.source_id, "compared.md", told, title="Compared")
        await desk.searcher.notify(desk.workspace_id)
        await desk.searcher.catch_up(desk.workspace_id)
        together = await desk.ask(question)
        assert told in together.answer
        assert "**" not in together.answer

    async def test_it_abstains_once_where_no_part_is_answered(self, desk: Desk) -> None:
        turn = await desk.ask("Which enzyme unwinds bacterial chromosomes? Which star is nearest to Andromeda?")
        assert turn.abstained
        assert turn.citations == []

    async def test_a_model_is_given_the_parts(self, desk: Desk) -> None:
        model = await desk.use_model(["The ferry leaves at 9:40 [1]."])
        await desk.ask("When does the ferry leave, and who built the night train to Vienna?")
        asked = model.calls[-1][-1].text
        assert "1. When does the ferry leave?" in asked
        assert "2. Who built the night train to Vienna?" in asked
        assert "(for 1" in asked
