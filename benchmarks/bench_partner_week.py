"""A partner that is down for a week: what waits for it and where, and how it catches up.

    python -m benchmarks.bench_partner_week [changes]

The role `send` runs as a process of its own, signed, audited and with its usual times. First the
partner answers: the normal rate, while changes are said. Then nothing listens at its address while
a week's changes are said (five versions of each referral), and it is probed; then it is back. Told
are the most memory that the process has held, beside the limit; deliveries per second of the
catch-up beside the normal rate, measured before and afterwards; which tables grew. A server for
tests may run without autovacuum: this program vacuums in its stead.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from uuid import UUID

import asyncpg

from benchmarks.bench_memory import LIMIT_MB
from benchmarks.platform import load
from benchmarks.process import peak_megabytes
from benchmarks.sizes import Sizes, read_sizes, tell_grown
from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings, WebhookSettings
from libs.common.roles import run_loop
from tests.support.doors import free_port
from tests.support.partners import a_referral, register, say
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

CHANGES, NORMAL = 100_000, 10_000
VACUUM_SECONDS = 20
CHUNK, VERSIONS = 1_000, 5
KEY = "k" * 64
# A process that has nothing on its way has told everything.
_DONE = """
SELECT (SELECT seq FROM webhook_cursor) = (SELECT max(seq) FROM event_log)
  AND NOT EXISTS (SELECT FROM webhook_delivery WHERE state = 'pending')
"""
_STATES = """
SELECT string_agg(state || ' ' || count, ', ' ORDER BY state)
FROM (SELECT state, count(*) FROM webhook_delivery GROUP BY state) AS each
"""
_PAUSED = "SELECT pause IS NOT DISTINCT FROM 'failing' FROM webhook_endpoint"


async def send(dsn: str) -> None:
    """The process that is measured; it ends when its input does."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    partners = PartnerSettings(PartnerKeys([KEY]), Networks(LOOPBACK), WebhookSettings())
    async with await Database.connect(dsn, SystemClock(), application="bench-send") as worker:
        await run_send(worker, "credit", partners, stop)


@contextmanager
def program(*given: object) -> Iterator[subprocess.Popen[bytes]]:
    """Another program of the benchmarks, killed at the end."""
    command = [sys.executable, "-m", *map(str, given)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def answering(port: int) -> Iterator[None]:
    """The partner's server, for as long as it is up."""
    with program("benchmarks.bench_webhooks", "--receive", port) as receiver:
        assert receiver.stdout is not None
        receiver.stdout.readline()
        yield


async def say_all(worker: Database, count: int) -> None:
    """So many changes, a version of every referral after the other, and what the relay does."""
    referrals = [new_id() for _ in range(count // VERSIONS)]
    for _ in range(VERSIONS):
        for start in range(0, len(referrals), CHUNK):
            async with worker.transaction() as tx:
                await say(
                    tx, *(a_referral(referral=one) for one in referrals[start : start + CHUNK])
                )
                await tx.execute("DELETE FROM outbox")  # the bus is up, as ever
                tx.wakes.add("outbox")


async def as_ever(worker: Database, count: int) -> float:
    """Deliveries per second while the partner answers and changes are said."""
    began = time.perf_counter()
    await say_all(worker, count)
    return count / await told(worker, began)


async def told(worker: Database, began: float) -> float:
    """Wait until the partner has everything; answers the seconds."""
    while not await worker.pool.fetchval(_DONE):  # noqa: ASYNC110  (nobody tells)
        await asyncio.sleep(0.2)
    return time.perf_counter() - began


@asynccontextmanager
async def vacuuming(dsn: str) -> AsyncIterator[None]:
    """What autovacuum does, meanwhile."""

    async def vacuum() -> None:
        owner = await asyncpg.connect(dsn)
        while True:
            await asyncio.sleep(VACUUM_SECONDS)
            await owner.execute("VACUUM ANALYZE", timeout=600)

    task = asyncio.create_task(vacuum())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def sizes(owner: asyncpg.Connection[asyncpg.Record]) -> Sizes:
    await owner.execute("VACUUM ANALYZE", timeout=600)
    return await read_sizes(owner, "credit")


async def measure(database: ServiceDatabase, changes: int) -> None:
    port, endpoint = free_port(), new_id()
    owner = await asyncpg.connect(database.owner_dsn)
    normal_count = min(NORMAL, changes // 4)
    async with (
        database.as_worker() as worker,
        database.as_api() as api,
        vacuuming(database.owner_dsn),
    ):
        await _register(api, endpoint, f"http://127.0.0.1:{port}/hook")
        with program("benchmarks.bench_partner_week", "--send", database.worker_dsn) as sender:
            with answering(port):
                normal = await as_ever(worker, normal_count)
            before = await sizes(owner)
            began = time.perf_counter()
            await say_all(worker, changes)
            while not await worker.pool.fetchval(_PAUSED):  # noqa: ASYNC110  (nobody tells)
                await asyncio.sleep(0.2)
            print(
                f"  {changes:,} changes said in {time.perf_counter() - began:.0f} s while it is "
                f"down; {load()}"
            )
            waiting = await sizes(owner)
            print(f"  deliveries: {await owner.fetchval(_STATES)}")
            tell_grown("grown while it was down", before, waiting)
            down_mb = peak_megabytes(sender.pid)
            with answering(port):
                async with api.transaction() as tx:
                    await store.resume(tx, endpoint, tx.recorded_at)
                    tx.wakes.add("outbox")
                seconds = await told(worker, time.perf_counter())
                in_all_mb, caught_up = peak_megabytes(sender.pid), await sizes(owner)
                load_then = load()
                after = await as_ever(worker, normal_count)
            rate = changes / seconds
            print(f"  caught up in {seconds:.0f} s; {load_then}")
            print(f"  deliveries: {await owner.fetchval(_STATES)}")
            tell_grown("grown while it caught up", waiting, caught_up)
            for what, megabytes in (("down", down_mb), ("in_all", in_all_mb)):
                print(
                    f"RESULT partner_week.memory.{what} {megabytes:.0f} MB floor={LIMIT_MB} "
                    f"ratio={megabytes / LIMIT_MB:.2f}"
                )
    await owner.close()
    print(f"  normal: {normal:.0f} deliveries/s before, {after:.0f} afterwards")
    normal = (normal + after) / 2
    print(
        f"RESULT partner_week.catching_up {rate:.0f} deliveries/s floor={normal:.0f} "
        f"ratio={rate / normal:.2f}"
    )


async def _register(api: Database, endpoint: UUID, url: str) -> None:
    first = PartnerKeys([KEY]).first()
    async with api.transaction() as tx:
        await register(tx)
        await store.add(tx, endpoint, "nhcsxh", url, first, "bench", from_beginning=True)


async def measure_all(changes: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("credit")
    try:
        await measure(database, changes)
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--send"]:
        run_loop(send(sys.argv[2]))
    else:
        run_loop(measure_all(int(sys.argv[1]) if sys.argv[1:] else CHANGES))
