"""The next part of the ledger as one partner may see it, for the feed and the webhooks alike.

Bounded in what it looks at and in what it gives, and in sets: a page is a few statements, however
many rows are looked at.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from libs.common.database import Transaction
from libs.common.partners.domain import Scope, is_seen, notice, show
from libs.common.partners.scoping import types_of

CHUNK = 1_000
_EVENTS = "SELECT * FROM partner_events($1, $2, $3, $4)"
_BEFORE = "SELECT * FROM partner_events_before($1, $2, $3)"
_ANCHOR = "SELECT seq, event_id FROM event_log WHERE seq <= $1 ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one look may cost.

    Attributes:
        rows: of the ledger, passed over at most.
        events: of the partner's types, looked into at most.
        given: shown at most.
        bytes: shown at most, but for the first one.
    """

    rows: int = 100_000
    events: int = 5_000
    given: int = 1_000
    bytes: int = 8_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as the partner may see it.

    Attributes:
        household_id: whom it is about, for the audit trail.
        row: the ledger's row, without a body.
    """

    seq: int
    body: bytes
    household_id: UUID
    row: Envelope


@dataclass(frozen=True, slots=True)
class Envelope:
    """Which event it is."""

    event_id: UUID
    stream: str
    subject: UUID
    recorded_at: Any
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What was found, in the ledger's order, and up to which row everything has been looked at."""

    shown: list[Shown]
    upto: int


Look = Callable[[Transaction, Scope, Sequence["asyncpg.Record"]], Awaitable[list[Shown]]]


async def read_part(
    tx: Transaction,
    scope: Scope,
    after: int,
    safe: int,
    bounds: Bounds,
    look: Look | None = None,
) -> Part:
    """What the partner may see of the rows after `after`.

    Args:
        safe: what `horizon.look` answered; nothing above it is read.
        look: what is shown of rows; by default everything in the scope.
    """
    look = look or view_rows
    until, kinds = min(safe, after + bounds.rows), types_of(scope)
    shown: list[Shown] = []
    upto, looked, size = after, 0, 0
    chunk = min(CHUNK, max(2 * bounds.given, 100))
    while upto < until and len(shown) < bounds.given:
        most = min(chunk, bounds.events - looked)
        rows = await tx.fetch(_EVENTS, upto, until, kinds, most) if kinds and most else []
        for one in await look(tx, scope, rows):
            size += len(one.body)
            if len(shown) == bounds.given or (shown and size > bounds.bytes):
                return Part(shown, shown[-1].seq)
            shown.append(one)
        looked += len(rows)
        if len(rows) < most:
            upto = until
        elif rows:
            upto = rows[-1]["seq"]
        if looked >= bounds.events:
            break
    return Part(shown, upto)


async def view_rows(tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]) -> list[Shown]:
    """The view of each row that has one; `domain.view`, for a set.

    Args:
        rows: of `partner_events`.
    """
    events = [from_json(row["body"]) for row in rows]
    views = [show(scope, row["type"], event) for row, event in zip(rows, events, strict=True)]
    unseen = [row for row, body in zip(rows, views, strict=True) if body is None]
    left = await _left(tx, scope, unseen)
    found = []
    for row, event, body in zip(rows, events, views, strict=True):
        if body is None and row["seq"] in left:
            body = notice(event)
        if body is not None:
            found.append(_shown(row, event, body))
    return found


async def _left(tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]) -> set[int]:
    """Of rows that are not in scope, those whose subject was until then."""
    before = await events_before(tx, rows)
    return {
        row["seq"]
        for row in rows
        if (earlier := before.get(key_of(row))) is not None and is_seen(scope, *earlier)
    }


Key = tuple[str, UUID, int]  # stream, subject, version


def key_of(row: asyncpg.Record) -> Key:
    return row["stream"], row["subject"], row["version"]


async def events_before(
    tx: Transaction, rows: Sequence[asyncpg.Record]
) -> dict[Key, tuple[str, Any]]:
    """What was said of the rows' subjects right before them, type and event; absent: nothing.

    Args:
        rows: of `partner_events`.
    """
    later = [row for row in rows if row["version"] > 1]
    if not later:
        return {}
    columns = [[row[name] for row in later] for name in ("stream", "subject", "version")]
    return {
        key_of(one): (one["type"], from_json(one["body"]))
        for one in await tx.fetch(_BEFORE, *columns)
    }


def _shown(row: asyncpg.Record, event: Mapping[str, Any], body: bytes) -> Shown:
    household = UUID(str(event["data"].get("household_id", row["subject"])))
    envelope = Envelope(
        row["event_id"], row["stream"], row["subject"], row["recorded_at"], row["traceparent"]
    )
    return Shown(row["seq"], body, household, envelope)


async def anchor(tx: Transaction, seq: int) -> tuple[int, UUID] | None:
    """The last row up to `seq`, by which a cursor can be known again; None: there is none."""
    row = await tx.fetchrow(_ANCHOR, seq)
    return None if row is None else (row["seq"], row["event_id"])
