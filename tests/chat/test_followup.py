"""Follow-ups as queries of their own."""

import pytest

from parley.chat.followup import asked_of_something_else, earlier_texts, standalone_query

FERRY = "When does the ferry to Helgoland leave?"


class TestStandingAlone:
    @pytest.mark.parametrize(
        ("question", "language"),
        [
            ("And what does it cost?", "en"),
            ("How long is it?", "en"),
            ("On Sundays?", "en"),
            ("Wie lange dauert das dort?", "de"),
            ("¿Y los domingos?", "es"),
        ],
    )
    def test_takes_the_matter_from_the_question_before(self, question: str, language: str) -> None:
        query = standalone_query(question, [FERRY], language)
        assert query.startswith(question)
        assert "Helgoland" in query

    @pytest.mark.parametrize(
        "question",
        [
            "How many sleeping cars does the night train to Vienna have?",
            "What is photosynthesis?",
            "Where can dogs travel free of charge?",
        ],
    )
    def test_leaves_a_whole_question_as_it_is(self, question: str) -> None:
        assert standalone_query(question, [FERRY], "en") == question

    def test_adds_nothing_twice_and_not_too_much(self) -> None:
        long = "Which " + " ".join(f"thing{n}" for n in range(60))
        assert standalone_query("And the ferry?", [FERRY], "en").lower().count("ferry") == 1
        assert len(standalone_query("And it?", [long], "en").split()) < 20

    def test_goes_one_further_back_when_the_one_before_says_nothing(self) -> None:
        assert "Helgoland" in standalone_query("And it?", ["Why?", FERRY], "en")

    def test_a_first_question_stands_alone(self) -> None:
        assert standalone_query("And it?", [], "en") == "And it?"


class TestSomethingElse:
    @pytest.mark.parametrize(
        ("question", "before", "meant"),
        [
            ("And at Globex?", "When are the keys handed over at Acme?", "When are the keys handed over at Globex?"),
            ("What about the Oak Clinic?", "What does a roof at Acme cost?", "What does a roof at Oak Clinic cost?"),
            ("And in 2021?", "What was Boeing's revenue in 2020?", "What was Boeing's revenue in 2021?"),
            ("And Amazon?", "What was Boeing's revenue in 2020?", "What was Amazon's revenue in 2020?"),
            ("And to Sylt?", "When does the ferry from Hamburg to Helgoland leave?",
             "When does the ferry from Hamburg to Sylt leave?"),
            ("And in Globex?", "What does the roof cost at Acme?", "What does the roof cost at Globex?"),
            ("And on Sundays?", "When do boats leave on Mondays?", "When do boats leave on Sundays?"),
            ("Und bei Müller Logistik?", "Wann ist die Abnahme bei Acme?", "Wann ist die Abnahme bei Müller Logistik?"),
            ("¿Y en Barcelona?", "¿Cuándo abre el museo en Madrid?", "¿Cuándo abre el museo en Barcelona?"),
        ],
    )  # fmt: skip
    def test_what_is_named_takes_the_place_of_what_was(self, question: str, before: str, meant: str) -> None:
        assert asked_of_something_else(question, [before]) == meant

    @pytest.mark.parametrize(
        ("question", "before"),
        [
            ("And the ferry?", FERRY),
            ("And on Sundays?", FERRY),
            ("And in March?", "When does the museum open in Madrid?"),
            ("And from Bremen?", FERRY),
            ("Who runs Globex?", "When are the keys handed over at Acme?"),
            ("And Globex?", "When are the keys handed over?"),
        ],
    )
    def test_all_else_is_no_such_question(self, question: str, before: str) -> None:
        assert asked_of_something_else(question, [before]) is None

    def test_it_goes_on_and_on(self) -> None:
        asked = ["And at Hooli?", "And at Globex?", "When are the keys handed over at Acme?"]
        assert asked_of_something_else("And at Initech?", asked) == "When are the keys handed over at Initech?"

    def test_there_may_be_nothing_before(self) -> None:
        assert asked_of_something_else("And at Globex?", []) is None


class TestEarlierTexts:
    def test_count_less_the_older_they_are(self) -> None:
        found = earlier_texts("And it?", [FERRY, "Who runs it?", "Where is Helgoland?", "Hi"], None, "en")
        weights = [weight for _, weight in found]
        assert [text for text, _ in found] == [FERRY, "Who runs it?", "Where is Helgoland?"]
        assert weights == sorted(weights, reverse=True)
        assert weights[0] <= 0.5

    def test_count_less_for_a_question_that_stands_by_itself(self) -> None:
        leaning = earlier_texts("How long is it?", [FERRY], None, "en")
        whole = earlier_texts("How many sleeping cars does the night train to Vienna have?", [FERRY], None, "en")
        assert whole[0][1] < leaning[0][1]

    def test_take_names_and_numbers_from_the_last_answer(self) -> None:
        (_, (names, _)) = earlier_texts("When?", ["Who built it?"], "The ship was built by Blohm in 1962.", "en")
        assert names == "Blohm 1962"

    def test_are_none_at_the_beginning(self) -> None:
        assert earlier_texts("And it?", [], None, "en") == []
