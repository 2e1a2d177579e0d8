"""What a file is: told by its content first, then by its name; and the errors that files end with."""

import io
import zipfile
from pathlib import Path

import pytest

from parley.errors import (
    DamagedDocument,
    EmptyDocument,
    EncryptedDocument,
    IngestionError,
    NoTextLayer,
    OversizedDocument,
    UnreadableFile,
    UnsupportedFormat,
)
from parley.knowledge.parsed import ParseLimits
from parley.knowledge.parsers.formats import PLAIN_TEXT, default_registry
from parley.knowledge.parsers.registry import Format, FormatRegistry
from parley.knowledge.parsers.source_file import SourceFile
from parley.knowledge.parsers.xlsx import has_sparse_sheet
from tests.support.pdf import make_pdf
from tests.support.reading import read_bytes, read_file

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def compound(stream: str) -> bytes:
    return COMPOUND + stream.encode("utf-16-le") + bytes(200)


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


class TestContentDecides:
    def test_a_pdf_named_txt_is_read_as_pdf(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "notes.txt", make_pdf([["The pump runs at night."]]))
        assert document.info.media_type == "application/pdf"
        assert "The pump runs at night." in document.text

    def test_html_without_an_extension_is_read_as_html(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "page", b"<!DOCTYPE html><title>Pumps</title><p>They <b>run</b>.</p>")
        assert (document.info.media_type, document.info.title, document.text) == ("text/html", "Pumps", "They run.")

    def test_a_docx_named_zip_is_read_as_word(self, tmp_path: Path) -> None:
        body = b'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Hello pump</w:t></w:r></w:p></w:body></w:document>'
        document = read_bytes(tmp_path, "x.zip", zipped({"word/document.xml": body}))
        assert document.text == "Hello pump"
        assert document.info.parser.startswith("docx/")

    def test_text_of_unknown_extension_is_read_as_text(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "NOTES.xyz", b"Plain words.").info.media_type == "text/plain"

    def test_the_extension_tells_kinds_of_text_apart(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "a.md", b"# T\n\nx").info.media_type == "text/markdown"
        assert read_bytes(tmp_path, "guide.rst.txt", b"T\n=\n\nx").info.media_type == "text/x-rst"
        assert read_bytes(tmp_path, "a.py", b"x = 1").info.media_type == "text/x-source"

    def test_the_title_is_the_documents_own_else_its_first_heading_else_its_name(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "a.html", b"<html><title>T</title><h1>H</h1><p>x").info.title == "T"
        assert read_bytes(tmp_path, "b.md", b"# Heading\n\ntext").info.title == "Heading"
        assert read_bytes(tmp_path, "folder/report 1.txt", b"text").info.title == "report 1"

    def test_a_number_or_contents_is_no_title(self, tmp_path: Path) -> None:
        page = b"<title>0001018724-23-000018</title><h1>Table of Contents</h1><h2>Pumps</h2><p>They run.</p>"
        assert read_bytes(tmp_path, "a.html", page).info.title == "Pumps"
        assert read_bytes(tmp_path, "Pumps 2023.md", b"# Contents\n\nThey run.").info.title == "Pumps 2023"
        assert read_bytes(tmp_path, "2023.md", b"They run.").info.title == "2023"

    def test_a_format_registered_later_is_used(self, tmp_path: Path) -> None:
        registry = FormatRegistry((), PLAIN_TEXT)
        registry.register(Format("shout", 3, "text/shout", "tests.knowledge.parsers.shouting", (".shout",)))
        path = tmp_path / "a.shout"
        path.write_text("quiet")
        info, parts = registry.open(path, path.name, ParseLimits())
        assert (info.parser, "".join(part.text for part in parts)) == ("shout/3", "QUIET")

    def test_every_builtin_module_can_be_loaded(self) -> None:
        registry = default_registry()
        assert {".pdf", ".docx", ".pptx", ".xlsx", ".eml", ".epub", ".ipynb", ".go"} <= registry.extensions


class TestErrors:
    @pytest.mark.parametrize(
        ("name", "content", "error", "words"),
        [
            ("a.txt", b"", EmptyDocument, "empty"),
            ("a.txt", b" \n\t\n", EmptyDocument, "no text"),
            ("a.md", b"---\ntitle: x\n---\n", EmptyDocument, "no text"),
            ("a.doc", compound("WordDocument"), UnsupportedFormat, "docx"),
            ("a.xls", compound("Workbook"), UnsupportedFormat, "xlsx"),
            ("a.ppt", compound("PowerPoint Document"), UnsupportedFormat, "pptx"),
            ("a.msg", compound("__properties_version1.0"), UnsupportedFormat, "eml"),
            ("a.doc", COMPOUND, UnsupportedFormat, "docx"),
            ("a.docx", compound("EncryptedPackage"), EncryptedDocument, "password"),
            ("a.png", PNG, UnsupportedFormat, "image"),
            ("a.pdf", PNG, UnsupportedFormat, "image"),
            ("a.zip", zipped({"a.txt": b"x"}), UnsupportedFormat, "Unpack"),
            ("a.gz", b"\x1f\x8b\x08" + bytes(50), UnsupportedFormat, "archive"),
            ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(50), UnsupportedFormat, "video"),
            ("a.rtf", b"{\\rtf1 hello}", UnsupportedFormat, "docx"),
            ("a.bin", bytes(range(256)) * 20, UnsupportedFormat, "not a document"),
            ("a.pdf", bytes(range(256)) * 20, DamagedDocument, ".pdf"),
            ("a.pdf", b"just text", DamagedDocument, ".pdf"),
            ("a.docx", zipped({"word/document.xml": b"<broken"}), DamagedDocument, "damaged"),
            ("a.docx", zipped({"word/document.xml": b"x" * 5000})[:-60], DamagedDocument, "cut short"),
            ("a.xlsx", zipped({"xl/workbook.xml": b"<workbook/>"}), DamagedDocument, "damaged"),
        ],
    )
    def test_each_kind_of_bad_file_ends_as_its_error(
        self, tmp_path: Path, name: str, content: bytes, error: type[IngestionError], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            read_bytes(tmp_path, name, content)

    def test_a_file_that_is_gone_is_unreadable(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile):
            read_file(tmp_path / "gone.txt")

    def test_a_file_over_the_limit_is_oversized(self, tmp_path: Path) -> None:
        with pytest.raises(OversizedDocument, match="larger than the limit"):
            read_bytes(tmp_path, "a.txt", b"x" * 100, ParseLimits(max_file_bytes=99))

    def test_what_a_library_raises_is_chained(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedDocument) as caught:
            read_bytes(tmp_path, "a.xlsx", zipped({"xl/workbook.xml": b"<workbook/>"}))
        assert caught.value.__cause__ is not None

    def test_a_pdf_of_pictures_alone_has_no_text_layer(self, tmp_path: Path) -> None:
        with pytest.raises(NoTextLayer):
            read_bytes(tmp_path, "scan.pdf", make_pdf([[], []]))

    def test_an_encrypted_pdf_asks_for_a_copy_without_password(self, tmp_path: Path) -> None:
        key = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") >>"
        content = make_pdf([["Secret"]]).replace(b"/Root 1 0 R", b"/Root 1 0 R /ID [(a)(a)] /Encrypt " + key)
        with pytest.raises(EncryptedDocument):
            read_bytes(tmp_path, "a.pdf", content)

    def test_a_truncated_pdf_is_damaged_or_read_but_never_crashes(self, tmp_path: Path) -> None:
        whole = make_pdf([["One page"]])
        with pytest.raises(IngestionError):
            read_bytes(tmp_path, "a.pdf", whole[:200])


class TestBombs:
    def test_a_member_that_unpacks_to_more_than_the_limit_is_refused(self, tmp_path: Path) -> None:
        body = b"<w:document xmlns:w='w'><w:body>" + b"<w:p/>" * 200_000 + b"</w:body></w:document>"
        with pytest.raises(OversizedDocument):
            read_bytes(tmp_path, "a.docx", zipped({"word/document.xml": body}), ParseLimits(max_unpacked_bytes=100_000))

    def test_a_size_that_lies_is_caught_while_unpacking(self, tmp_path: Path) -> None:
        body = b"<w:document xmlns:w='w'><w:body>" + b"<w:p/>" * 100_000 + b"</w:body></w:document>"
        content = zipped({"word/document.xml": body})
        size, small = len(body).to_bytes(4, "little"), (1000).to_bytes(4, "little")
        with pytest.raises((OversizedDocument, DamagedDocument)):
            read_bytes(tmp_path, "a.docx", content.replace(size, small), ParseLimits(max_unpacked_bytes=50_000))

    def test_entities_are_neither_expanded_nor_fetched(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("the secret")
        bomb = (
            f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 50}">'
            f'<!ENTITY x SYSTEM "{secret.as_uri()}">]><d><p>Before &x; after</p><p>{"&b;" * 50}</p></d>'
        )
        document = read_bytes(tmp_path, "a.xml", bomb.encode())
        assert "Before" in document.text
        assert "secret" not in document.text
        assert len(document.text) < 1000

    def test_a_far_off_cell_costs_no_memory(self, tmp_path: Path) -> None:
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet["A1"], sheet["XFD1048576"] = "near", "far"
        book.save(tmp_path / "a.xlsx")
        assert has_sparse_sheet(SourceFile(tmp_path / "a.xlsx", "a.xlsx", ParseLimits()))
        document = read_file(tmp_path / "a.xlsx")
        assert document.text.split() == ["Sheet", "near", "|", "far"] or document.text.split()[-1] == "far"
