"""Where a passage stands on its pages."""

from pathlib import Path

import pytest

from parley.errors import DamagedDocument
from parley.knowledge.rectangles import PageRectangles, passage_rectangles
from tests.support.pdf import DOTS, LEFT, LETTERS, LINE_POINTS, TOP, make_pdf
from tests.support.reading import ReadDocument, read_bytes

PAGES = [["First line of the page.", "The pump runs at night,", "and rests by day."], ["The valve stays open.", "End."]]


def read(folder: Path, content: bytes) -> ReadDocument:
    return read_bytes(folder, "a.pdf", content)


def locate(folder: Path, document: ReadDocument, quote: str) -> list[PageRectangles]:
    start = document.text.index(quote)
    return passage_rectangles(folder / "a.pdf", document.text, 0, start, start + len(quote), document.ranges("page"))


class TestRectangles:
    def test_a_passage_over_two_lines_has_a_rectangle_on_each(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf(PAGES))
        (page,) = locate(tmp_path, document, "pump runs at night,\nand rests")
        assert (page.page, page.width, page.height) == (1, 595, 842)
        first, second = page.rectangles
        assert first.x > LEFT + 12
        assert second.x == pytest.approx(LEFT, abs=2)
        # The second line's base line, from the top, lies within the first rectangle's reach.
        assert first.y < 842 - (TOP - LINE_POINTS) < first.y + first.height + 3
        assert second.y - first.y == pytest.approx(LINE_POINTS, abs=2)

    def test_letters_of_ligatures_are_counted_as_what_they_were_drawn_as(self, tmp_path: Path) -> None:
        content = make_pdf([[f"{DOTS}The speci\x0ced o\x0bce", f"{DOTS}\x0crst of all \x0celds{LETTERS}", "The end."]])
        document = read(tmp_path, content)
        (page,) = locate(tmp_path, document, "fields\nThe end")
        first, second = page.rectangles
        # Twelve signs of six points stand before it on its line.
        assert first.x == pytest.approx(LEFT + 12 * 6, abs=1)
        assert second.x == pytest.approx(LEFT, abs=2)

    def test_a_passage_that_runs_over_has_rectangles_on_both_pages(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf(PAGES))
        start, end = document.text.index("and rests"), document.text.index(" stays open")
        pages = passage_rectangles(tmp_path / "a.pdf", document.text, 0, start, end, document.ranges("page"))
        assert [page.page for page in pages] == [1, 2]
        assert all(len(page.rectangles) == 1 for page in pages)

    def test_a_repeated_sentence_is_found_at_its_own_place(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf([["Same words.", "Other words.", "Same words."]]))
        start = document.text.rindex("Same words.")
        (page,) = passage_rectangles(tmp_path / "a.pdf", document.text, 0, start, start + 11, document.ranges("page"))
        assert page.rectangles[0].y > 842 - TOP + LINE_POINTS

    def test_a_turned_page_gives_places_as_it_is_shown(self, tmp_path: Path) -> None:
        content = make_pdf(PAGES[1:]).replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 842] /Rotate 90")
        (page,) = locate(tmp_path, read(tmp_path, content), "The valve stays open.")
        assert (page.width, page.height) == (842, 595)
        box = page.rectangles[0]
        assert box.height > box.width
        assert 0 <= box.x <= 842
        assert box.y == pytest.approx(LEFT, abs=2)

    def test_a_cropped_page_counts_from_its_crop_box(self, tmp_path: Path) -> None:
        content = make_pdf(PAGES[1:]).replace(
            b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 842] /CropBox [50 100 595 842]"
        )
        (page,) = locate(tmp_path, read(tmp_path, content), "The valve stays open.")
        assert (page.width, page.height) == (545, 742)
        assert page.rectangles[0].x == pytest.approx(LEFT - 50, abs=2)

    def test_text_that_is_given_in_part_works_by_its_start(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf(PAGES))
        second = document.ranges("page")[1]
        start = document.text.index("The valve")
        (page,) = passage_rectangles(
            tmp_path / "a.pdf", document.text[second.start :], second.start, start, start + 9, [second]
        )
        assert page.page == 2
        assert page.rectangles

    def test_a_passage_that_is_no_longer_there_has_no_rectangles(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf(PAGES))
        (tmp_path / "a.pdf").write_bytes(make_pdf([["Other text."], ["More."]]))
        (page,) = locate(tmp_path, document, "The pump runs")
        assert page.rectangles == ()

    def test_a_broken_file_says_so(self, tmp_path: Path) -> None:
        document = read(tmp_path, make_pdf(PAGES))
        (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
        with pytest.raises(DamagedDocument):
            locate(tmp_path, document, "The pump runs")
