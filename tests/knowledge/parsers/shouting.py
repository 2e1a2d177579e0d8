"""A parser that a plugin might bring: text in capitals."""

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile


def parse(file: SourceFile) -> Parsed:
    return Parsed(Block("paragraph", block.upper()) for block in file.text_blocks())
