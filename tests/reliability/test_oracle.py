"""The oracle itself: what it must find, it finds."""

import pytest

from libs.common.ids import new_id
from libs.common.messaging import inbox, work
from libs.common.messaging.versions import Chosen
from tests.reliability.conftest import over_local
from tests.support import oracle
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, TIMELINE, Road

pytestmark = over_local


async def _worked(road: Road) -> None:
    households = [new_id() for _ in range(3)]
    async with road.running(*RELAYS, *CONSUMERS):
        await road.say(*households)
        await oracle.holds(road)


async def test_a_lost_event_is_found(road: Road) -> None:
    await road.said_only(new_id())
    with pytest.raises(AssertionError, match="missing"):
        await oracle.settled(road, seconds=1)


@pytest.mark.parametrize(
    ("database", "damage", "finding"),
    [
        ("reporting", "DELETE FROM timeline_entry WHERE stream = 'entitlement'", "timeline"),
        ("reporting", "UPDATE told SET times = 2", "told twice"),
        ("reporting", "UPDATE cursor SET seen = seen - 1", "has gaps"),
        ("eligibility", "DELETE FROM entitlement", "run in order"),
        ("eligibility", "UPDATE entitlement SET until = '2022-02-02'", "run in order"),
    ],
)
async def test_a_wrong_state_is_found(database: str, damage: str, finding: str, road: Road) -> None:
    await _worked(road)
    await road.workers[database].pool.execute(damage)
    with pytest.raises(AssertionError, match=finding):
        await oracle.holds(road)


async def test_a_second_effect_is_found(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """With inbox and cursor switched off, a repeat is handed on again."""

    async def all_fresh(*arguments: object) -> object:
        return list(arguments[2]), set()  # type: ignore[call-overload]

    def all_chosen(shape: object, events: object, previous: object) -> Chosen:
        return Chosen(list(events), 0, 0)  # type: ignore[call-overload]

    await _worked(road)
    [body, *_] = [
        row["body"]
        for row in await road.workers["registry"].pool.fetch("SELECT body FROM event_log")
    ]
    monkeypatch.setattr(inbox, "receive", all_fresh)
    monkeypatch.setattr(work, "choose", all_chosen)
    async with road.running(*RELAYS, *CONSUMERS):
        for consumer in (ENTITLEMENTS, TIMELINE):
            await road.send(consumer, body)
        with pytest.raises(AssertionError, match="told twice"):
            await oracle.holds(road)
