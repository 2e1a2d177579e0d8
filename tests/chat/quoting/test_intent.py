"""Telling small talk and commands from questions."""

import pytest

from parley.chat.quoting.intent import classify_intent


class TestClassifyIntent:
    @pytest.mark.parametrize(
        "text",
        [
            "hi there!",
            "Thanks a lot",
            "ok, thanks, bye",
            "¡Hola! ¿Qué tal?",
            "你好！",
            "धन्यवाद",
            "شكرا",
            "👍",
            "Who are you?",
        ],
    )
    def test_greetings_and_thanks_are_small_talk(self, text: str) -> None:
        assert classify_intent(text) == "small_talk"

    @pytest.mark.parametrize(
        "text",
        ["Hello, what is the price?", "no way to reset it?", "How do I reset my board?", "退货政策", "helpdesk hours"],
    )
    def test_whatever_asks_something_is_a_question(self, text: str) -> None:
        assert classify_intent(text) == "question"

    def test_a_slash_and_a_word_are_a_command(self) -> None:
        assert classify_intent("/help me") == "command"

    def test_long_text_is_decided_at_once(self) -> None:
        assert classify_intent("no " * 50_000) == "question"
