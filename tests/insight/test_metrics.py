"""Measures, each by a case that can be worked out by hand."""

import pytest

from parley.insight import metrics


class TestRetrieval:
    def test_recall_is_the_share_of_what_is_wanted(self) -> None:
        assert metrics.recall_at(["a", "x", "b"], frozenset({"a", "b"}), 2) == 0.5
        assert metrics.recall_at(["a"], frozenset(), 2) is None

    def test_ndcg_weighs_places(self) -> None:
        assert metrics.ndcg_at(["a", "x", "b"], frozenset({"a", "b"}), 10) == pytest.approx(0.9197, abs=1e-4)
        assert metrics.ndcg_at(["a", "b"], frozenset({"a", "b"}), 10) == 1

    def test_a_document_that_is_found_twice_counts_once(self) -> None:
        assert metrics.ndcg_at(["x", "a", "a"], frozenset({"a"}), 10) == metrics.ndcg_at(
            ["x", "a"], frozenset({"a"}), 10
        )

    def test_precision_counts_passages(self) -> None:
        assert metrics.precision(["a", "a", "x", "x"], frozenset({"a"})) == 0.5
        assert metrics.precision([], frozenset({"a"})) is None


class TestCorrectness:
    def test_a_sentence_that_holds_the_answer_is_right(self) -> None:
        assert metrics.correctness("It was built in 1873, by monks.", ["in 1873"]) == 1

    def test_articles_case_and_punctuation_do_not_matter(self) -> None:
        assert metrics.correctness("The answer: THE Rhine.", ["Rhine", "the Danube"]) == 1

    def test_words_in_another_order_count_in_part(self) -> None:
        assert metrics.correctness("In 1873 the mill burned.", ["mill of 1873 monks"]) == 0.5

    def test_of_an_unknown_answer_there_is_none(self) -> None:
        assert metrics.correctness("Something.", []) is None


class TestSummaries:
    def test_f1_of_abstention(self) -> None:
        assert metrics.f1(2, 2, 4) == pytest.approx(2 / 3)
        assert metrics.f1(0, 0, 0) is None

    def test_percentiles_are_values_that_occurred(self) -> None:
        assert metrics.percentile([5.0, 1.0, 3.0], 0.5) == 3.0
        assert metrics.percentile([], 0.5) is None
