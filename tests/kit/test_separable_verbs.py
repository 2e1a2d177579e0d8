"""Verbs that questions take apart."""

import pytest

from parley.kit.separable_verbs import whole_verbs, with_pieces


class TestWholeVerbs:
    @pytest.mark.parametrize(
        ("question", "whole", "pieces"),
        [
            ("Wie fahre ich das System herunter?", "herunterfahr", ("fahr", "herunt")),
            ("Wie melde ich mich vom Newsletter ab?", "abmeld", ("meld", "ab")),
            ("Wie richtet man einen Drucker ein, und was kostet das?", "einricht", ("richt", "ein")),
            ("Schaltet es sich selbst aus?", "ausschalt", ("schalt", "aus")),
        ],
    )
    def test_a_piece_at_the_end_of_a_clause_belongs_to_the_verb(
        self, question: str, whole: str, pieces: tuple[str, str]
    ) -> None:
        assert whole_verbs(question, "de")[whole] == pieces

    @pytest.mark.parametrize("question", ["Wie hoch ist der Turm?", "Was steht in dem Vertrag?", ""])
    def test_without_one_there_is_none(self, question: str) -> None:
        assert whole_verbs(question, "de") == {}

    @pytest.mark.parametrize(
        ("question", "whole", "pieces"),
        [
            ("How do I shut the old system down?", "shutdown", ("shut", "down")),
            ("Backing up a server", "backup", ("back", "up")),
            ("Where can I sign up, and where log in?", "login", ("log", "in")),
        ],
    )
    def test_english_writes_the_noun_as_one(self, question: str, whole: str, pieces: tuple[str, str]) -> None:
        assert whole_verbs(question, "en")[whole] == pieces

    def test_words_that_make_no_verb_are_left_alone(self) -> None:
        assert whole_verbs("What is in the box?", "en") == {}
        assert whole_verbs("How much is it to go?", "en") == {}

    def test_other_languages_take_none_apart(self) -> None:
        assert whole_verbs("Hur stänger jag av den?", "sv") == {}
        assert "uitschakel" in whole_verbs("Hoe schakel ik het apparaat uit?", "nl")

    def test_what_says_the_whole_says_its_pieces(self) -> None:
        verbs = {"herunterfahr": ("fahr", "herunt")}
        assert with_pieces(["system", "herunterfahr"], verbs) == ["system", "herunterfahr", "fahr", "herunt"]
