"""Scoring all candidates at once gives what the formulas say for each."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kit.analysis import analyse
from parley.retrieval.forward import ChunkTerms
from parley.retrieval.names import NamedDocuments
from parley.retrieval.query import analyse_query
from parley.retrieval.ranking import (
    HEADING_WEIGHT,
    K1,
    NAME_WEIGHT,
    NEARNESS_WEIGHT,
    NEIGHBOUR_WEIGHT,
    SIBLING_WEIGHT,
    TITLE_WEIGHT,
    B,
    LexicalScorer,
    fused_scores,
    idf,
    ranked,
    with_siblings,
)
from parley.retrieval.term_rows import term_key

Fields = tuple[str, str, str]


def terms_of(*chunks: Fields) -> ChunkTerms:
    """Return chunks (title, heading, text) as the forward index gives them."""
    split = [[analyse(field, "en") for field in chunk] for chunk in chunks]
    keys = [[term_key(term) for field in fields for term in field] for fields in split]
    starts = np.cumsum([0, *map(len, keys)])
    counts = np.array([[len(field) for field in fields] for fields in split], np.int64).reshape(-1, 3)
    return ChunkTerms(np.array(list(chain.from_iterable(keys)), np.uint32), starts, counts[:, 0], counts[:, 1])


def scorer_for(query: str, frequency: int = 2, chunks: int = 100, average: float = 8.0) -> LexicalScorer:
    """Return a scorer of a collection in which all terms are equally rare."""
    analysed = analyse_query(query, ["en"])
    return LexicalScorer(analysed, dict.fromkeys(analysed.terms, frequency), chunks, average)


class TestBm25:
    def test_title_and_heading_count_more_than_the_text(self) -> None:
        chunks: list[Fields] = [("", "", "glacier stone"), ("", "glacier", "stone"), ("glacier", "", "stone")]
        scores = scorer_for("glacier").score(terms_of(*chunks))
        damping = K1 * (1 - B + B * 2 / 8)
        expected = [weight / (weight + damping) for weight in (1.0, HEADING_WEIGHT, TITLE_WEIGHT)]
        assert np.allclose(scores.bm25, expected)
        assert np.allclose(scores.totals, expected)

    def test_counts_are_damped_by_length(self) -> None:
        scores = scorer_for("glacier").score(
            terms_of(("", "", "glacier glacier"), ("", "", "glacier " + "stone " * 15))
        )
        long, short = K1 * (1 - B + B * 16 / 8), K1 * (1 - B + B * 2 / 8)
        assert np.allclose(scores.bm25, [2 / (2 + short), 1 / (1 + long)])

    def test_words_that_a_chunk_lacks_are_told(self) -> None:
        scores = scorer_for("blue glacier").score(terms_of(("", "", "blue stone"), ("", "", "nothing here")))
        assert scores.missing.tolist() == [[False, True], [True, True]]
        assert scores.totals[1] == 0

    @pytest.mark.parametrize("changed", [1 << 16, 1 << 31, 1])
    def test_a_term_with_some_of_the_bits_of_another_is_not_that_one(self, changed: int) -> None:
        chunk = terms_of(("", "", "glacier"))
        assert scorer_for("glacier").score(chunk).totals[0] > 0
        assert scorer_for("glacier").score(replace(chunk, keys=chunk.keys ^ np.uint32(changed))).totals[0] == 0


class TestNames:
    def test_a_name_counts_the_less_the_more_documents_have_it(self) -> None:
        analysed = analyse_query("glacier", ["en"])
        for share in (0.01, 0.5):
            named = NamedDocuments(np.array([7]), np.array([b"v"]), np.array([[True]]), np.array([share]))
            scorer = LexicalScorer(analysed, {"glacier": 2}, 100, 8.0, named)
            chunks: list[Fields] = [("", "", "old stone"), ("", "", "old stone"), ("", "", "old glacier")]
            scores = scorer.score(terms_of(*chunks), np.array([7, 8, 7]))
            damping, name = K1 * (1 - B + B * 2 / 8), NAME_WEIGHT * (1 - share)
            expected = [name / (name + damping), 0, (1 + name) / (1 + name + damping)]
            assert np.allclose(scores.bm25, expected)
            assert scores.missing.tolist() == [[False], [True], [False]]

    def test_a_word_that_stands_in_no_text_does_not_outweigh_all_others(self) -> None:
        analysed = analyse_query("zorglub glacier", ["en"])
        frequencies = {analysed.words[0].terms[0]: 0, "glacier": 10}
        named = NamedDocuments(np.array([7]), np.array([b"v"]), np.array([[True, False]]), np.array([0.01, 0.0]))
        scorer = LexicalScorer(analysed, frequencies, 10_000, 8.0, named)
        scores = scorer.score(terms_of(("", "", "stone"), ("", "", "glacier")), np.array([7, 8]))
        assert scores.bm25[1] > 0.8 * scores.bm25[0]


class TestNearness:
    def test_it_falls_with_the_distance_and_ends_after_three(self) -> None:
        texts = ["blue glacier", "blue old glacier", "blue old stone glacier", "blue old stone big glacier"]
        scores = scorer_for("blue glacier").score(terms_of(*[("", "", text) for text in texts]))
        assert np.allclose(scores.nearness, [NEARNESS_WEIGHT * share / 2 for share in (1, 1 / 2, 1 / 3, 0)])

    def test_the_other_way_round_counts_as_one_further(self) -> None:
        texts = ["glacier blue", "glacier old blue", "glacier old stone blue"]
        scores = scorer_for("blue glacier").score(terms_of(*[("", "", text) for text in texts]))
        assert np.allclose(scores.nearness, [NEARNESS_WEIGHT * share / 2 for share in (1 / 2, 1 / 3, 0)])

    def test_the_nearest_of_many_places_counts_and_chunks_do_not_touch(self) -> None:
        chunks: list[Fields] = [("", "", "glacier stone stone blue"), ("", "", "glacier blue old glacier")]
        scores = scorer_for("blue glacier").score(terms_of(*chunks))
        assert np.allclose(scores.nearness, [0, NEARNESS_WEIGHT / 2 / 2])

    def test_only_the_text_counts(self) -> None:
        scores = scorer_for("blue glacier").score(terms_of(("blue glacier", "blue glacier", "stone")))
        assert scores.nearness.tolist() == [0]


class TestNeighbours:
    def test_missing_words_beside_a_chunk_are_credited(self) -> None:
        scorer = scorer_for("blue glacier")
        scores = scorer.score(terms_of(("", "", "blue stone"), ("", "", "blue stone")))
        beside = terms_of(("", "", "the glacier"), ("glacier", "", "a title is no neighbour"))
        totals = scorer.with_neighbours(scores, [0, 1], [[0, 1], [1]], beside)
        ceiling = 1 + NEARNESS_WEIGHT / 2
        assert np.isclose(totals[0], scores.totals[0] + NEIGHBOUR_WEIGHT / 2 / ceiling)
        assert totals[1] == scores.totals[1]


class TestFusion:
    def test_each_score_counts_as_a_share_of_the_best(self) -> None:
        none = np.nan
        scores = fused_scores(np.array([0.5, 0.25, none]), np.array([none, 0.8, 0.4]), 0.2)
        assert scores.round(6).tolist() == [0.8, 0.6, 0.1]

    def test_a_chunk_whose_vector_is_still_to_be_made_is_judged_by_its_words(self) -> None:
        scores = fused_scores(np.array([1.0, 0.5]), np.array([0.4, np.nan]), 0.5, np.array([False, True]))
        assert scores.tolist() == [1.0, 0.5]
        assert fused_scores(np.array([1.0, 0.5]), np.array([0.4, np.nan]), 0.5).tolist() == [1.0, 0.25]

    def test_candidates_come_best_first_the_older_of_equals_first_and_say_what_they_lack(self) -> None:
        none = np.nan
        found = ranked(np.array([3, 2, 1]), np.array([0.5, 0.7, 0.5]), np.array([0.5, none, 0.5]), np.array([none] * 3))
        assert [(one.chunk_id, one.lexical, one.dense) for one in found] == [
            (2, None, None),
            (1, 0.5, None),
            (3, 0.5, None),
        ]

    def test_rare_words_weigh_more(self) -> None:
        assert idf(100, 1) > idf(100, 50) > idf(100, 100) > 0


class TestSiblings:
    def test_a_document_that_answers_twice_overtakes_one_that_answers_once(self) -> None:
        raised = with_siblings(np.array([0.8, 0.79, 0.5]), np.array([10, 20, 20]))
        assert np.argsort(-raised).tolist() == [1, 0, 2]
        assert np.isclose(raised[1], (0.79 + SIBLING_WEIGHT * 0.5) / (1 + SIBLING_WEIGHT))
        assert np.isclose(raised[2], (0.5 + SIBLING_WEIGHT * 0.79) / (1 + SIBLING_WEIGHT))

    def test_chunks_of_equal_score_are_each_others_sibling(self) -> None:
        assert np.allclose(with_siblings(np.array([0.6, 0.6]), np.array([10, 10])), [0.6, 0.6])

    @given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(1, 4)), max_size=12))
    def test_the_sibling_is_the_best_of_the_others(self, candidates: list[tuple[float, int]]) -> None:
        scores = np.array([score for score, _ in candidates])
        raised = with_siblings(scores, np.array([document for _, document in candidates], np.int64))
        for row, (score, document) in enumerate(candidates):
            others = [other for at, (other, its) in enumerate(candidates) if its == document and at != row]
            best = max(others, default=0.0)
            assert np.isclose(raised[row], (score + SIBLING_WEIGHT * best) / (1 + SIBLING_WEIGHT))


class TestEarlierWords:
    def test_come_after_the_query_and_weigh_less(self) -> None:
        analysed = analyse_query("what does it cost", ["en"], [("the ferry costs money", 0.5)])
        weights = {word.terms[0]: word.weight for word in analysed.words}
        assert weights == {"cost": 1.0, "ferri": 0.5, "money": 0.5}

    def test_a_query_of_function_words_keeps_them(self) -> None:
        assert [word.text for word in analyse_query("what is it", ["en"], [("ferry", 0.5)]).words] == [0, 0, 0, 1]
