"""Webhook deliveries per second to a receiver on this machine: read, cut to the registration,
signed, sent, audited, traced.

    python -m benchmarks.bench_webhooks [deliveries]

The floor posts the same bytes with bare `httpx`, as many at a time, to the same receiver (a process
of its own) in the same run.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import cast

import httpx
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.common import telemetry
from libs.common.areas.scope import ScopeCache
from libs.common.contracts.referral import CHANGED
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.partners import reading, registrations, scoping
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.cargo import CONTENT_TYPE
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings, WebhookSettings
from libs.common.roles import run_loop
from libs.common.telemetry.setup import activate, build, deactivate
from tests.support.doors import free_port
from tests.support.partners import a_referral, register
from tests.support.servers import clone_database, drop_database, drop_run

CHUNK = 1_000
SETTINGS = WebhookSettings(poll_seconds=0.2)
_LEFT = "SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'"


class Receiver(asyncio.Protocol):
    """The least that an HTTP/1.1 server can be: one answer for each request, keep-alive."""

    def __init__(self, answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._bytes = b""

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while (end := self._bytes.find(b"\r\n\r\n")) >= 0:
            head = self._bytes[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self._bytes) < end + 4 + length:
                return
            self._bytes = self._bytes[end + 4 + length :]
            self._transport.write(self._answer)


async def receive(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(
        Receiver, "127.0.0.1", port, backlog=512
    )
    print("ready", flush=True)
    await server.serve_forever()


async def seed(worker: Database, count: int) -> None:
    """New referrals, traced as those of one act are."""
    correlation_id = new_id()
    for before in range(0, count, CHUNK):
        said = [a_referral() for _ in range(min(CHUNK, count - before))]
        ids = [one.referral_id for one in said]
        contexts = telemetry.creation_contexts(
            CHANGED, ids, correlation_id=correlation_id, before=before
        )
        async with worker.transaction() as tx:
            heads = await ledger.lock_heads(tx, "referral", ids)
            events = [
                ledger.NewEvent(
                    one.referral_id, CHANGED, tx.recorded_at, one, correlation_id, None, context
                )
                for one, context in zip(said, contexts, strict=True)
            ]
            await ledger.append(tx, "credit", "referral", heads, events)


async def bodies(worker: Database, count: int) -> list[bytes]:
    """The very bytes that a partner gets."""
    async with worker.transaction() as tx:
        known = await registrations.find(tx, "nhcsxh")
        assert known is not None
        day = worker.clock.today()
        scope = await scoping.scope_of(tx, ScopeCache(), known.terms, day)
        found: list[bytes] = []
        upto = 0
        while len(found) < count:
            part = await reading.read_part(tx, scope, upto, count, reading.Bounds())
            found += [one.body for one in part.shown]
            upto = part.upto
        return found


async def floor(url: str, sent: Sequence[bytes], status: int = 204) -> float:
    """Deliveries per second of bare httpx."""
    queue = iter(sent)
    limits = httpx.Limits(
        max_connections=SETTINGS.concurrency, max_keepalive_connections=SETTINGS.concurrency
    )
    async with httpx.AsyncClient(trust_env=False, limits=limits) as client:

        async def one() -> None:
            for body in queue:
                answer = await client.post(
                    url, content=body, headers={"Content-Type": CONTENT_TYPE}
                )
                assert answer.status_code == status

        started = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(SETTINGS.concurrency)))
        return len(sent) / (time.perf_counter() - started)


async def ours(worker: Database, keys: PartnerKeys, count: int) -> float:
    """Deliveries per second of the role `send`."""
    partners = PartnerSettings(keys, Networks(LOOPBACK), SETTINGS)
    stop = asyncio.Event()
    started = time.perf_counter()
    task = asyncio.create_task(run_send(worker, "credit", partners, stop))
    while await worker.pool.fetchval(_LEFT) < count:  # noqa: ASYNC110  (nobody tells)
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - started
    stop.set()
    await task
    return count / seconds


async def measure(count: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database, port = await clone_database("credit"), free_port()
    command = [sys.executable, "-m", "benchmarks.bench_webhooks", "--receive", str(port)]
    receiver = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: ASYNC220
    recording = build(
        "bench", 0.01, [BatchSpanProcessor(InMemorySpanExporter())], [], is_scraped=True
    )
    activate(recording)
    url, keys = f"http://127.0.0.1:{port}/hook", PartnerKeys([secrets.token_hex(32)])
    try:
        assert receiver.stdout is not None
        await asyncio.to_thread(receiver.stdout.readline)
        async with database.as_worker() as worker, database.as_api() as api:
            async with api.transaction() as tx:
                await register(tx)
                await store.add(
                    tx, new_id(), "nhcsxh", url, keys.first(), "bench", from_beginning=True
                )
            await seed(worker, count)
            same = await bodies(worker, count)
            await floor(url, same[:500])
            before = await floor(url, same)
            rate = await ours(worker, keys, count)
            bare = (before + await floor(url, same)) / 2
        load = os.getloadavg()[0]
        print(f"{count} deliveries of {len(same[0])} bytes; load {load:.1f}")
        print(
            f"RESULT webhooks.sent {rate:.0f} deliveries/s floor={bare:.0f} ratio={rate / bare:.2f}"
        )
    finally:
        deactivate(recording)
        receiver.kill()
        receiver.wait()
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--receive"]:
        run_loop(receive(int(sys.argv[2])))
    else:
        run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else 5_000))
