"""F03: the broker (or the consumers' database) is cut off for a while during writes."""

import asyncio
from pathlib import Path

from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.integration.registry.builders import a_household, load_communes
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.api import Api
from tests.support.doors import an_issuer
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
            await asyncio.sleep(0.1)  # an officer's pace: thousands of events prove no more
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


@over_rabbitmq
async def test_officers_are_answered_while_the_broker_is_away(road: Road, tmp_path: Path) -> None:
    """The API never talks to the broker and never waits for it."""
    await load_communes(road.databases["registry"])
    async with (
        an_issuer(tmp_path) as url,
        road.proxied() as proxy,
        road.running(*RELAYS, *CONSUMERS),
    ):
        api = Api(road.databases["registry"].api_dsn, url, tmp_path)
        async with api.running() as client:
            await proxy.cut()
            for _ in range(5):
                body = {"households": [a_household()]}
                officer = api.bearer(Role.OFFICER)
                answer = await client.post("/v1/households/batches", json=body, headers=officer)
                assert answer.is_success, answer.text
            await proxy.open()
        await oracle.holds(road)
