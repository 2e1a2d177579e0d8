"""Quoted answers over a small collection, through the shipped coefficients."""

import itertools
from dataclasses import dataclass, field, replace

import pytest

from parley.chat.quoting import QuotedAnswer, WordVectors, compose_quoted_answer
from parley.kit.analysis import analyse
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import TableEmbedder

VECTORS = WordVectors(english=StaticEmbedder(), others=TableEmbedder())


@dataclass(frozen=True)
class Document:
    title: str
    path: str = ""


@dataclass(frozen=True)
class Chunk:
    text: str
    start: int
    document: Document
    heading: list[str] = field(default_factory=list[str])
    language: str = "en"


class Statistics:
    """Term statistics of some chunks."""

    def __init__(self, chunks: list[Chunk]) -> None:
        self.terms = [set(analyse(chunk.text, "en")) for chunk in chunks]

    @property
    def chunk_count(self) -> int:
        return len(self.terms)

    def chunk_frequency(self, term: str) -> int:
        return sum(term in terms for terms in self.terms)

    def shows(self, term: str) -> bool:
        return self.chunk_frequency(term) > 0


LIGHTHOUSE = (
    "The Harrow Point lighthouse was built in 1874 by Edmund Vale. It stands 41 metres tall on the northern cliff. "
    "Its lamp was turned by hand until electricity reached the island."
)
FERRY = (
    "The ferry to the island leaves every two hours in summer. In winter it sails only on Mondays because storms are "
    "frequent. Tickets are sold on board for six crowns."
)
MUSEUM = "The museum of fishing opens at ten. Children enter for free. Dogs must stay outside."
CHUNKS = [
    Chunk(LIGHTHOUSE, 100, Document("Harrow Point")),
    Chunk(FERRY, 2_000, Document("Getting there")),
    Chunk(MUSEUM, 0, Document("Museum")),
]


def ask(question: str, chunks: list[Chunk] = CHUNKS, language: str = "en") -> QuotedAnswer:
    return compose_quoted_answer(question, chunks, language, vectors=VECTORS, statistics=Statistics(CHUNKS))


class TestOthers:
    def test_a_document_of_what_is_named_comes_before_others_that_say_it_better(self) -> None:
        stock = "The par value of common stock is one cent a share."
        own = "Common stock, par value of a tenth of a cent, is listed in Oslo."
        for path in ("Vale/report.pdf", "VALE_2023_report.pdf"):
            chunks = [
                Chunk(stock, 0, Document("Report", "Harrow/report.pdf")),
                Chunk(own, 0, Document("Report", path)),
            ]
            answer = ask("What is the par value of the common stock of Vale?", chunks)
            assert answer.sentences[0].text == own

    def test_where_no_document_is_named_so_all_are_looked_at(self) -> None:
        chunks = [Chunk(LIGHTHOUSE, 0, Document("Report", "a.pdf")), Chunk(FERRY, 0, Document("Report", "b.pdf"))]
        assert "two hours" in ask("How often does the Vale ferry leave in summer?", chunks).sentences[0].text


class TestPointers:
    def test_what_a_page_says_of_itself_does_not_lead(self) -> None:
        text = (
            "Learn when the ferry to the island leaves in summer. The ferry leaves every two hours in summer. "
            "For more information on when the ferry leaves in summer, see Getting there."
        )
        answer = ask("When does the ferry leave in summer?", [Chunk(text, 0, Document("Ferry")), *CHUNKS])
        assert answer.sentences[0].text == "The ferry leaves every two hours in summer."


class TestAnswers:
    def test_the_leading_sentence_holds_the_answer(self) -> None:
        for question, answer in [
            ("When was the Harrow Point lighthouse built?", "1874"),
            ("Who built the lighthouse at Harrow Point?", "Edmund Vale"),
            ("Why does the ferry sail only on Mondays in winter?", "storms"),
        ]:
            quoted = ask(question)
            assert not quoted.abstained
            assert answer in quoted.sentences[0].text

    def test_what_is_told_before_a_question_does_not_make_it_personal(self) -> None:
        quoted = ask("I lost my ticket. How often does the ferry to the island leave in summer?")
        assert "two hours" in quoted.sentences[0].text

    def test_quotes_are_verbatim_spans_of_the_document(self) -> None:
        for sentence in ask("When was the Harrow Point lighthouse built?").sentences:
            chunk = CHUNKS[sentence.hit]
            assert chunk.text[sentence.start - chunk.start : sentence.end - chunk.start] == sentence.text

    def test_there_are_at_most_three_sentences_of_at_most_400_characters(self) -> None:
        long = "The Harrow Point lighthouse was built in 1874 by Edmund Vale, " + "who brought stone after stone, " * 30
        chunk = Chunk(long + "until it was done.", 7, Document("Diary"))
        quoted = ask("When was the Harrow Point lighthouse built?", [chunk, *CHUNKS])
        assert 1 <= len(quoted.sentences) <= 3
        assert all(len(sentence.text) <= 400 for sentence in quoted.sentences)

    def test_what_has_little_to_do_with_a_clear_answer_is_left_out(self) -> None:
        for question, answer in [
            ("When does the museum open?", "opens at ten"),
            ("Who built the lighthouse at Harrow Point?", "Edmund Vale"),
        ]:
            assert [answer in sentence.text for sentence in ask(question).sentences] == [True]

    def test_both_halves_of_a_question_are_answered(self) -> None:
        texts = [sentence.text for sentence in ask("How tall is the lighthouse and who built it?").sentences]
        assert any("41 metres" in text for text in texts)
        assert any("Edmund Vale" in text for text in texts)

    def test_a_heading_is_no_answer(self) -> None:
        text = "# When the Harrow Point lighthouse was built\n\n" + LIGHTHOUSE
        for heading in ([], ["When the Harrow Point lighthouse was built"]):
            chunk = Chunk(text.lstrip("# ") if heading else text, 0, Document("Harrow Point"), heading)
            quoted = ask("When was the Harrow Point lighthouse built?", [chunk, *CHUNKS[1:]])
            assert "1874" in quoted.sentences[0].text
            assert not any(sentence.text.lstrip("# ").startswith("When the") for sentence in quoted.sentences)

    def test_a_heading_that_another_passage_lists_is_no_answer(self) -> None:
        title = "When was the Harrow Point lighthouse built, and by whom"
        contents = Chunk(f"Contents of this leaflet.\n\n{title}", 0, Document("Leaflet"))
        built = replace(CHUNKS[0], heading=[title])
        quoted = ask("When was the Harrow Point lighthouse built?", [contents, built])
        assert [title in sentence.text for sentence in quoted.sentences] == [False] * len(quoted.sentences)
        assert "1874" in quoted.sentences[0].text

    def test_a_running_head_is_no_answer(self) -> None:
        title = "The Harrow Point lighthouse and when it was built"
        built = replace(CHUNKS[0], text=f"{title} 61\n\n{LIGHTHOUSE}", heading=[title])
        quoted = ask("When was the Harrow Point lighthouse built?", [built, *CHUNKS[1:]])
        assert not any(title in sentence.text for sentence in quoted.sentences)

    def test_nothing_is_quoted_that_is_not_to_be(self) -> None:
        question = "When was the Harrow Point lighthouse built?"
        (first, *_) = ask(question).sentences
        without = {(first.hit, first.start, first.end)}
        again = compose_quoted_answer(
            question, CHUNKS, "en", vectors=VECTORS, statistics=Statistics(CHUNKS), without=without
        )
        assert first.text not in [sentence.text for sentence in again.sentences]

    def test_what_is_said_in_the_questions_language_is_quoted_from_there(self) -> None:
        text = "Der Leuchtturm von Harrow Point (Harrow Point lighthouse) wurde 1874 gebaut, built by Edmund Vale."
        german = Chunk(text, 0, Document("Leuchtturm"), language="de")
        both = ask("When was the Harrow Point lighthouse built?", [german, CHUNKS[0]])
        assert both.sentences[0].hit == 1
        alone = ask("When was the Harrow Point lighthouse built?", [german])
        assert "1874" in alone.sentences[0].text

    def test_no_sentence_is_quoted_twice(self) -> None:
        quoted = ask("When was the Harrow Point lighthouse built?", [CHUNKS[0], *CHUNKS])
        texts = [sentence.text for sentence in quoted.sentences]
        assert len(texts) == len(set(texts))

    def test_copies_in_other_dress_are_quoted_once(self) -> None:
        copy = CHUNKS[0].text.replace(" ", "\n", 3).replace("1874", "*1874*")
        quoted = ask("When was the Harrow Point lighthouse built?", [CHUNKS[0], replace(CHUNKS[0], text=copy)])
        assert sum("1874" in sentence.text for sentence in quoted.sentences) == 1


class TestLanguages:
    """Questions in other languages than English, and than the passages."""

    @pytest.mark.parametrize(
        ("language", "question", "expected"),
        [
            ("de", "Wann öffnet das Museum?", "opens at ten"),
            ("de", "Wie oft fährt die Fähre im Sommer zur Insel?", "every two hours"),
            ("es", "¿Los niños entran gratis al museo?", "Children enter for free"),
            ("fr", "Qui a construit le phare ?", "Edmund Vale"),
            ("hi", "संग्रहालय कब खुलता है?", "opens at ten"),
        ],
    )
    def test_a_question_is_answered_from_passages_in_another_language(
        self, language: str, question: str, expected: str
    ) -> None:
        answer = ask(question, language=language)
        assert expected in answer.sentences[0].text

    @pytest.mark.parametrize(
        ("language", "question"),
        [("de", "Welche Impfungen braucht ein Hund?"), ("es", "¿Quién ganó el mundial de fútbol?"),
         ("fr", "Comment faire du pain ?"), ("zh", "谁赢得了2014年足球世界杯?")],
    )  # fmt: skip
    def test_what_they_do_not_say_is_declined(self, language: str, question: str) -> None:
        assert ask(question, language=language).abstained

    def test_nouns_are_no_names_where_all_are_written_alike(self) -> None:
        chunks = [
            Chunk(text, 1000 * place, Document("Handbuch"), language="de")
            for place, text in enumerate([
                "Sie können die geladenen Dateien auf Unversehrtheit prüfen, indem Sie ihre Prüfsummen vergleichen.",
                "Die Installation über PPPoE läuft ab wie jede andere.",
            ])
        ]  # fmt: skip
        answer = ask("Wie kann ich prüfen, ob die Installationsdateien unversehrt sind?", chunks, "de")
        assert answer.sentences[0].text.endswith("Prüfsummen vergleichen.")
        assert ask("Wie installiere ich über PPPoE?", chunks, "de").sentences[0].start == 1000

    def test_a_verb_that_is_taken_apart_is_met_by_the_whole(self) -> None:
        texts = [
            "Installieren Sie wget; dann laden Sie das Archiv herunter. Das System fährt damit besser.",
            "Zum Herunterfahren des Systems dient der Befehl poweroff. Er schreibt zuvor alle Puffer.",
        ]
        chunks = [Chunk(text, 1000 * place, Document("Handbuch"), language="de") for place, text in enumerate(texts)]
        answer = ask("Wie fahre ich das System herunter?", chunks, "de")
        assert answer.sentences[0].text == "Zum Herunterfahren des Systems dient der Befehl poweroff."

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            ("How can guests reach the harbour office by email?", "Guests reach the harbour office by e-mail alone."),
            ("How can guests reach the harbour office by e-mail?", "Guests reach the harbour office by email alone."),
            ("What happens when the login fails?", "When the log-in fails, the gate stays shut for an hour."),
        ],
    )
    def test_words_with_and_without_a_hyphen_are_the_same(self, question: str, text: str) -> None:
        other = Chunk("The tower is painted white. It is open in summer.", 0, Document("Tower"))
        quoted = ask(question, [Chunk(text, 0, Document("Office")), other])
        assert [sentence.text for sentence in quoted.sentences] == [text]

    def test_the_title_of_another_place_is_nothing_that_a_sentence_says(self) -> None:
        refers = "Optional parts are scp and ppp (see Section D.5, “Installing the system over Ethernet (PPPoE)”)."
        says = "Installing the system over PPPoE is mostly the same as any other installation."
        chunks = [Chunk(refers, 0, Document("Parts")), Chunk(says, 1000, Document("Special ways"))]
        assert ask("How do I install the system over PPPoE?", chunks).sentences[0].text == says


class TestLabels:
    def test_a_defined_term_comes_with_its_definition(self) -> None:
        manual = (
            "lamp_interval (integer)\nSpecifies the seconds between two flashes of the lamp. The default is 12.\n"
            "horn_interval (integer)\nSpecifies the seconds between two blasts of the horn. The default is 60."
        )
        chunk = Chunk(manual, 500, Document("Settings of the lighthouse"))
        quotes = ask("What is lamp_interval?", [chunk, *CHUNKS]).sentences
        best = next(quote for quote in quotes if quote.text.startswith("lamp_interval"))
        assert best.text == "lamp_interval (integer)\nSpecifies the seconds between two flashes of the lamp."
        assert manual[best.start - 500 : best.end - 500] == best.text
        assert all(quote.end <= best.start or quote.start >= best.end for quote in quotes if quote is not best)

    def test_no_two_quotes_overlap(self) -> None:
        notes = "Horn\nThe horn of Harrow Point sounds every 60 seconds in fog.\nHorn repairs\nIt was repaired in 1990."
        quotes = ask("How often does the horn of Harrow Point sound?", [Chunk(notes, 0, Document("Notes"))]).sentences
        spans = sorted((quote.start, quote.end) for quote in quotes)
        assert spans
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))

    def test_what_a_colon_announces_is_quoted_with_it(self) -> None:
        announced = "To reset the lamp, do the following:"
        for steps in (
            "\n- Hold the red button for five seconds.\n- Wait for two flashes.",
            "\n\nHold the red button for five seconds.\nWait for two flashes.",
            "\n\n1. Hold the red button for five seconds.\n2. Wait for two flashes.",
            "\n\n• Hold the red button for five seconds.\n\n• Wait for two flashes.",
        ):
            text = f"{announced}{steps}\n\nThe lamp is blue."
            quotes = ask("How do I reset the lamp?", [Chunk(text, 0, Document("Lamp")), *CHUNKS]).sentences
            best = next(quote for quote in quotes if quote.text.startswith("To reset"))
            assert best.text == announced + steps

    def test_a_table_that_a_colon_announces_is_quoted_with_its_rows(self) -> None:
        table = "The lamps of the harbour were as follows:\n\n2022 2021\nRed lamps 120 110\nGreen lamps 14 12"
        quotes = ask("What were the lamps of the harbour?", [Chunk(table, 0, Document("Lamps")), *CHUNKS]).sentences
        assert quotes[0].text == table


class TestUnknownNames:
    def test_whoever_asks_for_somebody_of_whom_nothing_is_known_is_told_of_nobody_else(self) -> None:
        known = ask("When was the lighthouse of Harrow built?")
        assert (known.abstained, known.unknown) == (False, ())
        unknown = ask("When was the lighthouse of Zorglub built?")
        assert (unknown.abstained, unknown.unknown) == (True, ("Zorglub",))

    def test_one_that_texts_spell_a_little_otherwise_is_known(self) -> None:
        assert ask("When did Edmond Valle build the lighthouse of Harow Point?").unknown == ()

    @pytest.mark.parametrize(
        "question",
        [
            "When Was The Zorglub Lighthouse Built?",  # every word begins like a name
            "When was the ZLB lighthouse built?",  # an abbreviation may be written out
            "Zorglub lighthouse: when was it built?".lower(),
        ],
    )
    def test_what_is_not_surely_a_name_is_left_to_the_model(self, question: str) -> None:
        assert ask(question).unknown == ()

    def test_it_may_be_what_a_document_is_called(self) -> None:
        chunk = Chunk(LIGHTHOUSE, 0, Document("Notes", "Projects/Zorglub/notes.md"))
        assert ask("When was the lighthouse of Zorglub built?", [chunk]).unknown == ()


class TestAbstention:
    def test_what_the_documents_do_not_speak_of_is_declined(self) -> None:
        for question in ["How do I transfer money to my savings account?", "Who invented the telephone?"]:
            quoted = ask(question)
            assert quoted.abstained
            assert quoted.sentences == ()

    def test_the_askers_own_affairs_are_declined_where_texts_address_nobody(self) -> None:
        for question in ["What is my ticket worth?", "Why was my card declined on the ferry?"]:
            assert ask(question).abstained

    def test_they_are_answered_where_texts_address_their_reader(self) -> None:
        manual = Chunk("To reset your board, press the button twice. Your board then restarts.", 0, Document("Board"))
        assert "twice" in ask("How do I reset my board?", [manual, *CHUNKS]).sentences[0].text

    def test_nothing_found_is_an_abstention(self) -> None:
        assert ask("Anything?", []) == QuotedAnswer((), abstained=True, confidence=0.0)
