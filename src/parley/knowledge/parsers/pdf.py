"""PDF by pdfium: page text in the order of the content stream, with line ends, as independent extractors give it."""

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING

from parley.errors import DamagedDocument, EncryptedDocument, NoTextLayer
from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile

if TYPE_CHECKING:
    import pypdfium2


def parse(file: SourceFile) -> Parsed:
    document = open_pdf(file.path)
    title = document.get_metadata_value("Title")
    return Parsed(_blocks(document), title)


def open_pdf(path: object) -> "pypdfium2.PdfDocument":
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        return pypdfium2.PdfDocument(str(path))
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedDocument("Protected by a password. Add a copy without one.") from error
        raise DamagedDocument("The PDF is damaged and could not be opened. Add a copy that opens.") from error


def _blocks(document: "pypdfium2.PdfDocument") -> Iterator[Block]:
    found = False
    for number in range(len(document)):
        yield Block("page", "", number + 1)
        text = page_text(document, number)
        found = found or bool(text.strip())
        yield Block("paragraph", text)
    if not found:
        raise NoTextLayer("The pages are pictures without text. Add a copy with recognised text (OCR).")


def page_text(document: "pypdfium2.PdfDocument", index: int) -> str:
    import pypdfium2.raw as raw

    page = raw.FPDF_LoadPage(document.raw, index)
    if not page:
        return ""
    try:
        text_page = raw.FPDFText_LoadPage(page)
        count = raw.FPDFText_CountChars(text_page)
        buffer = ctypes.create_string_buffer((max(count, 0) + 1) * 2)
        written = raw.FPDFText_GetText(text_page, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
        raw.FPDFText_ClosePage(text_page)
        return buffer.raw[: max(written - 1, 0) * 2].decode("utf-16-le", "replace").replace("\x02", "-")
    finally:
        raw.FPDF_ClosePage(page)
