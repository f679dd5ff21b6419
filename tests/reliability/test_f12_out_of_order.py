"""F12: version 3 comes before version 2, which waits on a retry rung."""

from collections.abc import Sequence
from typing import Any

from libs.common.contracts.envelope import Received
from libs.common.ids import new_id
from libs.common.messaging.consumer import NotYet
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.parts import Part
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, TIMELINE, Road


async def test_the_latest_state_is_the_latest_version_and_history_has_all(road: Road) -> None:
    household = new_id()
    refused: dict[str, int] = {}

    def not_at_first(consumer: str) -> Part:
        async def sabotage(events: Sequence[Received[Any]]) -> None:
            if any((event.stream, event.version) == ("household", 2) for event in events):
                refused[consumer] = refused.get(consumer, 0) + 1
                if refused[consumer] <= 2:
                    raise NotYet("UPSTREAM_UNKNOWN")

        return Part(consumer, sabotage)

    async with road.running(*RELAYS, *(not_at_first(name) for name in CONSUMERS)):
        await road.say(household)
        await oracle.settled(road)
        await road.say(household)

        async def on_a_rung() -> bool:
            return set(refused) == set(CONSUMERS)

        await eventually(on_a_rung)
        await road.say(household)
        await oracle.holds(road)
    assert set(await road.told(TIMELINE)) == {(household, version) for version in (1, 2, 3)}
    assert (household, 3) in await road.told(ENTITLEMENTS)
