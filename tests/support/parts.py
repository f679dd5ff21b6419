"""The parts that a failure test runs: a relay or a consumer of the product, watched and sabotaged.

The handlers are the services' own. Around each stands a watch: in the effects' own transaction it
counts how often a version was handed on, which must be once.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from ansinh import services
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.consumer import Consumer, Handler
from libs.common.messaging.pace import wait_for
from libs.common.messaging.relay import run_relay
from libs.common.messaging.replay import run_replays
from libs.common.messaging.settings import (
    BackoffSettings,
    BrokerSettings,
    ConsumeSettings,
    LocalSettings,
    RelaySettings,
    ReplaySettings,
)
from libs.common.messaging.ticks import wish_for_gaps
from libs.common.messaging.transport import Transport
from libs.common.messaging.transports import local, rabbitmq

# The product's durations at about a fiftieth.
QUICK = BackoffSettings(0.02, 0.5)
RELAY = RelaySettings(
    poll_seconds=0.05, publish_seconds=0.5, backoff=QUICK, row_backoff=QUICK, row_attempts=5
)
CONSUME = ConsumeSettings(
    poll_seconds=0.05,
    rungs_seconds=(0.1, 0.2, 0.3, 0.4),
    drain_seconds=5,
    watch_seconds=0.6,
    lease_seconds=1.2,
    backoff=QUICK,
)
BROKER = BrokerSettings(answer_seconds=1.0, close_seconds=0.3, heartbeat_seconds=1)
GAP_AGE = timedelta(seconds=1)
ANSWER_SECONDS = 2.0  # of a database
LOCAL = LocalSettings(answer_seconds=ANSWER_SECONDS)
REPLAY = ReplaySettings(poll_seconds=0.1, backoff=QUICK)

WATCH = """
CREATE TABLE told (consumer text, stream text, subject uuid, version bigint, times int NOT NULL,
                   PRIMARY KEY (consumer, stream, subject, version));
GRANT ALL ON told TO PUBLIC;
"""
_TELL = """
INSERT INTO told AS t SELECT $1, *, 1 FROM unnest($2::text[], $3::uuid[], $4::bigint[])
ON CONFLICT (consumer, stream, subject, version) DO UPDATE SET times = t.times + 1
"""

Sabotage = Callable[[Sequence[Received[Any]]], Coroutine[Any, Any, None]]


async def none(events: Sequence[Received[Any]]) -> None:
    """No sabotage."""


def kills_at(deadly: Collection[UUID]) -> Sabotage:
    """The process dies, as by SIGKILL, whenever an event of one of these households is worked."""

    async def sabotage(events: Sequence[Received[Any]]) -> None:
        if any(event.stream == "household" and event.subject in deadly for event in events):
            os.kill(os.getpid(), signal.SIGKILL)

    return sabotage


class Broken(Exception):
    """What a handler raises that fails for a reason of its own."""


def fails_at_first(times: int) -> Sabotage:
    """The handler fails for its first batches."""
    left = times

    async def sabotage(events: Sequence[Received[Any]]) -> None:
        nonlocal left
        if left > 0:
            left -= 1
            raise Broken

    return sabotage


async def _watched(
    name: str,
    handler: Handler,
    sabotage: Sabotage,
    events: Sequence[Received[Any]],
    tx: Transaction,
) -> None:
    await tx.execute(
        _TELL,
        name,
        [event.stream for event in events],
        [event.subject for event in events],
        [event.version for event in events],
    )
    await sabotage(events)
    await handler(events, tx)


def consumer_of(name: str, sabotage: Sabotage = none) -> Consumer:
    """A consumer of the product by its name, under watch."""
    service = services.build(name.partition(".")[0])
    [own] = [one for one in service.consumers if one.name == name]
    return Consumer(name, own.shape, partial(_watched, name, own.handler, sabotage))


def transport_of(
    kind: str, amqp_url: str, prefix: str, dsns: Mapping[str, str], consumers: Sequence[str]
) -> Transport:
    """A transport of its own for each part, as for each process."""
    if kind == "rabbitmq":
        return rabbitmq.connect(amqp_url, prefix, BROKER)
    return local.connect(dsns, [SUBSCRIPTIONS[name] for name in consumers], LOCAL)


@dataclass(frozen=True)
class Part:
    """One role.

    Attributes:
        name: a consumer's, or `<service>.relay`, `<service>.replays`, `<service>.gaps`.
        sabotage: what a consumer's handler runs into.
    """

    name: str
    sabotage: Sabotage = none
    consume: ConsumeSettings = CONSUME
    relay: RelaySettings = RELAY
    replay: ReplaySettings = field(default=REPLAY)

    @property
    def service(self) -> str:
        return self.name.partition(".")[0]

    async def run(self, database: Database, transport: Transport, stop: asyncio.Event) -> None:
        """Run until stopped, on the service's worker database."""
        match self.name.partition(".")[2]:
            case "relay":
                await run_relay(database, transport, self.service, stop, self.relay)
            case "gaps":
                while not stop.is_set():
                    with contextlib.suppress(
                        OSError, asyncpg.PostgresError, asyncpg.InterfaceError
                    ):
                        await wish_for_gaps(database, database.clock, GAP_AGE)
                    await wait_for(stop, GAP_AGE.total_seconds())
            case "replays":
                await run_replays(database, transport, self.service, stop, self.replay)
            case _:
                consumer = consumer_of(self.name, self.sabotage)
                await run_consumer(database, transport, consumer, stop, self.consume)
