"""Splitting text into sentences with exact spans."""

import pytest

from parley.kit.sentences import split_sentences


def sentences(text: str, language: str = "und") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


class TestStops:
    @pytest.mark.parametrize(
        ("language", "parts"),
        [
            (
                "en",
                ["Dr. J. F. Smith paid $3.50 to Acme Inc. in Washington.", "He left at 5 p.m.", "The end... was near."],
            ),
            ("en", ["U.S. troops left the U.S.", "In 1990 it rained.", "See Fig. 3 and pp. 4-5 for more."]),
            ("en", ['"Why?" he asked.', '"No."', "Then it stopped.[12]", "(It was late.)", "Fine!"]),
            ("de", ["Am 3. Oktober war es so weit.", "Um 5 Uhr z. B. regnete es.", "Herr Dr. Meier kam."]),
            ("es", ["El Sr. Pérez llegó.", "¿Qué hora es?", "¡Hola!", "Son las 3.45 h."]),
            ("hi", ["यह एक वाक्य है।", "वह दूसरा था।", "क्या यह ठीक है?", "हाँ।"]),
            ("ar", ["هل هذا صحيح؟", "نعم.", "شكرا لك!"]),
        ],
    )
    def test_sentences_end_where_a_reader_ends_them(self, language: str, parts: list[str]) -> None:
        assert sentences(" ".join(parts), language) == parts

    def test_chinese_and_japanese_need_no_space(self) -> None:
        assert sentences("我爱你。你呢？“好的。”他说。", "zh") == ["我爱你。", "你呢？", "“好的。”", "他说。"]
        assert sentences("今日は雨です。「はい。」と言った！", "ja") == ["今日は雨です。", "「はい。」", "と言った！"]

    def test_numbers_and_addresses_are_not_cut(self) -> None:
        text = "Version 3.14.2 of example.com costs 1.200,50 EUR. Write to a.b@c.org now."
        assert len(sentences(text)) == 2


class TestLines:
    def test_wrapped_text_keeps_its_sentences(self) -> None:
        text = (
            "This paragraph was wrapped at some column, as text\nfiles often are. It holds two sentences, and the\n"
            "second ends here."
        )
        assert sentences(text) == [
            "This paragraph was wrapped at some column, as text\nfiles often are.",
            "It holds two sentences, and the\nsecond ends here.",
        ]

    @pytest.mark.parametrize("bullet", ["•", "\uf0b7", "⁃", "∗", "✓", "▶"])
    def test_what_marks_a_list_item_is_not_of_its_sentence(self, bullet: str) -> None:
        text = f"Sales by category:\n{bullet} Entertainment grew by 2.5 %.\n{bullet} Appliances declined."
        assert sentences(text) == ["Sales by category:", "Entertainment grew by 2.5 %.", "Appliances declined."]

    def test_a_title_is_one_with_its_number(self) -> None:
        listed = ["B.1. Introduction", "B.1.2. Limitations", "B.2. Using a file"]
        assert sentences("\n".join(listed), "en") == listed

    def test_dots_that_lead_to_a_number_end_none(self) -> None:
        listed = ["Espresso ............ 2.50", "Tea . . . . . . . . EUR 3", "Cake (whole) ··········· 24"]
        assert sentences("\n".join(listed), "en") == listed
        assert sentences("We waited .... Then 5 guests came, none of them hungry.", "en")[0] == "We waited ...."

    def test_headings_bullets_rows_and_blank_lines_end_sentences(self) -> None:
        text = (
            "Opening hours\nWe open our doors to everybody at nine in the morning.\n\n## Prices\n"
            "| Day | Price |\n|-----|-------|\n| Mon | 3.00 |\n- First item\n- Second item that is\n  wrapped\n1. Third"
        )
        assert sentences(text) == [
            "Opening hours",
            "We open our doors to everybody at nine in the morning.",
            "## Prices",
            "| Day | Price |",
            "| Mon | 3.00 |",
            "First item",
            "Second item that is\n  wrapped",
            "Third",
        ]

    def test_drawn_lines_belong_to_no_sentence(self) -> None:
        text = "Copying\n=======\nCopy the key:\n----\ncp key.pem /etc\n----\nThen start again."
        assert sentences(text) == ["Copying", "Copy the key:", "cp key.pem /etc", "Then start again."]

    def test_nothing_to_quote_gives_no_sentence(self) -> None:
        assert sentences("") == []
        assert sentences(" \n\n --- \n *** ") == []
