"""F03: the broker (or the consumers' database) is cut off for a while during writes."""

import asyncio

from libs.common.ids import new_id
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.road import CONSUMERS, RELAYS, Road, on_the_wire

CUT_SECONDS = 30 / 50


async def test_writes_go_on_while_nothing_can_be_passed_on(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    async with (
        road.proxied() as proxy,
        on_the_wire(road) as seen,
        road.running(*RELAYS, *CONSUMERS),
    ):
        await road.say(*households)
        await oracle.settled(road)
        await proxy.cut()
        until = asyncio.get_running_loop().time() + CUT_SECONDS
        while asyncio.get_running_loop().time() < until:
            await road.say(*households)
        assert await road.outbox() > 0
        await proxy.open()
        await oracle.holds(road)
        assert oracle.versions_ascend(await seen())


@over_rabbitmq
async def test_wire_order_is_version_order_through_repeated_cuts(road: Road) -> None:
    households = [new_id() for _ in range(10)]
    async with (
        road.proxied() as proxy,
        on_the_wire(road) as seen,
        road.running(*RELAYS, *CONSUMERS),
    ):
        for _ in range(8):
            await road.say(*households)
            proxy.drop()
            await road.say(*households)
        await oracle.holds(road)
        wire = await seen()
    assert oracle.versions_ascend(wire)
    assert {version for _, version in wire} == set(range(1, 17))
