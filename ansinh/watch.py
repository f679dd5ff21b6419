"""Whether all that was said has taken effect, and how long it took; read from the databases.

A consumer is complete when it knows every subject of the streams that it reads, at the version that
the producer's heads name. Producers are compared upstream first: a handler that is still behind
has yet to speak.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.messaging.progress import Heads, read_cursors, read_heads

_POLL_SECONDS = 0.25
_FAR_VERSIONS, _FAR_POLL_SECONDS = 5_000, 1.5
_SAID = """
SELECT event_id, correlation_id, recorded_at, stream = 'household' AS is_cause FROM event_log
WHERE recorded_at >= $1 AND stream <> 'area'
"""
_RECEIVED = """
SELECT i.event_id, b.finished_at FROM inbox AS i JOIN inbox_batch AS b USING (batch_id)
WHERE b.finished_at >= $1
"""
_NOTHING = Heads(0, 0)

Workers = Mapping[str, Database]


class ParkedEvents(Exception):
    """An event could not be applied and waits for a person: the effects will not complete."""


@dataclass(frozen=True)
class Behind:
    """How many versions of a stream a consumer has yet to see."""

    consumer: str
    stream: str
    versions: int


@dataclass(frozen=True)
class Latency:
    """Seconds from the start of the act's transaction to its last effect's commit."""

    acts: int
    p50: float
    p99: float
    longest: float


async def behind(workers: Workers) -> list[Behind]:
    """Every consumer that has not seen all of a stream it reads, upstream first."""
    heads: dict[str, Heads] = {}
    cursors: dict[tuple[str, str], Heads] = {}
    for database in workers.values():  # registry, eligibility, credit, reporting
        async with database.transaction() as tx:
            cursors |= await read_cursors(tx)
            heads |= await read_heads(tx)
    found = []
    for subscription in SUBSCRIPTIONS.values():
        for stream in sorted(_streams_of(subscription.consumer)):
            said = heads.get(stream, _NOTHING)
            seen = cursors.get((subscription.consumer, stream), _NOTHING)
            if said != seen:
                missing = max(1, said.versions - seen.versions)
                found.append(Behind(subscription.consumer, stream, missing))
    return found


async def wait_for_effects(
    workers: Workers, progress: Callable[[int], None] = lambda versions: None
) -> None:
    """Wait until nobody is behind, twice in a row.

    Args:
        workers: each service's database under its worker role.
        progress: told how many versions are still on the road, at every look.

    Raises:
        ParkedEvents: something was parked, so that waiting would never end.
    """
    calm = 0
    while calm < 2:
        missing = await behind(workers)
        ahead = sum(entry.versions for entry in missing)
        progress(ahead)
        calm = 0 if missing else calm + 1
        if missing:
            await _refuse_parked(workers)
            # Looking costs the database something too.
            await asyncio.sleep(_FAR_POLL_SECONDS if ahead > _FAR_VERSIONS else _POLL_SECONDS)


async def latency_since(workers: Workers, since: datetime) -> Latency:
    """Of the household acts recorded since then, how long their last effect took."""
    act_of: dict[UUID, UUID] = {}
    begun: dict[UUID, datetime] = {}
    ended: dict[UUID, datetime] = {}
    for database in workers.values():
        async with database.transaction() as tx:
            for event_id, correlation_id, recorded_at, is_cause in await tx.fetch(_SAID, since):
                act_of[event_id] = correlation_id
                if is_cause:
                    begun[correlation_id] = recorded_at
            for event_id, finished_at in await tx.fetch(_RECEIVED, since):
                act = act_of.get(event_id)
                if act is not None and (act not in ended or ended[act] < finished_at):
                    ended[act] = finished_at
    seconds = sorted(
        (ended[act] - start).total_seconds() for act, start in begun.items() if act in ended
    )
    if not seconds:
        return Latency(0, 0.0, 0.0, 0.0)
    return Latency(
        acts=len(seconds),
        p50=seconds[len(seconds) // 2],
        p99=seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)],
        longest=seconds[-1],
    )


def _streams_of(consumer: str) -> set[str]:
    subscription = SUBSCRIPTIONS[consumer]
    return {event.stream for event in EVENT_TYPES.values() if subscription.reads(event.name)}


async def _refuse_parked(workers: Workers) -> None:
    for database in workers.values():
        async with database.transaction() as tx:
            row = await tx.fetchrow(
                "SELECT consumer, reason FROM parked_message WHERE state = 'parked' LIMIT 1"
            )
        if row:
            raise ParkedEvents(f"{row['consumer']}: {row['reason']}")
