"""F05: the relay is killed between the confirm and the delete (and at its other points)."""

import signal

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.road import CONSUMERS, RELAYS, Road


@pytest.mark.parametrize("point", ["after_claim", "after_confirm", "after_relay_commit"])
async def test_a_relay_that_dies_loses_and_repeats_nothing(point: str, road: Road) -> None:
    households = [new_id() for _ in range(30)]
    await road.say(*households)
    assert await road.start("registry.relay", faults=f"{point}=kill").ends() == -signal.SIGKILL
    # What is not known to be there goes again.
    assert await road.outbox() == (0 if point == "after_relay_commit" else len(households))

    async with road.running(*RELAYS, *CONSUMERS):
        await oracle.holds(road)
