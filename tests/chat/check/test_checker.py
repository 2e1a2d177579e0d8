"""The support check on sentences that are true, wrong in one thing, or no claim at all."""

import pytest

from parley.chat.check import CheckPassage, SupportChecker
from parley.chat.check.checker import Finding

PASSAGE = CheckPassage(
    text=(
        "The Harrow Point lighthouse was built in 1874 by Edmund Vale. It stands 41 metres tall on the northern cliff. "
        "The ferry company sold 1,200 tickets in March 1901, about 15 percent more than in the year before. "
        "Vale defeated Captain Oswin in the election. The island did not join the federation until 1920."
    ),
    start=500,
    language="en",
    context="Harrow Point",
)
CHECKER = SupportChecker()


def verdict(sentence: str, *passages: CheckPassage) -> str:
    return CHECKER.check(sentence, passages or (PASSAGE,), "en").verdict


class TestSupported:
    @pytest.mark.parametrize(
        "sentence",
        [
            "The Harrow Point lighthouse was built in 1874 by Edmund Vale.",
            "In 1874, Edmund Vale built the lighthouse at Harrow Point.",
            "The lighthouse is 41 metres tall.",
            "The ferry company sold twelve hundred tickets in March 1901, 15% more than the year before.",
            "Edmund Vale built the lighthouse, and the island did not join the federation until 1920.",
            "Captain Oswin was defeated by Vale in the election.",
        ],
    )
    def test_true_sentences_are_supported(self, sentence: str) -> None:
        assert verdict(sentence) == "supported"

    def test_the_number_of_a_row_is_no_claim(self) -> None:
        assert verdict("| 7 | Vale defeated Captain Oswin in the election |") == "supported"
        assert verdict("| tickets | 1,300 |") != "supported"

    def test_the_span_is_the_smallest_run_of_whole_sentences(self) -> None:
        found = CHECKER.check("The lighthouse stands 41 metres tall on the northern cliff.", [PASSAGE], "en")
        quotes = [PASSAGE.text[span.start - 500 : span.end - 500] for span in found.spans]
        assert quotes == ["It stands 41 metres tall on the northern cliff."]

    def test_two_passages_may_support_a_sentence_together(self) -> None:
        other = CheckPassage("The museum opens at ten and children enter for free.", 0, "en")
        sentence = "The lighthouse was built in 1874 by Edmund Vale, and children enter the museum for free."
        found = CHECKER.check(sentence, [PASSAGE, other], "en")
        assert found.verdict == "supported"
        assert {span.passage for span in found.spans} == {0, 1}

    def test_other_languages_are_checked_too(self) -> None:
        passage = CheckPassage("Der Leuchtturm wurde 1874 von Edmund Vale gebaut. Er ist 41 Meter hoch.", 0, "de")
        assert CHECKER.check("Edmund Vale baute 1874 den Leuchtturm.", [passage], "de").verdict == "supported"
        assert CHECKER.check("Der Leuchtturm wurde 1875 gebaut.", [passage], "de").verdict == "conflicting"


class TestFaults:
    @pytest.mark.parametrize(
        ("sentence", "kind"),
        [
            ("The Harrow Point lighthouse was built in 1847 by Edmund Vale.", "numbers"),
            ("It stands 41 feet tall on the northern cliff.", "numbers"),
            ("The ferry company sold 12,000 tickets in March 1901.", "numbers"),
            ("The ferry company sold 1,200 tickets in April 1901.", "numbers"),
            ("The ferry company sold 1,200 tickets in March 1901, 15 percent less than the year before.", "opposites"),
            ("The island joined the federation in 1920.", "negation"),
            ("The lighthouse was not built in 1874 by Edmund Vale.", "negation"),
            ("Captain Oswin defeated Vale in the election.", "roles"),
        ],
    )  # fmt: skip
    def test_one_wrong_thing_is_a_conflict(self, sentence: str, kind: str) -> None:
        found = CHECKER.check(sentence, [PASSAGE], "en")
        assert found.verdict == "conflicting"
        assert kind in {finding.kind for finding in found.findings if not finding.passed}

    def test_a_name_that_is_not_there_is_unsupported(self) -> None:
        assert verdict("The Harrow Point lighthouse was built in 1874 by Thomas Brandt.") == "unsupported"

    def test_another_source_does_not_support(self) -> None:
        other = CheckPassage("The museum of fishing opens at ten. Children enter for free.", 0, "en")
        assert verdict("The Harrow Point lighthouse was built in 1874 by Edmund Vale.", other) == "unsupported"

    def test_a_claim_without_a_source_is_unsupported(self) -> None:
        found = CHECKER.check("The lighthouse was built in 1874.", [], "en")
        assert found.verdict == "unsupported"
        assert found.findings == (Finding("words", False, "no source cited"),)


class TestNoClaim:
    @pytest.mark.parametrize(
        "sentence",
        [
            "Hello!",
            "From your documents:",
            "Here is what the documents say:",
            "Would you like to know more?",
            "I couldn't find this in the documents.",
            "The documents do not mention the price.",
            "Let me know if you need anything else.",
            "Lo siento, no encuentro esto.",
            "",
        ],
    )
    def test_words_about_the_answer_claim_nothing(self, sentence: str) -> None:
        assert verdict(sentence) == "no_claim"


class TestAttachCitations:
    def test_the_supporting_passage_is_found_among_several(self) -> None:
        other = CheckPassage("The museum of fishing opens at ten. Children enter for free.", 0, "en")
        spans = CHECKER.attach_citations("The lighthouse was built in 1874 by Edmund Vale.", [other, PASSAGE], "en")
        assert [span.passage for span in spans] == [1]

    def test_nothing_is_attached_to_what_no_passage_says(self) -> None:
        assert CHECKER.attach_citations("The lighthouse was sold in 1999.", [PASSAGE], "en") == ()
