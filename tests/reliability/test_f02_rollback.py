"""F02: an exception after the outbox insert rolls the act back: nothing was ever said."""

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.road import CONSUMERS, RELAYS, TIMELINE, Road


class _Refused(Exception):
    pass


async def test_an_act_that_rolls_back_is_not_said_and_takes_no_version(road: Road) -> None:
    household = new_id()

    async def refused() -> None:
        async with road.act(household):
            raise _Refused

    with pytest.raises(_Refused):
        await refused()
    assert await road.outbox() == 0
    async with road.running(*RELAYS, *CONSUMERS):
        await road.say(household)
        with pytest.raises(_Refused):
            await refused()
        await road.say(household)
        await oracle.holds(road)
    assert set(await road.told(TIMELINE)) == {(household, 1), (household, 2)}
