"""Follow-ups as queries of their own."""

import pytest

from parley.chat.followup import earlier_texts, standalone_query

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
