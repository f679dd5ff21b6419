"""How far everything is, from the databases alone: whether all that was said has been received.

A consumer is complete for a stream when it knows every subject and its versions add up to those of
the producer's heads. Compare upstream first: a handler that is still behind has yet to speak.
"""

from dataclasses import dataclass
from datetime import datetime

from libs.common.database import Transaction
from libs.common.messaging.generations import GENERATION

# A head that a restore has raised is not counted before something is said above it.
_HEADS = f"""
SELECT stream, count(*), coalesce(sum(version), 0)::bigint FROM stream_head
WHERE version % {GENERATION} > 0 GROUP BY stream ORDER BY stream
"""
_CURSORS = """
SELECT consumer, stream, count(*), coalesce(sum(version), 0)::bigint FROM cursor
WHERE version > 0 GROUP BY consumer, stream ORDER BY consumer, stream
"""
_OUTBOX = """
SELECT count(*), (SELECT recorded_at FROM event_log WHERE seq = min(outbox.seq)),
       count(*) FILTER (WHERE held)
FROM outbox
"""
_QUEUED = """
SELECT consumer, coalesce(sum(events) FILTER (WHERE NOT is_replay), 0)::bigint,
       coalesce(sum(events) FILTER (WHERE is_replay), 0)::bigint
FROM local_queue GROUP BY consumer ORDER BY consumer
"""
_PARKED = """
SELECT consumer, count(*), min(parked_at) FROM parked_message
WHERE state IN ('parked', 'redrive') GROUP BY consumer ORDER BY consumer
"""
_LAST = """
SELECT consumer, max(finished_at) FROM inbox_batch WHERE finished_at > $1 GROUP BY consumer
"""


@dataclass(frozen=True, slots=True)
class Heads:
    """What a stream has said: how many subjects, and the sum of their versions."""

    subjects: int
    versions: int


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is yet to be published; `oldest_at` is when its first row was recorded."""

    pending: int
    oldest_at: datetime | None
    held: int


@dataclass(frozen=True, slots=True)
class Queued:
    """Events waiting in the local transport."""

    live: int
    replay: int


@dataclass(frozen=True, slots=True)
class ParkedCount:
    count: int
    oldest_at: datetime


async def read_heads(tx: Transaction) -> dict[str, Heads]:
    """Per stream, in the producer's database."""
    return {row[0]: Heads(row[1], row[2]) for row in await tx.fetch(_HEADS)}


async def read_cursors(tx: Transaction) -> dict[tuple[str, str], Heads]:
    """Per (consumer, stream), in the consumer's database."""
    return {(row[0], row[1]): Heads(row[2], row[3]) for row in await tx.fetch(_CURSORS)}


async def read_outbox(tx: Transaction) -> Outbox:
    row = await tx.fetchrow(_OUTBOX)
    if row is None:
        return Outbox(0, None, 0)
    return Outbox(row[0], row[1], row[2])


async def read_queued(tx: Transaction) -> dict[str, Queued]:
    """Per consumer; empty where another transport is used."""
    return {row[0]: Queued(row[1], row[2]) for row in await tx.fetch(_QUEUED)}


async def read_parked(tx: Transaction) -> dict[str, ParkedCount]:
    """Per consumer, what an operator has yet to decide."""
    return {row[0]: ParkedCount(row[1], row[2]) for row in await tx.fetch(_PARKED)}


async def read_last_batches(tx: Transaction, since: datetime) -> dict[str, datetime]:
    """Per consumer when its last micro-batch since then was finished."""
    return {row[0]: row[1] for row in await tx.fetch(_LAST, since)}
