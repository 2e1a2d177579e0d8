"""What stands under a heading that says what is asked: steps of how a thing is done, and the answers of an FAQ."""

from pathlib import Path

import pytest

from parley.chat.quoting.headed import asks_how_to, find_headed, wanted_of, what_to_do
from parley.chat.quoting.steps import Mark, Surroundings
from tests.support.reading import read_bytes

PLANS = """# Manage a plan

Learn how to manage your plan.

In this article:

- [Change a plan](#change)
- [Cancel a plan](#cancel)

## Change a plan

You can change a plan at any time. The new price holds from the next month on.

## Cancel a plan

Before you begin, save your data.

1. Open the **Plans** page:
   - In the app, choose *Billing*.
   - On the web, choose *Account*.
2. Press Cancel.

   You are asked why.

3. Confirm.

You keep access until the month ends.

### If you can't cancel a plan

1. Wait.
2. Try again.
"""


def surroundings(folder: Path, source: str, title: str = "Manage a plan") -> Surroundings:
    """Read a Markdown document as ingestion does."""
    document = read_bytes(folder, "plans.md", source.encode())
    headings, items = (
        tuple(Mark(item.start, item.end, item.level) for item in document.ranges(kind))
        for kind in ("heading", "list_item")
    )
    return Surroundings(0, title, (), 0, 0, document.text, headings, items)


def told(question: str, *places: Surroundings, language: str = "en") -> list[str]:
    """Return the quotes."""
    wanted = wanted_of(question, language, [], None)
    found = find_headed(wanted, places, 3, 400) if wanted else None
    return [found.place.words(*span) for span in found.spans] if found else []


class TestAskingHow:
    @pytest.mark.parametrize(
        "question",
        [
            "How do I cancel my plan?",
            "how to cancel a plan",
            "Please tell me how I can leave. How can I leave?",
            "What are the steps to cancel a plan?",
            "Wie kann ich meinen Vertrag kündigen?",
            "¿Cómo puedo cancelar mi plan?",
            "Comment annuler mon abonnement ?",
            "如何取消套餐？",
        ],
    )
    def test_is_told(self, question: str) -> None:
        assert asks_how_to(question)

    @pytest.mark.parametrize(
        "question",
        ["How many plans are there?", "How does a plan work?", "Was kostet es?", "Why was my plan cancelled?"],
    )
    def test_other_questions_are_none(self, question: str) -> None:
        assert not asks_how_to(question)

    def test_what_is_told_before_is_not_asked_for(self) -> None:
        assert what_to_do("I want my money back, how do I cancel?") == "how do I cancel?"
        assert what_to_do("Do you know how to cancel?") == "Do you know how to cancel?"


class TestInstructions:
    def test_are_the_steps_under_the_heading_that_says_what_is_asked(self, tmp_path: Path) -> None:
        assert told("How do I cancel my plan?", surroundings(tmp_path, PLANS)) == [
            "1. Open the Plans page:\nIn the app, choose Billing.\nOn the web, choose Account.\n2. Press Cancel.\n\n"
            "You are asked why.\n\n3. Confirm."
        ]

    def test_without_steps_are_how_the_section_begins(self, tmp_path: Path) -> None:
        assert told("How do I change my plan?", surroundings(tmp_path, PLANS)) == [
            "You can change a plan at any time. The new price holds from the next month on."
        ]

    def test_a_page_says_nothing_with_its_contents_and_what_it_says_of_itself(self, tmp_path: Path) -> None:
        assert told("How do I manage my plan?", surroundings(tmp_path, PLANS)) == [
            "You can change a plan at any time. The new price holds from the next month on."
        ]

    @pytest.mark.parametrize(
        "question",
        ["How do I cancel my flight?", "How do I pause my plan?", "How do I cancel?", "How do I cancel a plan abroad?"],
    )
    def test_of_something_else_are_none(self, question: str, tmp_path: Path) -> None:
        assert told(question, surroundings(tmp_path, PLANS)) == []

    def test_for_what_fails_are_for_who_says_so(self, tmp_path: Path) -> None:
        place = surroundings(tmp_path, PLANS.replace("## Cancel a plan\n", "## Leave\n"))
        assert told("How do I cancel a plan?", place) == []

    def test_of_a_longer_name_are_not_those_of_the_thing(self, tmp_path: Path) -> None:
        place = surroundings(tmp_path, "# Guide\n\n## Reset the modem of the Yun\n\n1. Wait.\n2. Press.\n", "Guide")
        assert told("How do I reset the board?", place) == []
        assert told("How do I reset the Yun modem?", place) == ["1. Wait.\n2. Press."]

    @pytest.mark.parametrize(
        ("question", "quotes"),
        [
            ("How do I set up a mail server?", ["We chose Postfix. Its settings stand in main.cf."]),
            ("How do I install a mail server?", ["We chose Postfix. Its settings stand in main.cf."]),
            ("How do I stop a mail server?", []),
            ("How do I set up a server?", []),
            ("How do I set up a mail server for guests?", []),
        ],
    )
    def test_of_how_a_thing_is_set_up_stand_under_its_name(
        self, question: str, quotes: list[str], tmp_path: Path
    ) -> None:
        source = "# 11.1. Mail Server\n\nWe chose Postfix. Its settings stand in main.cf.\n\n## Queues\n\nThey grow."
        assert told(question, surroundings(tmp_path, source, title="Services")) == quotes

    def test_a_section_with_steps_comes_before_one_without(self, tmp_path: Path) -> None:
        plain = surroundings(tmp_path, "## Clean the filter\n\nThe filter must be cleaned every month.\n", "Filters")
        steps = surroundings(tmp_path, "## 3.2 Clean the filter\n\n1. Open it.\n2. Rinse it.\n", "Filters")
        assert told("How do I clean the filter?", plain, steps) == ["1. Open it.\n2. Rinse it."]

    def test_what_is_needed_stands_before_the_steps(self, tmp_path: Path) -> None:
        source = "# Clean the filter\n\n## What you'll need\n\n- A filter.\n\n## Steps\n\n1. Open it.\n2. Rinse it.\n"
        place = surroundings(tmp_path, source, "Clean the filter")
        assert told("How do I clean the filter?", place) == ["1. Open it.\n2. Rinse it."]

    def test_a_second_list_is_not_the_first_one_gone_on_with(self, tmp_path: Path) -> None:
        source = "## Clean the filter\n\n1. a\n2. b\n\nOr so:\n\n1. c\n2. d\n3. e\n"
        assert told("How do I clean the filter?", surroundings(tmp_path, source, "F")) == ["1. a\n2. b"]

    def test_many_steps_are_cut_between_steps(self, tmp_path: Path) -> None:
        steps = "".join(f"{number}. {'Turn the wheel a little further. ' * 5}\n" for number in range(1, 12))
        quotes = told("How do I clean the filter?", surroundings(tmp_path, f"## Clean the filter\n\n{steps}", "F"))
        assert [quote[:2] for quote in quotes] == ["1.", "3.", "5."]
        assert max(map(len, quotes)) <= 400

    def test_one_endless_step_ends_with_a_word(self, tmp_path: Path) -> None:
        source = f"## Clean the filter\n\n1. {'Turn and turn ' * 60}\n2. Stop.\n"
        (quote,) = told("How do I clean the filter?", surroundings(tmp_path, source, "F"))
        assert quote.endswith(("Turn", "and", "turn"))
        assert 380 < len(quote) <= 400

    def test_are_found_in_other_languages(self, tmp_path: Path) -> None:
        source = "## Einen Vertrag kündigen\n\n1. Öffnen Sie die Seite.\n2. Bestätigen Sie.\n"
        place = surroundings(tmp_path, source, "Verträge")
        assert told("Wie kann ich meinen Vertrag kündigen?", place, language="de") == [
            "1. Öffnen Sie die Seite.\n2. Bestätigen Sie."
        ]


FAQ = """# Questions

- [Is there a discount?](#1)
- [Where do the ferries stop?](#2)

## Is there a discount?

Children pay half. For more information, see Prices.

## Where do the ferries stop?

There are several stops. The first is at Old Harbour. Others are on request.

## Q3: How long does a crossing take?

It depends on the wind. With a fair one it is 40 minutes.

## Prices

Can I pay by card?

Cards are taken on board and at the office.

(5) Do you take cash?
Yes. Bring small coins.

What about cheques?

We do not take those. Would you like to know why? Ask at the office.
"""


class TestFaq:
    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("Is there any discount?", "Children pay half."),
            ("Where do ferries stop?", "The first is at Old Harbour. Others are on request."),
            ("How long does the crossing take?", "With a fair one it is 40 minutes."),
            ("Can I pay by card?", "Cards are taken on board and at the office."),
            ("Do you take cash?", "Yes. Bring small coins."),
            ("What about cheques?", "We do not take those."),
        ],
    )
    def test_what_stands_under_the_question_is_the_answer(self, question: str, answer: str, tmp_path: Path) -> None:
        quotes = told(question, surroundings(tmp_path, FAQ, "Questions"))
        assert quotes[0].startswith(answer)

    @pytest.mark.parametrize(
        "question",
        ["Why is there a discount?", "Where do the buses stop?", "Can I pay?", "Prices", "How long is the ferry?"],
    )
    def test_another_question_has_another_answer(self, question: str, tmp_path: Path) -> None:
        assert told(question, surroundings(tmp_path, FAQ, "Questions")) == []

    def test_who_says_nothing_gets_nothing(self) -> None:
        assert wanted_of("…", "en", [], None) is None


class TestHostileQuestions:
    @pytest.mark.parametrize(
        "question", ["." * 30_000 + "x", "…" * 30_000 + "x", "what can i do " * 2_000, "how to " * 5_000]
    )
    def test_are_read_without_going_over_them_again_for_each_sign(self, question: str) -> None:
        assert wanted_of(question, "en", [], None) is not None


class TestTopics:
    @pytest.mark.parametrize(
        ("message", "begins"),
        [
            ("cancel plan", "1. Open the Plans page:"),
            ("I can't cancel my plan. What can I do?", "1. Wait."),
            ("plan can't be cancelled, please help", "1. Wait."),
        ],
    )
    def test_are_answered_with_steps(self, message: str, begins: str, tmp_path: Path) -> None:
        assert told(message, surroundings(tmp_path, PLANS))[0].startswith(begins)

    @pytest.mark.parametrize("message", ["change plan", "plan", "cancel flight", "I can't change my plan."])
    def test_without_steps_are_for_sentences(self, message: str, tmp_path: Path) -> None:
        assert told(message, surroundings(tmp_path, PLANS)) == []
