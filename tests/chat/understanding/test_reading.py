"""What a message is taken for."""

import pytest

from parley.chat.quoting.courtesies import courtesy
from parley.chat.understanding import manner, read_message, tone_for
from parley.chat.understanding.reading import trained_on
from parley.llm.embedding.table import TableEmbedder

LANGUAGES = ("en", "es", "fr", "de", "pt", "it", "nl", "hi", "ar", "ru", "tr", "zh", "ja", "ko")


@pytest.fixture(scope="module")
def table() -> TableEmbedder:
    return TableEmbedder()


class TestIntent:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "Can I talk to a real person please?"),
            ("en", "agent"),
            ("es", "Quiero hablar con una persona"),
            ("de", "Ich möchte mit einem Menschen sprechen"),
            ("fr", "Je voudrais parler à un conseiller"),
            ("hi", "मुझे किसी इंसान से बात करनी है"),
            ("ar", "أريد التحدث مع موظف"),
            ("zh", "我要转人工客服"),
            ("ja", "担当者と話したいです"),
            ("ko", "상담원과 연결해 주세요"),
        ],
    )
    def test_a_wish_for_a_person_is_heard_in_many_languages(
        self, table: TableEmbedder, language: str, text: str
    ) -> None:
        reading = read_message(text, language, table)
        assert (reading.intent, reading.spoken) == ("handover", True)

    @pytest.mark.parametrize(
        "text",
        [
            "what are black holes",
            "i want to hear a fun fact about american presidents",
            "what topics can i ask you about",
            "My card is expiring soon.",
            "I made a transfer to someone. Can you see what went wrong?",
        ],
    )
    def test_what_may_be_a_question_is_looked_up_whatever_a_model_takes_it_for(
        self, table: TableEmbedder, text: str
    ) -> None:
        assert not read_message(text, "en", table).spoken

    @pytest.mark.parametrize(
        "text",
        [
            "Who was the manager of the team in 1998?",
            "What does an insurance agent do?",
            "How many people speak Basque?",
            "Did the king want a representative government?",
            "best restaurants in Rome",
            "How old do you have to be to vote?",
        ],
    )
    def test_a_question_about_people_is_looked_up(self, table: TableEmbedder, text: str) -> None:
        reading = read_message(text, "en", table)
        assert (reading.intent, reading.spoken) == ("question", False)

    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("Good morning!", "greeting"),
            ("thank you so much", "thanks"),
            ("bye, see you", "goodbye"),
            ("???", "unclear"),
            ("/reset", "command"),
            ("👍", "feedback"),
        ],
    )
    def test_what_needs_no_weighing(self, table: TableEmbedder, text: str, intent: str) -> None:
        assert read_message(text, "en", table).intent == intent

    def test_a_long_message_costs_no_more_than_its_beginning(self, table: TableEmbedder) -> None:
        assert read_message("no " * 100_000, "en", table).intent == "question"


class TestMood:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "This is the third time my parcel went missing, I am furious!"),
            ("de", "Das ist eine Frechheit, ich warte seit drei Wochen!"),
            ("ru", "Это безобразие, верните мои деньги!"),
            ("zh", "太过分了，我非常生气！"),
            ("ar", "هذا غير مقبول، أنا غاضب جدا!"),
        ],
    )
    def test_an_angry_complaint_is_met_with_an_apology(self, table: TableEmbedder, language: str, text: str) -> None:
        reading = read_message(text, language, table)
        assert (reading.intent, reading.sentiment, reading.emotion) == ("complaint", "negative", "anger")
        assert tone_for(reading) == "angry"

    def test_a_negation_turns_a_word_round(self, table: TableEmbedder) -> None:
        assert read_message("I am happy with this", "en", table).sentiment == "positive"
        assert read_message("I am not happy with this", "en", table).sentiment == "negative"

    @pytest.mark.parametrize(
        "text",
        [
            "Why did the angry crowd burn down the palace in 1789?",
            "Which disease caused the worst suffering in Europe?",
            "When does the ferry leave?",
        ],
    )
    def test_a_sad_topic_is_not_the_askers_mood(self, table: TableEmbedder, text: str) -> None:
        assert tone_for(read_message(text, "en", table)) is None


class TestTone:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "How do I reset the root password with GRUB?"),
            ("en", "What should I do when a package I maintain has a security bug?"),
            ("es", "¿Cómo puedo reparar mi pantalla rota?"),
            ("de", "Wie repariere ich einen kaputten Bildschirm?"),
        ],
    )
    def test_who_asks_how_something_is_done_reports_no_trouble(
        self, table: TableEmbedder, language: str, text: str
    ) -> None:
        assert tone_for(read_message(text, language, table)) is None

    @pytest.mark.parametrize(
        "text", ["My screen is broken. What should I do?", "How is it possible that my order still has not arrived?"]
    )
    def test_who_reports_trouble_and_asks_is_met_with_regret(self, table: TableEmbedder, text: str) -> None:
        assert tone_for(read_message(text, "en", table)) in ("trouble", "sad")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_has_its_words(self, language: str) -> None:
        sentences = {courtesy(kind, language) for kind in ("angry", "sad", "trouble", "glad")}
        assert len(sentences) == 4
        assert language == "en" or sentences.isdisjoint(courtesy(kind, "en") for kind in ("angry", "sad", "trouble"))

    def test_a_model_is_told_the_language_and_the_tone_in_words_of_ours(self) -> None:
        assert manner("angry", "de").count("\n") == 2
        assert "German" in manner(None, "de")
        assert manner(None, "und") == ""


def test_the_models_were_trained_with_the_table_that_ships(table: TableEmbedder) -> None:
    assert trained_on() == table.name
