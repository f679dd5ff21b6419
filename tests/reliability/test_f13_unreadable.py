"""F13: undecodable, schema-invalid, of unknown type, with an unknown value, amid good ones."""

import pytest

from libs.common.contracts.catalogue import EVENT_TYPES, EventType
from libs.common.contracts.household import CHANGED, HouseholdData
from libs.common.ids import new_id
from libs.common.messaging import parked
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, RELAYS, Road

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
        await road.send(consumer, *bodies, lane=".dlq")  # the first took effect meanwhile
        await oracle.holds(road, parked={consumer: 2})
        assert {row["reason"] for row in await road.parked(consumer)} == {"DEAD_LETTERED"}
        await _redrive(road, consumer)
        await oracle.holds(road)
