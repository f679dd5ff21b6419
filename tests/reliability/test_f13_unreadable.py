"""F13: undecodable, schema-invalid, of unknown type, with an unknown value, amid good ones."""

import re
from datetime import UTC, datetime
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import HeadersType

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, EventType
from libs.common.contracts.household import CHANGED, HouseholdData
from libs.common.ids import new_id
from libs.common.messaging.operations import parked
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.broker import broker_url
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, Road

RENAMED = "household.renamed.v1"


async def _redrive(road: Road, consumer: str) -> None:
    async with road.workers[consumer.partition(".")[0]].transaction() as tx:
        await parked.redrive(tx, None, consumer, None, "operator")


async def test_bad_ones_are_parked_at_once_and_their_neighbours_applied(road: Road) -> None:
    households = [new_id() for _ in range(6)]
    bodies = await road.said_only(*households)
    bad = {
        "UNDECODABLE": bodies[1][:-40],
        "SCHEMA_INVALID": bodies[2].replace(b'"is_farm_household":false', b'"is_farm_household":7'),
        "UNKNOWN_TYPE": bodies[3].replace(CHANGED.encode(), RENAMED.encode()),
        "UNKNOWN_ENUM": bodies[4].replace(b'"rural_commune"', b'"moon_base"'),
    }
    batch = [bodies[0], *bad.values(), bodies[5]]
    async with road.running(*RELAYS, *CONSUMERS, "eligibility.replays", "reporting.replays"):
        for consumer in (*CONSUMERS, *CONSUMERS):  # what is parked comes again: parked once
            await road.send(consumer, *batch)
        # Each of the six is accounted for by its own id, as parked or as received.
        await oracle.holds(road, parked=dict.fromkeys(CONSUMERS, 4))
        for consumer in CONSUMERS:
            rows = await road.parked(consumer)
            assert {row["reason"] for row in rows} == set(bad)
            assert set(await road.told(consumer)) == {(households[0], 1), (households[5], 1)}
            assert {bytes(row["body"]) for row in rows} == set(bad.values())

        # Given up with a reason: they stay accounted for.
        for consumer in CONSUMERS:
            async with road.workers[consumer.partition(".")[0]].transaction() as tx:
                ids = [row["parked_id"] for row in await road.parked(consumer)]
                assert len(await parked.discard(tx, ids, "made by a test", "operator")) == 4
        await oracle.holds(road, parked=dict.fromkeys(CONSUMERS, 4))


async def test_a_redrive_works_after_the_fix(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fix here is a release that knows the type."""
    household = new_id()
    [body] = await road.said_only(household)
    renamed = body.replace(CHANGED.encode(), RENAMED.encode())
    async with road.running(*RELAYS, *CONSUMERS, "eligibility.replays", "reporting.replays"):
        for consumer in CONSUMERS:
            await road.send(consumer, renamed)
        await oracle.holds(road, parked=dict.fromkeys(CONSUMERS, 1))
        for consumer in CONSUMERS:  # too early: it is parked again
            await _redrive(road, consumer)

        async def parked_again() -> bool:
            return not any((await road.waiting()).values()) and all(
                [(await road.parked(name))[0]["state"] == "parked" for name in CONSUMERS]
            )

        await eventually(parked_again)

        known = EventType(RENAMED, "registry", HouseholdData)
        monkeypatch.setitem(EVENT_TYPES, RENAMED, known)
        for consumer in CONSUMERS:
            await _redrive(road, consumer)
        await oracle.holds(road)
    for consumer in CONSUMERS:
        assert (await road.told(consumer))[household, 1] == 1
        assert [row["state"] for row in await road.parked(consumer)] == ["settled"]


async def test_one_that_was_sent_again_and_got_lost_can_be_sent_once_more(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    [body] = await road.said_only(new_id())
    eligibility = road.workers["eligibility"]
    async with road.running(ENTITLEMENTS):
        await road.send(ENTITLEMENTS, body.replace(CHANGED.encode(), RENAMED.encode()))

        async def is_parked() -> bool:
            return len(await road.parked(ENTITLEMENTS)) == 1

        await eventually(is_parked)
    # It was sent, and the queue was lost with it.
    await eligibility.pool.execute("UPDATE parked_message SET state = 'redriven'")
    monkeypatch.setitem(EVENT_TYPES, RENAMED, EventType(RENAMED, "registry", HouseholdData))
    async with eligibility.transaction() as tx:
        [row] = await parked.list_open(tx, ENTITLEMENTS, None, None, 10)
        assert row["state"] == "redriven"
        assert not await parked.redrive(tx, None, None, None, "operator")  # most are on the road
        assert await parked.redrive(tx, [row["parked_id"]], None, None, "operator")
    async with road.running(ENTITLEMENTS, "eligibility.replays"):

        async def is_settled() -> bool:
            return bool((await road.parked(ENTITLEMENTS))[0]["state"] == "settled")

        await eventually(is_settled)


def _hostile(body: bytes) -> list[bytes]:
    """The event with an envelope that no column or parser takes; each under an id of its own."""
    sequence = b'"00000000000000000001"'
    assert sequence in body
    assert CHANGED.encode() in body
    [own_id] = re.findall(rb'"id":"([^"]+)"', body)
    bodies = [
        body.replace(sequence, b'"%d"' % 2**63),
        body.replace(sequence, b'"' + b"7" * 5000 + b'"'),
        body.replace(sequence, b"7" * 5000),
        body.replace(sequence, b'"-1"'),
        body.replace(CHANGED.encode(), b"house\\u0000hold.changed.v1"),
        body.replace(CHANGED.encode(), b"x" * 20_000),
        body.replace(b'"' + CHANGED.encode() + b'"', b'["household"]'),
        body.replace(CHANGED.encode(), b"house\x00hold.changed.v1"),
    ]
    return [one.replace(own_id, str(new_id()).encode()) for one in bodies]


async def test_an_envelope_that_no_column_takes_is_parked_too(road: Road) -> None:
    """And stops neither the consumer nor, from the dead letters, the replays."""
    good, bad = new_id(), new_id()
    bodies = await road.said_only(good, bad)
    hostile = _hostile(bodies[1])
    lanes = ("", ".dlq") if road.kind == "rabbitmq" else ("",)
    async with road.running(ENTITLEMENTS, "eligibility.replays"):
        for lane in lanes:
            await road.send(ENTITLEMENTS, *hostile, lane=lane)
        await road.send(ENTITLEMENTS, bodies[0])

        async def all_are_parked() -> bool:
            waiting = await road.waiting()
            quiet = not waiting[ENTITLEMENTS] and not waiting.get(f"{ENTITLEMENTS}.dlq")
            return quiet and len(await road.parked(ENTITLEMENTS)) == len(hostile)

        await eventually(all_are_parked)
        await eventually(lambda: _is_told(road, good))
    rows = await road.parked(ENTITLEMENTS)
    assert {bytes(row["body"]) for row in rows} == set(hostile)
    assert all(row["version"] in (None, 1) for row in rows)


async def _is_told(road: Road, household: UUID) -> bool:
    return (household, 1) in await road.told(ENTITLEMENTS)


@over_rabbitmq
async def test_headers_of_a_stranger_stop_nobody(road: Road) -> None:
    [body] = await road.said_only(new_id())
    strange: HeadersType = {
        "events": "many",
        "attempt": -9,
        "from": "a\x00b",
        "inner": {"at": datetime(2026, 1, 1, tzinfo=UTC)},
    }
    async with road.running(ENTITLEMENTS, "eligibility.replays"):
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            await channel.default_exchange.publish(
                aio_pika.Message(b"[" + body[:-40] + b"]", headers=strange),
                routing_key=road.prefix + SUBSCRIPTIONS[ENTITLEMENTS].queue,
            )

        async def is_parked() -> bool:
            return len(await road.parked(ENTITLEMENTS)) == 1

        await eventually(is_parked)


@over_rabbitmq
@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_dead_letters_reach_the_parking_lot_and_come_back(consumer: str, road: Road) -> None:
    """What the broker gave up on is an operator's to re-drive, without the broker's own tools."""
    households = [new_id() for _ in range(3)]
    bodies = await road.said_only(*households)
    others = [name for name in CONSUMERS if name != consumer]
    async with road.running(*RELAYS, *CONSUMERS, f"{consumer.partition('.')[0]}.replays"):
        for other in others:
            await road.send(other, *bodies)
        await road.send(consumer, bodies[0])

        async def has_begun() -> bool:
            return (households[0], 1) in await road.told(consumer)

        await eventually(has_begun)
        await road.send(consumer, *bodies, lane=".dlq")  # the first took effect meanwhile
        await oracle.holds(road, parked={consumer: 2})
        assert {row["reason"] for row in await road.parked(consumer)} == {"DEAD_LETTERED"}
        await _redrive(road, consumer)
        await oracle.holds(road)
