"""The floor of the fan-out: the same rows, the same events, the same messages, and nothing else.

    python -m benchmarks.floor produce|consume JOB.json

Plain asyncpg (`INSERT ... SELECT FROM unnest`, up to 1,000 households a transaction) and aio-pika
(publish, confirm, consume, ack), in two processes: no rules, no validation, no audit, no traces.
The producer writes the registry's rows and sends the household's events; the consumer has a queue
for each of our consumers, writes what that consumer wrote and sends what it said.
"""

import asyncio
import json
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg

from benchmarks.written import REGISTRY, SPEAKERS, TYPES, Act, Written, cause_of, read_written
from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription
from libs.common.ids import new_id
from libs.common.messaging.topology import EXCHANGE
from libs.common.roles import run_loop
from tests.support.servers import admin_dsn, with_database

BATCH = 1000
_FINISH = """
INSERT INTO inbox_batch (batch_id, consumer, received_at, events) VALUES ($1, $2, now(), $3)
"""
_STREAMS = {event_type: stream for stream, event_type in TYPES.items()}


@dataclass
class FloorJob:
    """What both processes are told.

    Attributes:
        prefix: of the databases and queues that the floor writes to.
        source, base, since: where the rows come from; see `read_written`.
        households: in the order in which they are decided.
        at_once: households per transaction of the producer.
        pause_seconds: after each of them.
        sizes: per event type how many events each message carries.
    """

    amqp_url: str
    prefix: str
    source: str
    base: str
    since: int
    households: list[str]
    at_once: int
    pause_seconds: float
    sizes: dict[str, list[int]]


@dataclass
class _Sender:
    """Sends a stream's events in messages of given sizes."""

    exchange: Any
    stream: str
    bodies: dict[Act, bytes]
    places: dict[UUID, int]
    sizes: deque[int]
    waiting: deque[UUID] = field(default_factory=deque)
    messages: int = 0

    async def send(self, households: Sequence[UUID]) -> None:
        """Send what fills a message, confirmed; the rest waits for more."""
        self.waiting.extend(households)
        sends = []
        while self.sizes and len(self.waiting) >= self.sizes[0]:
            count = self.sizes.popleft()
            chosen = [self.waiting.popleft() for _ in range(count)]
            body = b"[" + b",".join(self.bodies[self.stream, one] for one in chosen) + b"]"
            places = struct.pack(f"<{count}I", *(self.places[one] for one in chosen))
            message = aio_pika.Message(
                body,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=str(new_id()),
                type=TYPES[self.stream],
                headers={"places": bytearray(places)},
            )
            sends.append(
                self.exchange.publish(message, routing_key=TYPES[self.stream], mandatory=True)
            )
        await asyncio.gather(*sends)
        self.messages += len(sends)


class _Writer:
    """Writes the rows of one of our writers, table by table."""

    def __init__(self, written: Written, name: str) -> None:
        self.tables = [
            (table.statement, table.rows[name]) for table in written.tables if name in table.rows
        ]

    async def write(self, connection: Any, acts: Sequence[Act]) -> None:
        for statement, rows in self.tables:
            found = [row for act in acts for row in rows.get(act, ())]
            if found:
                await connection.execute(statement, *zip(*found, strict=True))


async def _exchange(connection: Any, prefix: str) -> Any:
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    return await channel.get_exchange(prefix + EXCHANGE, ensure=False)


async def _read(job: FloorJob, writers: frozenset[str]) -> Written:
    return await read_written(job.source, job.since, job.base, only=writers)


async def _begin() -> None:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def produce(job: FloorJob) -> dict[str, Any]:
    """The registry's side; answers when each household's act began and was committed."""
    households = [UUID(one) for one in job.households]
    written = await _read(job, frozenset({REGISTRY}))
    writer = _Writer(written, REGISTRY)
    database = await asyncpg.connect(with_database(admin_dsn(), f"{job.prefix}registry"))
    connection = await aio_pika.connect(job.amqp_url)
    places = {household: place for place, household in enumerate(households)}
    sizes = deque(job.sizes[TYPES["household"]])
    exchange = await _exchange(connection, job.prefix)
    sender = _Sender(exchange, "household", written.bodies, places, sizes)
    await _begin()
    begun: dict[str, float] = {}
    committed: dict[str, float] = {}
    decided: set[UUID] = set()
    for start in range(0, len(households), job.at_once):
        chunk = households[start : start + job.at_once]
        at = time.time()
        async with database.transaction():
            new = {written.decision_of[one]: None for one in chunk}.keys() - decided
            decided |= new
            acts = [("decision", one) for one in new] + [("household", one) for one in chunk]
            await writer.write(database, acts)
        now = time.time()
        begun |= {str(one): at for one in chunk}
        committed |= {str(one): now for one in chunk}
        await sender.send(chunk)
        if job.pause_seconds:
            await asyncio.sleep(job.pause_seconds)
    await connection.close()
    await database.close()
    return {
        "begun": begun,
        "committed": committed,
        "messages": {TYPES["household"]: sender.messages},
    }


class _Consumer:
    """One queue, one database connection, one transaction per micro-batch."""

    def __init__(
        self,
        job: FloorJob,
        subscription: Subscription,
        written: Written,
        households: list[UUID],
        sender: _Sender | None,
    ) -> None:
        self._job = job
        self._subscription = subscription
        self._name = subscription.consumer
        self._written = written
        self._households = households
        self._sender = sender
        self._writer = _Writer(written, self._name)
        self._arrived: deque[Any] = deque()
        self._wake = asyncio.Event()
        self.finished: dict[str, float] = {}
        self.expected = sum(
            subscription.reads(TYPES[stream]) for stream, _household in written.bodies
        )

    async def open(self, connection: Any) -> None:
        service = self._subscription.service
        self._database = await asyncpg.connect(
            with_database(admin_dsn(), self._job.prefix + service)
        )
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=64)
        queue = await channel.get_queue(self._job.prefix + self._subscription.queue, ensure=False)
        await queue.consume(self._receive)

    async def _receive(self, message: Any) -> None:
        self._arrived.append(message)
        self._wake.set()

    async def run(self) -> None:
        """Until every event is in."""
        done = 0
        while done < self.expected:
            if not self._arrived:
                self._wake.clear()
                await self._wake.wait()
            acts: list[Act] = []
            message = None
            while self._arrived and len(acts) < BATCH:
                message = self._arrived.popleft()
                packed = message.headers["places"]
                stream = _STREAMS[message.type]
                acts += [
                    (stream, self._households[place])
                    for place in struct.unpack(f"<{len(packed) // 4}I", packed)
                ]
            await self._work(acts)
            assert message is not None
            await message.ack(multiple=True)
            done += len(acts)
        await self._database.close()

    async def _work(self, acts: list[Act]) -> None:
        async with self._database.transaction():
            await self._writer.write(self._database, acts)
            await self._database.execute(_FINISH, new_id(), self._name, len(acts))
            now = time.time()
        self.finished |= {str(household): now for _, household in acts}
        if self._sender is not None:
            stream = self._sender.stream
            cause = cause_of(stream)
            said = [
                household
                for came, household in acts
                if came == cause and (stream, household) in self._written.bodies
            ]
            await self._sender.send(said)


async def consume(job: FloorJob) -> dict[str, Any]:
    """The consumers' side; answers when each household's last effect was in."""
    households = [UUID(one) for one in job.households]
    places = {household: place for place, household in enumerate(households)}
    speaks = {speaker: stream for stream, speaker in SPEAKERS.items() if speaker != REGISTRY}
    consumers = [entry for entry in SUBSCRIPTIONS.values() if not entry.consumer.endswith(".areas")]
    written = await _read(job, frozenset(entry.consumer for entry in consumers))
    connection = await aio_pika.connect(job.amqp_url)
    made, senders = [], []
    for entry in consumers:
        sender = None
        if stream := speaks.get(entry.consumer):
            sizes = deque(job.sizes.get(TYPES[stream], ()))
            exchange = await _exchange(connection, job.prefix)
            sender = _Sender(exchange, stream, written.bodies, places, sizes)
            senders.append(sender)
        made.append(_Consumer(job, entry, written, households, sender))
    for consumer in made:
        await consumer.open(connection)
    await _begin()
    async with asyncio.TaskGroup() as group:
        for consumer in made:
            group.create_task(consumer.run())
    await connection.close()
    finished: dict[str, float] = {}
    for consumer in made:
        for household, at in consumer.finished.items():
            finished[household] = max(at, finished.get(household, 0.0))
    return {
        "finished": finished,
        "messages": {TYPES[sender.stream]: sender.messages for sender in senders},
    }


SIDES: dict[str, Callable[[FloorJob], Coroutine[Any, Any, dict[str, Any]]]] = {
    "produce": produce,
    "consume": consume,
}


def main(side: str, path: Path) -> None:
    job = FloorJob(**json.loads(path.read_text(encoding="utf-8")))
    answer = run_loop(SIDES[side](job))
    path.with_suffix(f".{side}").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
