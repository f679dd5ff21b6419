"""How a new consumer starts: its queue exists and fills, then pages of whole subjects go through
the normal algorithm, then it consumes. Live events, snapshot and replay may interleave freely:
versions decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.decode import decode
from libs.common.messaging.parking import Parked, parked_bad
from libs.common.messaging.transport import Delivery
from libs.common.messaging.work import apply

_PAGE = """
SELECT head.subject, log.type, log.body FROM stream_head AS head
JOIN event_log AS log ON log.subject = head.subject AND log.stream = head.stream
  AND log.version = head.version
WHERE head.stream = $1 AND ($2::uuid IS NULL OR head.subject > $2)
ORDER BY head.subject LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A whole subject at its newest version: the very bytes of its last event."""

    subject: UUID
    type: str
    body: bytes


async def read_page(
    tx: Transaction, stream: str, after: UUID | None, limit: int = 500
) -> list[SnapshotRow]:
    """The next subjects of a stream in id order; `after` is the last one of the page before."""
    rows = await tx.fetch(_PAGE, stream, after, limit)
    return [SnapshotRow(row["subject"], row["type"], row["body"]) for row in rows]


async def apply_page(database: Database, consumer: Consumer, rows: Sequence[SnapshotRow]) -> None:
    """Apply a page as events, in one transaction: each stands for all versions up to its own."""
    decoded = [decode(Delivery(row.type, row.body, 0, 0, {}, None)) for row in rows]
    events = [event for entry in decoded for event in entry.events]
    bad = [parked_bad(bad, entry.delivery) for entry in decoded for bad in entry.bad]
    await apply_events(database, consumer, events, bad)


async def apply_events(
    database: Database,
    consumer: Consumer,
    events: Sequence[Received[Any]],
    parked: Sequence[Parked] = (),
) -> None:
    """Apply whole subjects, in one transaction: each stands for all versions up to its own."""
    async with database.transaction() as tx:
        await apply(
            tx,
            consumer,
            events,
            parked=parked,
            received_at=database.clock.now(),
            is_snapshot=True,
        )
