"""Parsers: from a file of any known format to canonical text in parts.

To add a format, write a module with `parse(file) -> Parsed` and register it in `formats.py`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from parley.knowledge.parsed import DocumentInfo, ParseLimits, Part
from parley.knowledge.parsers.formats import default_registry
from parley.knowledge.parsers.registry import FormatRegistry

__all__ = ["open_document", "registry"]


@cache
def registry() -> FormatRegistry:
    """The process's register of formats; register more before the first document is read."""
    return default_registry()


def open_document(path: Path, name: str, limits: ParseLimits) -> tuple[DocumentInfo, Iterator[Part]]:
    """Begin to read a file: its type by content first, by `name` second.

    Not thread-safe for PDF (pdfium is not): one document at a time in a process.

    Args:
        path: where the bytes are.
        name: what the file was called, perhaps with folders.
        limits: what it may cost.

    Returns:
        What the document is, and its parts, read as they are taken; at least one part holds text.

    Raises:
        IngestionError: one of its family, at once or while the parts are taken.
    """
    return registry().open(path, name, limits)
