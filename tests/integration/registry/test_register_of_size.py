"""The register that benchmarks copy in is the one that the services write."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncpg

from benchmarks.people import REGISTERED_ON, Chunk, homes
from benchmarks.register import copy
from benchmarks.rows import COLUMNS, RECORDED_AT
from libs.common.security.audit import AuditLine, write_line
from services.registry.duplicates.work import compare_next
from services.registry.households import acts as households
from services.registry.households.acts import Stated
from services.registry.households.events import read_units
from services.registry.imports import store as imports
from services.registry.imports.matching import keep_codes
from services.registry.vault import acts as vault
from services.registry.vault.store import ADDRESSES, NAMES, NUMBERS
from tests.integration.registry.builders import COMMUNE, TODAY, load_communes
from tests.support.servers import ServiceDatabase, clone_database, drop_database
from tests.support.vault import VAULT

CHUNK = Chunk(0, COMMUNE, 0, 20)
ABOUT = {drawer.table: drawer for drawer in (NAMES, ADDRESSES, NUMBERS)}
# Made anew by whoever writes.
OWN = {"seq", "xact", "event_id"}
_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND NOT starts_with(relname, 'area_')
"""


async def test_it_is_what_the_services_write() -> None:
    copied, written = await clone_database("registry"), await clone_database("registry")
    for database in (copied, written):
        await load_communes(database)
    async with copied.as_worker() as worker, worker.transaction() as tx:
        units = await read_units(tx, [(COMMUNE, REGISTERED_ON)])
    owner = await asyncpg.connect(copied.owner_dsn)
    persons = await copy(owner, CHUNK, units)
    await owner.close()
    await write(written)
    ours, theirs = await contents(copied), await contents(written)
    assert ours == theirs
    assert len(ours["member"]) == persons
    assert not [table for table in COLUMNS if not ours[table]]
    for database in (copied, written):
        await drop_database(database)


async def write(database: ServiceDatabase) -> None:
    """The same households by the acts of an import; said, noted on the trail and compared."""
    made = list(homes(CHUNK))
    async with database.as_worker() as worker, worker.transaction() as now:
        await imports.enter(now, [COMMUNE])
        tx = replace(now, recorded_at=RECORDED_AT)
        new = [
            Stated(one.facts, f"/{place}", one.digest, one.correlation_id)
            for place, one in enumerate(made)
        ]
        await households.register(tx, new, TODAY)
        everybody = [person for one in made for person in one.identities]
        await vault.record(tx, VAULT, everybody, are_new=True)
        codes = [(one.facts.commune, one.code, one.facts.household_id) for one in made]
        await keep_codes(tx, codes, {household_id for *_, household_id in codes})
        await write_line(tx, trail(tuple(household_id for *_, household_id in codes)))
    async with database.as_worker() as worker, worker.transaction() as tx:
        while await compare_next(tx, VAULT):
            pass
        await tx.execute("DELETE FROM outbox")
        await tx.execute(
            "INSERT INTO audit_subject SELECT unnest(subjects), line_id FROM audit_line"
        )


def trail(subjects: tuple[Any, ...]) -> AuditLine:
    act = "POST /v1/households/batches"
    return AuditLine(
        "tester", "officer", "write", act, "household", subjects, None, subjects[0], None
    )


async def contents(database: ServiceDatabase) -> dict[str, list[str]]:
    """Every row of every table but the areas', opened, without what is made anew each time."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        names = await owner.fetch(_TABLES)
        return {name: await rows(owner, name) for (name,) in names}
    finally:
        await owner.close()


async def rows(owner: "asyncpg.Connection[asyncpg.Record]", table: str) -> list[str]:
    found = await owner.fetch(f"SELECT * FROM {table}")
    return sorted(str(opened(table, dict(row))) for row in found)


def opened(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in OWN}
    if table in ABOUT:
        about = ABOUT[table].about(row["person_id"], row.get("type", ""))
        shown["sealed"] = VAULT.keys.open(row["sealed"], about)
    if table == "event_log":
        shown["body"] = json.loads(row["body"]) | {"id": None}
    if table == "audit_line":
        del shown["correlation_id"]
    return shown
