"""F04: the connection is cut between accept and confirm: sent again, and no second effect."""

from libs.common.ids import new_id
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, Road


@over_rabbitmq  # over the local transport a relay killed after its insert is the same: F05
async def test_what_arrived_unconfirmed_is_sent_again_and_has_one_effect(road: Road) -> None:
    households = [new_id() for _ in range(30)]
    # Only the registry's relay speaks through the proxy; it hears nothing back.
    async with (
        road.running("eligibility.relay", *CONSUMERS),
        road.proxied() as proxy,
        road.running("registry.relay"),
    ):
        await road.say(new_id())
        await oracle.settled(road)
        proxy.deafen()
        await road.say(*households)

        async def arrived() -> bool:
            return await road.received(CONSUMERS[1]) >= len(households)

        await eventually(arrived)
        assert await road.outbox() >= len(households)
        proxy.drop()
        await proxy.open()
        await oracle.holds(road)
    batches = await road.workers["reporting"].pool.fetchval(
        "SELECT sum(events) FROM inbox_batch WHERE consumer = $1", CONSUMERS[1]
    )
    assert batches > await road.received(CONSUMERS[1])  # some came twice
