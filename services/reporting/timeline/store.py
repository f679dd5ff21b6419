"""Keep timeline entries and page through those of a household."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction

_INSERT = """
INSERT INTO timeline_entry
  (household_id, stream, subject, version, event_id, type, commune, act, facts, correlation_id,
   causation_id, occurred_at, recorded_at)
SELECT household_id, stream, subject, version, event_id, type, commune, act, facts::jsonb,
       correlation_id, causation_id, occurred_at, recorded_at
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::timestamptz[],
            $13::timestamptz[])
  AS new (household_id, stream, subject, version, event_id, type, commune, act, facts,
          correlation_id, causation_id, occurred_at, recorded_at)
ON CONFLICT DO NOTHING
"""
# A household has dozens of entries: its whole prefix of the key is read and sorted.
_PAGE = """
SELECT event_id, stream, subject, version, type, act, facts, correlation_id, causation_id,
       occurred_at, recorded_at
FROM timeline_entry
WHERE household_id = $1
  AND ($2::timestamptz IS NULL OR (recorded_at, event_id) > ($2::timestamptz, $3::uuid))
ORDER BY recorded_at, event_id
LIMIT $4
"""

EntryRow = tuple[
    UUID,
    str,
    UUID,
    int,
    UUID,
    str,
    str,
    str,
    str,
    UUID,
    UUID | None,
    datetime,
    datetime,
]


@dataclass(frozen=True)
class Entry:
    """One event as kept; `facts` are the parameters of its line."""

    event_id: UUID
    stream: str
    subject: UUID
    version: int
    type: str
    act: str
    facts: dict[str, Any]
    correlation_id: UUID
    causation_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime


async def insert_entries(tx: Transaction, rows: Sequence[EntryRow]) -> None:
    """Keep each entry once; columns in the order of the statement, `facts` as JSON text."""
    if rows:
        await tx.execute(_INSERT, *zip(*rows, strict=True))


async def list_entries_after(
    tx: Transaction, household_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Entry]:
    """Entries of a household in the order of recording, after a `(recorded_at, event_id)`."""
    instant, event_id = after or (None, None)
    rows = await tx.fetch(_PAGE, household_id, instant, event_id, limit)
    return [Entry(**row) for row in rows]
