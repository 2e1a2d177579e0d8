"""PDF, read by pdfium. Why it and not another extractor: docs/decisions/0002-pdf-text.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from parley.errors import DamagedDocument, EmptyDocument, EncryptedDocument, NoTextLayer
from parley.kit.memory import release_memory, resident_bytes
from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.pdf_layout import PageLayout
from parley.knowledge.parsers.pdf_page import TextPage
from parley.knowledge.parsers.source_file import Parsed, SourceFile

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# pdfium keeps all that it has read of an open document: a catalogue of fonts came to 200 MB. One that has grown by so
# much, looked at every few pages, is closed and opened again.
REOPEN_BYTES = 48_000_000
LOOK_PAGES = 8


def parse(file: SourceFile) -> Parsed:
    document = open_pdf(file.path)
    return Parsed(_blocks(file.path, document), _title(document))


def open_pdf(path: Path) -> "PdfDocument":
    """Open a PDF with pdfium, which is not thread-safe: one caller at a time in a process.

    Raises:
        EncryptedDocument: if it needs a password.
        DamagedDocument: if pdfium cannot open it.
    """
    from pypdfium2 import PdfDocument, PdfiumError, raw

    try:
        return PdfDocument(path)
    except PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedDocument("Protected by a password. Add a copy without one.") from error
        raise DamagedDocument("The PDF is damaged and could not be opened. Add a copy that opens.") from error


def _title(document: "PdfDocument") -> str:
    """The title in the metadata, unless it is what a program left there: a file name or a default."""
    title = document.get_metadata_value("Title").strip()
    is_left_over = title.lower().endswith((".doc", ".docx", ".dvi", ".tex", ".indd", ".xls", ".ppt", ".pdf", ".qxd"))
    return "" if is_left_over or title.lower() in ("untitled", "title", "document") else title


def _blocks(path: Path, document: "PdfDocument") -> Iterator[Block]:
    layout = PageLayout()
    found = False
    pages = len(document)
    before = resident_bytes()
    for index in range(pages):
        if index % LOOK_PAGES == 0 and resident_bytes() - before > REOPEN_BYTES:
            document.close()
            release_memory()
            document, before = open_pdf(path), resident_bytes()
        yield Block("page", "", index + 1)
        with TextPage(document.raw, index) as page:
            for block in layout.blocks(list(page.lines()), page.is_bold):
                found = True
                yield block
    document.close()
    if pages == 0:
        raise EmptyDocument("The PDF has no pages.")
    if not found:
        raise NoTextLayer("The pages are pictures without text. Add a copy with recognised text (OCR).")
