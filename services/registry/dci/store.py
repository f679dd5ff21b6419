"""Every SQL statement of a search. Sets alone; each holds to the communes that the partner may see,
beside row-level security, so that a worker can run it as well. A closed household is not found.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from services.registry.dci.domain import SortKey, Tree
from services.registry.dci.filters import Compiler

MOST_FOUND = 10_000
_FILTER_SECONDS = 8

_OPEN = "upper_inf(recorded) AND left_on IS NULL"
_VISIBLE = "($2::text[] IS NULL OR commune = ANY($2))"
_MEMBERSHIPS = f"""
SELECT household_id, person_id FROM member
WHERE person_id = ANY($1::uuid[]) AND {_OPEN} AND {_VISIBLE}
"""
_HOUSEHOLDS = f"""
SELECT household_id, registered_on, recorded_at FROM household
WHERE household_id = ANY($1::uuid[]) AND closed_on IS NULL AND {_VISIBLE}
"""
_VISIBLE_HOUSEHOLDS = f"""
SELECT household_id FROM household
WHERE household_id = ANY($1::uuid[]) AND closed_on IS NULL AND {_VISIBLE}
"""
_RESIDENCES = """
SELECT household_id, residence, is_farm_household, lower(effective) AS from_day,
       lower(recorded) AS recorded_at
FROM household_fact
WHERE household_id = ANY($1::uuid[]) AND upper_inf(recorded) AND upper_inf(effective)
"""
_MEMBER_COLUMNS = """
household_id, person_id, birth_date, birth_year, sex, ethnicity, relation, disability, schooling,
employment, has_pension, joined_on, lower(recorded) AS recorded_at
"""
_MEMBERS = f"""
SELECT {_MEMBER_COLUMNS} FROM member
WHERE household_id = ANY($1::uuid[]) AND {_OPEN} AND {_VISIBLE}
ORDER BY household_id, place
"""
_PERSONS = f"""
SELECT {_MEMBER_COLUMNS} FROM member
WHERE person_id = ANY($1::uuid[]) AND {_OPEN} AND {_VISIBLE}
"""
_COMMUNES = """
SELECT unit.code, unit.name, unit.valid_from, unit.valid_until,
       coalesce(province.code, above.code) AS province
FROM area_unit AS unit
JOIN area_unit AS above ON above.area_id = unit.parent_id
LEFT JOIN area_unit AS province ON province.area_id = above.parent_id
WHERE unit.code = ANY($1::text[]) AND unit.level = 'commune'
"""
_BY_HOUSEHOLD = """
SELECT h.household_id, NULL::uuid AS person_id {keys}
FROM household AS h JOIN household_fact AS f ON f.household_id = h.household_id
WHERE h.closed_on IS NULL AND upper_inf(f.recorded) AND upper_inf(f.effective)
  AND ($1::text[] IS NULL OR h.commune = ANY($1)) AND {condition}
"""
_BY_PERSON = """
SELECT m.household_id, m.person_id {keys}
FROM member AS m
JOIN household AS h ON h.household_id = m.household_id
JOIN household_fact AS f ON f.household_id = m.household_id
WHERE upper_inf(m.recorded) AND m.left_on IS NULL AND upper_inf(f.recorded)
  AND upper_inf(f.effective) AND ($1::text[] IS NULL OR m.commune = ANY($1)) AND {condition}
"""
# The page and the number of all in one statement; the number also where the page is empty.
_PAGE = f"""
WITH found AS MATERIALIZED ({{matching}} LIMIT {MOST_FOUND + 1})
SELECT total.count, page.household_id, page.person_id
FROM (SELECT count(*) FROM found) AS total
LEFT JOIN LATERAL (SELECT * FROM found ORDER BY {{order}} LIMIT $2 OFFSET $3) AS page ON true
"""

Communes = Collection[str] | None  # None: every one
Subject = tuple[UUID, UUID | None]  # a household, and the person in it who was found


@dataclass(frozen=True, slots=True)
class Commune:
    """What a commune's code meant over a time."""

    code: str
    name: str
    province: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of subjects, and how many there are; `too_many`: more than are counted."""

    subjects: tuple[Subject, ...]
    total: int
    too_many: bool = False


class CommuneNames:
    """Communes by code, remembered for a short while: they change only when areas do."""

    def __init__(self, lifetime: timedelta = timedelta(seconds=30)) -> None:
        self._lifetime = lifetime
        self._known: dict[str, list[Commune]] = {}
        self._since: datetime | None = None

    async def load(self, tx: Transaction, codes: Collection[str]) -> None:
        """Have these codes at hand for `on`."""
        if self._since is None or tx.recorded_at - self._since > self._lifetime:
            self._known, self._since = {}, tx.recorded_at
        missing = [code for code in codes if code not in self._known]
        if not missing:
            return
        found = defaultdict(list)
        for row in await tx.fetch(_COMMUNES, missing):
            found[row["code"]].append(
                Commune(
                    row["code"],
                    row["name"],
                    row["province"],
                    row["valid_from"],
                    row["valid_until"],
                )
            )
        self._known |= {code: found[code] for code in missing}

    def on(self, code: str, day: date) -> Commune | None:
        """The commune that the code meant on a day."""
        for one in self._known.get(code, ()):
            if one.valid_from <= day and (one.valid_until is None or day < one.valid_until):
                return one
        return None


async def memberships(
    tx: Transaction, person_ids: Collection[UUID], communes: Communes
) -> dict[UUID, UUID]:
    """In which household each of the persons is."""
    rows = await tx.fetch(_MEMBERSHIPS, list(person_ids), _codes(communes))
    return {row["person_id"]: row["household_id"] for row in rows}


async def visible(
    tx: Transaction, household_ids: Collection[UUID], communes: Communes
) -> set[UUID]:
    """Those of the households that exist where the partner may see them."""
    rows = await tx.fetch(_VISIBLE_HOUSEHOLDS, list(household_ids), _codes(communes))
    return {row["household_id"] for row in rows}


async def members(
    tx: Transaction, household_ids: Collection[UUID], communes: Communes
) -> dict[UUID, list[asyncpg.Record]]:
    """The present members of each household, the head first where it was stated so."""
    found: dict[UUID, list[asyncpg.Record]] = {}
    for row in await tx.fetch(_MEMBERS, list(household_ids), _codes(communes)):
        found.setdefault(row["household_id"], []).append(row)
    return found


async def persons(
    tx: Transaction, person_ids: Collection[UUID], communes: Communes
) -> dict[UUID, asyncpg.Record]:
    """Each of the persons as a present member."""
    rows = await tx.fetch(_PERSONS, list(person_ids), _codes(communes))
    return {row["person_id"]: row for row in rows}


async def households(
    tx: Transaction, household_ids: Collection[UUID], communes: Communes
) -> dict[UUID, tuple[asyncpg.Record, asyncpg.Record]]:
    """Each household with its present residence."""
    ids = list(household_ids)
    known = {row["household_id"]: row for row in await tx.fetch(_RESIDENCES, ids)}
    return {
        row["household_id"]: (row, known[row["household_id"]])
        for row in await tx.fetch(_HOUSEHOLDS, ids, _codes(communes))
        if row["household_id"] in known
    }


async def matching(
    tx: Transaction,
    tree: Tree,
    sort: tuple[SortKey, ...],
    *,
    of_person: bool,
    communes: Communes,
    areas: Mapping[str, Collection[str] | None],
    day: date,
    limit: int,
    offset: int,
) -> Found:
    """A page of the households, or persons, that fulfil a condition.

    Args:
        areas: the communes under each code that the condition names.
    """
    compiler = Compiler(day, areas, of_person, before=3)
    condition = compiler.condition(tree)
    keys = compiler.order(sort)
    named = "".join(f", {column} AS key{place}" for place, (column, _) in enumerate(keys))
    order = [f"key{place} {way} NULLS LAST" for place, (_, way) in enumerate(keys)]
    template = _BY_PERSON if of_person else _BY_HOUSEHOLD
    statement = _PAGE.format(
        matching=template.format(keys=named, condition=condition),
        order=", ".join([*order, "household_id", "person_id"]),
    )
    rows = await _in_time(tx, statement, _codes(communes), limit, offset, *compiler.values)
    if rows is None:
        return Found((), 0, too_many=True)
    total = rows[0]["count"]
    subjects = tuple(
        (row["household_id"], row["person_id"]) for row in rows if row["household_id"] is not None
    )
    return Found(subjects, total, too_many=total > MOST_FOUND)


async def _in_time(
    tx: Transaction, statement: str, *values: object
) -> Sequence[asyncpg.Record] | None:
    """The rows; None where the server takes too long. The act's transaction goes on either way."""
    try:
        async with tx.connection.transaction():
            await tx.execute(f"SET LOCAL statement_timeout = '{_FILTER_SECONDS}s'")
            rows = await tx.fetch(statement, *values)
            await tx.execute("SET LOCAL statement_timeout = 0")
            return rows
    except asyncpg.QueryCanceledError:
        return None


def _codes(communes: Communes) -> list[str] | None:
    return None if communes is None else list(communes)
