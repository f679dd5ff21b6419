"""What is asked all day reads no table from end to end, as the role that asks and behind its rows.

The statements are those that the store functions send: they are noted and explained.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from libs.common.citizens.reading import read_sections
from libs.common.citizens.schemas import Stay
from libs.common.database import Transaction
from libs.common.database.conditions import communes_in_sight
from libs.common.security.audit import AuditLine
from libs.common.security.subjects import lines_about
from libs.common.vocabulary import AreaKind, StatusClass
from libs.common.web.lone import LoneRead
from services.registry.changes import store as changes
from services.registry.changes.domain import OPEN
from services.registry.citizens import store as citizens
from services.registry.citizens.sections import sections
from services.registry.duplicates import key_store
from services.registry.duplicates import store as duplicates
from services.registry.households import store as households
from services.registry.households.living import list_living_in
from services.registry.households.reading import get_whole
from services.registry.households.territory import CAME_FROM
from services.registry.imports import matching
from services.registry.imports.matching import Asked
from services.registry.lineage.store import list_to_review_after
from services.registry.reorganisations import concerned
from services.registry.reorganisations.store import Route
from services.registry.reviews.store import list_households_by_status
from services.registry.rights import store as rights
from services.registry.timeline.reading import read_history
from services.registry.vault import store as vault
from services.registry.vault.domain import IdentifierType
from services.registry.vault.search import find_by_name, find_by_number
from tests.integration.registry.builders import COMMUNE, load_communes
from tests.support.servers import ServiceDatabase, clone_database, drop_database
from tests.support.vault import VAULT

TODAY, SINCE = date(2022, 6, 1), date(2021, 12, 1)
HOUSEHOLDS, COMMUNES = 3_000, 30
# A hundred households in each commune, two persons in each household. Households are 1, 2, ..., and
# so are all ids that follow from them; the first one lives in our commune.
_ID = "('01900000-0000-7000-8{kind}00-' || lpad(to_hex({number}), 12, '0'))::uuid"
_HOME, _PERSON, _OTHER = (
    _ID.format(kind=0, number="n"),
    _ID.format(kind=1, number="2 * n + place"),
    _ID.format(kind=2, number="n"),
)
_HERE = f"CASE n % {COMMUNES} WHEN 1 THEN '{COMMUNE}' ELSE (20000 + n % {COMMUNES})::text END"
_OPEN = "daterange('2021-12-01', NULL), tstzrange('2021-12-20', NULL)"
_EACH = f"FROM generate_series(1, {HOUSEHOLDS}) AS n"
_EACH_PERSON = f"{_EACH}, generate_series(0, 1) AS place"
_DECISION = _ID.format(kind=3, number="1")
_SEED = f"""
INSERT INTO household SELECT {_HOME}, {_HERE}, '2021-12-01', '', {_HOME}, '2021-12-20' {_EACH};
INSERT INTO household_fact (household_id, effective, recorded, commune, residence,
                            is_farm_household)
  SELECT {_HOME}, {_OPEN}, {_HERE}, {_HERE}, true {_EACH};
INSERT INTO member (household_id, person_id, recorded, commune, place, birth_date, birth_year, sex,
                    ethnicity, relation, disability, schooling, employment, has_pension, joined_on,
                    is_low_income_worker)
  SELECT {_HOME}, {_PERSON}, tstzrange('2021-12-20', NULL), {_HERE}, place,
         make_date(1950 + n % 60, 1 + n % 12, 1 + n % 28), 1950 + n % 60, 'female', 'tay',
         CASE place WHEN 0 THEN 'head' ELSE 'spouse' END, 'none', 'not_attending', 'farming', false,
         '2021-12-01', false {_EACH_PERSON};
INSERT INTO stream_head SELECT 'household', {_HOME}, 1 {_EACH};
INSERT INTO event_log (event_id, stream, subject, version, type, body, occurred_at, recorded_at,
                       correlation_id)
  SELECT {_OTHER}, 'household', {_HOME}, 1, 'household.registered.v1', '', '2021-12-01',
         '2021-12-20', {_OTHER} {_EACH};
INSERT INTO household_act (household_id, act_id, commune, kind, version, effective_on, to_review,
                           correlation_id, recorded_at)
  SELECT {_HOME}, {_OTHER}, {_HERE}, 'split', 1, '2022-01-01', n % 10 = 1, {_OTHER}, '2022-01-02'
  {_EACH};
INSERT INTO decision (decision_id, commune, kind, number, authority, standard, signed_on,
                      signed_year, effective_on, digest, correlation_id, recorded_at, state,
                      rows_total, problems)
  VALUES ({_DECISION}, '{COMMUNE}', 'recognise', '1', 'UBND', 'ND07-2021', '2021-12-20', 2021,
          '2022-01-01', '', {_DECISION}, '2021-12-20', 'done', 1, '[]');
INSERT INTO decision_row (household_id, decision_id, commune, status, standard, kind, number,
                          authority, signed_on, effective_on, correlation_id, recorded_at)
  SELECT {_HOME}, {_DECISION}, {_HERE}, 'poor', 'ND07-2021', 'recognise', '1', 'UBND', '2021-12-20',
         '2022-01-01', {_OTHER}, '2021-12-20' {_EACH};
INSERT INTO status_period (household_id, standard, effective, recorded, commune, status,
                           decision_id)
  SELECT {_HOME}, 'ND07-2021', {_OPEN}, {_HERE}, 'poor', {_DECISION} {_EACH};
INSERT INTO person_name (person_id, effective, recorded, sealed, tokens, commune, birth_year)
  SELECT {_PERSON}, {_OPEN}, '', ARRAY[n % 40, 1000 + n], {_HERE}, 1950 + n % 60 {_EACH_PERSON};
INSERT INTO name_token
  SELECT word, {_HERE}, 1950 + n % 60, {_PERSON}
  {_EACH_PERSON}, unnest(ARRAY[n % 40, 1000 + n]) AS word;
INSERT INTO duplicate_key
  SELECT word, {_PERSON} {_EACH_PERSON}, unnest(ARRAY[n % 40, 1000 + n]) AS word;
INSERT INTO identifier (person_id, type, effective, recorded, hash)
  SELECT {_PERSON}, 'UIN', {_OPEN}, sha256((2 * n + place)::text::bytea) {_EACH_PERSON};
INSERT INTO household_code SELECT {_HERE}, 'H' || n, {_HOME}, '2021-12-20' {_EACH};
INSERT INTO change_request
  SELECT {_OTHER}, {_HERE}, NULL, 2022, n, 'correction', 'asked', '2022-01-01', '{{}}', '{{}}', '',
         '[]', 1, 'any', NULL, {_OTHER} {_EACH};
INSERT INTO change_household SELECT {_OTHER}, {_HOME}, 1, NULL {_EACH};
INSERT INTO change_step SELECT {_OTHER}, 'asked', 'one', NULL, '2022-01-01' {_EACH};
INSERT INTO data_request
  SELECT {_OTHER}, {_HOME}, {_PERSON}, 'access', 'self', '2022-01-01', NULL, 'paper', false, 'one',
         '2022-01-01' {_EACH}, (SELECT 0 AS place) AS head;
INSERT INTO data_request_step
  SELECT {_OTHER}, 0, 'grant', '2022-01-02', NULL, 'one', '2022-01-02' {_EACH};
INSERT INTO audit_line (recorded_at, caller, roles, kind, act, subjects, correlation_id)
  SELECT '2022-01-01', 'one', 'officer', 'read', 'GET', ARRAY[{_HOME}], {_OTHER} {_EACH};
INSERT INTO audit_subject SELECT subjects[1], line_id FROM audit_line;
ANALYZE;
"""


def _id(kind: int, number: int) -> UUID:
    return UUID(f"01900000-0000-7000-8{kind}00-{number:012x}")


HOME, HEAD = _id(0, 1), _id(1, 2)
STAY = Stay(household_id=HOME, from_day=SINCE, until=None)
BIG = set(
    "household household_fact member stream_head event_log household_act decision_row "
    "status_period person_name name_token duplicate_key identifier household_code change_request "
    "change_household change_step data_request data_request_step audit_line audit_subject".split()
)
ROUTE = Route(
    0,
    COMMUNE,
    date(2004, 7, 8),
    TODAY,
    AreaKind.RURAL_COMMUNE,
    "20001",
    AreaKind.RURAL_COMMUNE,
    (),
    True,
)
# What says of a node that it goes by an index.
_KEYS = {"Index Cond", "Recheck Cond"}
Ask = Callable[[Transaction], Awaitable[Any]]


async def came_from(tx: Transaction) -> None:
    await tx.fetch(CAME_FROM, [COMMUNE], [date(2004, 7, 8)], [TODAY], [COMMUNE, "20001"], TODAY)


def change_requests(
    communes: list[str] | None = None, household_id: UUID | None = None, **asked: Any
) -> Ask:
    wanted = {"states": None, "kind": None, "number": None, "after": None, "limit": 5} | asked
    return lambda tx: changes.list_after(tx, communes=communes, household_id=household_id, **wanted)


async def by_status(tx: Transaction) -> None:
    for commune, standard in ((COMMUNE, "ND07-2021"), (None, None)):
        await list_households_by_status(
            tx, StatusClass.POOR, TODAY, commune=commune, standard=standard, after=None, limit=50
        )


async def living_there(tx: Transaction) -> None:
    await list_living_in(
        tx, COMMUNE, TODAY, TODAY, status=None, standard=None, after=None, limit=50
    )


async def timeline(tx: Transaction) -> None:
    await read_history(tx, HOME, None, 50, kinds=frozenset(), as_of=None, known_at=None)


async def alone(tx: Transaction) -> None:
    line = AuditLine("x", "officer", "read", "GET", "household", (HOME,), None, HOME, None)
    connection: Any = tx  # what is sent is noted there
    read = LoneRead(connection, tx.recorded_at, scope=COMMUNE, line=lambda: line)
    await get_whole(read, HOME, None, None)


async def identities(tx: Transaction) -> None:
    await vault.known_since(tx, [HEAD])
    for drawer in vault.DRAWERS:
        await vault.read(tx, drawer, [HEAD])
        await vault.history(tx, drawer, HEAD)


async def codes(tx: Transaction) -> None:
    await matching.codes_of(tx, [HOME])
    await matching.every_code_of(tx, [HOME])


API: dict[str, Ask] = {
    "a household by a lone read": alone,
    "a household": lambda tx: get_whole(tx, HOME, None, None),
    "a household as of a day, as known": lambda tx: get_whole(
        tx, HOME, TODAY, datetime(2022, 1, 1, tzinfo=UTC)
    ),
    "households of a commune": lambda tx: households.list_households_after(tx, COMMUNE, HOME, 50),
    "households in sight": lambda tx: households.list_households_after(tx, None, HOME, 50),
    "households of a class": by_status,
    "who lived there on a day": living_there,
    "who came from a commune that ended": came_from,
    "households to review": lambda tx: list_to_review_after(tx, COMMUNE, HOME, 50),
    "households to review in sight": lambda tx: list_to_review_after(tx, None, None, 50),
    "where a person is a member": lambda tx: vault.present_members(tx, [HEAD]),
    "where a person was a member": lambda tx: citizens.memberships(tx, HEAD),
    "a citizen's file": lambda tx: read_sections(tx, sections(), HEAD, [STAY]),
    "persons by name": lambda tx: find_by_name(tx, VAULT, "Lý Thị Mai", birth_year=1951),
    "a person by number": lambda tx: find_by_number(tx, VAULT, [IdentifierType.UIN], "001"),
    "who persons are": identities,
    "whether a person belongs there": lambda tx: vault.belongs(tx, HOME, HEAD),
    "change requests of a commune": change_requests([COMMUNE]),
    "change requests in sight": change_requests(states=sorted(OPEN)),
    "change requests on a household": change_requests(household_id=HOME),
    "a change request by number": change_requests(number=(COMMUNE, 2022, 1)),
    "what a person asked": lambda tx: rights.list_requests_after(
        tx, HEAD, None, 50, only_open=True
    ),
    "who read a person's data": lambda tx: lines_about(tx, [HOME, HEAD], None, 50),
    "whom a reorganisation asks about": lambda tx: concerned.list_open(tx, [ROUTE], None, 50),
    "whom a reorganisation reclassified": lambda tx: concerned.list_reclassified(
        tx, [ROUTE], TODAY, None, 50
    ),
    "whom an answer still has moved": lambda tx: concerned.still_moved(
        tx, [HOME], "20001", COMMUNE, SINCE
    ),
    "a household's history": timeline,
}
WORKER: dict[str, Ask] = {
    "who may be the same person": lambda tx: key_store.candidates(tx, [HEAD], {HEAD: [1, 1001]}),
    "how many bear such a name": lambda tx: key_store.count_bearers(tx, [1, 1001]),
    "pairs that a person is of": lambda tx: duplicates.known_pairs(tx, [HEAD]),
    # As many as a page of a file has: one by one, however few rows the planner thinks there are.
    "who bears a page's numbers": lambda tx: matching.bearers(tx, [b"%d" % n for n in range(1000)]),
    "a page's households by their codes": lambda tx: matching.households_by_code(
        tx, [(COMMUNE, f"H{n}") for n in range(1000)]
    ),
    "a file's households by name": lambda tx: matching.namesakes(
        tx, [Asked(1, "{1,1001}", COMMUNE, 1951, "female", None, False)]
    ),
    "codes of households": codes,
    "where households of a file live": lambda tx: matching.visible(tx, [HOME], [COMMUNE]),
    "what is known of households": lambda tx: households.known_since(tx, [HOME]),
    "a reorganisation's next households": lambda tx: concerned.next_households(
        tx, ROUTE, None, None, 1000
    ),
}


@dataclass(frozen=True)
class Noting(Transaction):
    """A transaction that notes what it is asked."""

    asked: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        self.asked.append((sql, arguments))
        return await super().fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        self.asked.append((sql, arguments))
        return await super().fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any, seconds: float | None = None) -> Any:
        self.asked.append((sql, arguments))
        return await super().fetchval(sql, *arguments, seconds=seconds)

    async def execute(self, sql: str, *arguments: Any) -> int:
        self.asked.append((sql, arguments))
        return await super().execute(sql, *arguments)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def register() -> AsyncIterator[ServiceDatabase]:
    """One for all cases: nothing is written."""
    database = await clone_database("registry")
    await load_communes(database)
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(_SEED)
    finally:
        await owner.close()
    yield database
    await drop_database(database)


@pytest.mark.parametrize("case", API)
async def test_officers_questions_use_indexes(register: ServiceDatabase, case: str) -> None:
    async with register.as_api() as api, api.transaction(COMMUNE) as tx:
        assert await read_whole_tables(tx, API[case]) == []


@pytest.mark.parametrize("case", WORKER)
async def test_the_work_s_questions_use_indexes(register: ServiceDatabase, case: str) -> None:
    async with register.as_worker() as worker, worker.transaction() as tx:
        assert await read_whole_tables(tx, WORKER[case]) == []


async def test_pages_in_sight_follow_each_other_over_communes(register: ServiceDatabase) -> None:
    async with register.as_api() as api, api.transaction(f"{COMMUNE},20002") as tx:
        first = await change_requests()(tx)
        second = await change_requests(after=first[-1].ask.change_id)(tx)
        every = await tx.fetch("SELECT change_id FROM change_request ORDER BY change_id LIMIT 10")
        shown = [one.ask.change_id for one in (*first, *second)]
        assert shown == [row["change_id"] for row in every]
        assert {one.ask.commune for one in first} == {COMMUNE, "20002"}


async def test_whoever_has_no_known_area_reads_nobody_s_rows_and_workers_everybody_s(
    register: ServiceDatabase,
) -> None:
    async with register.as_api() as api:
        async with api.transaction() as tx:
            assert await communes_in_sight(tx) == []
            assert await change_requests()(tx) == []
        async with api.transaction("*") as tx:
            assert await communes_in_sight(tx) is None
    async with register.as_worker() as worker, worker.transaction() as tx:
        assert await communes_in_sight(tx) is None


async def read_whole_tables(tx: Transaction, ask: Ask) -> list[str]:
    """Of each statement that is asked, the big tables that its plans read from end to end: the one
    for these arguments, and the one for any, which a statement that is asked often may get.
    """
    noting = Noting(**{each.name: getattr(tx, each.name) for each in fields(tx)})
    await ask(noting)
    assert noting.asked
    await tx.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    found = set[str]()
    for sql, arguments in noting.asked:
        [[[these]]] = await tx.fetch(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
        [[[every]]] = await tx.fetch(await _of_any(tx, sql, len(arguments)))
        for plan in (these, every):
            found |= {f"{table}: {sql}" for table in _read_whole(plan["Plan"])}
        await tx.execute("DEALLOCATE asked")
    return sorted(found)


async def _of_any(tx: Transaction, sql: str, arguments: int) -> str:
    await tx.execute(f"PREPARE asked AS {sql}")
    given = f"({', '.join(['NULL'] * arguments)})" if arguments else ""
    return f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}"


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    waiting = [plan]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        is_read = node["Node Type"] != "ModifyTable"
        if is_read and node.get("Relation Name") in BIG and not _KEYS & node.keys():
            yield node["Relation Name"]
