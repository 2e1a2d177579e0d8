"""Cursor pages: opaque to the caller, exact under insertion (no offsets)."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from parley.errors import InvalidInput

T = TypeVar("T")
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursor of what follows, None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(*key: str | int) -> str:
    """Return an opaque cursor that stands for the sort key of the last item shown."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[str | int]:
    """Return the sort key that `encode_cursor` was given.

    Raises:
        InvalidInput: if the text is not a cursor of ours.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("This cursor is not valid. Start again without one.", code="invalid_cursor") from error
    if not isinstance(key, list) or not all(isinstance(part, str | int) for part in key):
        raise InvalidInput("This cursor is not valid. Start again without one.", code="invalid_cursor")
    return key


def decode_moment_and_id(cursor: str) -> tuple[datetime, str]:
    """Return the moment and the row id of a cursor over rows sorted by time.

    Raises:
        InvalidInput: if the text is not such a cursor.
    """
    try:
        moment, row_id = decode_cursor(cursor)
        return datetime.fromisoformat(str(moment)), str(row_id)
    except ValueError as error:
        raise InvalidInput("This cursor is not valid. Start again without one.", code="invalid_cursor") from error


def page_of(rows: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> Page[T]:
    """Cut `limit + 1` fetched rows into a page; the extra row only tells that there is more."""
    more = len(rows) > limit
    items = rows[:limit]
    return Page(items, cursor_of(items[-1]) if more and items else None)
