"""Office documents made by the libraries that people use, and books."""

import datetime
import io
import zipfile
from pathlib import Path

from tests.support.reading import read_bytes, read_file


class TestWord:
    def test_headings_lists_tables_and_the_title(self, tmp_path: Path) -> None:
        from docx import Document

        word = Document()
        word.core_properties.title = "Pump manual"
        word.add_heading("Safety", 1)
        word.add_paragraph("Wear gloves.\tAlways.")
        word.add_paragraph("first", style="List Bullet")
        grid = word.add_table(rows=2, cols=2)
        for cell, text in zip(
            (cell for row in grid.rows for cell in row.cells), ["Part", "Price", "Valve", "3"], strict=True
        ):
            cell.text = text
        word.save(str(tmp_path / "a.docx"))
        document = read_file(tmp_path / "a.docx")
        assert document.info.title == "Pump manual"
        assert document.marked("heading") == ["Safety"]
        assert document.marked("list_item") == ["first"]
        assert document.marked("table") == ["Part | Price\nValve | 3"]
        assert "Wear gloves.\tAlways." in document.text

    def test_deleted_text_is_left_out_and_inserted_text_is_in(self, tmp_path: Path) -> None:
        body = (
            "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>Keep </w:t></w:r><w:del><w:r><w:delText>gone</w:delText>"
            "</w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p></w:body></w:document>"
        )
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("word/document.xml", body)
        assert read_bytes(tmp_path, "a.docx", stream.getvalue()).text == "Keep new"


class TestPowerPoint:
    def test_slides_are_numbered_and_have_titles_tables_and_notes(self, tmp_path: Path) -> None:
        from pptx import Presentation
        from pptx.util import Inches

        show = Presentation()
        slide = show.slides.add_slide(show.slide_layouts[1])
        assert slide.shapes.title is not None
        slide.shapes.title.text = "Plan"
        slide.placeholders[1].text_frame.text = "First point"  # pyright: ignore[reportAttributeAccessIssue]
        notes = slide.notes_slide.notes_text_frame
        assert notes is not None
        notes.text = "Say hello"
        second = show.slides.add_slide(show.slide_layouts[5])
        grid = second.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
        for index, text in enumerate(["Part", "Price", "Valve", "3"]):
            grid.cell(index // 2, index % 2).text = text
        show.save(str(tmp_path / "a.pptx"))
        document = read_file(tmp_path / "a.pptx")
        assert [item.level for item in document.ranges("slide")] == [1, 2]
        assert document.marked("heading") == ["Plan"]
        assert "First point" in document.marked("slide")[0]
        assert document.marked("quote") == ["Say hello"]
        assert document.marked("table") == ["Part | Price\nValve | 3"]


class TestExcel:
    def test_sheets_rows_dates_and_numbers(self, tmp_path: Path) -> None:
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Prices"
        sheet.append(["Part", "Price", "Since"])
        sheet.append(["Valve", 3.0, datetime.date(2024, 5, 1)])
        sheet.append(["Pump", 4.25, None])
        book.create_sheet("Empty")
        book.save(tmp_path / "a.xlsx")
        document = read_file(tmp_path / "a.xlsx")
        assert document.marked("heading") == ["Prices"]
        assert document.marked("table") == ["Part | Price | Since\nValve | 3 | 2024-05-01\nPump | 4.25"]
        assert document.marked("table_row") == ["Part | Price | Since"]


class TestOpenDocument:
    def test_text_with_headings_lists_and_tables(self, tmp_path: Path) -> None:
        body = (
            "<d xmlns:text='t' xmlns:table='b'><body><text><text:h text:outline-level='2'>Part</text:h>"
            "<text:p>Some<text:s text:c='2'/>text.</text:p><text:list><text:list-item><text:p>one</text:p>"
            "</text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>A</text:p>"
            "</table:table-cell><table:table-cell><text:p>B</text:p></table:table-cell></table:table-row>"
            "<table:table-row><table:table-cell table:number-columns-repeated='2'><text:p>1</text:p>"
            "</table:table-cell></table:table-row></table:table></text></body></d>"
        )
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            archive.writestr("content.xml", body)
        document = read_bytes(tmp_path, "a.odt", stream.getvalue())
        assert document.info.media_type == "application/vnd.oasis.opendocument.text"
        assert [item.level for item in document.ranges("heading")] == [2]
        assert "Some  text." in document.text
        assert document.marked("list_item") == ["one"]
        assert document.marked("table") == ["A | B\n1 | 1"]


class TestBook:
    def test_chapters_come_in_the_order_of_the_spine(self, tmp_path: Path) -> None:
        package = (
            "<package xmlns:dc='dc'><metadata><dc:title>The pump</dc:title></metadata><manifest>"
            "<item id='a' href='a.xhtml'/><item id='b' href='b%20c.xhtml'/></manifest>"
            "<spine><itemref idref='b'/><itemref idref='a'/></spine></package>"
        )
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(
                "META-INF/container.xml", "<c><rootfiles><rootfile full-path='OPS/p.opf'/></rootfiles></c>"
            )
            archive.writestr("OPS/p.opf", package)
            archive.writestr("OPS/a.xhtml", "<html><body><h1>Second</h1></body></html>")
            archive.writestr("OPS/b c.xhtml", "<html><body><h1>First</h1><p>Text</p></body></html>")
        document = read_bytes(tmp_path, "a.epub", stream.getvalue())
        assert document.info.title == "The pump"
        assert document.marked("heading") == ["First", "Second"]
