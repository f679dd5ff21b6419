"""A register of so many households, as the services would have written it, in bounded memory.

Each of a few processes makes households (`people`), seals and hashes what the vault keeps of them
and copies the rows in, a chunk of a thousand households per transaction. Keys and indexes are taken
away before and made of all rows at the end. What is written is what registering, recording and
keeping the province's codes leaves once the events are said and duplicates were looked for
(`tests/integration/registry/test_register_of_size.py`).
"""

import asyncio
import os
import resource
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from multiprocessing import get_context
from typing import Any, NamedTuple

import asyncpg

from benchmarks.people import REGISTERED_ON, Chunk, Home, chunks_of, homes
from libs.common.clock import FixedDayClock, start_of_day
from libs.common.contracts.envelope import encode
from libs.common.contracts.household import REGISTERED, HouseholdAct
from libs.common.ids import new_id
from services.registry.areas.load import load_areas
from services.registry.areas.store import CommuneFacts
from services.registry.households.events import RecordedUnit, household_data, read_units, stored
from services.registry.reviews.domain import derive_timeline
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import digest, words
from services.registry.vault.store import ADDRESSES, NAMES, NUMBERS
from tests.support.servers import ServiceDatabase, clone_database
from tests.support.vault import VAULT

RECORDED_AT = datetime(2021, 12, 20, tzinfo=UTC)
# Bắc Kạn as it was, whose reorganisation is measured elsewhere too; then communes as large as they
# are today.
PROVINCE, IN_PROVINCE, IN_COMMUNE = "06", 750, 8_000
PROCESSES = os.cpu_count() or 1
_TOLD_EVERY, _LONGEST = 15, 3_600
_COMMUNES = """
SELECT commune.code, province.code = $1 AS is_first FROM area_unit AS commune
JOIN area_unit AS district ON district.area_id = commune.parent_id
JOIN area_unit AS province ON province.area_id = district.parent_id
WHERE commune.level = 'commune' AND province.code >= $1
  AND commune.valid_from <= $2 AND (commune.valid_until IS NULL OR $2 < commune.valid_until)
ORDER BY province.code, commune.code
"""
COLUMNS = {
    "household": "household_id commune registered_on digest correlation_id recorded_at",
    "household_fact": "household_id effective recorded commune residence is_farm_household village",
    "member": "household_id person_id recorded commune place birth_date birth_year sex ethnicity "
    "relation disability schooling employment has_pension joined_on is_low_income_worker",
    "household_code": "commune code household_id recorded_at",
    "person_name": "person_id effective recorded sealed tokens commune birth_year",
    "name_token": "token commune birth_year person_id",
    "person_address": "person_id effective recorded sealed",
    "identifier": "person_id type effective recorded hash sealed",
    "stream_head": "stream subject version",
    "event_log": "event_id stream subject version type body occurred_at recorded_at correlation_id",
    "audit_line": "line_id recorded_at caller roles kind act subject_kind subjects correlation_id",
    "audit_subject": "subject line_id",
}
_CONSTRAINTS = """
SELECT conrelid::regclass::text AS name, conname, pg_get_constraintdef(oid) AS definition,
       contype = 'f' AS is_foreign
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
_NEXT_LINE = """
SELECT setval(pg_get_serial_sequence('audit_line', 'line_id'), max(line_id)) FROM audit_line
"""
_AT, _NULL = RECORDED_AT.isoformat(), "\\N"
_OPEN, _SINCE = f'["{_AT}",)', f"[{REGISTERED_ON},)"
_ACT = "POST /v1/households/batches"
_UNDECIDED = derive_timeline(())
_REGISTERED_BY = HouseholdAct.model_construct(
    kind="register", effective_on=REGISTERED_ON, recorded_at=RECORDED_AT, decision_id=None
)
Units = dict[RecordedUnit, CommuneFacts]


class Made(NamedTuple):
    """Statements: keys and indexes, and what refers to keys."""

    indexes: list[str]
    references: list[str]


@dataclass(frozen=True)
class Register:
    """A register that stands.

    Attributes:
        peak_mb: the most memory that one of the processes which made it has held.
    """

    database: ServiceDatabase
    chunks: Sequence[Chunk]
    persons: int
    peak_mb: float


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
            rows = await tx.fetch(_COMMUNES, PROVINCE, REGISTERED_ON)
            chunks = chunks_of(places(households, [(r["code"], r["is_first"]) for r in rows]))
            units = await read_units(tx, {(chunk.commune, REGISTERED_ON) for chunk in chunks})
    return database, chunks, units


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
    add = "ALTER TABLE {name} ADD CONSTRAINT {conname} {definition}".format_map
    keys = [add(row) for row in constraints if not row["is_foreign"]]
    return Made(
        # The longest first, so that no process is left with them at the end.
        sorted([*keys, *(row["indexdef"] for row in indexes)], key=_is_quick),
        [add(row) for row in constraints if row["is_foreign"]],
    )


def _is_quick(statement: str) -> bool:
    return "EXCLUDE" not in statement


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


def rows_of(chunk: Chunk, unit: CommuneFacts) -> dict[str, list[str]]:
    """What the tables hold of the chunk's households, in the text form of COPY."""
    rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
    act = new_id()
    subjects = []
    for home in homes(chunk):
        subjects.append(f"{home.facts.household_id}")
        _add_household(rows, home, unit)
        for person, member in zip(home.identities, home.facts.members, strict=True):
            _add_identity(rows, person, chunk.commune, member.year)
    line = chunk.number + 1
    rows["audit_line"].append(
        f"{line}\t{_AT}\ttester\tofficer\twrite\t{_ACT}\thousehold\t"
        f"{{{','.join(subjects)}}}\t{act}\n"
    )
    rows["audit_subject"] += [f"{subject}\t{line}\n" for subject in subjects]
    return rows


def _add_household(rows: dict[str, list[str]], home: Home, unit: CommuneFacts) -> None:
    facts = home.facts
    one, act, commune = str(facts.household_id), str(home.correlation_id), facts.commune
    rows["household"].append(
        f"{one}\t{commune}\t{facts.registered_on}\t{_hex(home.digest)}\t{act}\t{_AT}\n"
    )
    rows["household_fact"].append(
        f"{one}\t[{facts.lives_there_from},)\t{_OPEN}\t{commune}\t{commune}\t"
        f"{facts.is_farm_household}\t{facts.village or _NULL}\n"
    )
    rows["household_code"].append(f"{commune}\t{home.code}\t{one}\t{_AT}\n")
    rows["stream_head"].append(f"household\t{one}\t1\n")
    for place, who in enumerate(facts.members):
        rows["member"].append(
            f"{one}\t{who.person_id}\t{_OPEN}\t{commune}\t{place}\t{who.birth_date or _NULL}\t"
            f"{who.year}\t{who.sex}\t{who.ethnicity}\t{who.relation}\t{who.disability}\t"
            f"{who.schooling}\t{who.employment}\t{who.has_pension}\t{who.joined_on}\t"
            f"{who.is_low_income_worker}\n"
        )
    event_id, at = new_id(), start_of_day(facts.registered_on)
    body = encode(
        event_id=event_id,
        source="/services/registry",
        event_type=REGISTERED,
        subject=facts.household_id,
        version=1,
        time=at,
        recorded_at=RECORDED_AT,
        correlation_id=home.correlation_id,
        causation_id=None,
        traceparent=None,
        data=household_data(stored(facts, 1), unit, (), _UNDECIDED, _REGISTERED_BY, ()),
    )
    rows["event_log"].append(
        f"{event_id}\thousehold\t{one}\t1\t{REGISTERED}\t{_hex(body)}\t{at.isoformat()}\t{_AT}\t"
        f"{act}\n"
    )


def _add_identity(
    rows: dict[str, list[str]], person: PersonIdentity, commune: str, year: int
) -> None:
    one, about = str(person.person_id), person.person_id
    if person.name is not None:
        tokens = _tokens(person.name)
        sealed = _hex(VAULT.keys.seal(person.name, NAMES.about(about)))
        listed = ",".join(tokens)
        rows["person_name"].append(
            f"{one}\t{_SINCE}\t{_OPEN}\t{sealed}\t{{{listed}}}\t{commune}\t{year}\n"
        )
        rows["name_token"] += [f"{token}\t{commune}\t{year}\t{one}\n" for token in tokens]
    if person.address is not None:
        sealed = _hex(VAULT.keys.seal(person.address, ADDRESSES.about(about)))
        rows["person_address"].append(f"{one}\t{_SINCE}\t{_OPEN}\t{sealed}\n")
    for kind, value in person.numbers.items():
        sealed = _hex(VAULT.keys.seal(value, NUMBERS.about(about, kind)))
        hashed = _hex(digest(VAULT.hash_key, kind, value))
        rows["identifier"].append(f"{one}\t{kind}\t{_SINCE}\t{_OPEN}\t{hashed}\t{sealed}\n")


@lru_cache(100_000)
def _tokens(name: str) -> list[str]:
    return [str(token) for token in VAULT.hashes("name", words(name))]


def _hex(content: bytes) -> str:
    return f"\\\\x{content.hex()}"


def main() -> None:
    """Build and keep: `python -m benchmarks.register HOUSEHOLDS`."""
    made = build(int(sys.argv[1]))
    print(f"{made.persons:,} persons in {made.database.name}, at most {made.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
