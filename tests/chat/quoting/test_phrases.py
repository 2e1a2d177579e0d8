"""Parley's own words around quotes."""

import pytest

from parley.chat.quoting.phrases import LANGUAGES, abstention, is_own_phrase, lead_in


class TestPhrases:
    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    def test_every_language_has_all_of_them(self, language: str) -> None:
        texts = [lead_in(language), abstention(language), abstention(language, nearest=False)]
        assert len(set(texts)) == 3
        assert all(is_own_phrase(text) for text in texts)
        if language != "en":
            assert lead_in(language) != lead_in("en")

    def test_an_unknown_language_gets_english(self) -> None:
        assert lead_in("tlh") == lead_in("en")
        assert abstention("und").startswith("I can't find this")

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    def test_what_stands_nowhere_is_named(self, language: str) -> None:
        told = abstention(language, unknown=["Zorglub", "Flupke"])
        assert "“Zorglub”, “Flupke”" in told
        assert told[-10:] == abstention(language)[-10:]  # where the nearest passages are
        assert told[-10:] not in abstention(language, nearest=False, unknown=["Zorglub"])

    def test_a_quote_is_none_of_ours(self) -> None:
        assert not is_own_phrase("The lighthouse was built in 1874.")
