"""What has been received and how far each subject is: the first two defences against a repeated
effect (the third are the natural keys of the domain's tables).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.messaging.generations import GENERATION, generation_of

# A concurrent twin waits on the unique index until the first transaction ends. Ids that do not come
# back are duplicates. An event that was parked has been counted as seen already.
_RECEIVE = """
INSERT INTO inbox AS i (consumer, event_id, received_at, batch_id)
SELECT $1, event_id, $3, $4 FROM unnest($2::uuid[]) AS new(event_id) ORDER BY event_id
ON CONFLICT DO NOTHING
RETURNING event_id, EXISTS (
  SELECT FROM parked_message AS p WHERE p.consumer = i.consumer AND p.event_id = i.event_id)
"""
# No more is seen than there are versions up to the cursor, and parked ones ahead of it: what a
# snapshot stood for may still come itself, and what comes again after its receipt was forgotten
# would be counted twice; either would hide a later gap. Number 0 stands for a parked event, which
# is counted though the cursor has not come to it.
_MOST = f"""greatest(c.version, excluded.version) % {GENERATION}
      + CASE WHEN c.seen + excluded.seen > greatest(c.version, excluded.version) % {GENERATION}
          THEN (SELECT count(*) FROM parked_message AS p
                WHERE p.consumer = c.consumer AND p.stream = c.stream AND p.subject = c.subject
                  AND p.version > greatest(c.version, excluded.version)
                  AND p.version / {GENERATION} = c.version / {GENERATION})
          ELSE 0 END"""
# Seen is counted within the newest generation: what a restored producer lost is not waited for.
_SEEN = f"""CASE sign(excluded.version / {GENERATION} - c.version / {GENERATION})
    WHEN 1 THEN excluded.seen
    WHEN 0 THEN greatest(c.seen, least(c.seen + excluded.seen, {_MOST}))
    ELSE c.seen END"""
# `previous` is read under the row's lock. Never a CTE that first selects the old value: two
# processes then both read 0 and an older version can win.
_ADVANCE = f"""
INSERT INTO cursor AS c (consumer, stream, subject, version, seen, gap_since)
SELECT $1, stream, subject, version, seen,
       CASE WHEN seen < version % {GENERATION} THEN $6::timestamptz END
FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::bigint[])
  AS new(stream, subject, version, seen)
ORDER BY stream, subject
ON CONFLICT (consumer, stream, subject) DO UPDATE SET
  previous = c.version,
  version = greatest(c.version, excluded.version),
  seen = {_SEEN},
  gap_since = CASE WHEN {_SEEN} < greatest(c.version, excluded.version) % {GENERATION}
                   THEN coalesce(c.gap_since, $6) END
RETURNING stream, subject, previous
"""
_SETTLE_PARKED = """
UPDATE parked_message SET state = 'settled', settled_at = $3
WHERE consumer = $1 AND event_id = ANY($2::uuid[]) AND state <> 'discarded'
"""
_SETTLE_REPEATED = f"{_SETTLE_PARKED} AND state = 'redriven'"
_FINISH = """
INSERT INTO inbox_batch (batch_id, consumer, received_at, events, newest_at)
VALUES ($1, $2, $3, $4, $5)
"""

Key = tuple[str, UUID]


async def receive(
    tx: Transaction,
    consumer: str,
    events: Sequence[Received[Any]],
    batch_id: UUID,
    received_at: datetime,
) -> tuple[list[Received[Any]], set[UUID]]:
    """Note the events as received.

    Returns:
        Those that had not been received before, in their order; and the ids among them that were
        parked once.
    """
    unique = {event.event_id: event for event in events}
    rows = await tx.fetch(_RECEIVE, consumer, list(unique), received_at, batch_id)
    if len(rows) == len(unique):
        fresh = list(unique.values())
    else:
        new = {row[0] for row in rows}
        fresh = [event for event in unique.values() if event.event_id in new]
        # Parked at the moment at which it took effect, and sent again: that settles it.
        repeats = [event_id for event_id in unique if event_id not in new]
        await tx.execute(_SETTLE_REPEATED, consumer, repeats, received_at)
    parked = {row[0] for row in rows if row[1]}
    if parked:
        await tx.execute(_SETTLE_PARKED, consumer, list(parked), received_at)
    return fresh, parked


def count(steps: dict[Key, tuple[int, int]], key: Key, version: int, weight: int) -> None:
    """Add an event to the steps that `advance` takes; an older generation counts for nothing."""
    highest, seen = steps.get(key, (version, 0))
    newer = generation_of(version) - generation_of(highest)
    if newer >= 0:
        steps[key] = (max(highest, version), weight + (0 if newer else seen))


async def advance(
    tx: Transaction, consumer: str, steps: dict[Key, tuple[int, int]], at: datetime
) -> dict[Key, int]:
    """Move cursors forward.

    Args:
        tx: the batch's transaction.
        consumer: `<service>.<room>`.
        steps: per (stream, subject) the highest version and how many events of its generation
            were seen.
        at: since when a gap, if one opens, is counted.

    Returns:
        Per (stream, subject) the version before this step (0 for a new subject).
    """
    if not steps:
        return {}
    rows = await tx.fetch(
        _ADVANCE,
        consumer,
        [stream for stream, _ in steps],
        [subject for _, subject in steps],
        [version for version, _ in steps.values()],
        [seen for _, seen in steps.values()],
        at,
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def finish(
    tx: Transaction,
    consumer: str,
    batch_id: UUID,
    received_at: datetime,
    events: int,
    newest_at: datetime | None,
) -> None:
    """The batch's last statement: `finished_at` is when its effects were there.

    Args:
        tx: the batch's transaction.
        consumer: `<service>.<room>`.
        batch_id: named by the batch's inbox rows.
        received_at: when it was taken.
        events: how many it held.
        newest_at: when the newest fresh one of them was recorded.
    """
    await tx.execute(_FINISH, batch_id, consumer, received_at, events, newest_at)
