"""F06: of two relays one loses its database session in the middle of a batch."""

from libs.common.ids import new_id
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, RELAYS, Road


@over_rabbitmq
async def test_the_lock_goes_with_the_session_and_nothing_is_lost(road: Road) -> None:
    """The first relay waits for confirms that do not come, its session ends, the other takes over;
    what the first one sent all the same is a repeat.
    """
    households = [new_id() for _ in range(30)]
    async with road.running("eligibility.relay", *CONSUMERS), road.proxied() as proxy:
        first = road.start("registry.relay")

        async def connected() -> bool:
            return proxy.connections > 0

        await road.say(new_id())
        await eventually(connected)
        await oracle.settled(road)
        proxy.deafen()
        await road.say(*households)

        async def publishing() -> bool:
            return await road.publishers("registry") == 1

        await eventually(publishing)
        async with road.past_proxy(), road.running("registry.relay"):
            assert await road.end_sessions("registry", "registry.relay") >= 1
            await oracle.settled(road)
            await proxy.open()
            await road.say(*households)
            await oracle.holds(road)
        first.tell_to_stop()
        assert await first.ends() == 0


async def test_two_relays_publish_one_at_a_time(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    async with road.running(*RELAYS, *RELAYS, *CONSUMERS):
        for _ in range(10):
            await road.say(*households)
            assert await road.publishers("registry") <= 1
        await oracle.holds(road)
    for consumer, database in zip(CONSUMERS, ("eligibility", "reporting"), strict=True):
        batches = await road.workers[database].pool.fetchval("SELECT sum(events) FROM inbox_batch")
        assert batches == await road.received(consumer)  # nothing was sent twice
