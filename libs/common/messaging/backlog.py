"""What a consumer's full queue has no room for stays in the ledger, and is sent on from there.

A bus whose queues are bounded (the local one) says which consumers are full. The relay leaves them
out and notes, in the transaction that empties the outbox, from where to where the ledger holds what
they have yet to get: one row per consumer, however long it stands still. So the others are not
delayed, and nothing grows but the ledger. While such a row is open its consumer gets everything
through it, in the ledger's order, page by page as there is room; then the relay sends to it again.

The row is kept among the replays, where operators see how far it is; it alone runs without a fence.
Only a relay that holds the outbox's lock changes it, and nobody cancels it: it is the rest of a
queue, not a wish.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging.packing import pack
from libs.common.messaging.settings import RelaySettings
from libs.common.messaging.transport import Transport
from libs.common.messaging.wishes import PER_SECOND

REASON = "BACKLOG"
_READ = """
SELECT replay_id, consumer, last_seq, end_seq FROM replay
WHERE state = 'running' AND fence IS NULL ORDER BY requested_at
"""
# Every row up to the end has been claimed, or has an outbox row of its own: no fence is needed.
_PAGE = """
SELECT seq, type, body FROM (
  SELECT seq, type, body,
         sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS bytes_before
  FROM (SELECT seq, type, body FROM event_log
        WHERE seq > $1 AND seq <= $2 AND type = ANY($3::text[]) AND octet_length(body) <= $4
        ORDER BY seq LIMIT $5) AS next
) AS page WHERE bytes_before < $6 ORDER BY seq
"""
_SENT = "UPDATE replay SET last_seq = $2, sent = sent + $3 WHERE replay_id = $1"
_DONE = "DELETE FROM replay WHERE replay_id = $1"  # bursts would leave one each, for ever
_EXTEND = """
UPDATE replay SET end_seq = greatest(end_seq, $2), total = total + $3 WHERE replay_id = $1
"""
_OPEN = f"""
INSERT INTO replay (replay_id, producer, consumer, per_second, reason, requested_by, requested_at,
                    state, started_at, last_seq, end_seq, total)
VALUES ($1, $2, $3, {PER_SECOND}, '{REASON}', $3, $4, 'running', $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Which part of the ledger a consumer has yet to get.

    Attributes:
        last_seq: what has been sent, inclusive.
        end_seq: inclusive.
    """

    replay_id: UUID
    last_seq: int
    end_seq: int


async def read(tx: Transaction) -> dict[str, Backlog]:
    """Per consumer that is served from the ledger."""
    return {
        row["consumer"]: Backlog(row["replay_id"], row["last_seq"], row["end_seq"])
        for row in await tx.fetch(_READ)
    }


async def send_on(
    tx: Transaction,
    transport: Transport,
    backlogs: Mapping[str, Backlog],
    full: Collection[str],
    settings: RelaySettings,
) -> dict[str, Backlog]:
    """A page to each consumer that has room again; answers who is still behind.

    Raises:
        TransportDown: nothing is known; send the same again later.
    """
    behind = dict(backlogs)
    for consumer, backlog in backlogs.items():
        if consumer in full:
            continue
        subscription = SUBSCRIPTIONS[consumer]
        page = await tx.fetch(
            _PAGE,
            backlog.last_seq,
            backlog.end_seq,
            [name for name in EVENT_TYPES if subscription.reads(name)],
            settings.largest_bytes,
            settings.claim_rows,
            settings.claim_bytes,
        )
        if not page:
            await tx.execute(_DONE, backlog.replay_id)
            del behind[consumer]
            continue
        packed = pack(
            page,  # type: ignore[arg-type]  # three columns make a triple
            most_events=settings.message_events,
            most_bytes=settings.message_bytes,
        )
        async with asyncio.timeout(settings.publish_seconds):
            await transport.send_live(subscription, [entry.message for entry in packed])
        last_seq = page[-1]["seq"]
        await tx.execute(_SENT, backlog.replay_id, last_seq, len(page))
        behind[consumer] = Backlog(backlog.replay_id, last_seq, backlog.end_seq)
    return behind


async def leave(
    tx: Transaction,
    service: str,
    consumers: Collection[str],
    behind: Mapping[str, Backlog],
    rows: Collection[tuple[int, str]],
) -> None:
    """Note that these consumers did not get what the others got.

    Args:
        tx: the transaction that takes the rows out of the outbox.
        service: whose ledger it is.
        consumers: who was left out.
        behind: what `send_on` answered.
        rows: (seq, type) of what was published, at least one; none is older than what a left out
            consumer has been sent.
    """
    first, last = min(rows)[0], max(rows)[0]
    types = Counter(kind for _, kind in rows)
    for consumer in sorted(consumers):
        count = sum(types[kind] for kind in types if SUBSCRIPTIONS[consumer].reads(kind))
        if consumer in behind:
            await tx.execute(_EXTEND, behind[consumer].replay_id, last, count)
        else:
            await tx.execute(
                _OPEN, new_id(), service, consumer, tx.recorded_at, first - 1, last, count
            )
