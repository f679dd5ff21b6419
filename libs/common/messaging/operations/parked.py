"""What an operator does with the parking lot: look (without values), re-drive, discard."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from libs.common.database import Transaction

_SELECT = """
SELECT parked_id, consumer, event_id, type, subject, version, correlation_id, reason, fields,
       error, attempt, parked_at, state, settled_at, settled_by, settled_reason
FROM parked_message
"""
_FIND = f"{_SELECT} WHERE parked_id = $1"
_LIST = f"""{_SELECT}
WHERE state IN ('parked', 'redrive', 'redriven') AND ($1::text IS NULL OR consumer = $1)
  AND ($2::text IS NULL OR reason = $2) AND ($3::uuid IS NULL OR parked_id > $3)
ORDER BY parked_id LIMIT $4
"""
# What was sent again and got lost is sent once more, by name: of many, most are still on the road.
_REDRIVE = """
UPDATE parked_message SET state = 'redrive', settled_by = $4
WHERE (state = 'parked' OR state = 'redriven' AND $1::uuid[] IS NOT NULL)
  AND ($1::uuid[] IS NULL OR parked_id = ANY($1))
  AND ($2::text IS NULL OR consumer = $2) AND ($3::text IS NULL OR reason = $3)
RETURNING parked_id, subject
"""
_DISCARD = """
UPDATE parked_message
SET state = 'discarded', settled_at = $4, settled_by = $3, settled_reason = $2
WHERE parked_id = ANY($1::uuid[]) AND state IN ('parked', 'redrive')
RETURNING parked_id, subject
"""


async def list_open(
    tx: Transaction, consumer: str | None, reason: str | None, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Envelope, reason and field names of what waits for a decision, or was sent again and has not
    come yet, oldest first.
    """
    return await tx.fetch(_LIST, consumer, reason, after, limit)


async def find(tx: Transaction, parked_id: UUID) -> asyncpg.Record | None:
    """One parked event without its values, whatever has become of it."""
    return await tx.fetchrow(_FIND, parked_id)


async def read_body(tx: Transaction, parked_id: UUID) -> bytes:
    """The very bytes of an event that is there; the caller leaves the audit line."""
    body: bytes = await tx.fetchval("SELECT parked_body($1)", parked_id)
    return body


async def redrive(
    tx: Transaction,
    parked_ids: Sequence[UUID] | None,
    consumer: str | None,
    reason: str | None,
    by: str,
) -> list[asyncpg.Record]:
    """Have them worked again, soon; answers which. No limit at all means every parked one."""
    ids = None if parked_ids is None else list(parked_ids)
    return await tx.fetch(_REDRIVE, ids, consumer, reason, by)


async def discard(
    tx: Transaction, parked_ids: Sequence[UUID], reason: str, by: str
) -> list[asyncpg.Record]:
    """Give them up for a stated reason; answers which."""
    return await tx.fetch(_DISCARD, list(parked_ids), reason, by, tx.recorded_at)
