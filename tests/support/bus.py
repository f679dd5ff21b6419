"""A bus for tests: a producing registry, a consuming eligibility, and either transport between."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.contracts.area import CHANGED, AreaData
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.envelope import Received, encode
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger, topology
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.consumer import Consumer, Handler, Shape
from libs.common.messaging.relay import run_relay
from libs.common.messaging.settings import (
    BackoffSettings,
    BrokerSettings,
    ConsumeSettings,
    LocalSettings,
    RelaySettings,
)
from libs.common.messaging.transport import Message, Transport
from libs.common.messaging.transports import local, rabbitmq
from libs.common.vocabulary import AreaKind, AreaLevel
from tests.support.broker import broker_url, delete_prefix
from tests.support.servers import ServiceDatabase

QUICK = BackoffSettings(0.02, 0.2)
RELAY = RelaySettings(poll_seconds=0.05, backoff=QUICK, row_backoff=QUICK)
CONSUME = ConsumeSettings(
    poll_seconds=0.05, rungs_seconds=(0.05, 0.1, 0.15, 0.2), backoff=QUICK, drain_seconds=5
)
CONSUMER = "eligibility.areas"
SUBSCRIPTION = SUBSCRIPTIONS[CONSUMER]

SCRATCH = """
CREATE TABLE scratch_latest (subject uuid PRIMARY KEY, version bigint NOT NULL, times int NOT NULL);
CREATE TABLE scratch_set (subject uuid, version bigint, times int NOT NULL,
                          PRIMARY KEY (subject, version));
GRANT ALL ON scratch_latest, scratch_set TO PUBLIC;
"""
_KEEP_LATEST = """
INSERT INTO scratch_latest AS kept SELECT *, 1 FROM unnest($1::uuid[], $2::bigint[])
ON CONFLICT (subject) DO UPDATE SET version = excluded.version, times = kept.times + 1
"""
_KEEP_ALL = """
INSERT INTO scratch_set AS kept SELECT *, 1 FROM unnest($1::uuid[], $2::bigint[])
ON CONFLICT (subject, version) DO UPDATE SET times = kept.times + 1
"""


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 90) -> None:
    """Poll until the condition holds; fail when the deadline passes."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def keep_latest(events: Sequence[Received[Any]], tx: Transaction) -> None:
    """Latest wins, with no guard of its own: what the library hands on is believed."""
    await tx.execute(_KEEP_LATEST, [e.subject for e in events], [e.version for e in events])


async def keep_all(events: Sequence[Received[Any]], tx: Transaction) -> None:
    """Set insert; counts how often it was told, to see whether the inbox alone suffices."""
    await tx.execute(_KEEP_ALL, [e.subject for e in events], [e.version for e in events])


def a_consumer(handler: Handler = keep_latest, shape: Shape = Shape.LATEST_WINS) -> Consumer:
    return Consumer(CONSUMER, shape, handler)


def set_consumer() -> Consumer:
    return Consumer(CONSUMER, Shape.SET_INSERT, keep_all)


def an_area(code: str = "01882") -> AreaData:
    return AreaData(
        area_id=new_id(),
        level=AreaLevel.COMMUNE,
        code=code,
        name="xã Nghiên Loan",
        kind=AreaKind.RURAL_COMMUNE,
        parent_id=None,
        valid_from=date(2020, 1, 1),
        valid_until=None,
        successors=(),
        counts=(),
        designations=(),
    )


def an_event(subject: UUID, version: int, event_id: UUID | None = None) -> bytes:
    """The exact bytes of an event, as the ledger would hold them."""
    now = datetime.now(UTC)
    return encode(
        event_id=event_id or new_id(),
        source="/services/registry",
        event_type=CHANGED,
        subject=subject,
        version=version,
        time=now,
        recorded_at=now,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=an_area(),
    )


async def say(tx: Transaction, *subjects: UUID, correlation_id: UUID | None = None) -> None:
    """One more version of each subject, in this order."""
    heads = await ledger.lock_heads(tx, "area", subjects)
    events = [
        ledger.NewEvent(subject, CHANGED, tx.recorded_at, an_area(), correlation_id or new_id())
        for subject in subjects
    ]
    await ledger.append(tx, "registry", "area", heads, events)


@dataclass
class Bus:
    """Both ends and the way between them."""

    transport: Transport
    producer: Database
    consumer: Database
    producer_dsn: str
    consumer_dsn: str
    kind: str
    prefix: str = ""
    peers: dict[str, str] = field(default_factory=dict)
    stops: list[asyncio.Event] = field(default_factory=list)

    def connect_again(self, lane_messages: int) -> Transport:
        """Another way to the same queues, which finds a replay's lane full at so many messages."""
        if self.kind == "rabbitmq":
            broker = BrokerSettings(replay_messages=lane_messages)
            return rabbitmq.connect(broker_url(), self.prefix, broker)
        return local.connect(self.peers, settings=LocalSettings(lane_messages=lane_messages))

    async def say(self, *subjects: UUID, correlation_id: UUID | None = None) -> None:
        async with self.producer.transaction() as tx:
            await say(tx, *subjects, correlation_id=correlation_id)

    async def send(self, *bodies: bytes, attempt: int = 0) -> None:
        """Straight to the consumer's live queue, past ledger and relay."""
        body = b"[" + b",".join(bodies) + b"]"
        await self.send_raw(body, len(bodies), attempt)

    async def send_raw(self, body: bytes, events: int = 1, attempt: int = 0) -> None:
        if self.kind == "local":
            async with self.consumer.transaction() as tx:
                await tx.execute(
                    "INSERT INTO local_queue (consumer, type, events, body, attempt)"
                    " VALUES ($1, $2, $3, $4, $5)",
                    CONSUMER, CHANGED, events, body, attempt,
                )  # fmt: skip
            return
        assert isinstance(self.transport, rabbitmq.RabbitTransport)
        message = Message(CHANGED, body, events, attempt)
        await self.transport.send_direct(self.prefix + SUBSCRIPTION.queue, [message])

    async def latest(self) -> dict[UUID, int]:
        rows = await self.consumer.pool.fetch("SELECT subject, version FROM scratch_latest")
        return {row[0]: row[1] for row in rows}

    async def kept(self) -> dict[tuple[UUID, int], int]:
        rows = await self.consumer.pool.fetch("SELECT subject, version, times FROM scratch_set")
        return {(row[0], row[1]): row[2] for row in rows}

    async def parked(self) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.consumer.pool.fetch(
            "SELECT * FROM parked_message ORDER BY parked_id"
        )
        return rows

    async def outbox(self) -> int:
        return int(await self.producer.pool.fetchval("SELECT count(*) FROM outbox"))

    async def received(self) -> int:
        """Events with an inbox row."""
        return int(await self.consumer.pool.fetchval("SELECT count(*) FROM inbox"))

    async def reaches(self, wanted: dict[UUID, int]) -> None:
        async def there() -> bool:
            return await self.latest() == wanted

        await eventually(there)

    @asynccontextmanager
    async def running(
        self,
        *consumers: Consumer,
        relays: int = 1,
        settings: ConsumeSettings = CONSUME,
        relay_settings: RelaySettings = RELAY,
    ) -> AsyncIterator[None]:
        """Relays and consumers, each as its role would run; stopped as by SIGTERM."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(relays):
                group.create_task(
                    run_relay(self.producer, self.transport, "registry", stop, relay_settings)
                )
            for consumer in consumers:
                group.create_task(
                    run_consumer(self.consumer, self.transport, consumer, stop, settings)
                )
            try:
                yield
            finally:
                stop.set()


@asynccontextmanager
async def open_bus(
    kind: str, registry: ServiceDatabase, eligibility: ServiceDatabase
) -> AsyncIterator[Bus]:
    """A bus over `local` or `rabbitmq`; its queues are gone afterwards."""
    owner = await asyncpg.connect(eligibility.owner_dsn)
    await owner.execute(SCRATCH)
    await owner.close()
    prefix = f"test-{secrets.token_hex(6)}."
    transport: Transport
    peers = {"eligibility": eligibility.worker_dsn, "registry": registry.worker_dsn}
    if kind == "local":
        transport = local.connect(peers)
    else:
        await topology.apply(broker_url(), prefix, [SUBSCRIPTION], CONSUME.rungs_seconds)
        transport = rabbitmq.connect(broker_url(), prefix)
    try:
        async with registry.as_worker() as producer, eligibility.as_worker() as consumer:
            yield Bus(
                transport,
                producer,
                consumer,
                registry.owner_dsn,
                eligibility.owner_dsn,
                kind,
                prefix,
                peers,
            )
    finally:
        await transport.close()
        if kind == "rabbitmq":
            await delete_prefix(prefix, [SUBSCRIPTION], CONSUME.rungs_seconds)
