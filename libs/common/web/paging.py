"""Keyset paging: `?after=<cursor>&limit=` -> `{items, next}`; no offsets and no totals.

A cursor is the last row's key, opaque to the client but not secret: row-level security, not the
cursor, decides what a page may show.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from libs.common.problems import FieldError, Problem, Text

LARGEST_PAGE = 500
DEFAULT_PAGE = 50
_LONGEST_CURSOR = 512

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[Item]
    next: str | None = None


class PageRequest:
    """Which page is asked for.

    Attributes:
        after: the key of the last row of the page before, as text parts; None for the first page.
        limit: how many rows at most. Ask the store for `limit + 1`; `page_of` does the rest.
    """

    def __init__(
        self,
        after: Annotated[
            str | None,
            Query(max_length=_LONGEST_CURSOR, description="Con trỏ trang / cursor: `next`"),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = DEFAULT_PAGE,
    ) -> None:
        self.after = None if after is None else decode_cursor(after)
        self.limit = limit


PageQuery = Annotated[PageRequest, Depends()]


def page_of(
    rows: Sequence[Row], wanted: PageRequest, item: Callable[[Row], Item], key: Callable[[Row], Any]
) -> Page[Item]:
    """The page of up to `limit + 1` rows that the store answered.

    Args:
        rows: in the list's order, at most `wanted.limit + 1`.
        wanted: what was asked for.
        item: makes a row's public form.
        key: a row's key (one value or a tuple); what the next request's `after` will carry.
    """
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return Page(
        items=[item(row) for row in shown],
        next=encode_cursor(key(shown[-1])) if more else None,
    )


def encode_cursor(key: Any) -> str:
    """A cursor of one value or a tuple of values, each kept as text."""
    parts = key if isinstance(key, tuple) else (key,)
    text = json.dumps([str(part) for part in parts], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, ...]:
    """The parts of a cursor; a problem where it was not made by `encode_cursor`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise bad_cursor() from None
    if not isinstance(parts, list) or not all(map(_is_part, parts)):
        raise bad_cursor()
    return tuple(parts)


def _is_part(part: Any) -> bool:
    """Text that PostgreSQL can hold; a key holds no control characters and no halves of pairs."""
    return isinstance(part, str) and part.isprintable()


def after_id(page: PageRequest) -> UUID | None:
    """The id after which a page of an id-ordered list begins; None at the first page."""
    if page.after is None:
        return None
    try:
        (last,) = page.after
        return UUID(last)
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """For a cursor that was made by someone else, or for another list."""
    return Problem(
        422,
        "page.cursor",
        Text("Con trỏ trang không hợp lệ.", "The page cursor is not valid."),
        [
            FieldError(
                "/query/after",
                "page.cursor",
                Text("Không đọc được con trỏ.", "The cursor cannot be read."),
                Text(
                    "Dùng nguyên giá trị `next` của trang trước, hoặc bỏ trống.",
                    "Send the `next` of the page before unchanged, or leave it out.",
                ),
            )
        ],
    )
