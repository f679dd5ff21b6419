"""The change feed: changes per second, and how long a page takes.

    python -m benchmarks.bench_feed [changes=100000] [pages]

Reads all of it or, where `pages` is given, so many pages at the beginning, in the middle and at the
end of the ledger: a page of ten million changes must cost what one of ten thousand does. The floor
reads the same rows, page by page, by plain SQL. The feed's pages are cut to a registration,
audited, and made in the test's own process, without a network between.
"""

import os
import secrets
import statistics
import sys
import time
from dataclasses import dataclass

import asyncpg
import httpx

from libs.common.clock import FixedDayClock
from libs.common.contracts.envelope import encode
from libs.common.contracts.referral import CHANGED
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.roles import run_loop
from libs.common.web.paging import encode_cursor
from services.credit.app import build
from tests.support.edge import open_client
from tests.support.partners import BANK, DAY, a_referral, register
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

PAGE = 1_000
# One body, with ids of its own in each row.
_SEED = """
INSERT INTO event_log (event_id, stream, subject, version, type, body, occurred_at, recorded_at,
                       correlation_id)
SELECT event_id, 'referral', subject, 1, $1,
       convert_to(replace(replace($2, $3, event_id::text), $4, subject::text), 'UTF8'),
       now(), now(), event_id
FROM (SELECT gen_random_uuid() AS event_id, gen_random_uuid() AS subject
      FROM generate_series(1, $5)) AS new
"""
_FLOOR = "SELECT seq, body FROM event_log WHERE seq > $1 ORDER BY seq LIMIT $2"
_ANCHOR = "SELECT seq, event_id FROM event_log WHERE seq <= $1 ORDER BY seq DESC LIMIT 1"
_CHUNK = 100_000


@dataclass(frozen=True)
class Stretch:
    """So many pages after a row of the ledger."""

    name: str
    after: int
    pages: int


def stretches(changes: int, pages: int | None) -> list[Stretch]:
    """What is read: pieces of the ledger, or all of it."""
    whole = -(-changes // PAGE)
    if pages is None or 3 * pages >= whole:
        return [Stretch("all", 0, whole)]
    last, middle = changes - pages * PAGE, changes // 2
    return [
        Stretch("begin", 0, pages),
        Stretch("middle", middle, pages),
        Stretch("end", last, pages),
    ]


async def seed(database: ServiceDatabase, changes: int) -> None:
    event_id, said = new_id(), a_referral()
    async with database.as_worker() as worker:
        now = worker.clock.now()
    body = encode(
        event_id=event_id,
        source="/services/credit",
        event_type=CHANGED,
        subject=said.referral_id,
        version=1,
        time=now,
        recorded_at=now,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=said,
    ).decode()
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        for before in range(0, changes, _CHUNK):
            rows = min(_CHUNK, changes - before)
            given = (CHANGED, body, str(event_id), str(said.referral_id), rows)
            await owner.execute(_SEED, *given, timeout=600)
        await owner.execute("VACUUM ANALYZE event_log", timeout=600)
    finally:
        await owner.close()


async def feed(client: httpx.AsyncClient, cursor: str, pages: int) -> tuple[int, list[float]]:
    """How many changes these pages held, and the seconds of each."""
    seconds, found = [], 0
    for _ in range(pages):
        query = {"limit": str(PAGE), **({"after": cursor} if cursor else {})}
        started = time.perf_counter()
        answer = await client.get("/v1/changes", params=query, headers=BANK)
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found, cursor = found + len(page["items"]), page["next"]
    return found, seconds


async def floor(worker: Database, after: int, pages: int) -> list[float]:
    """The seconds of the same pages by plain SQL."""
    seconds = []
    for _ in range(pages):
        started = time.perf_counter()
        rows = await worker.pool.fetch(_FLOOR, after, PAGE)
        seconds.append(time.perf_counter() - started)
        after = rows[-1]["seq"]
    return seconds


async def cursor_at(worker: Database, after: int) -> str:
    row = await worker.pool.fetchrow(_ANCHOR, after)
    return "" if row is None else encode_cursor((row["seq"], row["event_id"]))


async def measure(changes: int, pages: int | None = None) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("credit")
    try:
        async with database.as_api() as api, api.transaction() as tx:
            await register(tx, per_second=1_000_000)
        started = time.perf_counter()
        await seed(database, changes)
        print(f"{changes} changes in {time.perf_counter() - started:.0f} s")
        async with (
            database.as_worker() as worker,
            open_client(build(), database, clock=FixedDayClock(DAY)) as client,
        ):
            await feed(client, "", 1)  # what a process does once
            for one in stretches(changes, pages):
                bare = await floor(worker, one.after, one.pages)
                cursor = await cursor_at(worker, one.after)
                found, seconds = await feed(client, cursor, one.pages)
                assert found == min(one.pages * PAGE, changes - one.after)
                report(one.name, found, seconds, bare)
    finally:
        await drop_database(database)
        await drop_run()


def report(name: str, found: int, seconds: list[float], bare: list[float]) -> None:
    rate, least = found / sum(seconds), found / sum(bare)
    p99, floor_p99 = (sorted(one)[int(len(one) * 0.99) - 1] * 1000 for one in (seconds, bare))
    print(f"{name}: {len(seconds)} pages; load {os.getloadavg()[0]:.1f}")
    print(f"RESULT feed.{name} {rate:.0f} changes/s floor={least:.0f} ratio={rate / least:.2f}")
    print(
        f"RESULT feed.{name}.page.p99 {p99:.0f} ms floor={floor_p99:.0f} "
        f"ratio={p99 / floor_p99:.2f} (p50 {statistics.median(seconds) * 1000:.0f} ms)"
    )


if __name__ == "__main__":
    run_loop(measure(*([int(one) for one in sys.argv[1:]] or [100_000])))
