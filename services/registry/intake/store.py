"""The statements on what other registries told us."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from libs.common.database import Transaction

_KEEP = """
INSERT INTO dci_received (partner, action, key, message_id, header, message, received_at)
SELECT $1, $2, new.key, $3, $4, new.message, $5
FROM unnest($6::text[], $7::jsonb[]) AS new(key, message)
ON CONFLICT (partner, action, key) DO NOTHING
"""
_PURGE = """
DELETE FROM dci_received WHERE (partner, action, key) IN (
  SELECT partner, action, key FROM dci_received WHERE received_at < $1 LIMIT 10000)
"""
_LIST = """
SELECT partner, action, key, message_id, received_at FROM dci_received
WHERE ($1::text IS NULL OR partner = $1) AND ($2::timestamptz IS NULL
  OR (received_at, partner, action, key) < ($2, $3::text, $4::text, $5::text))
ORDER BY received_at DESC, partner DESC, action DESC, key DESC LIMIT $6
"""
_VALUES = "SELECT header, message FROM dci_received_values($1, $2, $3)"


async def keep(
    tx: Transaction,
    partner: str,
    action: str,
    message_id: str,
    header: Mapping[str, Any],
    parts: Sequence[tuple[str, Mapping[str, Any]]],
) -> int:
    """Keep what is new of a message; answers how many parts that are."""
    keys, messages = [one[0] for one in parts], [one[1] for one in parts]
    return await tx.execute(
        _KEEP, partner, action, message_id, header, tx.recorded_at, keys, messages
    )


Place = tuple[datetime, str, str, str]  # in the list: instant, partner, action, key


async def list_before(
    tx: Transaction, partner: str | None, last: Place | None, limit: int
) -> list[asyncpg.Record]:
    """Parts without their values, newest first, after the last one of the page before."""
    place = last or (None, None, None, None)
    return await tx.fetch(_LIST, partner, *place, limit)


async def read_values(
    tx: Transaction, partner: str, action: str, key: str
) -> asyncpg.Record | None:
    """Header and message of one part."""
    return await tx.fetchrow(_VALUES, partner, action, key)


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget what was received before; answers how many parts, bounded."""
    return await tx.execute(_PURGE, before)
