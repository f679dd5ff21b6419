"""When each partner was told of an event, and what it did: for the trace of a household.

Webhooks are known by their deliveries for as long as those are kept, the feed by when a partner
had read up to where. Ids and instants only.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.areas.scope import ScopeCache
from libs.common.database import Transaction
from libs.common.partners import reading, registrations
from libs.common.partners.scoping import scope_of, types_of
from libs.common.partners.standing import FEED

_EXIST = "SELECT to_regclass('partner_page') IS NOT NULL"
_DELIVERIES = """
SELECT log.event_id, endpoint.partner, endpoint.endpoint_id::text, delivery.state,
       delivery.settled_at, delivery.attempts
FROM event_log AS log CROSS JOIN webhook_endpoint AS endpoint
JOIN webhook_delivery AS delivery
  ON delivery.endpoint_id = endpoint.endpoint_id AND delivery.seq = log.seq
  AND delivery.event_id = log.event_id
WHERE log.event_id = ANY ($1::uuid[]) ORDER BY log.seq, endpoint.partner, endpoint.endpoint_id
"""
_READERS = "SELECT DISTINCT partner FROM partner_page ORDER BY partner"
_ROWS = """
SELECT event.*, page.read_at
FROM event_log AS log
CROSS JOIN LATERAL partner_events(log.seq - 1, log.seq, $2::text[], 1) AS event
JOIN LATERAL (SELECT read_at FROM partner_page
              WHERE partner = $3 AND seq >= log.seq ORDER BY seq LIMIT 1) AS page ON true
WHERE log.event_id = ANY ($1::uuid[]) ORDER BY log.seq
"""
_ACTS = """
SELECT correlation_id, recorded_at, partner, act FROM partner_act
WHERE correlation_id IN (SELECT correlation_id FROM event_log WHERE event_id = ANY ($1::uuid[]))
ORDER BY recorded_at, partner, act
"""
_KEEP_PAGE = """
INSERT INTO partner_page (partner, seq, read_at) SELECT $1, $2, $3
WHERE NOT EXISTS (SELECT FROM partner_page WHERE partner = $1 AND seq >= $2)
ON CONFLICT DO NOTHING
"""
_KEEP_ACT = """
INSERT INTO partner_act (correlation_id, recorded_at, partner, act) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM partner_page WHERE read_at < $1"


@dataclass(frozen=True, slots=True)
class Told:
    """A partner and an event of its.

    Attributes:
        road: `feed`, or the id of the endpoint.
        state: of the feed `read`; of a delivery `pending`, `delivered`, `withheld` (not its any
            more) or `failed` (given up).
        at: when; None while it is on its way.
        attempts: of the delivery.
    """

    event_id: UUID
    partner: str
    road: str
    state: str
    at: datetime | None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a partner did: the events of this act that were recorded at this instant are its."""

    correlation_id: UUID
    recorded_at: datetime
    partner: str
    act: str


async def told_of(tx: Transaction, events: Sequence[UUID], day: date) -> list[Told]:
    """Who was told of these events; nobody where the service has no partners."""
    if not events or not await tx.fetchval(_EXIST):
        return []
    told = [Told(*row) for row in await tx.fetch(_DELIVERIES, events)]
    for row in await tx.fetch(_READERS):
        told += await _read(tx, row["partner"], events, day)
    return told


async def _read(tx: Transaction, partner: str, events: Sequence[UUID], day: date) -> list[Told]:
    """Of these events those that a reader of the feed may see, and has read."""
    known = await registrations.find(tx, partner)
    if known is None:
        return []
    scope = await scope_of(tx, ScopeCache(), known.terms, day)
    rows = await tx.fetch(_ROWS, events, types_of(scope), partner)
    read_at = {row["seq"]: row["read_at"] for row in rows}
    return [
        Told(one.row.event_id, partner, FEED, "read", read_at[one.seq])
        for one in await reading.view_rows(tx, scope, rows)
    ]


async def answers_among(tx: Transaction, events: Sequence[UUID]) -> list[Answered]:
    """What partners did in the acts of these events."""
    if not events or not await tx.fetchval(_EXIST):
        return []
    return [Answered(*row) for row in await tx.fetch(_ACTS, events)]


async def keep_page(tx: Transaction, partner: str, seq: int) -> None:
    """The partner has read the feed up to a row of the ledger; kept where it came further."""
    await tx.execute(_KEEP_PAGE, partner, seq, tx.recorded_at)


async def keep_act(tx: Transaction, partner: str, act: str, correlation_id: UUID) -> None:
    """The partner did something in this transaction."""
    await tx.execute(_KEEP_ACT, correlation_id, tx.recorded_at, partner, act)


async def forget(tx: Transaction, before: datetime) -> None:
    """What was read longer ago is not kept."""
    await tx.execute(_FORGET, before)
