"""Every fault of the soak. Which comes next is a function of the seed; what it meets is not."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import aio_pika
import asyncpg

from libs.common.contracts.catalogue import SUBSCRIPTIONS, readable
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.transport import TransportDown
from libs.common.messaging.wishes import producers_of
from tests.support.broker import broker_url
from tests.support.crew import SERVICES, Crew
from tests.support.parts import CONSUME
from tests.support.proxy import Proxy
from tests.support.road import Road

# Where a process may be made to die, at a random passing.
KILL_POINTS = (
    "after_claim",
    "after_confirm",
    "after_relay_commit",
    "before_commit",
    "after_commit",
    "after_ack",
)
Fault = Callable[[], Awaitable[None]]
API_KILL_POINTS = ("before_request_commit", "after_request_commit")


def _name(fault: Fault) -> str:
    return fault.__name__.strip("_")


def _once(faults: Sequence[Fault]) -> Sequence[Fault]:
    """Those that stand twice, to come more often, once."""
    return list({_name(one): one for one in faults}.values())


@dataclass
class Trouble:
    """What goes wrong.

    Attributes:
        households: whom an event may be about that kills its process.
        done: counts each fault.
        broken: how many unreadable events each consumer was sent.
        emptied: whose queue was deleted, or had no binding for a while.
    """

    chance: Random
    road: Road
    crew: Crew
    broker: Proxy | None
    database: Proxy
    households: list[UUID]
    done: Counter[str]
    broken: Counter[str] = field(default_factory=Counter)
    emptied: set[str] = field(default_factory=set)
    _hand: list[Fault] = field(default_factory=list)

    async def end(self) -> None:
        """Every way is open again, and nothing is armed any more."""
        for proxy in filter(None, (self.broker, self.database)):
            await proxy.open()
        await self.crew.disarm()

    @property
    def has_struck_all(self) -> bool:
        """Whether there was each fault once."""
        return self._faults() <= self.done.keys()

    async def strike(self) -> None:
        """One fault, and a pause. None comes again before each was there."""
        if not self._hand:
            self._hand = list(self._kinds() if self.has_struck_all else _once(self._kinds()))
            self.chance.shuffle(self._hand)
        kind = self._hand.pop()
        self.done[_name(kind)] += 1
        await kind()
        await asyncio.sleep(self.chance.uniform(0.05, 1.0))

    def _faults(self) -> set[str]:
        return {_name(kind) for kind in self._kinds()}

    def _kinds(self) -> Sequence[Fault]:
        common = [
            *(self._kill, self._kill, self._arm, self._arm, self._kill_api),
            *(self._tell_to_stop, self._double, self._fail, self._meet_a_deadly_one),
            *(self._repeat, self._repeat, self._break_an_event, self._replay),
            *(self._end_sessions, self._read_only),
            *(self._cut_database, self._stall_database, self._swallow_database),
        ]
        if self.broker is None:
            return common
        return [
            *common,
            *(self._drop_broker, self._cut_broker, self._stall_broker, self._deafen_broker),
            *(self._swallow_broker, self._block_broker, self._cancel_consumers),
            *(self._delete_queue, self._unbind),
        ]

    async def _kill(self) -> None:
        self.crew.peers[self.chance.choice(SERVICES)].kill()

    async def _arm(self) -> None:
        service = self.chance.choice(SERVICES)
        point = f"{self.chance.choice(KILL_POINTS)}=kill:{self.chance.randint(1, 12)}"
        self.crew.start(service, point)

    async def _kill_api(self) -> None:
        await asyncio.to_thread(self.crew.api.kill)
        if self.chance.random() < 0.5:
            self.crew.api.start(
                f"{self.chance.choice(API_KILL_POINTS)}=kill:{self.chance.randint(1, 9)}"
            )

    async def _tell_to_stop(self) -> None:
        self.crew.peers[self.chance.choice(SERVICES)].tell_to_stop()

    async def _double(self) -> None:
        """A second process of every role of a service, for a while: two relays, two consumers."""
        second = self.crew.second(self.chance.choice(SERVICES))
        await asyncio.sleep(self.chance.uniform(1.5, 3.0))
        second.kill()

    async def _fail(self) -> None:
        service = self.chance.choice(SERVICES[1:])
        self.crew.start(service, failures=self.chance.randint(1, 6))

    async def _meet_a_deadly_one(self) -> None:
        """One household's events kill the process that works them, until it is started anew."""
        service = self.chance.choice(SERVICES[1:])
        if self.households:
            self.crew.start(service, deadly=[self.chance.choice(self.households)])

    async def _break_an_event(self) -> None:
        """Something unreadable amid good ones: it is parked, and nothing else is."""
        consumer = self.chance.choice(self.road.consumers)
        broken = b'{"specversion":"1.0","id":"' + str(new_id()).encode() + b'","data":'
        with suppress(TransportDown):  # its queue has just been deleted
            await self.road.send(consumer, broken, kind=self._a_type(consumer))
            self.broken[consumer] += 1

    async def _replay(self) -> None:
        consumer = self.chance.choice(self.road.consumers)
        for producer in sorted(producers_of(consumer)):
            await self.road.wish(consumer, producer)

    async def _read_only(self) -> None:
        service = self.chance.choice(SERVICES)
        await self._switch_read_only(service, "on")
        await asyncio.sleep(self.chance.uniform(0.1, 1.0))
        await self._switch_read_only(service, "off")

    async def _switch_read_only(self, service: str, to: str) -> None:
        owner = await asyncpg.connect(self.road.databases[service].owner_dsn)
        await owner.execute("SET default_transaction_read_only = off")
        name = self.road.databases[service].name
        await owner.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {to}')
        await owner.close()
        await self.road.end_sessions(service)

    async def _delete_queue(self) -> None:
        """What lay in it is lost; its consumer declares it anew, and a replay brings the rest."""
        consumer = self.chance.choice(self.road.consumers)
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            await channel.queue_delete(self.road.prefix + SUBSCRIPTIONS[consumer].queue)
        self.emptied.add(consumer)

    async def _unbind(self) -> None:
        """A binding is gone for a while. What only it led on is held; what others got as well is
        lost to its queue, and a replay brings it."""
        consumer = self.chance.choice(self.road.consumers)
        subscription = SUBSCRIPTIONS[consumer]
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            exchange = await channel.get_exchange(
                self.road.prefix + topology.EXCHANGE, ensure=False
            )
            queue = await channel.get_queue(self.road.prefix + subscription.queue, ensure=False)
            for binding in subscription.bindings:
                with suppress(aio_pika.exceptions.AMQPError):  # it has just been deleted
                    await queue.unbind(exchange, routing_key=binding)
        self.emptied.add(consumer)
        await asyncio.sleep(self.chance.uniform(0.1, 1.0))
        rungs = CONSUME.rungs_seconds
        await topology.apply(broker_url(), self.road.prefix, self.road.subscriptions, rungs)

    def _a_type(self, consumer: str) -> str:
        return readable(SUBSCRIPTIONS[consumer])[0]

    async def _repeat(self) -> None:
        """Old events come again, to whoever reads them."""
        consumer = self.chance.choice(self.road.consumers)
        with suppress(TransportDown):  # its queue has just been deleted
            await self.road.repeat(consumer, self.chance.randint(1, 40))

    async def _end_sessions(self) -> None:
        await self.road.end_sessions(self.chance.choice(SERVICES))

    async def _cut_database(self) -> None:
        await self.database.cut()
        await asyncio.sleep(self.chance.uniform(0.1, 1.2))
        await self.database.open()

    async def _stall_database(self) -> None:
        await self._for_a_while(self.database, self.database.stall, 1.5)

    async def _swallow_database(self) -> None:
        await self._for_a_while(self.database, self.database.swallow, 2.5)
        self.database.drop()  # what was swallowed is missing: a real connection would end too

    async def _drop_broker(self) -> None:
        self._broker.drop()

    async def _cut_broker(self) -> None:
        await self._broker.cut()
        await asyncio.sleep(self.chance.uniform(0.1, 1.5))
        await self._broker.open()

    async def _stall_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.stall, 1.5)

    async def _deafen_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.deafen, 1.5)
        self._broker.drop()

    async def _swallow_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.swallow, 2.0)
        self._broker.drop()

    async def _block_broker(self) -> None:
        self._broker.block()
        await asyncio.sleep(self.chance.uniform(0.2, 1.5))
        self._broker.unblock()

    async def _cancel_consumers(self) -> None:
        self._broker.cancel_consumers()

    @property
    def _broker(self) -> Proxy:
        assert self.broker is not None
        return self.broker

    async def _for_a_while(self, proxy: Proxy, begin: Callable[[], None], longest: float) -> None:
        begin()
        await asyncio.sleep(self.chance.uniform(0.1, longest))
        await proxy.open()
