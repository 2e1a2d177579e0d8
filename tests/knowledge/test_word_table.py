"""Looking words up one by one gives what looking at the text gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.kit.analysis import analyse
from parley.knowledge.word_table import WordTable
from parley.llm.embedding.table import TableEmbedder

LANGUAGES = ["en", "de", "fr", "tr", "hi", "zh", "und"]
WORDS = (
    "don't don’t 1,000 1, 2. foo.bar snake_case C++ C# l'eau “quoted” camelCase… x² ½ naïve 鉄道 a,b a.b. №5 ﬁne ´ ™"
)
EMBEDDER = TableEmbedder()
TABLES = {language: WordTable(language, EMBEDDER) for language in LANGUAGES}
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(WORDS.split()), st.sampled_from(" \n\t,.;’+#_\u00a0\u2028—"))).map("".join),
)


class TestLookingUp:
    @settings(deadline=None)  # the first example reads the vocabulary
    @given(TEXTS, st.sampled_from(LANGUAGES))
    def test_gives_the_terms_and_pieces_of_the_text(self, text: str, language: str) -> None:
        ((terms, pieces),) = TABLES[language].look_up([text])
        assert terms.split() == analyse(text, language)
        assert pieces == list(EMBEDDER.pieces_of([text])[0])

    def test_forgets_words_when_there_are_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parley.knowledge.word_table._MAX_WORDS", 3)
        table = WordTable("en", None)
        assert table.look_up(["one two three four five six"])[0][0] == "one two three four five six"
        assert len(table) <= 3

    def test_keeps_the_words_that_come_back_when_there_are_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parley.knowledge.word_table._MAX_WORDS", 3)
        met: list[str] = []

        def analysed(word: str, _language: str) -> str:
            met.append(word)
            return word

        monkeypatch.setattr("parley.knowledge.word_table.analyse_word", analysed)
        table = WordTable("en", None)
        for number in range(10):
            assert table.look_up([f"harbour crane{number} vessel"])[0][0] == f"harbour crane{number} vessel"
        assert (met.count("harbour"), met.count("vessel"), len(met)) == (1, 1, 12)

    def test_remembers_words_rather_than_long_numbers(self) -> None:
        table = WordTable("en", None)
        assert table.look_up(["line 123456 of 2024"])[0][0].split() == analyse("line 123456 of 2024", "en")
        assert set(table) == {"line", "of", "2024"}


def test_vectors_of_pieces_are_those_of_the_text() -> None:
    texts = ["A guide to the harbour.", "", "Die Fähre legt um acht ab."]
    assert np.array_equal(EMBEDDER.embed_pieces(EMBEDDER.pieces_of(texts)), EMBEDDER.embed_documents(texts))
