"""Rows of tables as candidates and as quotes."""

import pytest

from parley.chat.quoting import QuotedAnswer, compose_quoted_answer
from parley.chat.quoting.tables import headers_of, is_figures, is_row
from parley.kit.sentences import split_sentences
from tests.chat.quoting.test_compose import VECTORS, Chunk, Document, Statistics

PRICES = "Drink | Small | Large\nEspresso | 2.10 | 2.90\nCappuccino | 3.20 | 4.10\nFilter coffee | 2.40 | 3.10"
HOURS = "Day | Reception | Restaurant\nSaturday | 7:00-23:00 | 12:00-23:00\nSunday | 7:00-22:00 | closed"
INTRODUCTION = "The hotel has forty rooms on three floors."


def rows(text: str, above: list[str]) -> list[str | None]:
    """Return the header of each sentence of a passage."""
    return list(headers_of(text, split_sentences(text, "en"), above))


def ask(question: str, text: str, heading: list[str] | None = None) -> QuotedAnswer:
    chunks = [Chunk(text, 0, Document("Hotel"), heading or [])]
    return compose_quoted_answer(question, chunks, "en", vectors=VECTORS, statistics=Statistics(chunks))


class TestRows:
    def test_the_first_row_without_figures_is_the_header_of_those_below(self) -> None:
        assert rows(f"{INTRODUCTION}\n\n{PRICES}\n\nTea is free.", []) == ["", None, *["Drink | Small | Large"] * 3, ""]

    def test_each_table_has_its_own(self) -> None:
        found = rows(f"{PRICES}\n\n{HOURS}", [])
        assert found == [None, *["Drink | Small | Large"] * 3, None, *["Day | Reception | Restaurant"] * 2]

    def test_years_make_a_header_too(self) -> None:
        assert rows("Item | 2021 | 2022\nRent | 900 | 950", []) == [None, "Item | 2021 | 2022"]

    def test_a_passage_may_begin_within_a_table(self) -> None:
        header = "SKU | Product | Price"
        assert rows("A-1 | Desk | 90\nA-2 | Lamp | 20", ["Catalogue", header]) == [header, header]
        assert rows("A-1 | Desk\nA-2 | Lamp", ["Catalogue", header]) == ["", ""]

    def test_a_passage_without_sentences_has_none(self) -> None:
        assert rows(". . . . . .\n. . . . . .", []) == []

    def test_rows_of_figures_alone_have_none(self) -> None:
        assert rows("1 | 2\n3 | 4", []) == ["", ""]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("Total revenue $ 17,606 $ 15,785 $ 12,868 12 %", True),
            ("Foreign exchange (49) 5 (210)", True),
            ("Memberships at end of period (1) 44,738 30,024 —", True),
            ("Effective tax rate 21.6 %", True),
            ("Chapter 12", False),
            ("In 2020, 3 people came", False),
            ("Other assets and acquired", False),
        ],
    )
    def test_a_label_with_its_figures_is_told_from_a_label(self, line: str, expected: bool) -> None:
        assert is_figures(line) is expected
        assert not is_row(line)


class TestQuotes:
    @pytest.mark.parametrize(
        ("question", "text", "expected"),
        [
            ("How much is a cappuccino?", PRICES, "Cappuccino | 3.20 | 4.10"),
            ("What does a large filter coffee cost?", PRICES, "Filter coffee | 2.40 | 3.10"),
            ("When is the restaurant open on Sunday?", HOURS, "Sunday | 7:00-22:00 | closed"),
        ],
    )
    def test_the_row_that_is_asked_for_is_quoted_and_no_other(self, question: str, text: str, expected: str) -> None:
        answer = ask(question, f"{INTRODUCTION}\n\n{text}")
        quoted = [sentence.text for sentence in answer.sentences]
        assert quoted[0] == expected
        assert [text for text in quoted if is_row(text)] == [expected]

    def test_a_header_is_no_answer(self) -> None:
        answer = ask("Which drink is small and which large?", PRICES)
        assert "Drink | Small | Large" not in [sentence.text for sentence in answer.sentences]

    def test_figures_do_not_run_on_into_the_next_line(self) -> None:
        text = "Total revenue $ 17,606 $ 15,785\n\nNet income 4,756 4,822\n\nGoodwill 8,057 8,068"
        assert ask("What was the net income?", text).sentences[0].text == "Net income 4,756 4,822"
