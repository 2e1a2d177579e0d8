"""Shapes that all routers share."""

from typing import Generic, TypeVar

from pydantic import BaseModel

from parley.kit.pagination import Page

T = TypeVar("T")


class PageOut(BaseModel, Generic[T]):
    """Some items, and the cursor of the next page; null at the end."""

    items: list[T]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[T]) -> "PageOut[T]":
        """Return the page as it leaves the server."""
        return cls(items=list(page.items), next_cursor=page.next_cursor)


class Problem(BaseModel):
    """RFC 9457 problem details, with our stable code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
