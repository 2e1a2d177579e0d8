"""Trying out a connected model, and remembering how that went."""

import time
from collections.abc import Awaitable, Callable

from parley.errors import AppError, NotFound
from parley.kit.clock import Clock
from parley.llm.schemas import ModelTest
from parley.llm.tables import Tried

MAX_MESSAGE_CHARS = 1000


async def try_out(trial: Callable[[], Awaitable[tuple[bool, str]]], clock: Clock) -> ModelTest:
    """Run a trial that returns whether the model is fit for use, and what to tell about it.

    An error of the model is a result like any other.

    Raises:
        NotFound: there is no such model.
    """
    began = time.perf_counter()
    try:
        ok, message = await trial()
    except NotFound:
        raise
    except AppError as error:
        ok, message = False, error.message
    took = round((time.perf_counter() - began) * 1000, 1)
    return ModelTest(ok=ok, message=message[:MAX_MESSAGE_CHARS], ms=took, at=clock.now())


def remember(row: Tried, result: ModelTest | None) -> None:
    """Write the result of a trial into a row; None where it no longer holds, since the row was changed."""
    row.last_test_ok = result.ok if result else None
    row.last_test_message = result.message if result else None
    row.last_test_ms = result.ms if result else None
    row.last_test_at = result.at if result else None


def last_test(row: Tried) -> ModelTest | None:
    """Return how the last trial went, None if there was none since the last change."""
    if row.last_test_at is None:
        return None
    return ModelTest(
        ok=bool(row.last_test_ok),
        message=row.last_test_message or "",
        ms=row.last_test_ms or 0.0,
        at=row.last_test_at,
    )
