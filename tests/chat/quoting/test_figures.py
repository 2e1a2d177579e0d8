"""The row of a report that is called what is asked for."""

import pytest

from parley.chat.quoting import QuotedAnswer, compose_quoted_answer, with_figures_first
from tests.chat.quoting.test_compose import VECTORS, Chunk, Document, Statistics

REPORT = Document("Annual report", "VALE_2022_10K.pdf")
WHOLE = "Years ended 2022 2021\nTotal revenues 66,608 62,286\nNet income 4,756 4,822"
DIVISION = "Shipyards\nRevenues $17,611 $16,328\nOperating margin 5.1 % 6.0 %"
PROSE = "Revenues of the shipyards of Vale rose in 2022, since more ships were sold than in 2021, by a quarter or so."
OTHERS = Chunk(
    "Total revenues 99,999 88,888\nNet income 1,111 2,222", 0, Document("Annual report", "HARROW_2022_10K.pdf")
)


def report(*texts: str) -> list[Chunk]:
    return [Chunk(text, 1000 * place, REPORT) for place, text in enumerate(texts)]


def ask(question: str, chunks: list[Chunk]) -> QuotedAnswer:
    return compose_quoted_answer(question, chunks, "en", vectors=VECTORS, statistics=Statistics(chunks))


class TestFigures:
    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("What was Vale's revenue in 2022?", "Total revenues 66,608 62,286"),
            ("What was the net income of Vale in 2022?", "Net income 4,756 4,822"),
            ("How much revenue did Vale report in 2022?", "Total revenues 66,608 62,286"),
        ],
    )
    def test_the_row_of_the_whole_leads(self, question: str, expected: str) -> None:
        assert ask(question, report(PROSE, DIVISION, WHOLE)).sentences[0].text == expected

    def test_a_figure_that_stands_in_several_places_comes_before_a_larger_one(self) -> None:
        supposed = "As if it had been bought a year before\nRevenues 77,000 70,000"
        chunks = report(
            PROSE, supposed, DIVISION, WHOLE.replace("Total revenues", "Revenues"), "Revenues 66,608 62,286"
        )
        assert ask("What was Vale's revenue in 2022?", chunks).sentences[0].text == "Revenues 66,608 62,286"

    def test_rows_of_others_are_not_meant(self) -> None:
        chunks = [OTHERS, *report(PROSE, DIVISION, WHOLE)]
        assert "66,608" in ask("What was Vale's revenue in 2022?", chunks).sentences[0].text

    def test_who_asks_for_more_than_a_label_says_gets_what_says_it(self) -> None:
        answer = ask("Why did revenues of the shipyards of Vale rise in 2022?", report(PROSE, DIVISION, WHOLE))
        assert answer.sentences[0].text == PROSE


class TestFirst:
    def test_hits_with_such_a_row_are_told_the_whole_first(self) -> None:
        hits = [OTHERS, *report(PROSE, DIVISION, WHOLE)]
        assert with_figures_first("What was Vale's revenue in 2022?", hits, "en") == [3, 2]

    def test_a_name_may_be_written_as_one_word(self) -> None:
        hits = [Chunk(WHOLE, 0, Document("Report", "BESTBUY_2022.pdf"))]
        assert with_figures_first("What was Best Buy's net income?", hits, "en") == [0]

    @pytest.mark.parametrize("question", ["What is net income?", "Who is the chairman of Vale?", "Vale"])
    def test_all_else_asks_for_no_figure(self, question: str) -> None:
        assert with_figures_first(question, report(PROSE, DIVISION, WHOLE), "en") == []
