"""Facts from a person's own words, found by rules."""

from datetime import timedelta

import pytest

from parley.chat.memory.extraction import extract


def facts(message: str, said_before: list[str] | None = None) -> list[tuple[str, str]]:
    found = extract(message, said_before or [])
    for one in found:
        assert message[one.start : one.end] == one.text
    return [(one.kind, one.text) for one in found if one.kind != "entity"]


class TestWhatPeopleTell:
    def test_is_found_with_its_exact_words(self) -> None:
        assert facts("My name is Anna Smith and I live in Oslo. I'm allergic to peanuts, but I love sushi!") == [
            ("name", "My name is Anna Smith"),
            ("home", "I live in Oslo"),
            ("health", "I'm allergic to peanuts"),
            ("preference", "I love sushi"),
        ]

    @pytest.mark.parametrize(
        ("message", "kinds"),
        [
            ("Ich heiße Karl. Ich wohne in Köln. Ich arbeite bei Bosch.", ["name", "home", "work"]),
            ("Me llamo Ana y vivo en Madrid. Prefiero el tren.", ["name", "home", "preference"]),
            ("Je m'appelle Luc. J'habite à Lyon. Je préfère le thé.", ["name", "home", "preference"]),
            ("Meu nome é Rui. Moro em Lisboa. Prefiro café.", ["name", "home", "preference"]),
            ("Mi chiamo Gino. Abito a Roma. Mi piace il vino.", ["name", "home", "preference"]),
            ("Ik heet Jan. Ik woon in Utrecht. Ik hou van kaas.", ["name", "home", "preference"]),
            ("Меня зовут Иван. Я живу в Москве. Я люблю чай.", ["name", "home", "preference"]),
            ("मेरा नाम राहुल है। मैं दिल्ली में रहता हूँ। मुझे चाय पसंद है।", ["name", "home", "preference"]),
            ("اسمي أحمد. أعيش في القاهرة. أحب القهوة.", ["name", "home", "preference"]),
            ("我叫王明。我住在北京。我喜欢喝茶。", ["name", "home", "preference"]),
            ("私は東京に住んでいます。私は寿司が好きです。", ["home", "preference"]),
        ],
    )
    def test_is_found_in_many_languages(self, message: str, kinds: list[str]) -> None:
        assert [kind for kind, _ in facts(message)] == kinds

    @pytest.mark.parametrize("verb", ["don't", "can't", "do not", "never"])
    def test_what_somebody_does_not_remember_is_not_noted(self, verb: str) -> None:
        assert facts(f"I {verb} remember where the key is.") == []

    def test_that_somebody_asks_to_remember_is_noted(self) -> None:
        assert facts("Please remember that the gate code changes on Fridays.") == [
            ("note", "the gate code changes on Fridays")
        ]

    def test_names_in_it_are_entities(self) -> None:
        found = extract("My sister Clara lives in Bergen.")
        assert [one.text for one in found if one.kind == "entity"] == ["Clara", "Bergen"]

    def test_expires_where_it_is_said_of_a_time(self) -> None:
        lifetimes = {one.text: one.lifetime for one in extract("I live in Oslo. I'm flying to Rome next week.")}
        assert lifetimes["I live in Oslo"] is None
        assert lifetimes["I'm flying to Rome next week"] == timedelta(days=16)

    def test_is_less_sure_where_the_person_is(self) -> None:
        sure, unsure = extract("I prefer tea.")[0], extract("Maybe I prefer tea.")[0]
        assert unsure.confidence < sure.confidence

    def test_of_two_statements_about_the_same_the_later_holds(self) -> None:
        assert facts("I live in Oslo. No, I live in Bergen.") == [("home", "I live in Bergen")]


class TestWhatIsNotTheirs:
    @pytest.mark.parametrize(
        "message",
        [
            "When does the ferry leave?",
            "Do I live in Oslo?",
            "What would it cost if I lived in Oslo, and if my name was Anna?",
            "I would like to return my order.",
            "I have a question about my order.",
            'My boss wrote: "I hate the new office and I live in Rome."',
            "> I live in Paris",
            "```\nmy name is Bobby Tables\n```",
            "From: anna@example.com\nTo: karl@example.com\nI live in Oslo and my name is Anna.",
            "My password is hunter2, I live with it.",
            "My card is 4111 1111 1111 1111.",
        ],
    )
    def test_is_left_alone(self, message: str) -> None:
        assert facts(message) == []

    def test_nor_what_the_bot_has_said_before(self) -> None:
        answer = "From your documents:\n\nMy favourite tool is the hammer."
        assert facts("My favourite tool is the hammer!", [answer]) == []
        assert facts("My favourite tool is the saw!", [answer]) == [("preference", "My favourite tool is the saw")]
