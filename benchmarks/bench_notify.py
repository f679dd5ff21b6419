"""DCI notifications per second to a receiver on this machine: looked at through subscription, scope
and filter, made a record, signed, sent, acknowledged, audited.

    python -m benchmarks.bench_notify [households]

The floor posts the same bytes with bare `httpx`, as many at a time, to the same receiver (a process
of its own) in the same run.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time

from benchmarks.bench_webhooks import SETTINGS, Receiver, floor
from libs.common.areas.scope import ScopeCache
from libs.common.database import Database
from libs.common.dci import partners as dci_partners
from libs.common.dci.words import Scope
from libs.common.ids import new_id
from libs.common.partners.scoping import scope_of
from libs.common.partners.webhooks import store as webhooks
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.roles import run_loop
from services.registry.subscriptions import store
from services.registry.subscriptions.domain import kinds_of
from services.registry.subscriptions.notify import NotifyCargo
from services.registry.subscriptions.store import Subscription
from services.registry.transactions.cargo import cargo_of
from tests.integration.dci.conftest import HERE, register_dci
from tests.integration.registry.builders import load_communes
from tests.integration.registry.builders import register as register_households
from tests.support.dci import DCI
from tests.support.doors import free_port
from tests.support.partners import KEYS
from tests.support.servers import clone_database, drop_database, drop_run
from tests.support.vault import VAULT

PARTNERS = PartnerSettings(KEYS, Networks(LOOPBACK), SETTINGS, DCI, VAULT)
ACK = (
    b'{"message":{"ack_status":"ACK","timestamp":"2026-01-15T09:30:00+07:00",'
    b'"correlation_id":"bench"}}'
)
_NOT_POOR = {"value": {"expression": {"query": {"$not": {"poverty_status": "poor"}}}}}
_LEFT = "SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'"


async def receive(port: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    answer += b"Content-Length: %d\r\n\r\n" % len(ACK) + ACK
    server = await asyncio.get_running_loop().create_server(
        lambda: Receiver(answer), "127.0.0.1", port, backlog=512
    )
    print("ready", flush=True)
    await server.serve_forever()


async def subscribe(worker: Database, url: str) -> Subscription:
    """To everything that happens to households that are not poor, in one commune."""
    async with worker.transaction() as tx:
        made = Subscription(
            code="sub-bench",
            partner="nhcsxh",
            endpoint_id=new_id(),
            url=url,
            areas=("*",),
            kinds=kinds_of("ALL"),
            criteria={"filter_type": "expression", "filter": _NOT_POOR},
            starts_at=None,
            ends_at=None,
            subscribed_at=tx.recorded_at,
            unsubscribed_at=None,
        )
        await store.add(tx, "nhcsxh", [made])
        return made


async def bodies(worker: Database, made: Subscription, count: int) -> list[bytes]:
    """Bytes as the partner gets them."""
    cargo, found = NotifyCargo(made, DCI, VAULT, worker.clock), list[bytes]()
    async with worker.transaction() as tx:
        endpoint = await webhooks.find(tx, made.endpoint_id)
        known = await dci_partners.find(tx, made.partner)
        assert endpoint is not None
        assert known is not None
        day, now = worker.clock.today(), worker.clock.now()
        scope = await scope_of(tx, ScopeCache(), known.registration.terms, day)
        for first in range(1, count + 1, 500):
            seqs = list(range(first, min(first + 500, count + 1)))
            told = await cargo.read(tx, endpoint, scope, seqs)
            found += [one.write(now).body for one in told.values()]
    return found


async def ours(worker: Database, count: int) -> float:
    """Notifications per second of the role `send`."""
    stop = asyncio.Event()
    started = time.perf_counter()
    task = asyncio.create_task(run_send(worker, "registry", PARTNERS, stop, cargo_of))
    while await worker.pool.fetchval(_LEFT) < count:  # noqa: ASYNC110  (nobody tells)
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - started
    stop.set()
    await task
    return count / seconds


async def measure(count: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database, port = await clone_database("registry"), free_port()
    command = [sys.executable, "-m", "benchmarks.bench_notify", "--receive", str(port)]
    receiver = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: ASYNC220
    url = f"http://127.0.0.1:{port}/registry/notify"
    try:
        assert receiver.stdout is not None
        await asyncio.to_thread(receiver.stdout.readline)
        await load_communes(database)
        await register_dci(database, scopes=(Scope.SUBSCRIBE,))
        async with database.as_worker() as worker:
            made = await subscribe(worker, url)
            await register_households(database, count, commune=HERE)
            same = await bodies(worker, made, count)
            await floor(url, same[:500], 200)
            before = await floor(url, same, 200)
            rate = await ours(worker, count)
            bare = (before + await floor(url, same, 200)) / 2
        load = os.getloadavg()[0]
        print(f"{count} notifications of {len(same[0])} bytes; load {load:.1f}")
        print(
            f"RESULT dci.notified {rate:.0f} notifications/s floor={bare:.0f} "
            f"ratio={rate / bare:.2f}"
        )
    finally:
        receiver.kill()
        receiver.wait()
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--receive"]:
        run_loop(receive(int(sys.argv[2])))
    else:
        run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else 5_000))
