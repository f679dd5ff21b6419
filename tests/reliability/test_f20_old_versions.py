"""F20: a ledger with events of the first and the second major, and fields nobody knows."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, EventType, Subscription
from libs.common.contracts.household import CHANGED, HouseholdData
from libs.common.ids import new_id
from libs.common.messaging import ledger
from tests.support import oracle
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, TIMELINE, Road, household_at

CHANGED_2 = "household.changed.v2"


class SecondHousehold(HouseholdData):
    """What a second major might be: a field that must be there."""

    evidence: str


def _upcast(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "evidence": "not recorded"}


@pytest.fixture
def second_major(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that says the second major, and whose consumers bind it alone."""
    first = replace(EVENT_TYPES[CHANGED], upcast=_upcast)
    second = EventType(CHANGED_2, "registry", SecondHousehold)
    monkeypatch.setitem(EVENT_TYPES, CHANGED, first)
    monkeypatch.setitem(EVENT_TYPES, CHANGED_2, second)
    for consumer in CONSUMERS:
        bindings = ("household.*.v2", "entitlement.*.v1")
        reads = bindings if consumer == TIMELINE else bindings[:1]
        monkeypatch.setitem(SUBSCRIPTIONS, consumer, Subscription(consumer, reads))


async def _say_second(road: Road, *subjects: UUID) -> None:
    async with road.workers["registry"].transaction() as tx:
        heads = await ledger.lock_heads(tx, "household", subjects)
        events = []
        for subject in subjects:
            said = household_at(subject, heads[subject] + 1).model_dump()
            data = SecondHousehold(**said, evidence="a form")
            events.append(ledger.NewEvent(subject, CHANGED_2, tx.recorded_at, data, new_id()))
        await ledger.append(tx, "registry", "household", heads, events)


@pytest.mark.usefixtures("second_major")
async def test_old_and_new_events_are_applied_through_upcasters(road: Road) -> None:
    """Said before this release and long gone from every queue: they come by replay."""
    households = [new_id() for _ in range(10)]
    await road.said_only(*households)
    await road.said_only(*households[:5])
    async with road.running(*CONSUMERS), road.running(*RELAYS, "registry.replays"):
        await _say_second(road, *households)
        for consumer in CONSUMERS:
            await road.wish(consumer, "registry")
        await oracle.holds(road)
    entries = await road.workers["reporting"].pool.fetch(
        "SELECT type, count(*) FROM timeline_entry WHERE stream = 'household' GROUP BY type"
    )
    assert {row["type"]: row["count"] for row in entries} == {CHANGED_2: 25}


async def test_fields_that_nobody_knows_are_passed_over(road: Road) -> None:
    household = new_id()
    [body] = await road.said_only(household)
    said = json.loads(body)
    said["data"]["colour_of_the_roof"] = {"since": "2020"}
    said["futureattribute"] = 7
    async with road.running(*RELAYS, *CONSUMERS):
        for consumer in CONSUMERS:
            await road.send(consumer, json.dumps(said).encode())
        await oracle.holds(road)
    assert (household, 1) in await road.told(ENTITLEMENTS)
