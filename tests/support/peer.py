"""Parts of the road as a process of their own, which can be killed.

They are forked from a server that has imported everything: importing alone costs more CPU than most
tests do.
"""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from uuid import UUID

from ansinh import services
from libs.common import faults as kill_points
from libs.common import telemetry
from libs.common.clock import SystemClock
from libs.common.database import Database
from tests.support.parts import ANSWER_SECONDS, Part, fails_at_first, kills_at, transport_of

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "tests.support.peer",
        "tests.support.api",
        *(f"services.{name}.app" for name in services.NAMES),
    ]
)


@dataclass(frozen=True)
class Job:
    """What the process is to run, and where.

    Attributes:
        parts: names of `tests.support.parts`, all of one service.
        dsns: each service's database, under its worker role.
        consumers: who listens, where the transport is `local`.
        deadly: households at which a handler kills its process.
        failures: how many batches each handler fails at first.
    """

    parts: list[str]
    kind: str
    amqp_url: str
    prefix: str
    dsns: dict[str, str]
    consumers: list[str]
    deadly: list[str] = field(default_factory=list)
    failures: int = 0


async def _main(job: Job) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    deadly = {UUID(text) for text in job.deadly}
    parts = [
        Part(name, kills_at(deadly) if deadly else fails_at_first(job.failures))
        for name in job.parts
    ]
    transport = transport_of(job.kind, job.amqp_url, job.prefix, job.dsns, job.consumers)
    dsn, name = job.dsns[parts[0].service], parts[0].name
    async with (
        await Database.connect(
            dsn, SystemClock(), application=name, answer_seconds=ANSWER_SECONDS
        ) as database,
        asyncio.TaskGroup() as group,
    ):
        for part in parts:
            group.create_task(part.run(database, transport, stop))
    await transport.close()


def _run(job: Job, faults: str) -> None:
    os.environ.pop("ANSINH_FAULTS", None)
    kill_points.arm(faults)
    telemetry.configure_logs("peer", "test", "ERROR")
    asyncio.run(_main(job))


@dataclass
class Peer:
    """A process of the road under test."""

    process: BaseProcess

    async def ends(self, seconds: float = 60) -> int:
        """Its exit code, negative for the signal that killed it."""
        async with asyncio.timeout(seconds):
            await asyncio.to_thread(self.process.join, seconds)
        assert self.process.exitcode is not None, "it goes on"
        return self.process.exitcode

    @property
    def has_ended(self) -> bool:
        return self.process.exitcode is not None

    def tell_to_stop(self) -> None:
        self.process.terminate()

    def kill(self) -> None:
        if not self.has_ended:
            self.process.kill()
            self.process.join()


def start(job: Job, faults: str = "") -> Peer:
    """Start a part, with kill points armed."""
    process = PROCESSES.Process(target=_run, args=(job, faults), daemon=True)
    process.start()
    return Peer(process)
