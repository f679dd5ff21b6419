"""The road of the failure tests: registry → eligibility → reporting, in the product's own parts.

The registry says households; eligibility decides on their entitlements (latest wins) and says
those; reporting keeps a timeline of both (set insert). Parts run beside the test in its own loop,
or as processes that can be killed; between them and the servers a proxy may stand.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aio_pika
import asyncpg

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription, readable
from libs.common.contracts.household import CHANGED, HouseholdData
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger, topology
from libs.common.messaging.transport import Message
from libs.common.messaging.transports.rabbitmq import RabbitTransport
from libs.common.messaging.wishes import Wish, insert_wish
from libs.common.vocabulary import StatusClass
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.support import peer
from tests.support.broker import broker_url, delete_prefix
from tests.support.eligibility import a_household, a_status, with_facts
from tests.support.parts import ANSWER_SECONDS, CONSUME, WATCH, Part, transport_of
from tests.support.proxy import Proxy, with_port
from tests.support.servers import ServiceDatabase

ENTITLEMENTS, TIMELINE = "eligibility.entitlements", "reporting.timeline"
CONSUMERS = (ENTITLEMENTS, TIMELINE)
RELAYS = ("registry.relay", "eligibility.relay")
SERVICES = ("registry", "eligibility", "reporting")
DAY = date(2022, 6, 1)
_PUBLISHERS = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND datname = current_database()
  AND application_name LIKE '%.relay'
"""
_CLASSES = (StatusClass.POOR, StatusClass.NEAR_POOR, StatusClass.NONE)


def household_at(subject: UUID, version: int) -> HouseholdData:
    """The household at a version: each has another class than the one before."""
    status = _CLASSES[(version - 1) % len(_CLASSES)]
    # The same members at every version: only the class moves.
    return with_facts(_household(subject), statuses=(a_status(status),))


_households: dict[UUID, HouseholdData] = {}


def _household(subject: UUID) -> HouseholdData:
    if subject not in _households:
        _households[subject] = a_household(household_id=subject)
    return _households[subject]


@dataclass
class Road:
    """All that a failure test touches.

    Attributes:
        kind: `local` or `rabbitmq`.
        workers: each service's database under its worker role, past any proxy.
        amqp_url: where parts find the broker; a test may put a proxy's there.
        dsns: where parts find the databases; likewise.
        consumers: who listens.
    """

    kind: str
    prefix: str
    databases: dict[str, ServiceDatabase]
    workers: dict[str, Database]
    amqp_url: str
    dsns: dict[str, str]
    consumers: tuple[str, ...] = CONSUMERS
    peers: list[peer.Peer] = field(default_factory=list)

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        return tuple(SUBSCRIPTIONS[name] for name in self.consumers)

    async def say(self, *subjects: UUID) -> None:
        """One more version of each household, in one act of the registry."""
        async with self.act(*subjects):
            pass

    @asynccontextmanager
    async def act(self, *subjects: UUID) -> AsyncIterator[Transaction]:
        """The same act, still open: it is committed at the end of the block."""
        async with self.workers["registry"].transaction() as tx:
            heads = await ledger.lock_heads(tx, "household", subjects)
            events = [
                ledger.NewEvent(
                    subject,
                    CHANGED,
                    tx.recorded_at,
                    household_at(subject, heads[subject] + 1),
                    new_id(),
                )
                for subject in subjects
            ]
            await ledger.append(tx, "registry", "household", heads, events)
            yield tx

    async def bodies(self, *subjects: UUID) -> list[bytes]:
        """The exact bytes that the registry's ledger holds of them, oldest first."""
        rows = await self.workers["registry"].pool.fetch(
            "SELECT body FROM event_log WHERE subject = ANY($1::uuid[]) ORDER BY seq", subjects
        )
        return [row["body"] for row in rows]

    async def said_only(self, *subjects: UUID) -> list[bytes]:
        """Say them, and take them off the outbox: the test itself carries them on."""
        await self.say(*subjects)
        await self.workers["registry"].pool.execute("DELETE FROM outbox")
        return await self.bodies(*subjects)

    async def send(
        self, consumer: str, *bodies: bytes, kind: str = CHANGED, lane: str = ""
    ) -> None:
        """One message straight to a consumer's live queue (or another of its), past the relay."""
        body = b"[" + b",".join(bodies) + b"]"
        if self.kind == "local":
            await self.workers[consumer.partition(".")[0]].pool.execute(
                "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, $3, $4)",
                consumer, kind, len(bodies), body,
            )  # fmt: skip
            return
        transport = RabbitTransport(broker_url(), self.prefix)
        try:
            queue = self.prefix + SUBSCRIPTIONS[consumer].queue
            await transport.send_direct(queue + lane, [Message(kind, body, len(bodies))])
        finally:
            await transport.close()

    async def wish(self, consumer: str, producer: str, **which: Any) -> Wish:
        """Ask for a replay of a producer's ledger, in the producer's own database."""
        database = self.workers[producer]
        wish = Wish(
            producer=producer,
            consumer=consumer,
            reason="TEST",
            requested_by="test",
            requested_at=database.clock.now(),
            **which,
        )
        await insert_wish(database.pool, wish)
        return wish

    async def repeat(self, consumer: str, most: int) -> None:
        """Send a consumer some of the newest events that it reads once more."""
        for database in self.workers.values():
            rows = await database.pool.fetch(
                "SELECT type, body FROM event_log WHERE type = ANY($1::text[])"
                " ORDER BY seq DESC LIMIT $2",
                list(readable(SUBSCRIPTIONS[consumer])),
                most,
            )
            for row in rows:
                await self.send(consumer, row["body"], kind=row["type"])

    def api_dsn(self, service: str) -> str:
        """A service's database under its API role, through the proxy where there is one."""
        port = urlsplit(self.dsns[service]).port or 5432
        return with_port(self.databases[service].api_dsn, port)

    @asynccontextmanager
    async def running(self, *parts: str | Part) -> AsyncIterator[None]:
        """Run parts beside the test; at the end they stop in order."""
        stop = asyncio.Event()
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            for one in parts:
                part = one if isinstance(one, Part) else Part(one)
                transport = transport_of(
                    self.kind, self.amqp_url, self.prefix, self.dsns, self.consumers
                )
                stack.push_async_callback(transport.close)
                database = await stack.enter_async_context(
                    await Database.connect(
                        self.dsns[part.service],
                        self.workers["registry"].clock,
                        application=part.name,
                        largest=4,
                        answer_seconds=ANSWER_SECONDS,
                    )
                )
                group.create_task(part.run(database, transport, stop))
            try:
                yield
            finally:
                stop.set()

    def start(
        self, *parts: str, faults: str = "", deadly: Sequence[UUID] = (), failures: int = 0
    ) -> peer.Peer:
        """Start parts of one service as a process; it ends with the test."""
        job = peer.Job(
            list(parts),
            self.kind,
            self.amqp_url,
            self.prefix,
            self.dsns,
            list(self.consumers),
            [str(subject) for subject in deadly],
            failures,
        )
        self.peers.append(peer.start(job, faults))
        return self.peers[-1]

    @asynccontextmanager
    async def proxied(self) -> AsyncIterator[Proxy]:
        """A proxy before what messages go through: the broker, or the consumers' databases.

        Parts that are made within go through it; those made before do not.
        """
        if self.kind == "rabbitmq":
            async with Proxy(self.amqp_url, 5672).running() as proxy:
                direct, self.amqp_url = self.amqp_url, proxy.url
                yield proxy
                self.amqp_url = direct
            return
        async with self.database_proxied("eligibility", "reporting") as proxy:
            yield proxy

    @asynccontextmanager
    async def database_proxied(self, *services: str) -> AsyncIterator[Proxy]:
        """A proxy before the server, for these services' databases."""
        direct = dict(self.dsns)
        async with Proxy(self.dsns[services[0]], 5432).running() as proxy:
            for name in services:
                self.dsns[name] = with_port(self.dsns[name], proxy.port)
            yield proxy
            self.dsns.update(direct)

    @asynccontextmanager
    async def past_proxy(self) -> AsyncIterator[None]:
        """Parts that are made within go straight to the servers."""
        url, dsns = self.amqp_url, dict(self.dsns)
        self.amqp_url = broker_url()
        self.dsns.update({name: one.worker_dsn for name, one in self.databases.items()})
        yield
        self.amqp_url = url
        self.dsns.update(dsns)

    async def waiting(self) -> dict[str, int]:
        """Messages in each consumer's queues: live, replay, retry rungs and dead letters."""
        if self.kind == "local":
            return {
                name: await self.workers[name.partition(".")[0]].pool.fetchval(
                    "SELECT count(*) FROM local_queue WHERE consumer = $1", name
                )
                for name in self.consumers
            }
        found: dict[str, int] = {}
        connection = await aio_pika.connect(broker_url())  # plain: a robust one would remember
        async with connection, connection.channel() as channel:
            for name in self.consumers:
                queue = self.prefix + SUBSCRIPTIONS[name].queue
                for one in topology.queues(queue, CONSUME.rungs_seconds):
                    counted = await channel.declare_queue(one, passive=True)
                    key = f"{name}.dlq" if one.endswith(".dlq") else name
                    waiting = counted.declaration_result.message_count or 0
                    found[key] = found.get(key, 0) + waiting
        return found

    async def publishers(self, service: str) -> int:
        """How many relays of a service hold the lock that lets one publish."""
        found: int = await self.workers[service].pool.fetchval(_PUBLISHERS)
        return found

    async def outbox(self) -> int:
        """Rows that are yet to be published, of all producers."""
        counts = [
            await self.workers[name].pool.fetchval("SELECT count(*) FROM outbox")
            for name in self.workers
        ]
        return sum(counts)

    async def told(self, consumer: str, stream: str = "household") -> dict[tuple[UUID, int], int]:
        """How often the consumer's handler was handed each version, by what it committed."""
        rows = await self.workers[consumer.partition(".")[0]].pool.fetch(
            "SELECT subject, version, times FROM told WHERE consumer = $1 AND stream = $2",
            consumer,
            stream,
        )
        return {(row[0], row[1]): row[2] for row in rows}

    async def received(self, consumer: str) -> int:
        """Events of which the consumer has an inbox row."""
        found: int = await self.workers[consumer.partition(".")[0]].pool.fetchval(
            "SELECT count(*) FROM inbox WHERE consumer = $1", consumer
        )
        return found

    async def parked(self, consumer: str) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.workers[consumer.partition(".")[0]].pool.fetch(
            "SELECT * FROM parked_message WHERE consumer = $1 ORDER BY parked_id", consumer
        )
        return rows

    async def end_sessions(self, service: str, application: str | None = None) -> int:
        """End the sessions of a service's database, or only those of one part."""
        owner = await asyncpg.connect(self.databases[service].owner_dsn)
        ended: int = await owner.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname ="
            " current_database() AND pid <> pg_backend_pid()"
            " AND ($1::text IS NULL OR application_name = $1)",
            application,
        )
        await owner.close()
        return ended


@asynccontextmanager
async def on_the_wire(
    road: Road, pattern: str = "household.*.v1"
) -> AsyncIterator[Callable[[], Awaitable[list[tuple[UUID, int]]]]]:
    """Listen to the exchange; within, ask for the (household, version) pairs seen, in order.

    The local transport has no wire: nothing is seen.
    """

    async def nothing() -> list[tuple[UUID, int]]:
        return []

    if road.kind == "local":
        yield nothing
        return
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(road.prefix + topology.EXCHANGE, routing_key=pattern)

        async def seen() -> list[tuple[UUID, int]]:
            found: list[tuple[UUID, int]] = []
            while message := await queue.get(fail=False, no_ack=True):
                found += [
                    (UUID(event["subject"]), int(event["sequence"]))
                    for event in json.loads(message.body)
                ]
            return found

        yield seen


@asynccontextmanager
async def open_road(
    kind: str, databases: dict[str, ServiceDatabase], consumers: tuple[str, ...] = CONSUMERS
) -> AsyncIterator[Road]:
    """A road over `local` or `rabbitmq`; its queues and processes are gone afterwards."""
    for name in {consumer.partition(".")[0] for consumer in consumers}:
        owner = await asyncpg.connect(databases[name].owner_dsn)
        await owner.execute(WATCH)
        await owner.close()
    prefix = f"test-{secrets.token_hex(6)}."
    subscriptions = [SUBSCRIPTIONS[name] for name in consumers]
    if kind == "rabbitmq":
        await topology.apply(broker_url(), prefix, subscriptions, CONSUME.rungs_seconds)
    async with AsyncExitStack() as stack:
        workers = {
            name: await stack.enter_async_context(database.as_worker())
            for name, database in databases.items()
        }
        async with workers["eligibility"].transaction() as tx:
            await set_law_day_if_absent(tx, DAY)
        dsns = {name: database.worker_dsn for name, database in databases.items()}
        road = Road(kind, prefix, databases, workers, broker_url(), dsns, consumers)
        try:
            yield road
        finally:
            for one in road.peers:
                one.kill()
            if kind == "rabbitmq":
                await delete_prefix(prefix, subscriptions, CONSUME.rungs_seconds)
