"""The statements on what other registries told us."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

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


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget what was received before; answers how many parts, bounded."""
    return await tx.execute(_PURGE, before)
