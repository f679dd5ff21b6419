"""F07: a binding is gone: its events wait with NO_ROUTE and are held; other types flow."""

import aio_pika

from libs.common.contracts.area import CHANGED as AREA_CHANGED
from libs.common.ids import new_id
from libs.common.messaging import ledger, topology
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.broker import broker_url
from tests.support.bus import an_area, eventually
from tests.support.parts import CONSUME
from tests.support.road import CONSUMERS, RELAYS, Road, on_the_wire

_HELD = "SELECT count(*) FROM outbox WHERE held AND last_error = 'NO_ROUTE'"
_TRY_AGAIN = "UPDATE outbox SET held = false, attempts = 0, next_attempt_at = '-infinity'"


async def _say_area(road: Road) -> None:
    async with road.workers["registry"].transaction() as tx:
        area = an_area()
        heads = await ledger.lock_heads(tx, "area", [area.area_id])
        event = ledger.NewEvent(area.area_id, AREA_CHANGED, tx.recorded_at, area, new_id())
        await ledger.append(tx, "registry", "area", heads, [event])


async def _unbind(road: Road) -> None:
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(road.prefix + topology.EXCHANGE, ensure=False)
        for one in road.subscriptions:
            queue = await channel.get_queue(road.prefix + one.queue, ensure=False)
            await queue.unbind(exchange, routing_key="household.*.v1")


@over_rabbitmq
async def test_what_has_no_route_is_held_and_stops_nobody(road: Road) -> None:
    household, database = new_id(), road.workers["registry"].pool
    # Somebody listens to areas, so that this type has its route.
    async with on_the_wire(road, "area.*.v1") as areas, road.running(*RELAYS, *CONSUMERS):
        await road.say(household)
        await oracle.settled(road)
        await _unbind(road)
        await road.say(household)
        await _say_area(road)

        async def held() -> bool:
            return bool(await database.fetchval(_HELD))

        await eventually(held)
        assert len(await areas()) == 1
        assert await road.told(CONSUMERS[1]) == {(household, 1): 1}

        rungs = CONSUME.rungs_seconds
        await topology.apply(broker_url(), road.prefix, road.subscriptions, rungs)
        await database.execute(_TRY_AGAIN)
        await oracle.holds(road)


async def test_on_the_local_transport_a_type_without_its_subscriber_waits(road: Road) -> None:
    """Nobody here reads areas; the contract says that somebody must."""
    household, database = new_id(), road.workers["registry"].pool
    async with road.running(*RELAYS, *CONSUMERS):
        await _say_area(road)
        await road.say(household)

        async def held() -> bool:
            return bool(await database.fetchval(_HELD))

        await eventually(held)
        assert await database.fetchval("SELECT count(*) FROM outbox") == 1
        await database.execute("DELETE FROM outbox")
        await oracle.holds(road)
