"""The formats that Parley reads. A new one is a module with `parse(file) -> Parsed` and an entry here."""

import re

from parley.knowledge.parsers.compound import MAGIC
from parley.knowledge.parsers.registry import Format, FormatRegistry
from parley.knowledge.parsers.source_file import SourceFile

_HERE = "parley.knowledge.parsers"
_CODE = """
    .py .pyi .pyx .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hh .hpp
    .hxx .cs .fs .vb .go .rs .rb .php .pl .pm .lua .r .jl .m .mm .swift .dart .sh .bash .zsh .fish .ps1 .bat
    .cmd .sql .css .scss .sass .less .vue .svelte .toml .yaml .yml .ini .cfg .conf .properties .tf .proto
    .graphql .cmake .make .mk .dockerfile .gradle .el .lisp .clj .cljs .ex .exs .erl .hrl .hs .ml .mli .nim
    .zig .d .ada .adb .ads .f .f90 .f95 .for .pas .asm .s .v .sv .vhd .vhdl .tcl .awk .sed .diff .patch .bib
    .sty .cls .dtx .ins .cob .sol .wat
"""


_HTML_START = re.compile(r"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_HTML_PIECE = re.compile(
    r"<(?:title|meta|div|p|h[1-6]|table|ul|ol|span|article|section|main|br|b|i)\b[^>]*>", re.IGNORECASE
)
_MAIL_HEADER = re.compile(
    r"^(received|return-path|from|to|cc|subject|date|message-id|mime-version|delivered-to|reply-to):", re.I | re.M
)
_SRT = re.compile(r"\d+\s*\n\d{1,2}:\d{2}:\d{2}[,.]\d{1,3} *-->")


def _is_pdf(file: SourceFile) -> bool:
    start = file.head[:1024]
    return start.lstrip().startswith(b"%PDF-") or (
        b"%PDF-" in start and (file.encoding is None or file.extension == ".pdf")
    )


def _is_compound(file: SourceFile) -> bool:
    return file.head.startswith(MAGIC)


def _is_docx(file: SourceFile) -> bool:
    return _has_member(file, "word/document")


def _is_pptx(file: SourceFile) -> bool:
    return _has_member(file, "ppt/presentation.xml")


def _is_xlsx(file: SourceFile) -> bool:
    return _has_member(file, "xl/workbook.xml")


def _has_member(file: SourceFile, start: str) -> bool:
    return any(name.startswith(start) for name in file.zip_names)


def _is_epub(file: SourceFile) -> bool:
    return "META-INF/container.xml" in file.zip_names and not _is_open_document(file)


def _is_open_document(file: SourceFile) -> bool:
    return "content.xml" in file.zip_names


def _is_sheet(file: SourceFile) -> bool:
    return _is_open_document(file) and b"opendocument.spreadsheet" in file.head[:200]


def _is_presentation(file: SourceFile) -> bool:
    return _is_open_document(file) and b"opendocument.presentation" in file.head[:200]


def _is_html(file: SourceFile) -> bool:
    start = file.head_text[:2000]
    if _HTML_START.match(start) or (start.startswith("<?xml") and "<html" in start.lower()):
        return True
    return file.extension in ("", ".txt") and _HTML_PIECE.match(start) is not None and "</" in file.head_text


def _is_xml(file: SourceFile) -> bool:
    return file.head_text.startswith("<?xml")


def _is_notebook(file: SourceFile) -> bool:
    start = file.head_text
    return start.startswith("{") and (file.extension == ".ipynb" or ('"cell_type"' in start and '"cells"' in start))


def _is_mail(file: SourceFile) -> bool:
    """Headers of a mail at the very start; more of them where the name does not say so."""
    if not re.match(r"[\w-]+:", file.head_text):
        return False
    head = re.split(r"\r?\n\r?\n", file.head_text[:8000], maxsplit=1)[0]
    found = {match.group(1).lower() for match in _MAIL_HEADER.finditer(head)}
    if not found:
        return False
    return file.extension == ".eml" or (len(found) >= 4 and bool(found & {"received", "message-id", "mime-version"}))


def _is_subtitles(file: SourceFile) -> bool:
    return file.head_text.startswith("WEBVTT") or _SRT.match(file.head_text) is not None


_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"

PLAIN_TEXT = Format("text", 1, "text/plain", f"{_HERE}.text", (".txt", ".text", ".log", ".nfo"))
BUILT_IN: tuple[Format, ...] = (
    Format("pdf", 3, "application/pdf", f"{_HERE}.pdf", (".pdf",), _is_pdf),
    Format(
        "compound", 1, "application/x-ole-storage", f"{_HERE}.compound", (".doc", ".xls", ".ppt", ".msg"), _is_compound
    ),
    Format("docx", 1, f"{_OPEN_XML}.wordprocessingml.document", f"{_HERE}.docx", (".docx", ".docm", ".dotx"), _is_docx),
    Format(
        "pptx", 1, f"{_OPEN_XML}.presentationml.presentation", f"{_HERE}.pptx", (".pptx", ".pptm", ".ppsx"), _is_pptx
    ),
    Format("xlsx", 1, f"{_OPEN_XML}.spreadsheetml.sheet", f"{_HERE}.xlsx", (".xlsx", ".xlsm", ".xltx"), _is_xlsx),
    Format("ods", 1, f"{_OPEN_DOCUMENT}.spreadsheet", f"{_HERE}.odf", (".ods", ".ots"), _is_sheet),
    Format("odp", 1, f"{_OPEN_DOCUMENT}.presentation", f"{_HERE}.odf", (".odp", ".otp"), _is_presentation),
    Format("odt", 1, f"{_OPEN_DOCUMENT}.text", f"{_HERE}.odf", (".odt", ".ott"), _is_open_document),
    Format("epub", 1, "application/epub+zip", f"{_HERE}.epub", (".epub",), _is_epub),
    Format("html", 3, "text/html", f"{_HERE}.html", (".html", ".htm", ".xhtml", ".shtml"), _is_html),
    Format("notebook", 1, "application/x-ipynb+json", f"{_HERE}.notebook", (".ipynb",), _is_notebook),
    Format("mail", 1, "message/rfc822", f"{_HERE}.mail", (".eml",), _is_mail),
    Format("subtitles", 2, "text/vtt", f"{_HERE}.subtitles", (".vtt", ".srt"), _is_subtitles),
    Format("xml", 1, "text/xml", f"{_HERE}.xml", (".xml", ".nxml", ".dbk", ".svg", ".rss", ".atom"), _is_xml),
    Format("markdown", 2, "text/markdown", f"{_HERE}.markdown", (".md", ".markdown", ".mdown", ".mkd", ".mdx")),
    Format("rst", 2, "text/x-rst", f"{_HERE}.rst", (".rst", ".rest")),
    Format("asciidoc", 1, "text/asciidoc", f"{_HERE}.asciidoc", (".adoc", ".asciidoc", ".asc")),
    Format("csv", 1, "text/csv", f"{_HERE}.csv", (".csv", ".tsv", ".tab", ".psv")),
    Format("json", 1, "text/json", f"{_HERE}.json", (".json", ".jsonl", ".ndjson", ".geojson", ".webmanifest")),
    Format("code", 1, "text/x-source", f"{_HERE}.code", tuple(_CODE.split())),
    PLAIN_TEXT,
)


def default_registry() -> FormatRegistry:
    """A register with every format that Parley brings."""
    return FormatRegistry(BUILT_IN, PLAIN_TEXT)
