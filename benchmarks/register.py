"""A register of so many households, as the services would have written it, in bounded memory.

Each of a few processes makes households (`people`), seals and hashes what the vault keeps of them
and copies the rows in, a chunk of a thousand households per transaction. Keys and indexes are taken
away before and made of all rows at the end. What is written is what registering, recording and
keeping the province's codes leaves once the events are said and duplicates were looked for
(`tests/integration/registry/test_register_of_size.py`).
"""

import asyncio
import gc
import os
import resource
import secrets
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from typing import Any, NamedTuple

import asyncpg

from benchmarks.people import REGISTERED_ON, Chunk, chunks_of
from benchmarks.rows import COLUMNS, rows_of
from libs.common.clock import FixedDayClock
from libs.common.database import Transaction
from services.registry.areas.load import load_areas
from services.registry.areas.store import CommuneFacts
from services.registry.households.events import RecordedUnit, read_units
from tests.support.servers import (
    BY_FILE,
    ServiceDatabase,
    admin_dsn,
    clone_database,
    database_named,
)

# Bắc Kạn as it was, whose reorganisation is measured elsewhere too; then communes as large as they
# are today.
PROVINCE, IN_PROVINCE, IN_COMMUNE = "06", 750, 8_000
PROCESSES = 1 + (os.cpu_count() or 1)  # each waits for its server process now and then
_TOLD_EVERY, _LONGEST = 15, 3_600
_COMMUNES = """
SELECT commune.code, province.code = $1 AS is_first FROM area_unit AS commune
JOIN area_unit AS district ON district.area_id = commune.parent_id
JOIN area_unit AS province ON province.area_id = district.parent_id
WHERE commune.level = 'commune' AND province.code >= $1
  AND commune.valid_from <= $2 AND (commune.valid_until IS NULL OR $2 < commune.valid_until)
ORDER BY province.code, commune.code
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text AS name, conname, pg_get_constraintdef(oid) AS definition,
       contype::text
FROM pg_constraint
WHERE conrelid = ANY($1::text[]::regclass[]) AND contype IN ('p', 'u', 'x', 'f')
   OR confrelid = ANY($1::text[]::regclass[]) AND contype = 'f'
ORDER BY contype <> 'f'
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = ANY($1::text[]) AND indexname <> ALL (
  SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'x'))
"""
_GIST = " USING gist "
_NEXT_LINE = """
SELECT setval(pg_get_serial_sequence('audit_line', 'line_id'), max(line_id)) FROM audit_line
"""
Units = dict[RecordedUnit, CommuneFacts]


class Made(NamedTuple):
    """Statements: keys and indexes, and what refers to keys."""

    indexes: list[str]
    references: list[str]


@dataclass(frozen=True)
class Register:
    """A register that stands.

    Attributes:
        peak_mb: the most memory that one of the processes which made it has held; 0: not known.
    """

    database: ServiceDatabase
    chunks: Sequence[Chunk]
    persons: int
    peak_mb: float

    @property
    def communes(self) -> list[str]:
        """In the order in which they were registered."""
        return list(dict.fromkeys(chunk.commune for chunk in self.chunks))


def build(households: int) -> Register:
    """A new database with so many households. Processes are forked: no loop may run."""
    began = told = time.perf_counter()
    database, chunks, units = asyncio.run(_prepare(households))
    made = asyncio.run(_take_away(database.owner_dsn))
    persons, done, peak = 0, 0, 0.0
    with get_context("fork").Pool(PROCESSES, _begin, (database.owner_dsn, units)) as pool:
        for chunk, (written, memory) in zip(chunks, pool.imap(_load, chunks), strict=True):
            persons, done, peak = persons + written, done + chunk.households, max(peak, memory)
            if (now := time.perf_counter()) - told > _TOLD_EVERY:
                told, rate = now, persons / (now - began)
                print(f"  {done:,} of {households:,} households, {rate:,.0f} persons/s", flush=True)
    loaded = time.perf_counter()
    print(f"  {persons:,} persons copied in {loaded - began:.0f} s; now the keys", flush=True)
    asyncio.run(_make(database.owner_dsn, made))
    print(f"  keys and statistics in {time.perf_counter() - loaded:.0f} s", flush=True)
    return Register(database, chunks, persons, peak)


def again(name: str, households: int) -> Register:
    """A copy of a register that was built so and kept: what is measured changes it."""
    database = database_named("registry", f"{name}_again")

    async def look() -> tuple[list[Chunk], int]:
        admin = await asyncpg.connect(admin_dsn())
        try:
            await admin.execute(
                f'CREATE DATABASE "{database.name}" TEMPLATE "{name}" {BY_FILE}', timeout=_LONGEST
            )
        finally:
            await admin.close()
        async with database.as_worker() as worker, worker.transaction() as tx:
            return await _chunks(tx, households), await tx.fetchval("SELECT count(*) FROM member")

    chunks, persons = asyncio.run(look())
    return Register(database, chunks, persons, 0)


def places(households: int, communes: Sequence[tuple[str, bool]]) -> list[tuple[str, int]]:
    """How many households live where: at most half of them in the first province.

    Args:
        households: in all.
        communes: code, and whether it is of the first province.
    """
    first = [code for code, is_first in communes if is_first]
    each = min(IN_PROVINCE, households // (2 * len(first)))
    found = [(code, each) for code in first]
    left = households - each * len(first)
    for code, is_first in communes:
        if not is_first and left > 0:
            found.append((code, min(left, IN_COMMUNE)))
            left -= IN_COMMUNE
    return found


async def _prepare(households: int) -> tuple[ServiceDatabase, list[Chunk], Units]:
    database = await clone_database("registry")
    async with database.as_worker() as worker:
        await load_areas(worker, FixedDayClock(REGISTERED_ON))
        async with worker.transaction() as tx:
            chunks = await _chunks(tx, households)
            units = await read_units(tx, {(chunk.commune, REGISTERED_ON) for chunk in chunks})
    return database, chunks, units


async def _chunks(tx: Transaction, households: int) -> list[Chunk]:
    rows = await tx.fetch(_COMMUNES, PROVINCE, REGISTERED_ON)
    return chunks_of(places(households, [(row["code"], row["is_first"]) for row in rows]))


async def _take_away(owner_dsn: str) -> Made:
    """Drop what makes each row dear; answers the statements that make it again."""
    owner = await asyncpg.connect(owner_dsn)
    try:
        constraints = await owner.fetch(_CONSTRAINTS, list(COLUMNS))
        indexes = await owner.fetch(_INDEXES, list(COLUMNS))
        for row in constraints:
            await owner.execute(f"ALTER TABLE {row['name']} DROP CONSTRAINT {row['conname']}")
        for row in indexes:
            await owner.execute(f"DROP INDEX {row['indexname']}")
        for table in COLUMNS:
            await owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    finally:
        await owner.close()
    return Made(
        # The longest first, so that no process is left with them at the end.
        sorted(
            [_key(row) for row in constraints if row["contype"] != "f"]
            + [row["indexdef"] for row in indexes],
            key=lambda statement: _GIST not in statement,
        ),
        [_key(row) for row in constraints if row["contype"] == "f"],
    )


def _key(row: asyncpg.Record) -> str:
    """The statement that makes a constraint again.

    What forbids overlaps becomes an index alone, which costs a writer the same: to look once more
    whether rows overlap that are known not to would take longer than everything else.
    """
    if row["contype"] == "x":
        index = row["definition"].removeprefix("EXCLUDE").replace(" WITH &&", "")
        return f"CREATE INDEX {row['conname']} ON {row['name']}{index}"
    return f"ALTER TABLE {row['name']} ADD CONSTRAINT {row['conname']} {row['definition']}"


async def _make(owner_dsn: str, made: Made) -> None:
    """Keys and indexes side by side, what refers to them afterwards, then the statistics."""
    waiting = deque(made.indexes)

    async def work() -> None:
        owner = await asyncpg.connect(owner_dsn)
        try:
            await owner.execute(
                "SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0; "
                "SET synchronous_commit = off"
            )
            while waiting:
                statement = waiting.popleft()
                began = time.perf_counter()
                await owner.execute(statement, timeout=_LONGEST)
                if (took := time.perf_counter() - began) > _TOLD_EVERY:
                    print(f"  {took:.0f} s: {statement[:70]}", flush=True)
        finally:
            await owner.close()

    await asyncio.gather(*(work() for _ in range(PROCESSES)))
    waiting.extend(made.references)
    await work()
    waiting.extend(f"ALTER TABLE {table} RESET (autovacuum_enabled)" for table in COLUMNS)
    await work()
    waiting.append(_NEXT_LINE)
    waiting.extend(f"VACUUM ANALYZE {table}" for table in COLUMNS)
    await asyncio.gather(*(work() for _ in range(PROCESSES)))


_own: dict[str, Any] = {}  # of the process


def _begin(owner_dsn: str, units: Units) -> None:
    gc.set_threshold(700)  # a copy leaves a few rings behind that hold its megabytes
    loop = asyncio.new_event_loop()
    owner = loop.run_until_complete(asyncpg.connect(owner_dsn))
    loop.run_until_complete(owner.execute("SET synchronous_commit = off"))
    _own.update(loop=loop, owner=owner, units=units)


def _load(chunk: Chunk) -> tuple[int, float]:
    """How many persons, and the most memory of this process so far in MB."""
    persons = _own["loop"].run_until_complete(copy(_own["owner"], chunk, _own["units"]))
    return persons, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def copy(owner: "asyncpg.Connection[asyncpg.Record]", chunk: Chunk, units: Units) -> int:
    """One chunk in; answers how many persons it has."""
    rows = rows_of(chunk, units[chunk.commune, REGISTERED_ON])
    async with owner.transaction():
        for table, lines in rows.items():
            await owner.copy_to_table(
                table,
                source=BytesIO("".join(lines).encode()),
                columns=COLUMNS[table].split(),
                timeout=_LONGEST,
            )
    return len(rows["member"])


def main() -> None:
    """Build and keep: `python -m benchmarks.register HOUSEHOLDS`."""
    os.environ.setdefault("ANSINH_TEST_RUN", f"kept{secrets.token_hex(3)}")
    made = build(int(sys.argv[1]))
    print(f"{made.persons:,} persons in {made.database.name}, at most {made.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
