"""FAQ entries as CSV: question, answer, category, tags (separated by `;`)."""

import csv
import io
from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from parley.errors import InvalidInput
from parley.knowledge.faq.schemas import FaqIn, FaqOut, RowProblem
from parley.knowledge.parsers.encodings import detect_encoding

COLUMNS = ("question", "answer", "category", "tags")
MAX_ROWS = 20_000
# A cell that begins so is a formula to a spreadsheet; an export must not run what somebody typed into a chat.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_rows(content: bytes) -> tuple[list[FaqIn], list[RowProblem]]:
    """Return the entries of a CSV and the rows that are none.

    The first line names the columns, in any order and case; `question` and `answer` must be among them. Commas,
    semicolons and tabs separate.

    Raises:
        InvalidInput: it is no text, has no such columns, or too many rows.
    """
    encoding = detect_encoding(content[:65_536])
    if encoding is None:
        raise InvalidInput("This is not a CSV file.", code="not_csv")
    text = content.decode(encoding, "replace").removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=False)
    header = [name.strip().lower() for name in next(reader, [])]
    if "question" not in header or "answer" not in header:
        raise InvalidInput("The first line must name the columns question and answer.", code="csv_columns")
    found: list[FaqIn] = []
    problems: list[RowProblem] = []
    try:
        for number, cells in enumerate(reader, 2):
            if number > MAX_ROWS + 1:
                raise InvalidInput(f"At most {MAX_ROWS} rows are imported at once.", code="csv_too_long")
            if any(cell.strip() for cell in cells):
                _read(number, dict(zip(header, cells, strict=False)), found, problems)
    except csv.Error as error:
        raise InvalidInput(f"The file is not valid CSV near line {reader.line_num}.", code="not_csv") from error
    return found, problems


def write_rows(entries: Iterable[FaqOut]) -> str:
    """Return entries as CSV that `read_rows` reads back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow(_safe((entry.question, entry.answer, entry.category, ";".join(entry.tags))))
    return out.getvalue()


def _read(number: int, row: dict[str, str], found: list[FaqIn], problems: list[RowProblem]) -> None:
    values = {name: _unsafe(row.get(name, "").strip()) for name in COLUMNS}
    missing = [name for name in ("question", "answer") if not values[name]]
    if missing:
        problems.append(RowProblem(row=number, code="missing", message=f"The {' and the '.join(missing)} is missing."))
        return
    try:
        tags = [tag for tag in values["tags"].split(";") if tag.strip()]
        found.append(
            FaqIn(question=values["question"], answer=values["answer"], category=values["category"], tags=tags)
        )
    except ValidationError as error:
        first = error.errors()[0]
        problems.append(RowProblem(row=number, code="invalid", message=f"{first['loc'][0]}: {first['msg']}."))


def _delimiter(text: str) -> str:
    line = text.partition("\n")[0]
    return max(",;\t", key=line.count)


def _safe(cells: Sequence[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]


def _unsafe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
