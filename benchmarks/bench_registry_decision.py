"""One decision over 50,000 households of two: speed of the job, and memory of its process.

    python -m benchmarks.bench_registry_decision [households]

The floor of the speed is the same rows, event bytes included, copied by plain `INSERT ... SELECT`
from the tables that the job has filled; that of the memory is the limit of 250 MB.
"""

import asyncio
import os
import resource
import secrets
import subprocess
import sys
import time

from libs.common.clock import SystemClock
from libs.common.vocabulary import StatusClass
from services.registry.reviews.work import run_decisions
from tests.integration.registry.builders import decide, load_communes, register
from tests.support.servers import (
    ServiceDatabase,
    admin_dsn,
    clone_database,
    drop_database,
    drop_run,
    with_database,
)

MEMORY_LIMIT_MB = 250
_FLOOR = """
INSERT INTO floor_{table} SELECT * FROM {table} {where}
"""
_WRITTEN = {
    "decision_row": "",
    "status_period": "",
    "event_log": "WHERE type = 'household.status_changed.v1'",
    "outbox": "LIMIT (SELECT count(*) FROM decision_row)",
}


async def measure(households: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("registry")
    try:
        await load_communes(database)
        ids = await register(database, households)
        await decide(database, [(household_id, StatusClass.POOR) for household_id in ids])
        job = await asyncio.to_thread(_run_job, database.name)
        seconds, megabytes = (float(part) for part in job.split()[-2:])
        floor = await _floor(database)
        rate, floor_rate = households / seconds, households / floor
        print(
            f"RESULT registry.decision {rate:.0f} households/s floor={floor_rate:.0f} "
            f"ratio={rate / floor_rate:.2f}"
        )
        print(
            f"RESULT registry.decision.memory {megabytes:.0f} MB floor={MEMORY_LIMIT_MB} "
            f"ratio={megabytes / MEMORY_LIMIT_MB:.2f}"
        )
    finally:
        await drop_database(database)
        await drop_run()


async def _floor(database: ServiceDatabase) -> float:
    """Seconds that PostgreSQL alone needs to write the same rows into tables of the same make."""
    owner = ServiceDatabase(
        "registry", database.name, database.owner_dsn, database.owner_dsn, database.owner_dsn
    )
    async with owner.as_worker() as connections, connections.transaction() as tx:
        for table in _WRITTEN:
            await tx.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING INDEXES)")
        started = time.perf_counter()
        for table, where in _WRITTEN.items():
            await tx.execute(_FLOOR.format(table=table, where=where))
        return time.perf_counter() - started


def _run_job(name: str) -> str:
    command = [sys.executable, "-m", "benchmarks.bench_registry_decision", "--job", name]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def job(name: str) -> None:
    """The job in a process of its own, whose memory nothing else has touched."""
    dsn = with_database(admin_dsn(), name, "ansinh_registry_worker")
    database = ServiceDatabase("registry", name, dsn, dsn, dsn)
    async with database.as_worker() as connections:
        started = time.perf_counter()
        await run_decisions(connections, SystemClock())
        seconds = time.perf_counter() - started
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--job"]:
        asyncio.run(job(arguments[1]))
    else:
        asyncio.run(measure(int(arguments[0]) if arguments else 50_000))


if __name__ == "__main__":
    main(sys.argv[1:])
