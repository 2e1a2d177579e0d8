"""PDF: pages, paragraphs, headings, tables, and text that an independent reading of the page agrees with."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.knowledge.parsers import pdf
from parley.knowledge.parsers.pdf import open_pdf
from parley.knowledge.parsers.pdf_page import CUT_MARK, visible
from tests.support.pdf import DOTS, LETTERS, NOTE, ONE_BY_ONE, SYMBOLS, make_pdf
from tests.support.reading import read_bytes

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

PROSE = ["The pump runs at night and rests during the day,", "so that nobody is woken by it. The valve stays open."]
ROWS = ["Net sales 1,204 1,377", "Cost of sales 804 901", "Operating income 400 476"]


def page_words(content: bytes, index: int) -> str:
    """The visible characters of a page as pdfium's plain text extraction has them."""
    from pypdfium2 import PdfDocument

    document = PdfDocument(content)
    page = document[index]
    text_page = page.get_textpage()
    text = visible(text_page.get_text_range())
    text_page.close()
    page.close()
    document.close()
    return text


class TestPages:
    def test_each_page_is_a_range_with_its_number(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([["One."], [], ["Three."]]))
        assert [item.level for item in document.ranges("page")] == [1, 2, 3]
        assert [text.strip() for text in document.marked("page")] == ["One.", "", "Three."]

    def test_page_ranges_cover_the_text_without_overlap(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([PROSE] * 3))
        pages = document.ranges("page")
        assert pages[0].start == 0
        assert pages[-1].end == len(document.text)
        assert [page.end for page in pages[:-1]] == [page.start for page in pages[1:]]

    def test_the_visible_characters_of_a_page_are_those_of_the_canonical_text(self, tmp_path: Path) -> None:
        content = make_pdf([[*PROSE, *ROWS, "A line with ümlauts (and brackets)."]])
        document = read_bytes(tmp_path, "a.pdf", content)
        assert "".join(document.text.split()) == page_words(content, 0)

    def test_the_angle_brackets_of_tex_are_no_letters(self, tmp_path: Path) -> None:
        opening, closing = f"{SYMBOLS}h{LETTERS}", f"{SYMBOLS}i{LETTERS}"
        line = f"The macro {opening}file name{closing} shall hint at Delhi."
        document = read_bytes(tmp_path, "a.pdf", make_pdf([[line, "Hi, he is in Delhi."]]))
        assert document.text.split("\n") == ["The macro ⟨file name⟩ shall hint at Delhi.", "Hi, he is in Delhi."]

    def test_ligatures_of_tex_that_have_no_name_are_their_letters(self, tmp_path: Path) -> None:
        lines = [f"{DOTS}speci\x0ced \x0celds di\x0ber", f"{DOTS}e\x1eciently o\x1bered \x1coats", "Well-fed fish."]
        document = read_bytes(tmp_path, "a.pdf", make_pdf([lines]))
        assert document.text.split("\n") == ["specified fields differ", "efficiently offered fioats", "Well-fed fish."]

    def test_codes_of_a_font_with_a_name_are_none(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([["speci\x1ced", "The end."]]))
        assert "fi" not in document.text

    def test_a_letter_that_reaches_over_its_like_is_read_twice(self, tmp_path: Path) -> None:
        lines = [f"{ONE_BY_ONE}who offends a buff pump", f"{ONE_BY_ONE}and a cuff", "is well off."]
        document = read_bytes(tmp_path, "a.pdf", make_pdf([lines]))
        assert document.text.split("\n") == ["who offends a buff pump", "and a cuff", "is well off."]

    def test_a_letter_set_twice_to_look_bold_is_read_once(self, tmp_path: Path) -> None:
        content = make_pdf([[f"{ONE_BY_ONE}a ff b"]], f_points=0.5)
        assert read_bytes(tmp_path, "a.pdf", content).text == "a f b"

    def test_a_document_that_takes_much_memory_is_opened_again_and_read_as_it_was(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = make_pdf([[f"Page {number} tells of valves.", *PROSE] for number in range(40)])
        whole = read_bytes(tmp_path, "a.pdf", content)
        opened: list[Path] = []

        def counted(path: Path) -> "PdfDocument":
            opened.append(path)
            return open_pdf(path)

        monkeypatch.setattr(pdf, "open_pdf", counted)
        monkeypatch.setattr(pdf, "REOPEN_BYTES", -1)
        again = read_bytes(tmp_path, "b.pdf", content)
        assert len(opened) > 40 / pdf.LOOK_PAGES
        assert (again.text, again.ranges("page")) == (whole.text, whole.ranges("page"))


class TestLayout:
    def test_lines_of_a_paragraph_stay_together(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([PROSE]))
        assert document.text == "\n".join(PROSE)

    def test_a_note_in_the_margin_does_not_cut_the_sentence_beside_it(self, tmp_path: Path) -> None:
        content = make_pdf([["Pumps are loud.", f"{PROSE[0]}{NOTE}at night", PROSE[1], f"It ends here.{NOTE}end"]])
        document = read_bytes(tmp_path, "a.pdf", content)
        parts = ["Pumps are loud.", "at night", "\n".join(PROSE), "end", "It ends here."]
        assert document.text == "\n\n".join(parts)

    def test_a_bullet_that_was_drawn_after_its_line_stays_with_it(self, tmp_path: Path) -> None:
        content = make_pdf([["Pumps are loud.", f"One rests.{NOTE}*", f"One runs.{NOTE}*"]])
        document = read_bytes(tmp_path, "a.pdf", content)
        assert " ".join(document.text.split()) == "Pumps are loud. * One rests. * One runs."
        assert "*\n" not in document.text

    def test_rows_of_numbers_are_a_table(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([[*PROSE, *ROWS]]))
        assert document.marked("table") == ["\n".join(ROWS)]

    def test_larger_text_is_a_heading(self, tmp_path: Path) -> None:
        content = make_pdf([["Safety first", *PROSE * 4]]).replace(b"BT /F1 12 Tf\n", b"BT /F1 24 Tf\n")
        content = content.replace(b"(Safety first) Tj", b"(Safety first) Tj /F1 12 Tf")
        document = read_bytes(tmp_path, "a.pdf", content)
        assert document.marked("heading") == ["Safety first"]
        assert document.ranges("heading")[0].level == 1
        assert document.info.title == "Safety first"

    def test_a_cut_word_keeps_its_hyphen_and_its_line_end(self, tmp_path: Path) -> None:
        content = make_pdf([["Most of the avail-", "able styles are fixed."]])
        assert CUT_MARK not in read_bytes(tmp_path, "a.pdf", content).text
        assert "avail-\nable" in read_bytes(tmp_path, "a.pdf", content).text
