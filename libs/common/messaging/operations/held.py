"""Outbox rows that the bus has refused too often: an operator looks at them and lets them go."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Sequence

import asyncpg

from libs.common.database import Transaction

_LIST = """
SELECT seq, event_id, log.type, log.subject, log.version, log.recorded_at, attempts, last_error
FROM outbox JOIN event_log AS log USING (seq)
WHERE held AND attempts > 0 AND seq > $1 ORDER BY seq LIMIT $2
"""
# As if new: the row gets all its attempts again.
_RELEASE = """
UPDATE outbox SET held = false, attempts = 0, next_attempt_at = '-infinity'
FROM event_log AS log
WHERE log.seq = outbox.seq AND outbox.held AND ($1::bigint[] IS NULL OR outbox.seq = ANY($1))
RETURNING log.event_id, log.subject
"""


async def list_held(tx: Transaction, after: int, limit: int) -> list[asyncpg.Record]:
    """Envelope, attempts and reason of held rows, oldest first."""
    return await tx.fetch(_LIST, after, limit)


async def release(tx: Transaction, seqs: Sequence[int] | None) -> list[asyncpg.Record]:
    """Have the relay try them again; answers which. None means every one."""
    rows = await tx.fetch(_RELEASE, None if seqs is None else list(seqs))
    if rows:
        tx.wakes.add("outbox")
    return rows
