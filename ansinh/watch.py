"""Whether all that was said has taken effect, and how long it took.

Read from the databases, or asked of each service's internal API where they are out of reach.

A consumer is complete when it knows every subject of the streams that it reads, at the version that
the producer's heads name. Producers are compared upstream first: a handler that is still behind
has yet to speak.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ansinh.services import NAMES
from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.messaging.operations.progress import (
    NOTHING,
    Heads,
    Owed,
    Seen,
    leave_out,
    read_cursors,
    read_cursors_of,
    read_heads,
    read_parked,
)
from libs.common.messaging.operations.schemas import ProgressOut, SeenIn, SeenOut
from libs.common.partners.standing import FEED, read_partners

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

Workers = Mapping[str, Database]


class ParkedEvents(Exception):
    """An event could not be applied and waits for a person: the effects will not complete."""


@dataclass(frozen=True)
class Standing:
    """What a service has said, what its consumers have seen, and who of them has parked events."""

    heads: Mapping[str, Heads]
    owed: Owed
    cursors: Seen
    parked: Sequence[str]


# Told what is owed upstream, so that what was seen of it is left out.
Look = Callable[[Owed], Awaitable[Standing]]


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


def looks_into(workers: Workers) -> list[Look]:
    """A look at each database, upstream first."""

    def look_into(database: Database) -> Look:
        async def look(owed: Owed) -> Standing:
            async with database.transaction() as tx:
                cursors = await read_cursors(tx)  # before the heads: never too far
                cursors = leave_out(cursors, await read_cursors_of(tx, owed))
                said = await read_heads(tx)
                parked = [entry.consumer for entry in await read_parked(tx)]
                return Standing(said.heads, said.owed, cursors, parked)

        return look

    return [look_into(workers[name]) for name in NAMES]


def looks_over_http(
    get: Callable[[str], Awaitable[Any]], post: Callable[[str, Any], Awaitable[Any]]
) -> list[Look]:
    """A look at each service's progress, upstream first.

    Args:
        get: the JSON answer to a GET of a path, in the role of an operator.
        post: the same of a POST with a body.
    """

    def look_at(service: str) -> Look:
        async def look(owed: Owed) -> Standing:
            answer = ProgressOut.model_validate(
                await get(f"/{service}/internal/v1/progress?fresh=true")
            )
            seen_of_owed: Seen = {}
            if owed and answer.cursors:
                body = SeenIn(subjects=owed).model_dump(mode="json")
                said = await post(f"/{service}/internal/v1/progress/seen", body)
                seen_of_owed = _seen(SeenOut.model_validate(said))
            return Standing(
                answer.heads,
                answer.owed,
                leave_out(_seen(answer), seen_of_owed),
                sorted({parked.consumer for parked in answer.parked}),
            )

        return look

    return [look_at(name) for name in NAMES]


async def wait_until_told(workers: Workers) -> None:
    """Until every webhook that is owed to a partner has been taken by it."""
    while True:
        untold = 0
        for database in workers.values():
            async with database.transaction() as tx:
                roads = await read_partners(tx, database.clock.today())
            untold += sum(road.behind for road in roads if road.road != FEED)
        if not untold:
            return
        await asyncio.sleep(_POLL_SECONDS)


async def behind(looks: Sequence[Look]) -> list[Behind]:
    """Every consumer that has not seen all of a stream it reads, upstream first.

    Raises:
        ParkedEvents: something was parked, so that waiting would never end.
    """
    heads: dict[str, Heads] = {}
    owed: dict[str, Sequence[UUID]] = {}
    cursors: Seen = {}
    parked: list[str] = []
    for look in looks:
        standing = await look(owed)
        heads |= standing.heads
        owed |= standing.owed
        cursors |= standing.cursors
        parked += standing.parked
    found = []
    for subscription in SUBSCRIPTIONS.values():
        for stream in sorted(_streams_of(subscription.consumer)):
            said = heads.get(stream, NOTHING)
            seen = cursors.get((subscription.consumer, stream), NOTHING)
            if said != seen:
                missing = max(1, said.missing(seen))
                found.append(Behind(subscription.consumer, stream, missing))
    if found and parked:
        raise ParkedEvents(", ".join(parked))
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
    await wait_until_seen(looks_into(workers), progress)


async def wait_until_seen(
    looks: Sequence[Look], progress: Callable[[int], None] = lambda versions: None
) -> None:
    """The same through any looks: at databases, or over HTTP."""
    calm = 0
    while calm < 2:
        missing = await behind(looks)
        ahead = sum(entry.versions for entry in missing)
        progress(ahead)
        calm = 0 if missing else calm + 1
        if missing:
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


def _seen(answer: ProgressOut | SeenOut) -> Seen:
    return {
        (consumer, stream): seen
        for consumer, streams in answer.cursors.items()
        for stream, seen in streams.items()
    }


def _streams_of(consumer: str) -> set[str]:
    subscription = SUBSCRIPTIONS[consumer]
    return {event.stream for event in EVENT_TYPES.values() if subscription.reads(event.name)}
