"""A province reorganised: Bắc Kạn into Thái Nguyên by the real succession, households of two.

    python -m benchmarks.bench_reorganisation [households]

81,493 households, as many as Bắc Kạn had, by default; a quarter of them poor. The whole act is
measured, from the approved file to the last household's event. The floor is the same change by
plain SQL, one statement a table, on copies of the tables as they were before.
"""

import asyncio
import io
import os
import resource
import secrets
import sys
import time
from datetime import date
from uuid import UUID

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.files.writing import CsvWriter
from libs.common.ids import new_id
from libs.common.vocabulary import StatusClass
from services.registry.areas.load import load_areas
from services.registry.reorganisations import acts, maps
from services.registry.reorganisations.form import FORM, filled
from services.registry.reorganisations.work import run_reorganisations
from tests.integration.registry.builders import decide, register
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

PROVINCE, DAY = "06", date(2025, 7, 1)
CLOCK = FixedDayClock(DAY)
MEMORY_LIMIT_MB = 250
_COMMUNES = """
SELECT commune.code FROM area_unit AS commune
JOIN area_unit AS district ON district.area_id = commune.parent_id
JOIN area_unit AS province ON province.area_id = district.parent_id
WHERE province.code = $1 AND commune.level = 'commune' ORDER BY commune.code
"""
_FOLLOWING = ("household", "household_fact", "member", "decision_row", "status_period")
_FLOOR = (
    *(
        f"UPDATE floor_{table} AS old SET commune = new.commune FROM household AS new "
        "WHERE new.household_id = old.household_id AND new.commune <> old.commune"
        for table in _FOLLOWING
    ),
    """UPDATE floor_household_fact AS old SET recorded = new.recorded FROM household_fact AS new
       WHERE new.household_id = old.household_id AND new.effective = old.effective
         AND NOT upper_inf(new.recorded) AND lower(new.recorded) = lower(old.recorded)""",
    """INSERT INTO floor_household_fact SELECT new.* FROM household_fact AS new
       LEFT JOIN floor_household_fact AS old USING (household_id, effective, recorded)
       WHERE upper_inf(new.recorded) AND old.household_id IS NULL""",
    "INSERT INTO floor_event_log SELECT * FROM event_log WHERE type = 'household.changed.v1'",
    """INSERT INTO floor_outbox SELECT * FROM outbox
       LIMIT (SELECT count(*) FROM event_log WHERE type = 'household.changed.v1')""",
)


async def measure(households: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("registry")
    try:
        async with database.as_worker() as connections:
            await load_areas(connections, CLOCK)
        await _settle(database, households)
        await _copy_tables(database)
        key = await approved(database)
        async with database.as_worker(CLOCK) as connections:
            started = time.perf_counter()
            await run_reorganisations(connections, CLOCK)
            seconds = time.perf_counter() - started
            moved, asked = await outcome(connections, key)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        floor = await _floor(database)
        print(f"  {moved} moved in {seconds:.1f} s, {asked} to be asked about")
        rate, floor_rate = moved / seconds, moved / floor
        print(
            f"RESULT registry.reorganisation {rate:.0f} households/s floor={floor_rate:.0f} "
            f"ratio={rate / floor_rate:.2f}"
        )
        print(
            f"RESULT registry.reorganisation.memory {megabytes:.0f} MB floor={MEMORY_LIMIT_MB} "
            f"ratio={megabytes / MEMORY_LIMIT_MB:.2f}"
        )
    finally:
        await drop_database(database)
        await drop_run()


async def _settle(database: ServiceDatabase, households: int) -> None:
    """As many households in each commune, and some more in the last one."""
    async with database.as_worker() as connections, connections.transaction() as tx:
        communes = [row["code"] for row in await tx.fetch(_COMMUNES, PROVINCE)]
    each = households // len(communes)
    for code in communes:
        count = each if code != communes[-1] else households - each * (len(communes) - 1)
        ids = await register(database, count, commune=code)
        rows: list[tuple[UUID, StatusClass | None]] = [
            (household_id, StatusClass.POOR) for household_id in ids[::4]
        ]
        await decide(database, rows, scope=code, commune=code)


async def approved(database: ServiceDatabase) -> UUID:
    """The file as the list of units fills it, entered, previewed and approved."""
    async with database.as_api(CLOCK) as connections, connections.transaction("*") as tx:
        file = io.BytesIO()
        writer = CsvWriter(file, FORM.titles)
        writer.add(filled(map(dict, await maps.read_form(tx, PROVINCE, DAY))))
        writer.finish()
        head = acts.Head(DAY, "NQ 202/2025/QH15", DAY)
        new = await acts.enter(tx, head, file.getvalue(), "one", new_id(), DAY)
        started = time.perf_counter()
        await acts.preview(tx, new.reorganisation_id)
        print(f"  previewed in {time.perf_counter() - started:.2f} s")
        await acts.approve(tx, new.reorganisation_id, "another")
        return new.reorganisation_id


async def outcome(connections: Database, key: UUID) -> tuple[int, int]:
    async with connections.transaction() as tx:
        found = await acts.get(tx, key)
        assert found.state == "done", found.state
        assert found.preview is not None or found.households_moved
        asked = await tx.fetchval("SELECT preview FROM reorganisation WHERE state = 'done'")
        return found.households_moved, asked["asked"]["households"]


def _owner(database: ServiceDatabase) -> ServiceDatabase:
    dsn = database.owner_dsn
    return ServiceDatabase("registry", database.name, dsn, dsn, dsn)


async def _copy_tables(database: ServiceDatabase) -> None:
    async with _owner(database).as_worker() as connections, connections.transaction() as tx:
        for table in (*_FOLLOWING, "event_log", "outbox"):
            await tx.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING INDEXES)")
        for table in _FOLLOWING:
            await tx.execute(f"INSERT INTO floor_{table} SELECT * FROM {table}")
        await tx.execute("ANALYZE")  # a register of years has its statistics


async def _floor(database: ServiceDatabase) -> float:
    """Seconds that PostgreSQL alone needs for the same change."""
    async with _owner(database).as_worker() as connections, connections.transaction() as tx:
        started = time.perf_counter()
        for statement in _FLOOR:
            await tx.execute(statement)
        return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 81_493))
