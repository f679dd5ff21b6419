"""A relay or a consumer of the test bus as a process of its own, which can be killed.

    python -m tests.support.peer relay|consume      (settings come by the environment)

The scratch handler kills its process (SIGKILL) at the subject that `PEER_KILLER` names.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from libs.common.clock import SystemClock
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.relay import run_relay
from libs.common.messaging.transport import Transport
from libs.common.messaging.transports import local, rabbitmq
from tests.support.broker import broker_url
from tests.support.bus import CONSUME, RELAY, Bus, a_consumer, keep_latest
from tests.support.servers import repository


async def _handle(killer: UUID | None, events: Sequence[Received[Any]], tx: Transaction) -> None:
    if any(event.subject == killer for event in events):
        os.kill(os.getpid(), signal.SIGKILL)
    await keep_latest(events, tx)


def _transport(kind: str) -> Transport:
    if kind == "rabbitmq":
        return rabbitmq.connect(broker_url(), os.environ["PEER_PREFIX"])
    peers = {name: os.environ[f"PEER_{name.upper()}"] for name in ("registry", "eligibility")}
    return local.connect(peers)


async def _main(role: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    named = os.environ.get("PEER_KILLER")
    handler = partial(_handle, UUID(named) if named else None)
    transport = _transport(os.environ["PEER_KIND"])
    dsn = os.environ["PEER_REGISTRY" if role == "relay" else "PEER_ELIGIBILITY"]
    async with await Database.connect(dsn, SystemClock(), application=f"peer-{role}") as database:
        if role == "relay":
            await run_relay(database, transport, "registry", stop, RELAY)
        else:
            await run_consumer(database, transport, a_consumer(handler), stop, CONSUME)
    await transport.close()


@dataclass
class Peer:
    """A process of the bus under test."""

    process: subprocess.Popen[bytes]

    async def ends(self, seconds: float = 30) -> int:
        """Its exit code, negative for the signal that killed it."""
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(self.process.wait)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start(bus: Bus, role: str, *, faults: str = "", killer: UUID | None = None) -> Peer:
    """Start a relay or a consumer, with kill points armed or a deadly event named."""
    environment = {
        "PATH": os.environ["PATH"],
        "PEER_KIND": bus.kind,
        "PEER_PREFIX": bus.prefix,
        "PEER_REGISTRY": bus.producer.dsn,
        "PEER_ELIGIBILITY": bus.consumer.dsn,
        "ANSINH_FAULTS": faults,
    }
    for name in ("ANSINH_TEST_AMQP_URL", "ANSINH_TEST_POSTGRES"):
        if name in os.environ:
            environment[name] = os.environ[name]
    if killer is not None:
        environment["PEER_KILLER"] = str(killer)
    command = [sys.executable, "-m", "tests.support.peer", role]
    return Peer(subprocess.Popen(command, cwd=repository(), env=environment))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
