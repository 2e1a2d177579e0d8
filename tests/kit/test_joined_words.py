"""Words with a hyphen for some, and as one for others."""

import pytest

from parley.kit.joined_words import hyphen_parts, joined_terms, with_joined


class TestJoinedTerms:
    @pytest.mark.parametrize(
        ("text", "joined", "pieces"),
        [
            ("Write an e-mail", "email", ("e", "mail")),
            ("The Wi\u2011Fi is free", "wifi", ("wi", "fi")),
            ("Meta-packages are empty", "metapackag", ("meta", "packag")),
        ],
    )
    def test_are_those_of_the_word_as_one(self, text: str, joined: str, pieces: tuple[str, str]) -> None:
        assert joined_terms(text, "en") == {joined: pieces}

    @pytest.mark.parametrize("text", ["no hyphen", "a - b", "--option", "one-two-three", "COVID-19", "2-fold"])
    def test_other_signs_join_nothing(self, text: str) -> None:
        assert joined_terms(text, "en") == {}

    def test_a_text_gets_those_that_are_asked_for(self) -> None:
        terms = ["e", "mail", "co", "oper"]
        assert with_joined(terms, "e-mail, co-operate", {"email"}, "en") == [*terms, "email"]
        assert with_joined(terms, "e-mail, co-operate", {"mail"}, "en") == terms


class TestHyphenParts:
    @pytest.mark.parametrize(
        ("word", "parts"),
        [
            ("email", ("e", "mail")),
            ("Nonprofits", ("non", "profit")),
            ("login", ("log", "in")),
            ("wifi", ("wi", "fi")),
            ("profit", ()),
            ("mail", ()),
            ("e2e", ()),
        ],
    )
    def test_are_pieces_that_something_holds(self, word: str, parts: tuple[str, ...]) -> None:
        known = {"e", "mail", "non", "profit", "log", "in", "wi", "fi"}
        assert hyphen_parts(word, "en", known.__contains__) == parts

    def test_other_languages_have_few(self) -> None:
        assert hyphen_parts("informe", "es", {"in", "form"}.__contains__) == ()
        assert hyphen_parts("Email", "de", {"e", "mail"}.__contains__) == ("e", "mail")

    def test_pieces_that_nothing_holds_are_none(self) -> None:
        assert hyphen_parts("email", "en", {"mail"}.__contains__) == ()
