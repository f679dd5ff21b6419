"""What became of an act, from ledger and inbox: complete without a collector and without sampling.

Each service answers for itself; whoever asks (the timeline, `ansinh trace`) joins the answers by
event id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.database import Transaction

_SAID = """
SELECT seq, event_id, stream, subject, version, type, occurred_at, recorded_at, correlation_id,
       causation_id
FROM event_log
"""
_BY_SUBJECT = f"{_SAID} WHERE subject = $1 ORDER BY seq LIMIT $2"
_BY_CORRELATION = f"{_SAID} WHERE correlation_id = $1 ORDER BY seq LIMIT $2"
_RECEIPTS = """
SELECT i.event_id, i.consumer, i.received_at, b.finished_at
FROM inbox AS i LEFT JOIN inbox_batch AS b USING (batch_id)
WHERE i.event_id = ANY($1::uuid[]) ORDER BY i.received_at, i.consumer
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One ledger row, without its body."""

    seq: int
    event_id: UUID
    stream: str
    subject: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID
    causation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One consumer's receipt; `finished_at` is when the effects were there."""

    event_id: UUID
    consumer: str
    received_at: datetime
    finished_at: datetime | None


async def said_about(tx: Transaction, subject: UUID, limit: int = 1000) -> list[Said]:
    """Every event of a subject (a household), in all streams of this service, oldest first."""
    return [Said(*row) for row in await tx.fetch(_BY_SUBJECT, subject, limit)]


async def said_in(tx: Transaction, correlation_id: UUID, limit: int = 1000) -> list[Said]:
    """Every event of this service that belongs to one act, oldest first."""
    return [Said(*row) for row in await tx.fetch(_BY_CORRELATION, correlation_id, limit)]


async def receipts(tx: Transaction, event_ids: Sequence[UUID]) -> list[Receipt]:
    """Which of this service's consumers received these events, and when it took effect."""
    return [Receipt(*row) for row in await tx.fetch(_RECEIPTS, list(event_ids))]
