"""Any stretch of a part is measured and analysed as its text alone would be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.kit.analysis import analyse
from parley.knowledge.part_words import _FOREIGN_SPACES, PartWords, all_words, mark_costs
from parley.knowledge.token_bound import TokenBound
from parley.knowledge.word_table import WordTable
from parley.llm.embedding.table import TableEmbedder

EMBEDDER = TableEmbedder()
BOUND = TokenBound(EMBEDDER.count_tokens)
MARKS = mark_costs(EMBEDDER.count_tokens)
TABLE = WordTable("en", EMBEDDER)
WORDS = "pump valve don't don’t 1,000 1, a,b foo.bar snake_case, C++ “quoted” camelCase… x² naïve 鉄道。 (see ---- ==>"
PIECES = [*WORDS.split(), "end.", "'tis", "´", "™", "12.5", "e.g.", "#2"]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(" \n\t\u00a0\u2028—"), st.just("    "))).map(
    "".join
)


def words_of(text: str) -> PartWords:
    words = PartWords(text, MARKS, BOUND.of)
    TABLE.learn(all_words([words]))
    words.look_up(TABLE)
    TABLE.forget()
    return words


def stretches(text: str) -> list[tuple[int, int]]:
    """Return some stretches that begin and end with something else than white space."""
    places = [at for at, char in enumerate(text) if not char.isspace()]
    pairs = [(start, end + 1) for start in places[::3] for end in places[::4] if end >= start]
    return [*pairs, *([(places[0], places[-1] + 1)] if places else [])]


class TestPartWords:
    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def test_measures_stretches_as_their_texts(self, text: str) -> None:
        words = words_of(text)
        for start, end in stretches(text):
            assert words.tokens(start, end) == BOUND.of(text[start:end]), text[start:end]

    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def test_analyses_stretches_as_their_texts(self, text: str) -> None:
        words = words_of(text)
        for start, end in stretches(text):
            found = words.terms_and_pieces(start, end)
            if found is not None:
                assert found[0].split() == analyse(text[start:end], "en")
                assert found[1] == list(EMBEDDER.pieces_of([text[start:end]])[0])

    def test_leaves_stretches_that_cut_a_word_to_others(self) -> None:
        words = words_of("one twenty three")
        assert words.terms_and_pieces(0, 7) is None
        assert words.terms_and_pieces(6, 10) is None
        assert words.terms_and_pieces(4, 10) == ("twenti", list(EMBEDDER.pieces_of(["twenty"])[0]))
        assert words.tokens(0, 7) == BOUND.of("one twe")

    @pytest.mark.parametrize("text", ["", " ", "\n\n", "..."])
    def test_a_text_without_words_has_none(self, text: str) -> None:
        words = words_of(text)
        assert words.terms_and_pieces(0, len(text)) == ("", [])

    def test_knows_all_white_space_beyond_ascii(self) -> None:
        spaces = [code for code in range(127, 0x11000) if chr(code).isspace()]
        assert np.array_equal(_FOREIGN_SPACES, spaces)
