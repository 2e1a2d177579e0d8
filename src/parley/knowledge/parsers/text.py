"""Plain text, read as it is: the canonical text is the file's text with LF line ends."""

from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile

PIECE_CHARS = 200_000


def parse(file: SourceFile) -> Parsed:
    return Parsed(Block("verbatim", piece) for piece in text_pieces(file))


def text_pieces(file: SourceFile) -> Iterator[str]:
    """The file's text in pieces of about 200,000 characters, cut at blank lines, else line ends, else spaces."""
    held = ""
    for block in file.text_blocks():
        held += block.removeprefix("\ufeff") if not held else block
        while len(held) >= 2 * PIECE_CHARS:
            cut = _cut(held)
            yield held[:cut]
            held = held[cut:]
    # A carriage return at a piece's end would part from its line feed; `_cut` never cuts there.
    if held:
        yield held


def _cut(text: str) -> int:
    for mark in ("\n\n", "\n\r\n", "\n", " "):
        place = text.rfind(mark, PIECE_CHARS, 2 * PIECE_CHARS - 1)
        if place > 0:
            return place + len(mark)
    return 2 * PIECE_CHARS - 1 if text[2 * PIECE_CHARS - 2] != "\r" else 2 * PIECE_CHARS - 2
