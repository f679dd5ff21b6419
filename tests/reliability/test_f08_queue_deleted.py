"""F08: one consumer's queue is deleted while others match: readiness sees it, a replay mends it."""

import aio_pika

from libs.common.ids import new_id
from libs.common.messaging import topology
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.broker import broker_url
from tests.support.bus import eventually
from tests.support.parts import CONSUME
from tests.support.road import ENTITLEMENTS, TIMELINE, Road


async def _missing(road: Road) -> list[str]:
    """What readiness asks, of this road's queues and rungs."""
    rungs = CONSUME.rungs_seconds
    return await topology.missing(broker_url(), road.prefix, road.subscriptions, rungs)


@over_rabbitmq
async def test_what_a_missing_queue_lost_comes_again_by_replay(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    queue = road.prefix + "reporting.timeline.v1"
    assert await _missing(road) == []
    async with road.running("registry.relay", ENTITLEMENTS):
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            await channel.queue_delete(queue)
        assert await _missing(road) == [queue]

        await road.say(*households)  # `mandatory` does not notice: the other queue still matches

        async def passed_on() -> bool:
            return len(await road.told(ENTITLEMENTS)) == len(households)

        await eventually(passed_on)
        async with road.running(TIMELINE, "registry.replays", "eligibility.relay"):
            await eventually(lambda: _complete(road))
            assert await road.told(TIMELINE) == {}
            await road.wish(TIMELINE, "registry")
            await oracle.holds(road)
    assert len(await road.told(TIMELINE)) == 20


@over_rabbitmq
async def test_a_missing_wish_queue_is_named_and_stops_nobody(road: Road) -> None:
    queue = topology.wish_queue(road.prefix, "registry")
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        await channel.queue_delete(queue)
    assert await _missing(road) == [queue]
    async with road.running("registry.relay", ENTITLEMENTS, "registry.replays"):
        await road.say(new_id())
        await road.wish(TIMELINE, "registry")

        async def is_performed() -> bool:
            pool = road.workers["registry"].pool
            return bool(await pool.fetchval("SELECT state = 'done' FROM replay"))

        await eventually(is_performed)


async def _complete(road: Road) -> bool:
    return await _missing(road) == []
