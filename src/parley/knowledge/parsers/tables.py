"""Long tables as blocks of some hundred rows, for spreadsheets and comma-separated files."""

from collections.abc import Iterable, Iterator

from parley.knowledge.parsers.blocks import Block, table

ROWS_PER_BLOCK = 400


def row_blocks(rows: Iterable[list[str]]) -> Iterator[Block]:
    """Tables, cut where a row is empty and at every four hundred rows; a header is told from the first row of each.

    The parts of one table follow each other without an empty row, and the header is in the first.
    """
    held: list[list[str]] = []
    continues = False
    for row in rows:
        if not any(row):
            if held:
                yield _block(held, continues)
            held, continues = [], False
            continue
        held.append(row)
        if len(held) == ROWS_PER_BLOCK:
            yield _block(held, continues)
            held, continues = [], True
    if held:
        yield _block(held, continues)


def _block(rows: list[list[str]], continues: bool) -> Block:
    return table(rows, 0 if continues or not _is_header(rows) else 1)


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: mostly filled, hardly any number, and something below."""
    filled = [cell for cell in rows[0] if cell.strip()]
    numbers = sum(1 for cell in filled if not any(char.isalpha() for char in cell))
    return len(rows) > 1 and len(filled) > 1 and numbers <= len(filled) // 3
