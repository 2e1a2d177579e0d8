"""What a question asks for, and whether a sentence holds it."""

import pytest

from parley.chat.quoting.answer_types import AnswerType, answer_type_of, holds_answer, new_names


class TestAnswerTypeOf:
    @pytest.mark.parametrize(
        ("kind", "questions"),
        [
            ("date", ["When was it built?", "In what year did it open?", "¿Cuándo se fundó?", "कब हुआ?"]),
            ("number", ["How many rooms are there?", "What percentage voted?", "Wie viele Räume?"]),
            ("number", ["多少人？", "كم عدد الغرف؟"]),
            ("person", ["Who built it?", "¿Quién lo hizo?", "Qui l'a construit ?", "谁建造的？"]),
            ("place", ["Where is it?", "In what country is it?", "¿Dónde está?", "Wo liegt es?"]),
            ("reason", ["Why did it fall?", "Warum fiel es?", "为什么？"]),
            ("means", ["How do I reset my board?", "¿Cómo se hace?", "如何重置？"]),
            ("definition", ["What is a turbine?", "¿Qué es un volcán?", "什么是熵？", "Что такое вулкан?"]),
            ("definition", ["Cos'è un vulcano?", "Wat is een vulkaan?", "火山とは何ですか?", "O que é um vulcão?"]),
            ("number", ["Сколько стоит билет?", "Hoeveel kost het?", "Kaç oda var?"]),
            ("date", ["Когда открыт музей?", "Wanneer is het open?", "Ne zaman açılır?"]),
            ("means", ["Как дойти до музея?", "Hoe kom ik er?"]),
            ("yes_no", ["Is it open on Mondays?", "Was the tower open?", "Can I return it?"]),
            ("other", ["When should I choose an expert installation?", "Wann sollte ich umsteigen?"]),
            ("other", ["What did the treaty offer?", "What are stators attached to?", "Was bot der Vertrag?"]),
        ],
    )  # fmt: skip
    def test_the_kind_of_answer_is_read_off_the_question(self, kind: AnswerType, questions: list[str]) -> None:
        assert {question: answer_type_of(question) for question in questions} == dict.fromkeys(questions, kind)


class TestHoldsAnswer:
    def test_a_date_must_be_new(self) -> None:
        question = "What happened after 1874, and when?"
        assert holds_answer("date", "It burnt down in 1901.", question)
        assert not holds_answer("date", "It was built in 1874.", question)

    def test_numbers_may_be_words(self) -> None:
        assert holds_answer("number", "It has forty rooms.", "How many rooms are there?")
        assert not holds_answer("number", "It has rooms.", "How many rooms are there?")

    def test_a_person_is_a_name_that_the_question_lacks(self) -> None:
        question = "Who built Harrow Point?"
        assert holds_answer("person", "The tower was built by Edmund Vale.", question)
        assert not holds_answer("person", "The tower at Harrow Point is high.", question)

    def test_scripts_without_capitals_cannot_tell(self) -> None:
        assert holds_answer("person", "इसे राजा ने बनवाया था।", "किसने बनवाया?") is None

    def test_what_has_no_pattern_cannot_be_told(self) -> None:
        assert holds_answer("other", "It was offered land.", "What was it offered?") is None


class TestNewNames:
    def test_names_at_the_start_or_in_the_question_do_not_count(self) -> None:
        assert new_names("Later, Edmund Vale met Captain Oswin.", "who met captain oswin?") == 2
