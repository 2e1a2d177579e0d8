"""Comma-, tab-, semicolon- or pipe-separated values: rows as a table."""

import csv
from collections.abc import Iterator

from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.tables import row_blocks

_DELIMITERS = ",;\t|"
MAX_FIELD_CHARS = 1_000_000


def parse(file: SourceFile) -> Parsed:
    csv.field_size_limit(MAX_FIELD_CHARS)
    reader = csv.reader(_lines(file), delimiter=_delimiter(file), skipinitialspace=True)
    return Parsed(row_blocks(row for row in reader))


def _delimiter(file: SourceFile) -> str:
    """The delimiter that cuts the first lines most evenly; the one that the extension means where none does."""
    lines = [line for line in file.head_text.splitlines()[:30] if line.strip()]
    usual = "\t" if file.extension == ".tsv" else ","
    best, best_score = usual, 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        common = max(set(widths), key=widths.count, default=1)
        score = widths.count(common) / max(len(widths), 1) + min(common, 20) / 100 if common > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _lines(file: SourceFile) -> Iterator[str]:
    """Lines with their ends, from blocks; the csv module joins those within quotes."""
    rest = ""
    for block in file.text_blocks():
        lines = (rest + block.removeprefix("\ufeff").replace("\0", "")).splitlines(keepends=True)
        rest = lines.pop() if lines else ""
        yield from lines
    if rest:
        yield rest
