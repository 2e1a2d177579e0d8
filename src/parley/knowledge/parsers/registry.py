"""The one register of formats, and the one border between third-party parser libraries and Parley."""

import itertools
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from parley.errors import (
    DamagedDocument,
    EmptyDocument,
    IngestionError,
    OversizedDocument,
    ParserOutOfMemory,
    UnreadableFile,
    UnsupportedFormat,
)
from parley.knowledge.parsed import DocumentInfo, ParseLimits, Part
from parley.knowledge.parsers.blocks import Block, build_parts, one_line
from parley.knowledge.parsers.signatures import DRAWING, UNKNOWN_FORMAT, describe_unsupported
from parley.knowledge.parsers.source_file import Parsed, Parser, SourceFile

MAX_TITLE_CHARS = 300
# The title is looked for among so many first blocks when the format gives none.
TITLE_BLOCKS = 12
_LETTERS = re.compile(r"[^\W\d_]")
# Headings that any document may begin with.
_NAMES_NOTHING = frozenset(
    {"table of contents", "contents", "index", "name", "abstract", "summary", "cover", "cover page", "page"}
    | {"inhalt", "inhaltsverzeichnis", "índice", "contenido", "table des matières", "sommaire", "indice", "sommario"}
    | {"sumário", "目录", "目次"}
)


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    Args:
        name, version: the parser's identity; a version goes up with each change of the text it makes.
        media_type: of the documents it reads.
        module: where its `parse(file) -> Parsed` is; imported on first use.
        extensions: with their dots; decide only among text formats that the content does not tell apart.
        recognises: whether the content is this format; asked in the order of registration.
    """

    name: str
    version: int
    media_type: str
    module: str
    extensions: tuple[str, ...] = ()
    recognises: Callable[[SourceFile], bool] = lambda file: False

    def parser(self) -> Parser:
        return import_module(self.module).parse


class FormatRegistry:
    """Which formats are read. Order matters: the first format that recognises the content reads it."""

    def __init__(self, formats: Iterable[Format], plain_text: Format) -> None:
        self._formats: list[Format] = []
        self._by_extension: dict[str, Format] = {}
        self._plain_text = plain_text
        for item in formats:
            self.register(item)

    def register(self, item: Format) -> None:
        """Add a format; it takes over extensions that others had."""
        self._formats.append(item)
        self._by_extension.update(dict.fromkeys(item.extensions, item))

    @property
    def extensions(self) -> frozenset[str]:
        """Every extension that some format claims; files of other names are read too, by content."""
        return frozenset(self._by_extension)

    def identify(self, file: SourceFile) -> Format:
        """The format of a file: its content decides, its extension only between kinds of text.

        Raises:
            UnsupportedFormat: if it is none of them; the message says what to do.
        """
        for item in self._formats:
            if item.recognises(file):
                return item
        by_name = self._by_extension.get(file.extension)
        if reason := describe_unsupported(file):
            raise UnsupportedFormat(reason)
        if file.encoding is None:
            # No text, and no known signature: a broken file if its name claims a format, else an unknown one.
            raise _broken(file) if by_name else UnsupportedFormat(UNKNOWN_FORMAT)
        if by_name is None:
            return self._plain_text
        if not by_name.media_type.startswith("text/"):
            raise _broken(file)
        return by_name

    def open(self, path: Path, name: str, limits: ParseLimits) -> tuple[DocumentInfo, Iterator[Part]]:
        """Begin to read a file; the rest is read as the parts are taken.

        Raises:
            IngestionError: one of its family, here or from the iterator, for whatever is wrong with the file.
        """
        with _as_ingestion_errors():
            file = SourceFile(path, name, limits)
            _check_size(file)
            chosen = self.identify(file)
            parsed = chosen.parser()(file)
            first = list(itertools.islice(parsed.blocks, TITLE_BLOCKS))
            info = DocumentInfo(_title(parsed, first, file), chosen.media_type, f"{chosen.name}/{chosen.version}")
            parts = _read(itertools.chain(first, parsed.blocks), is_drawing=file.extension == ".svg")
            # The first part is made now, so that an empty file fails at once.
            return info, itertools.chain((next(parts),), parts)


def _check_size(file: SourceFile) -> None:
    if file.size == 0:
        raise EmptyDocument("The file is empty.")
    if file.size > file.limits.max_file_bytes:
        limit = file.limits.max_file_bytes / 1_000_000
        raise OversizedDocument(f"The file is larger than the limit of {limit:g} MB. Split it, or raise the limit.")


def _title(parsed: Parsed, first: list[Block], file: SourceFile) -> str:
    """The document's own title, else its first heading, else the file's name; a number or "Contents" names nothing."""
    headings = (block.text for block in first if block.kind == "heading")
    for candidate in (parsed.title, *headings):
        title = _as_title(candidate)
        if _LETTERS.search(title) and title.casefold().strip(" .:") not in _NAMES_NOTHING:
            return title
    stem = _as_title(file.stem)
    return stem if re.search(r"\w", stem) else file.name


def _as_title(text: str) -> str:
    return one_line(text).replace("\0", "")[:MAX_TITLE_CHARS].encode(errors="replace").decode()


def _read(blocks: Iterable[Block], *, is_drawing: bool) -> Iterator[Part]:
    with _as_ingestion_errors():
        found = False
        for part in build_parts(blocks):
            found = found or bool(part.text.strip())
            yield part
        if not found:
            raise UnsupportedFormat(DRAWING) if is_drawing else EmptyDocument("There is no text in the file.")


@contextmanager
def _as_ingestion_errors() -> Generator[None]:
    """The one place where failures of parser libraries become errors of the tree.

    Libraries raise whatever their input makes them raise (IndexError, struct.error, their own), hence `Exception`.
    """
    try:
        yield
    except (IngestionError, GeneratorExit):
        raise
    except OSError as error:
        raise UnreadableFile("The file could not be opened. Check that it exists and may be read.") from error
    except MemoryError as error:
        raise ParserOutOfMemory("Reading the file needs more memory than the limit.") from error
    except Exception as error:  # broad: see above
        raise DamagedDocument("The file is damaged and could not be read. Add a copy that opens.") from error


def _broken(file: SourceFile) -> DamagedDocument:
    return DamagedDocument(f"The name ends in {file.extension}, but the content is not that. Add a copy that opens.")
