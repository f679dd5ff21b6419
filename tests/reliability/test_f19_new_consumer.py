"""F19: a new consumer: replay with live writes, twice; an uncommitted lower `seq` is not skipped.

The registry's own snapshot route is tried in tests/integration/messaging/test_bootstrap.py.
"""

import asyncio

import pytest

from libs.common.ids import new_id
from libs.common.messaging import snapshot
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.parts import consumer_of
from tests.support.road import CONSUMERS, RELAYS, Road

REPLAYS = ("registry.replays", "eligibility.replays")


async def _is_done(road: Road, producer: str) -> bool:
    pool = road.workers[producer].pool
    return bool(await pool.fetchval("SELECT bool_and(state = 'done') FROM replay"))


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_replay_and_live_writes_meet_and_a_second_replay_is_a_no_op(
    consumer: str, road: Road
) -> None:
    households = [new_id() for _ in range(25)]
    for _ in range(3):
        await road.said_only(*households)  # said before the consumers existed
    others = [name for name in CONSUMERS if name != consumer]
    async with road.running(*RELAYS, *others, *REPLAYS):
        for other in others:
            await road.wish(other, "registry")
        async with road.running(consumer):
            await road.wish(consumer, "registry")
            for _ in range(5):
                await road.say(*households[:10])
            await oracle.holds(road)
            before = await road.told(consumer)

            await road.wish(consumer, "registry")
            await eventually(lambda: _is_done(road, "registry"))
            await oracle.holds(road)
    assert await road.told(consumer) == before


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_snapshot_replay_and_live_writes_meet(consumer: str, road: Road) -> None:
    """All three at once, and each household's newest version arrives by more than one of them."""
    households = [new_id() for _ in range(25)]
    for _ in range(2):
        await road.said_only(*households)  # said before the consumer existed
    others = [name for name in CONSUMERS if name != consumer]
    database = road.workers[consumer.partition(".")[0]]
    async with road.running(*RELAYS, *others, *REPLAYS):
        for other in others:
            await road.wish(other, "registry")
        async with road.running(consumer):
            await road.wish(consumer, "registry")
            after = None
            while True:
                await road.say(*households[:10])
                async with road.workers["registry"].transaction() as tx:
                    page = await snapshot.read_page(tx, "household", after, limit=10)
                if not page:
                    break
                await snapshot.apply_page(database, consumer_of(consumer), page)
                after = page[-1].subject
            await oracle.holds(road)


async def test_a_lower_seq_that_commits_late_is_replayed_too(road: Road) -> None:
    slow, fast = new_id(), new_id()
    async with road.running(*RELAYS, *CONSUMERS, *REPLAYS):
        async with road.act(slow):
            await road.say(fast)  # a higher seq, committed first
            for consumer in CONSUMERS:
                await road.wish(consumer, "registry")

            async def begun() -> bool:
                pool = road.workers["registry"].pool
                return bool(await pool.fetchval("SELECT bool_and(state = 'running') FROM replay"))

            await eventually(begun)
            await asyncio.sleep(0)
        await road.workers["registry"].pool.execute("DELETE FROM outbox")  # replay alone brings it
        await eventually(lambda: _is_done(road, "registry"))
        await oracle.holds(road)
    for consumer in CONSUMERS:
        assert {(slow, 1), (fast, 1)} <= set(await road.told(consumer))
