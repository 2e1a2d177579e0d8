"""Which segments hold a span of canonical text, asked so that the place in the text does not matter."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from parley.knowledge.tables import DocumentSegment
from parley.store.scope import highest


def segments_touching(version_id: Any, start: Any, end: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the segments that touch `text[start:end]` of a version.

    Segments follow each other without gap, so that the last one that begins at `start` or before is the first of them.
    Without it the database would go through all that stand before: in a text of a gigabyte, tens of thousands.

    Args:
        version_id: a value, or a column of the statement.
        start: first character, a value or a column.
        end: the one behind the last.
    """
    segment, before = DocumentSegment, aliased(DocumentSegment)
    first = highest(before.start, before.version_id == version_id, before.start <= start)
    return segment.version_id == version_id, segment.start >= first, segment.start < end, segment.end > start
