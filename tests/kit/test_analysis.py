"""Text to index terms, in any language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kit.analysis import analyse, analyse_spans, compound_parts, is_function_word
from parley.kit.language_detection import detect_language

LANGUAGES = ("en", "de", "es", "fr", "hi", "ar", "zh", "ja", "th", "ru", "tr", "und", "xx")


class TestWords:
    @pytest.mark.parametrize(
        ("language", "one", "other"),
        [
            ("en", "The battery's running", "batteries run"),
            ("en", "Café naïve", "cafe naive"),
            ("en", "ﬁnal ｆｏｒｍ", "final form"),
            ("en", "co\u00adoperate e\u0301cole", "cooperate école"),
            ("de", "Häuser Straße", "HAUS STRASSE"),
            ("es", "canción", "cancion"),
            ("fr", "l'école", "école"),
            ("ru", "ёлка", "елка"),
            ("tr", "IŞIK", "ışık"),
            ("ar", "الكتابُ", "كتاب"),
            ("hi", "किताबें", "किताब"),
        ],
    )
    def test_forms_of_a_word_meet(self, language: str, one: str, other: str) -> None:
        content = [term for term in analyse(one, language) if not is_function_word(term, language)]
        assert content == analyse(other, language)

    def test_letters_that_are_no_accents_stay_apart(self) -> None:
        assert analyse("año", "es") != analyse("ano", "es")
        assert analyse("får", "sv") != analyse("far", "sv")

    def test_a_hindi_word_is_one_term(self) -> None:
        assert len(analyse("नॉर्मंडी", "hi")) == 1

    def test_a_word_of_another_script_follows_its_own_rules(self) -> None:
        assert "run" in analyse("他说 running 很好", "zh")
        assert analyse("книги", "en") == analyse("книга", "ru")


class TestUnspacedScripts:
    def test_chinese_becomes_pairs(self) -> None:
        assert analyse("诺曼底在", "zh") == ["诺曼", "曼底", "底在"]

    def test_a_lone_character_stands_for_itself(self) -> None:
        assert analyse("中", "zh") == ["中"]

    def test_marks_stay_on_their_letters(self) -> None:
        assert analyse("ที่นี่", "th") == ["ที่นี่"]

    def test_korean_particles_do_not_hide_a_word(self) -> None:
        assert set(analyse("문서", "ko")) <= set(analyse("문서는", "ko"))


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "language", "term"),
        [
            ("1,200", "en", "1200"),
            ("1,234,567.89", "en", "1234567.89"),
            ("1.200,5", "de", "1200.5"),
            ("3,14", "fr", "3.14"),
            ("3.14", "en", "3.14"),
            ("٢٠٢٠", "ar", "2020"),
            ("२०२०", "hi", "2020"),
        ],
    )
    def test_a_number_has_one_form(self, text: str, language: str, term: str) -> None:
        assert analyse(text, language) == [term]

    def test_a_list_of_numbers_falls_apart(self) -> None:
        assert analyse("1,2,3", "en") == ["1", "2", "3"]


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("text", "terms"),
        [
            ("snake_case", {"snake_case", "snake", "case"}),
            ("camelCase", {"camel", "case"}),
            ("HTMLParser", {"html", "parser"}),
            ("foo.bar", {"foo.bar", "foo", "bar"}),
            ("utf8", {"utf8", "utf", "8"}),
            ("x86_64", {"x86_64", "x86", "64"}),
            ("C++", {"c++"}),
            ("U.S.A.", {"usa"}),
        ],
    )
    def test_the_whole_and_its_parts_are_found(self, text: str, terms: set[str]) -> None:
        assert terms <= set(analyse(text, "en"))

    @pytest.mark.parametrize("text", ["M24", "McDonald", "10th", "don't"])
    def test_what_is_one_thing_stays_whole(self, text: str) -> None:
        assert len(analyse(text, "en")) == 1


class TestSpans:
    def test_a_span_covers_what_the_term_was_made_of(self) -> None:
        text = "Über: snake_case (naïve)"
        found = [(term, text[start:end]) for term, start, end in analyse_spans(text, "en")]
        assert found == [
            ("uber", "Über"),
            ("snake_case", "snake_case"),
            ("snake", "snake"),
            ("case", "case"),
            ("naiv", "naïve"),
        ]

    @given(st.text(max_size=80), st.sampled_from(LANGUAGES))
    def test_any_text_gives_the_same_terms_both_ways(self, text: str, language: str) -> None:
        spans = analyse_spans(text, language)
        assert [term for term, _, _ in spans] == analyse(text, language)
        assert all(0 <= start < end <= len(text) for _, start, end in spans)

    @given(st.text(max_size=80), st.sampled_from(LANGUAGES))
    def test_no_term_holds_white_space(self, text: str, language: str) -> None:
        assert all(term and not any(char.isspace() for char in term) for term in analyse(text, language))


class TestFunctionWords:
    @pytest.mark.parametrize(
        ("word", "language"), [("the", "en"), ("does", "en"), ("der", "de"), ("qué", "es"), ("में", "hi"), ("的", "zh")]
    )
    def test_grammar_is_told_from_meaning(self, word: str, language: str) -> None:
        (term,) = analyse(word, language)
        assert is_function_word(term, language)

    @pytest.mark.parametrize(("word", "language"), [("glacier", "en"), ("Haus", "de"), ("देश", "hi")])
    def test_meaning_is_no_function_word(self, word: str, language: str) -> None:
        assert not is_function_word(analyse(word, language)[0], language)


class TestDetecting:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("In what country is Normandy located?", "en"),
            ("Wo liegt die Normandie?", "de"),
            ("¿Dónde está Normandía?", "es"),
            ("Où se trouve la Normandie ?", "fr"),
            ("Где находится Нормандия?", "ru"),
            ("नॉर्मंडी किस देश में स्थित है?", "hi"),
            ("أين تقع نورماندي؟", "ar"),
            ("诺曼底在哪里？", "zh"),
            ("ノルマンディーはどこですか", "ja"),
            ("노르망디는 어디에 있습니까", "ko"),
            ("ประเทศไทย", "th"),
            ("", "und"),
            ("12 345 %", "und"),
            ("RX-7 XL", "und"),
        ],
    )
    def test_short_questions(self, text: str, language: str) -> None:
        assert detect_language(text) == language

    def test_quotes_in_english_do_not_make_a_text_english(self) -> None:
        quoted = 'Er sagte: "The rest of this is with you, and there is only one way that they could have taken." '
        german = "Dann schwieg er lange, weil die Antwort nicht von ihm war und auch keiner mehr auf sie wartete. "
        assert detect_language((quoted + 2 * german) * 10) == "de"
        assert detect_language((2 * quoted + "And that was it, because their answer would not change. ") * 10) == "en"

    def test_a_long_text_is_judged_by_a_sample(self) -> None:
        assert detect_language("Die Katze sitzt auf der Matte und schläft. " * 100_000) == "de"


class TestCompoundParts:
    KNOWN = frozenset({"prozessor", "architektur", "installation", "datei", "platt", "speich"})

    @pytest.mark.parametrize(
        ("word", "parts"),
        [
            ("Prozessorarchitekturen", ("prozessor", "architektur")),
            ("Installationsdateien", ("installation", "datei")),
            ("Plattenspeicher", ("platt", "speich")),
            ("Prozessor", ()),
            ("Ritterburg", ()),
        ],
    )
    def test_a_compound_is_made_of_two_words_that_are_known(self, word: str, parts: tuple[str, ...]) -> None:
        assert compound_parts(word, "de", self.KNOWN.__contains__) == parts

    def test_what_is_too_long_for_a_word_has_none(self) -> None:
        assert compound_parts("prozessor" * 2_000, "de", lambda _: True) == ()

    def test_languages_that_write_words_apart_have_none(self) -> None:
        assert compound_parts("Prozessorarchitekturen", "en", self.KNOWN.__contains__) == ()
