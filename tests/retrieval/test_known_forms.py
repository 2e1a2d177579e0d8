"""Words of a question that nothing holds are searched by the forms that something does."""

import pytest

from parley.retrieval.query import analyse_query, with_known_forms

HELD = {"prozessor", "architektur", "fahr", "herunterfahr", "system", "e", "mail", "back", "backup", "server", "log"}


def searched(question: str, language: str, held: set[str]) -> list[tuple[str, ...]]:
    """Return the index terms by which each word of a question is searched."""
    query = with_known_forms(analyse_query(question, [language]), question, lambda term: int(term in held))
    return [word.terms for word in query.words]


class TestKnownForms:
    @pytest.mark.parametrize(
        ("question", "language", "expected"),
        [
            ("Welche Prozessorarchitekturen?", "de", [("prozessor",), ("architektur",)]),
            (
                "Fahre ich es herunter?",
                "de",
                [("fahr", "herunterfahr"), ("herunt", "herunterfahr")],
            ),
            ("Which email?", "en", [("e",), ("mail",)]),
            ("How do I back up a server?", "en", [("back", "backup"), ("server",)]),
            ("Which e-mail?", "en", [("e",), ("mail",)]),
        ],
    )
    def test_stand_for_what_nothing_holds(self, question: str, language: str, expected: list[tuple[str, ...]]) -> None:
        assert searched(question, language, HELD) == expected

    def test_what_is_held_stays_as_it_is(self) -> None:
        assert searched("Which email?", "en", {*HELD, "email"}) == [("email",)]
        assert searched("Which e-mail?", "en", {*HELD, "email"}) == [("e", "email"), ("mail", "email")]

    def test_what_nothing_holds_in_any_form_stays_too(self) -> None:
        assert searched("Which zorglub?", "en", HELD) == [("zorglub",)]
