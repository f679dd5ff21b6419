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
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from io import BytesIO
from multiprocessing import get_context
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from benchmarks.people import REGISTERED_ON, Chunk, Home, chunks_of, homes
from libs.common.clock import FixedDayClock, start_of_day
from libs.common.contracts.envelope import encode
from libs.common.contracts.household import REGISTERED, HouseholdAct
from libs.common.database import Transaction
from libs.common.ids import new_id
from services.registry.areas.load import load_areas
from services.registry.areas.store import CommuneFacts
from services.registry.households.domain import HouseholdFacts
from services.registry.households.events import RecordedUnit, household_data, read_units, stored
from services.registry.reviews.domain import derive_timeline
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import digest, words
from services.registry.vault.store import ADDRESSES, NAMES, NUMBERS
from tests.support.servers import ServiceDatabase, clone_database, database_named
from tests.support.vault import VAULT

RECORDED_AT = datetime(2021, 12, 20, tzinfo=UTC)
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
_KNOWN = f'["{_AT}",)'
_HELD, _REGISTERED = f"[{REGISTERED_ON},)\t{_KNOWN}", start_of_day(REGISTERED_ON).isoformat()
_SUBJECT, _EVENT, _ACT_ID = (UUID(int=number) for number in (1, 2, 3))
_SINCE = date(1001, 1, 1)
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


def find(name: str, households: int) -> Register:
    """A register that was built so and kept."""
    database = database_named("registry", name)

    async def look() -> tuple[list[Chunk], int]:
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
    body = _body(unit)
    subjects = []
    for home in homes(chunk):
        people = [str(person.person_id) for person in home.identities]
        subjects.append(_add_household(rows, home, people, body))
        for one, person, member in zip(people, home.identities, home.facts.members, strict=True):
            _add_identity(rows, one, person, chunk.commune, member.year)
    line = chunk.number + 1
    rows["audit_line"].append(
        f"{line}\t{_AT}\ttester\tofficer\twrite\t{_ACT}\thousehold\t"
        f"{{{','.join(subjects)}}}\t{new_id()}\n"
    )
    rows["audit_subject"] += [f"{subject}\t{line}\n" for subject in subjects]
    return rows


def _body(unit: CommuneFacts) -> str:
    """An event of the commune, of a household of nobody; what differs is put in its places."""
    facts = HouseholdFacts(_SUBJECT, REGISTERED_ON, unit.code, _SINCE, False, ())
    return encode(
        event_id=_EVENT,
        source="/services/registry",
        event_type=REGISTERED,
        subject=_SUBJECT,
        version=1,
        time=start_of_day(REGISTERED_ON),
        recorded_at=RECORDED_AT,
        correlation_id=_ACT_ID,
        causation_id=None,
        traceparent=None,
        data=household_data(stored(facts, 1), unit, (), _UNDECIDED, _REGISTERED_BY, ()),
    ).decode()


def _add_household(rows: dict[str, list[str]], home: Home, people: Sequence[str], body: str) -> str:
    facts = home.facts
    one, act, commune = str(facts.household_id), str(home.correlation_id), facts.commune
    event_id, since = str(new_id()), str(facts.lives_there_from)
    rows["household"].append(
        f"{one}\t{commune}\t{REGISTERED_ON}\t{_hex(home.digest)}\t{act}\t{_AT}\n"
    )
    rows["household_fact"].append(
        f"{one}\t[{since},)\t{_KNOWN}\t{commune}\t{commune}\t{facts.is_farm_household}\t"
        f"{facts.village}\n"
    )
    rows["household_code"].append(f"{commune}\t{home.code}\t{one}\t{_AT}\n")
    rows["stream_head"].append(f"household\t{one}\t1\n")
    told = []
    for place, (person, who) in enumerate(zip(people, facts.members, strict=True)):
        born = None if who.birth_date is None else str(who.birth_date)
        pension = "true" if who.has_pension else "false"
        rows["member"].append(
            f"{one}\t{person}\t{_KNOWN}\t{commune}\t{place}\t{born or _NULL}\t{who.year}\t"
            f"{who.sex}\t{who.ethnicity}\t{who.relation}\t{who.disability}\t{who.schooling}\t"
            f"{who.employment}\t{pension}\t{who.joined_on}\tfalse\n"
        )
        told.append(
            f'{{"person_id":"{person}","birth_date":{_quoted(born)},"birth_year":{who.year},'
            f'"sex":"{who.sex}","ethnicity":"{who.ethnicity}","relation":"{who.relation}",'
            f'"disability":"{who.disability}","schooling":"{who.schooling}",'
            f'"employment":"{who.employment}","has_pension":{pension},'
            f'"joined_on":"{who.joined_on}","left_on":null,"is_low_income_worker":false,'
            '"left_reason":null}'
        )
    said = (
        body.replace(str(_SUBJECT), one)
        .replace(str(_EVENT), event_id)
        .replace(str(_ACT_ID), act)
        .replace(str(_SINCE), since)
        .replace('"members":[]', f'"members":[{",".join(told)}]')
    )
    if facts.is_farm_household:
        said = said.replace('"is_farm_household":false', '"is_farm_household":true')
    # All of it is ASCII without a backslash: as it stands it is a bytea's text, too.
    rows["event_log"].append(
        f"{event_id}\thousehold\t{one}\t1\t{REGISTERED}\t{said}\t{_REGISTERED}\t{_AT}\t{act}\n"
    )
    return one


def _add_identity(
    rows: dict[str, list[str]], one: str, person: PersonIdentity, commune: str, year: int
) -> None:
    about = person.person_id
    if person.name is not None:
        tokens = _tokens(person.name)
        sealed = _hex(VAULT.keys.seal(person.name, NAMES.about(about)))
        rows["person_name"].append(
            f"{one}\t{_HELD}\t{sealed}\t{{{','.join(tokens)}}}\t{commune}\t{year}\n"
        )
        rows["name_token"] += [f"{token}\t{commune}\t{year}\t{one}\n" for token in tokens]
    if person.address is not None:
        sealed = _hex(VAULT.keys.seal(person.address, ADDRESSES.about(about)))
        rows["person_address"].append(f"{one}\t{_HELD}\t{sealed}\n")
    for kind, value in person.numbers.items():
        sealed = _hex(VAULT.keys.seal(value, NUMBERS.about(about, kind)))
        hashed = _hex(digest(VAULT.hash_key, kind, value))
        rows["identifier"].append(f"{one}\t{kind}\t{_HELD}\t{hashed}\t{sealed}\n")


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


@lru_cache(100_000)
def _tokens(name: str) -> list[str]:
    return [_token(word) for word in words(name)]


@cache
def _token(word: str) -> str:
    [token] = VAULT.hashes("name", [word])
    return str(token)


def _hex(content: bytes) -> str:
    return f"\\\\x{content.hex()}"


def main() -> None:
    """Build and keep: `python -m benchmarks.register HOUSEHOLDS`."""
    made = build(int(sys.argv[1]))
    print(f"{made.persons:,} persons in {made.database.name}, at most {made.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
