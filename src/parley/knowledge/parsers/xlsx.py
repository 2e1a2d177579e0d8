"""Excel workbooks (xlsx, xlsm): each sheet under its name, its rows as tables."""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence

from parley.errors import EncryptedDocument
from parley.knowledge.parsers.blocks import Block, heading
from parley.knowledge.parsers.office import core_title
from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.tables import row_blocks

# calamine holds the rectangle from the first cell to the last, empty ones too: a far-off cell must not cost gigabytes.
MAX_DENSE_CELLS = 4_000_000
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_CELL_COLUMN = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})\d+"')


def parse(file: SourceFile) -> Parsed:
    from python_calamine import PasswordError, load_workbook

    with file.open_zip() as archive:
        archive.check()
        title = core_title(archive)
    is_sparse = has_sparse_sheet(file)
    if is_sparse:
        return Parsed(_sparse_blocks(file), title)
    try:
        workbook = load_workbook(str(file.path))
    except PasswordError as error:
        raise EncryptedDocument("Protected by a password. Add a copy without one.") from error
    names = workbook.sheet_names
    rows = ((name, workbook.get_sheet_by_name(name).iter_rows()) for name in names if _is_grid(workbook, name))
    return Parsed(_sheets(rows), title)


def _is_grid(workbook: object, name: str) -> bool:
    """Whether a sheet has cells: chart and macro sheets have none."""
    kinds = {item.name: str(item.typ) for item in getattr(workbook, "sheets_metadata", ())}
    return "WorkSheet" in kinds.get(name, "WorkSheet")


def has_sparse_sheet(file: SourceFile) -> bool:
    with file.open_zip() as archive:
        for name in archive.names():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                columns = rows = 1
                tail = b""
                with archive.open(name) as stream:
                    while block := stream.read(262_144):
                        data = tail + block
                        rows = max([rows, *(int(found) for found in _ROW_NUMBER.findall(data))])
                        columns = max([columns, *(_column(found) for found in set(_CELL_COLUMN.findall(data)))])
                        tail = data[-200:]
                if rows * columns > MAX_DENSE_CELLS:
                    return True
    return False


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sparse_blocks(file: SourceFile) -> Iterator[Block]:
    """Row by row with openpyxl, which is slower and holds one row at a time."""
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = load_workbook(str(file.path), read_only=True, data_only=True)
        for sheet in workbook.worksheets:
            # Otherwise every row would be filled up to the farthest column.
            sheet.reset_dimensions()
        yield from _sheets((sheet.title, sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets)
        workbook.close()


def _sheets(sheets: Iterable[tuple[str, Iterable[Sequence[object]]]]) -> Iterator[Block]:
    for number, (name, rows) in enumerate(sheets, 1):
        blocks = row_blocks([cell_text(value) for value in row] for row in rows)
        first = next(blocks, None)
        if first is not None:
            yield Block("sheet", "", number)
            yield heading(name, 2)
            yield first
            yield from blocks


def cell_text(value: object) -> str:
    """A cell as a person reads it: whole numbers without a fraction, dates without a midnight."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if isinstance(value, datetime.datetime):
        is_date = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%Y-%m-%d" if is_date else "%Y-%m-%d %H:%M:%S")
    return str(value)
