"""The change feed from its beginning to its end: changes per second, and how long a page takes.

    python -m benchmarks.bench_feed [changes]

The floor reads the same rows of the ledger, page by page, by plain SQL. The feed's pages are cut to
a registration, audited, and made in the test's own process, without a network between.
"""

import os
import secrets
import statistics
import sys
import time

import asyncpg

from libs.common.clock import FixedDayClock
from libs.common.contracts.envelope import encode
from libs.common.contracts.referral import CHANGED
from libs.common.ids import new_id
from libs.common.roles import run_loop
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
_CHUNK = 100_000


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


async def feed(database: ServiceDatabase) -> tuple[int, list[float]]:
    """How many changes there were, and the seconds of each page."""
    seconds, after, found = [], "", 0
    async with open_client(build(), database, clock=FixedDayClock(DAY)) as client:
        while True:
            query = {"limit": str(PAGE), **({"after": after} if after else {})}
            started = time.perf_counter()
            answer = await client.get("/v1/changes", params=query, headers=BANK)
            seconds.append(time.perf_counter() - started)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += len(page["items"])
            after = page["next"]
            if not page["has_more"]:
                return found, seconds


async def floor(database: ServiceDatabase) -> float:
    """Rows per second of plain SQL."""
    found, seq = 0, 0
    async with database.as_worker() as worker:
        started = time.perf_counter()
        while rows := await worker.pool.fetch(_FLOOR, seq, PAGE):
            found, seq = found + len(rows), rows[-1]["seq"]
        return found / (time.perf_counter() - started)


async def measure(changes: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("credit")
    try:
        async with database.as_api() as api, api.transaction() as tx:
            await register(tx, per_second=1_000_000)
        await seed(database, changes)
        bare = await floor(database)
        found, seconds = await feed(database)
        assert found == changes
        rate = found / sum(seconds)
        p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[-1]
        print(f"{changes} changes; load {os.getloadavg()[0]:.1f}")
        print(f"RESULT feed.read {rate:.0f} changes/s floor={bare:.0f} ratio={rate / bare:.2f}")
        floor_page = PAGE / bare
        print(
            f"RESULT feed.page.p99 {p99 * 1000:.0f} ms floor={floor_page * 1000:.0f} "
            f"ratio={p99 / floor_page:.2f}  (p50 {p50 * 1000:.0f} ms)"
        )
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else 100_000))
