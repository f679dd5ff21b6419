"""What holds at the end of every failure test, whatever went wrong on the way.

Every event is accounted for once per consumer; nothing was handed on twice; set insert holds one
row per version; latest wins equals the run in order; outboxes, queues and dead letters are empty;
the timeline is complete.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, readable
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdData
from libs.common.messaging.decode import decode
from libs.common.messaging.transport import Delivery
from services.eligibility.catalogue.domain import catalogue, determine
from services.eligibility.entitlements.facts import facts_of
from tests.support.bus import eventually
from tests.support.road import DAY, ENTITLEMENTS, TIMELINE, Road

_LEDGER = "SELECT event_id, type, subject, version, body FROM event_log ORDER BY seq"
_IDS = "SELECT event_id FROM event_log WHERE type = ANY($1::text[])"
_OPEN = (
    "SELECT event_id FROM parked_message WHERE consumer = $1 AND state IN ('parked', 'discarded')"
)
_LIVE = """
SELECT household_id, programme, subject_id, from_day, until FROM entitlement
WHERE superseded_at IS NULL
"""
_ENTRIES = "SELECT subject, stream, version, event_id FROM timeline_entry"

STREAMS = sorted({kind.stream for kind in EVENT_TYPES.values()})
Open = Mapping[str, int]
NOTHING: Open = {}


async def events_for(road: Road, consumer: str) -> list[Received[Any]]:
    """All that producers have committed and this consumer reads, in the order of their ledgers."""
    found = []
    for name in road.workers:
        for row in await road.workers[name].pool.fetch(_LEDGER):
            if row["type"] in readable(SUBSCRIPTIONS[consumer]):
                body = b"[" + row["body"] + b"]"
                found += decode(Delivery(row["type"], body, 0, 0, {}, None)).events
    return found


async def settled(road: Road, seconds: float = 120) -> None:
    """Wait until nothing is on its way any more and everything is accounted for."""

    async def quiet() -> bool:
        if await road.outbox() or any((await road.waiting()).values()):
            return False
        return not [name for name in road.consumers if await _missing(road, name)]

    try:
        await eventually(quiet, seconds)
    except TimeoutError:
        missing = {name: len(await _missing(road, name)) for name in road.consumers}
        raise AssertionError(
            f"outbox {await road.outbox()}, queues {await road.waiting()}, missing {missing}"
        ) from None


async def holds(road: Road, parked: Open = NOTHING) -> None:
    """Wait until it is quiet, then check everything.

    Args:
        road: with the parts that carry things on still running.
        parked: how many events may stand parked or discarded, by consumer.
    """
    await accounted_for(road, parked)
    await _latest_as_in_order(road)


async def accounted_for(road: Road, parked: Open = NOTHING, seconds: float = 120) -> None:
    """The same without the comparison with the run in order."""
    await settled(road, seconds)
    for name in road.consumers:
        await _accounted(road, name, parked.get(name, 0))
    await _each_version_kept(road)
    await _one_consequence(road)
    dead = {name: count for name, count in (await road.waiting()).items() if count}
    assert dead == {}


async def said_to(road: Road, consumer: str) -> set[UUID]:
    """Every event that this consumer must have accounted for."""
    types = list(readable(SUBSCRIPTIONS[consumer]))
    return {
        row[0]
        for database in road.workers.values()
        for row in await database.pool.fetch(_IDS, types)
    }


async def _missing(road: Road, consumer: str) -> set[UUID]:
    received, parked = await _received(road, consumer)
    return await said_to(road, consumer) - received - parked


async def _received(road: Road, consumer: str) -> tuple[set[UUID], set[UUID]]:
    pool = road.workers[consumer.partition(".")[0]].pool
    inbox = await pool.fetch("SELECT event_id FROM inbox WHERE consumer = $1", consumer)
    parked = await pool.fetch(_OPEN, consumer)
    return {row[0] for row in inbox}, {row[0] for row in parked}


async def _accounted(road: Road, consumer: str, parked: int) -> None:
    """Each event once: received or parked, never both; and handed on at most once."""
    received, open_ = await _received(road, consumer)
    assert not received & open_
    assert len(open_) == parked, f"{consumer}: {len(open_)} parked"
    for stream in STREAMS:
        told = await road.told(consumer, stream)
        assert set(told.values()) <= {1}, f"{consumer} was told twice"
    gaps = await road.workers[consumer.partition(".")[0]].pool.fetch(
        "SELECT version, seen FROM cursor WHERE consumer = $1 AND seen < version", consumer
    )
    assert not gaps, f"{consumer} has gaps: {[tuple(row) for row in gaps]}"


async def _each_version_kept(road: Road) -> None:
    """The timeline: one entry per version that was received, and no other."""
    received, _ = await _received(road, TIMELINE)
    wanted = {
        (event.subject, event.stream, event.version, event.event_id)
        for event in await events_for(road, TIMELINE)
        if event.event_id in received
    }
    rows = await road.workers["reporting"].pool.fetch(_ENTRIES)
    assert {tuple(row) for row in rows} == wanted, "the timeline is not what was received"
    assert len(rows) == len(wanted)


async def _latest_as_in_order(road: Road) -> None:
    """What the run in order ends with: each household's newest version, as of the law's day."""
    received, _ = await _received(road, ENTITLEMENTS)
    newest: dict[UUID, HouseholdData] = {
        event.subject: event.data
        for event in sorted(await events_for(road, ENTITLEMENTS), key=lambda one: one.version)
        if event.event_id in received
    }
    wanted = Counter(
        (household.household_id, right.programme, right.subject_id, right.from_day, right.until)
        for household in newest.values()
        for right in determine(facts_of(household), DAY, catalogue()).entitlements
    )
    rows = await road.workers["eligibility"].pool.fetch(_LIVE)
    assert Counter(tuple(row) for row in rows) == wanted, (
        "the state is not that of the run in order"
    )


async def _one_consequence(road: Road) -> None:
    """No household event led to two entitlement events, and the newest is the newest one's."""
    caused = Counter(
        event.causation_id
        for event in await events_for(road, TIMELINE)
        if isinstance(event.data, EntitlementData)
    )
    assert set(caused.values()) <= {1}


def versions_ascend(seen: Sequence[tuple[UUID, int]]) -> bool:
    """Whether each subject's versions first appeared in their order."""
    newest: dict[UUID, int] = {}
    for subject, version in seen:
        if version > newest.get(subject, 0) + 1:
            return False
        newest[subject] = max(newest.get(subject, 0), version)
    return True
