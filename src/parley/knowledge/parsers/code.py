"""Source code and configuration, read as it is and marked as code."""

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.text import text_pieces


def parse(file: SourceFile) -> Parsed:
    return Parsed(Block("code", piece) for piece in text_pieces(file))
