"""Several roles of several services as one process, of the pieces that `ansinh run` is made of.

    python -m benchmarks.process JOB.json

It says `ready` once it serves, ends on SIGTERM, and leaves a report beside the job: the peak of its
memory, how often it retried, and how many events each message carried that it published.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from ansinh import services
from ansinh.process import stop_on_signals
from libs.common import telemetry
from libs.common.clock import Clock, FixedDayClock
from libs.common.database import Database
from libs.common.messaging import topology
from libs.common.messaging.transport import Message, Publisher, Transport
from libs.common.messaging.transports import local
from libs.common.messaging.transports.rabbitmq import RabbitTransport
from libs.common.roles import RoleName, background_roles, run_loop, serve
from libs.common.security.encryption import KeyRing, Vault
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.startup import assert_role_is_safe
from libs.common.security.tokens import StaticKeys, TokenVerifier
from libs.common.settings import Mode
from libs.common.web import create_app

BACKGROUND = frozenset({RoleName.RELAY, RoleName.CONSUME, RoleName.TICK})
AUDIENCE = "ansinh"
_VAULT = Vault(KeyRing(["v" * 32]), b"h" * 32)


@dataclass(frozen=True)
class Job:
    """What one process does.

    Attributes:
        name: in reports.
        workers: the DSN of each service whose background roles it runs.
        apis: the DSN of each service whose API it serves, on `port`.
        amqp_url: the broker, or empty for the local transport.
        peers: the DSN of every service's database, for the local transport.
        sampling_share: see `libs.common.telemetry`.
    """

    name: str
    workers: dict[str, str]
    apis: dict[str, str]
    port: int
    amqp_url: str
    peers: dict[str, str]
    prefix: str
    otlp_endpoint: str
    sampling_share: float
    day: str
    home: str


@dataclass(frozen=True)
class Sent:
    """A message that was published: when (Unix time), which type, how many events."""

    at: float
    type: str
    events: int


class _Counted:
    """A publisher that remembers what it sent."""

    def __init__(self, inner: Publisher, sent: list[Sent]) -> None:
        self._inner = inner
        self._sent = sent
        self.about = inner.about

    async def publish(
        self, messages: Sequence[Message], leave_out: Collection[str] = ()
    ) -> list[str | None]:
        results = await self._inner.publish(messages, leave_out)
        now = time.time()
        self._sent += [Sent(now, message.type, message.events) for message in messages]
        return results

    async def reset(self) -> None:
        await self._inner.reset()


class _CountedTransport(RabbitTransport):
    def __init__(self, url: str, prefix: str) -> None:
        super().__init__(url, prefix)
        self.sent: list[Sent] = []
        self.retried = 0

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Any]:
        async with super().publisher() as inner:
            yield _Counted(inner, self.sent)

    async def send_direct(self, queue: str, messages: Sequence[Message]) -> None:
        self.retried += ".retry." in queue
        await super().send_direct(queue, messages)


async def run(job: Job) -> _CountedTransport:
    """Run the job until SIGTERM; answers the transport, which has counted (RabbitMQ's alone)."""
    telemetry.configure_logs(job.name, "all", "WARNING")
    recording = telemetry.start(
        job.name,
        "all",
        job.otlp_endpoint,
        job.sampling_share,
        bus=topology.bus(job.amqp_url, job.prefix),
    )
    clock = FixedDayClock(date.fromisoformat(job.day))
    stop = stop_on_signals()
    counted = _CountedTransport(job.amqp_url, job.prefix)
    transport: Transport = counted if job.amqp_url else local.connect(job.peers)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transport.close)
        async with asyncio.TaskGroup() as group:
            for name, dsn in job.workers.items():
                database = await _connect(stack, dsn, clock, f"bench-{name}-worker")
                service = services.build(name)
                for loop in background_roles(
                    service, BACKGROUND, database, transport, clock, stop, vault=_VAULT
                ):
                    group.create_task(loop)
            if job.apis:
                app = await _gateway(stack, job, clock)
                group.create_task(serve(app, "127.0.0.1", job.port, stop))
            print("ready", flush=True)
    if recording:
        recording.shutdown()
    return counted


def main(path: Path) -> None:
    """Run the job of this file and leave the report."""
    transport = run_loop(run(Job(**json.loads(path.read_text(encoding="utf-8")))))
    report = {
        "peak_mb": peak_megabytes(),
        "cpu_seconds": sum(psutil.Process().cpu_times()[:2]),
        "retried": transport.retried,
        "sent": [(one.at, one.type, one.events) for one in transport.sent],
    }
    path.with_suffix(".report").write_text(json.dumps(report), encoding="utf-8")


async def _connect(stack: AsyncExitStack, dsn: str, clock: Clock, name: str) -> Database:
    opening = await Database.connect(dsn, clock, application=name)
    database = await stack.enter_async_context(opening)
    await assert_role_is_safe(database)
    return database


async def _gateway(stack: AsyncExitStack, job: Job, clock: Clock) -> Starlette:
    issuer = issuer_of(job.port, Path(job.home))
    auth = TokenVerifier(issuer.url, issuer.audience, StaticKeys(KeySet([issuer.key])))
    routes = []
    for name, dsn in job.apis.items():
        database = await _connect(stack, dsn, clock, f"bench-{name}-api")
        app = create_app(services.build(name), database, clock=clock, auth=auth)
        routes.append(Mount(f"/{name}", app))
    return Starlette(routes=routes)


def issuer_of(port: int, home: Path) -> DevelopmentIssuer:
    """The issuer whose key all processes of a benchmark find in the same folder."""
    return DevelopmentIssuer(f"http://localhost:{port}/issuer", AUDIENCE, home, Mode.TEST)


def peak_megabytes(pid: int | None = None) -> float:
    """The most memory this process, or another, has held resident, in MB.

    From /proc where there is one: the peak of `getrusage` includes the parent's at the fork.
    """
    status = Path(f"/proc/{pid or 'self'}/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return float(psutil.Process(pid).memory_info().rss / 2**20)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
