"""Formats that are not read: told by their first bytes, each with a word on what to do instead."""

from mmap import mmap

from parley.errors import DamagedDocument
from parley.knowledge.parsers.source_file import SourceFile

_IMAGE = "This is an image. Images are not read; add its text as a document."
DRAWING = "This is a drawing without text, not a document."
_AUDIO = "This is an audio recording. Recordings are not read; add a transcript."
_VIDEO = "This is a video. Videos are not read; add a transcript or subtitles (vtt, srt)."
_ARCHIVE = "This is an archive. Unpack it and add the files."
_PROGRAM = "This is a program, not a document."
_DATABASE = "This is a database file. Export what matters as csv or json and add that."
_FONT = "This is a font, not a document."
UNKNOWN_FORMAT = "This is not a document of a format that is read. Save it as pdf, docx, html or text."
_OLD_WORD = "This is an old Word document (doc). Save it as docx and add that."
_OLD_EXCEL = "This is an old Excel workbook (xls). Save it as xlsx and add that."
_OLD_POWERPOINT = "This is an old PowerPoint presentation (ppt). Save it as pptx and add that."
_OUTLOOK = "This is an Outlook message (msg). Save it as eml and add that."
_RTF = "This is a rich text document (rtf). Save it as docx and add that."
_POSTSCRIPT = "This is a PostScript file. Save it as pdf and add that."
_OFFICEUNKNOWN_FORMAT = "This is a binary Excel workbook (xlsb). Save it as xlsx and add that."

# What is not meant to be read: a folder of documents holds their pictures too, and nobody need do anything about it.
NO_DOCUMENTS = (_IMAGE, DRAWING, _AUDIO, _VIDEO, _PROGRAM, _FONT)

# (offset, bytes, what to say). Longer and surer ones first.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", _IMAGE),
    (0, b"\xff\xd8\xff", _IMAGE),
    (0, b"GIF87a", _IMAGE),
    (0, b"GIF89a", _IMAGE),
    (0, b"II*\0", _IMAGE),
    (0, b"MM\0*", _IMAGE),
    (0, b"8BPS", _IMAGE),
    (0, b"\0\0\1\0", _IMAGE),
    (8, b"WEBP", _IMAGE),
    (4, b"ftypheic", _IMAGE),
    (4, b"ftypavif", _IMAGE),
    (4, b"ftypmif1", _IMAGE),
    (0, b"\xd7\xcd\xc6\x9a", _IMAGE),
    (40, b" EMF", _IMAGE),
    (8, b"WAVE", _AUDIO),
    (8, b"AVI ", _VIDEO),
    (4, b"ftypM4A", _AUDIO),
    (4, b"ftyp", _VIDEO),
    (0, b"ID3", _AUDIO),
    (0, b"OggS", _AUDIO),
    (0, b"fLaC", _AUDIO),
    (0, b"MThd", _AUDIO),
    (0, b"\xff\xfb", _AUDIO),
    (0, b"\xff\xf3", _AUDIO),
    (0, b"\x1aE\xdf\xa3", _VIDEO),
    (0, b"FLV\1", _VIDEO),
    (0, b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (0, b"\0\0\1\xba", _VIDEO),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ\0", _ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (0, b"Rar!\x1a\7", _ARCHIVE),
    (0, b"(\xb5/\xfd", _ARCHIVE),
    (0, b"!<arch>\n", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (0, b"MSCF", _ARCHIVE),
    (0, b"\x7fELF", _PROGRAM),
    (0, b"MZ", _PROGRAM),
    (0, b"\xca\xfe\xba\xbe", _PROGRAM),
    (0, b"\xcf\xfa\xed\xfe", _PROGRAM),
    (0, b"\0asm", _PROGRAM),
    (0, b"SQLite format 3\0", _DATABASE),
    (0, b"PAR1", _DATABASE),
    (0, b"\x89HDF\r\n\x1a\n", _DATABASE),
    (4, b"Standard Jet DB", _DATABASE),
    (4, b"Standard ACE DB", _DATABASE),
    (0, b"wOFF", _FONT),
    (0, b"wOF2", _FONT),
    (0, b"OTTO\0", _FONT),
    (0, b"\0\1\0\0\0", _FONT),
    (0, b"{\\rtf", _RTF),
    (0, b"%!PS", _POSTSCRIPT),
    (0, b"\xc5\xd0\xd3\xc6", _POSTSCRIPT),
)
_BY_EXTENSION = {".doc": _OLD_WORD, ".xls": _OLD_EXCEL, ".ppt": _OLD_POWERPOINT, ".msg": _OUTLOOK}
# Short signatures that could be the first letters of a text count only for what is not text.
_TEXT_LIKE = frozenset({b"MZ", b"BZh", b"ID3", b"PAR1", b"WAVE", b"AVI ", b"WEBP", b"ftyp", b"OggS", b"8BPS"})


def describe_unsupported(file: SourceFile) -> str | None:
    """What a file of a format that is not read is, and what to do; None for text and for the unknown."""
    head = file.head
    if file.head.startswith(b"PK\3\4") and not file.zip_names:
        raise DamagedDocument("The file is cut short or damaged. Add a copy that opens.")
    if file.zip_names:
        return _OFFICEUNKNOWN_FORMAT if "xl/workbook.bin" in file.zip_names else _ARCHIVE
    for offset, signature, message in _SIGNATURES:
        if head.startswith(signature, offset) and not (signature in _TEXT_LIKE and file.encoding is not None):
            return message
    return None


def describe_legacy_office(content: mmap, extension: str) -> str:
    """What a file in Microsoft's compound format holds: its streams' names tell, else its extension."""
    if _has_stream(content, "WordDocument"):
        return _OLD_WORD
    if _has_stream(content, "PowerPoint Document"):
        return _OLD_POWERPOINT
    if _has_stream(content, "__properties_version1.0"):
        return _OUTLOOK
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        return _OLD_EXCEL
    return _BY_EXTENSION.get(extension, UNKNOWN_FORMAT)


def is_encrypted_office(content: mmap) -> bool:
    """Whether a compound file wraps an encrypted docx, xlsx or pptx."""
    return _has_stream(content, "EncryptedPackage")


def _has_stream(content: mmap, name: str) -> bool:
    return content.find((name + "\0").encode("utf-16-le")) >= 0
