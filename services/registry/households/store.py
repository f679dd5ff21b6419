"""Every SQL statement on households and their facts, and what reads their members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from asyncpg import Record

from libs.common.contracts.household import Member
from libs.common.database import Transaction
from libs.common.database.conditions import BEFORE_ALL, commune_by_commune, communes_in_sight
from libs.common.vocabulary import (
    Disability,
    Employment,
    LeftReason,
    Relation,
    Schooling,
    Sex,
)
from services.registry.changes.following import follow_households
from services.registry.duplicates.marking import mark
from services.registry.households.domain import HouseholdFacts
from services.registry.households.members import insert_members
from services.registry.lineage.domain import UNTOUCHED, Lineage
from services.registry.lineage.store import ACTS_OF_HOUSEHOLD, lineage_of
from services.registry.vault.filing import follow_members

# An open range contains infinity, so "as known now" and "as known on a day" are one statement. What
# belongs to a household is looked up for each (subselects, OFFSET): joined, the ranges are guessed
# so badly that the planner loops over whole tables. One statement: facts and version agree.
READ = """
SELECT household.household_id, household.registered_on, fact.residence, fact.is_farm_household,
       fact.village, lower(fact.effective) AS from_day,
       (SELECT version FROM stream_head
        WHERE stream = 'household' AND subject = household.household_id) AS version,
       ARRAY(
         SELECT ROW(person_id, birth_date, birth_year, sex, ethnicity, relation, disability,
                    schooling, employment, has_pension, joined_on, left_on, is_low_income_worker,
                    left_reason)
         FROM member
         WHERE member.household_id = household.household_id
           AND recorded @> coalesce($2::timestamptz, 'infinity')
           AND ($3::date IS NULL OR (joined_on <= $3 AND (left_on IS NULL OR $3 < left_on)))
         ORDER BY place) AS members,
       {parts}
FROM household CROSS JOIN LATERAL (
  SELECT residence, is_farm_household, village, effective FROM household_fact
  WHERE household_fact.household_id = household.household_id
    AND recorded @> coalesce($2::timestamptz, 'infinity')
    AND effective @> coalesce($3::date, 'infinity') OFFSET 0
) AS fact
WHERE household.household_id {which}
  AND household.recorded_at <= coalesce($2::timestamptz, 'infinity')
ORDER BY household.household_id
"""
ALL_OF = "= ANY($1::uuid[])"
ACTS = f"{ACTS_OF_HOUSEHOLD} AS acts"
_READ_HOUSEHOLDS = READ.format(which=ALL_OF, parts=ACTS)
_READ_EARLIER = """
SELECT fact.household_id, fact.residence AS commune, lower(fact.effective) AS from_day,
       upper(fact.effective) AS until,
       greatest(household.registered_on, lower(fact.effective)) AS recorded_day
FROM household_fact AS fact JOIN household USING (household_id)
WHERE fact.household_id = ANY($1::uuid[]) AND NOT upper_inf(fact.effective)
  AND fact.recorded @> 'infinity'::timestamptz
ORDER BY fact.household_id, from_day
"""
_VISIBLE = "SELECT household_id, closed_on FROM household WHERE household_id = ANY($1::uuid[])"
_RESIDENCES_ON = """
SELECT household_id, residence FROM household_fact
WHERE household_id = ANY($1::uuid[]) AND upper_inf(recorded) AND effective @> $2::date
"""
_READ_DIGESTS = """
SELECT household_id, digest, correlation_id FROM household WHERE household_id = ANY($1::uuid[])
"""
_LIST = "SELECT household_id FROM household WHERE household_id > $1 ORDER BY household_id LIMIT $2"
_OF_A_COMMUNE = """
SELECT household_id FROM household WHERE commune = place.code AND household_id > $1
ORDER BY household_id LIMIT $2
"""
_LIST_IN_COMMUNES = commune_by_commune(_OF_A_COMMUNE, "$3", "$2")
_OUTSIDE_SCOPE = """
SELECT code FROM unnest($1::text[]) AS code,
  (SELECT coalesce(current_setting('ansinh.scope', true), '') AS codes) AS scope
WHERE scope.codes <> '*' AND code <> ALL (string_to_array(scope.codes, ','))
"""
_KNOWN_COMMUNES = """
SELECT DISTINCT code FROM area_unit WHERE level = 'commune' AND code = ANY($1::text[])
"""
_INSERT_HOUSEHOLDS = """
INSERT INTO household (household_id, commune, registered_on, digest, correlation_id, recorded_at)
SELECT new.*, $1 FROM unnest($2::uuid[], $3::text[], $4::date[], $5::bytea[], $6::uuid[]) AS new
"""
_INSERT_FACTS = """
INSERT INTO household_fact
  (household_id, effective, recorded, commune, residence, is_farm_household, village)
SELECT household_id, daterange(from_day, until), tstzrange($1, NULL), commune, residence, is_farm,
       village
FROM unnest($2::uuid[], $3::date[], $4::date[], $5::text[], $6::text[], $7::boolean[], $8::text[])
  AS new(household_id, from_day, until, commune, residence, is_farm, village)
"""
# The commune in the same step: a row of its own version more would be one index entry more.
_SUPERSEDE_FACTS = """
UPDATE household_fact AS fact
SET recorded = tstzrange(lower(recorded), $1), commune = present.commune
FROM unnest($2::uuid[], $3::text[]) AS present(household_id, commune)
WHERE fact.household_id = present.household_id AND upper_inf(recorded) AND upper_inf(effective)
"""
_SUPERSEDE_UNTIL = """
UPDATE household_fact SET recorded = tstzrange(lower(recorded), $1)
WHERE household_id = ANY($2::uuid[]) AND upper_inf(recorded) AND upper(effective) = $3::date
"""
_KNOWN_SINCE = """
SELECT max(lower(recorded)) FROM (
  SELECT recorded FROM household_fact WHERE household_id = ANY($1::uuid[])
  UNION ALL SELECT recorded FROM member WHERE household_id = ANY($1::uuid[])
  UNION ALL SELECT tstzrange(recorded_at, NULL) FROM household_act
            WHERE household_id = ANY($1::uuid[])
  UNION ALL SELECT tstzrange(recorded_at, NULL) FROM decision_row
            WHERE household_id = ANY($1::uuid[])
) AS known
"""
_PRESENT_MEMBERS = """
SELECT person_id FROM member
WHERE household_id = ANY($1::uuid[]) AND upper_inf(recorded) AND left_on IS NULL
ORDER BY person_id
"""
_FOLLOW_RESIDENCE = tuple(
    f"""
UPDATE {table} SET commune = present.commune
FROM unnest($1::uuid[], $2::text[]) AS present(household_id, commune)
WHERE {table}.household_id = present.household_id AND {table}.commune <> present.commune
"""
    for table in (
        "household",
        "household_fact",
        "member",
        "decision_row",
        "status_period",
        "household_act",
    )
)


@dataclass(frozen=True, slots=True)
class StoredHousehold:
    """A household as held to be true, at the asked knowledge and day."""

    household_id: UUID
    version: int
    registered_on: date
    commune: str
    lives_there_from: date
    is_farm_household: bool
    members: tuple[Member, ...]
    village: str | None = None
    lineage: Lineage = UNTOUCHED

    @property
    def recorded_day(self) -> date:
        """The day on which the commune's code was a unit's code."""
        return max(self.registered_on, self.lives_there_from)


@dataclass(frozen=True, slots=True)
class Residence:
    """Where a household lived over `[from_day, until)`; `present` is where it lives now."""

    household_id: UUID
    present: str
    commune: str
    is_farm_household: bool
    from_day: date
    until: date | None
    village: str | None = None


class EarlierResidence(NamedTuple):
    """Where a household lived before, over `[from_day, until)`; `commune` had its code on
    `recorded_day`.
    """

    household_id: UUID
    commune: str
    from_day: date
    until: date
    recorded_day: date


@dataclass(frozen=True, slots=True)
class Registration:
    """What is kept of a registration to answer its repeat."""

    digest: bytes
    correlation_id: UUID


async def read_households(
    tx: Transaction,
    household_ids: Sequence[UUID],
    *,
    known_at: datetime | None = None,
    as_of: date | None = None,
) -> list[StoredHousehold]:
    """The households in id order; those that do not exist or are not visible are absent.

    Args:
        tx: any transaction.
        household_ids: any order.
        known_at: as known at this instant; None is now.
        as_of: the residence and the members of this day; None is the present residence with every
            membership there ever was.
    """
    found = await tx.fetch(_READ_HOUSEHOLDS, list(household_ids), known_at, as_of)
    return [household_of(row) for row in found]


def household_of(row: Record) -> StoredHousehold:
    """The household of a row of `READ`."""
    return StoredHousehold(
        household_id=row["household_id"],
        version=row["version"],
        registered_on=row["registered_on"],
        commune=row["residence"],
        lives_there_from=row["from_day"],
        is_farm_household=row["is_farm_household"],
        members=tuple(map(_member, row["members"])),
        village=row["village"],
        lineage=lineage_of(row["acts"]),
    )


def _member(values: tuple[Any, ...]) -> Member:
    (person_id, birth_date, birth_year, sex, ethnicity, relation, disability, schooling, employment,
     has_pension, joined_on, left_on, is_low_income_worker, left_reason) = values  # fmt: skip
    return Member.model_construct(
        person_id=person_id,
        birth_date=birth_date,
        birth_year=birth_year,
        sex=Sex(sex),
        ethnicity=ethnicity,
        relation=Relation(relation),
        disability=Disability(disability),
        schooling=Schooling(schooling),
        employment=Employment(employment),
        has_pension=has_pension,
        joined_on=joined_on,
        left_on=left_on,
        is_low_income_worker=is_low_income_worker,
        left_reason=None if left_reason is None else LeftReason(left_reason),
    )


async def read_earlier_residences(
    tx: Transaction, household_ids: Sequence[UUID]
) -> list[EarlierResidence]:
    """The past residences of these households, oldest first."""
    return [EarlierResidence(**dict(row)) for row in await tx.fetch(_READ_EARLIER, household_ids)]


async def visible_households(
    tx: Transaction, household_ids: Sequence[UUID]
) -> dict[UUID, date | None]:
    """Those of the households that exist and may be seen, with the day on which each was closed."""
    return dict(await tx.fetch(_VISIBLE, household_ids))  # type: ignore[arg-type]  # a pair each


async def residences_on(
    tx: Transaction, household_ids: Sequence[UUID], day: date
) -> dict[UUID, str]:
    """The recorded commune codes of where households lived on a day."""
    rows = await tx.fetch(_RESIDENCES_ON, household_ids, day)
    return {row["household_id"]: row["residence"] for row in rows}


async def read_registrations(
    tx: Transaction, household_ids: Sequence[UUID]
) -> dict[UUID, Registration]:
    """The registrations of those households that exist and are visible."""
    rows = await tx.fetch(_READ_DIGESTS, household_ids)
    return {r["household_id"]: Registration(r["digest"], r["correlation_id"]) for r in rows}


async def list_households_after(
    tx: Transaction, commune: str | None, after: UUID | None, limit: int
) -> list[UUID]:
    """Ids in order, from the first one after `after`; without a commune, of all in sight."""
    place = (after or BEFORE_ALL, limit)
    communes = await communes_in_sight(tx) if commune is None else [commune]
    if communes is None:
        rows = await tx.fetch(_LIST, *place)
    else:
        rows = await tx.fetch(_LIST_IN_COMMUNES, *place, communes)
    return [row["household_id"] for row in rows]


async def communes_outside_scope(tx: Transaction, codes: Sequence[str]) -> set[str]:
    """Those of the codes that the caller may not write."""
    return {row["code"] for row in await tx.fetch(_OUTSIDE_SCOPE, codes)}


async def known_communes(tx: Transaction, codes: Sequence[str]) -> set[str]:
    """Those of the codes that are a commune's on some day."""
    return {row["code"] for row in await tx.fetch(_KNOWN_COMMUNES, codes)}


async def known_since(tx: Transaction, household_ids: Sequence[UUID]) -> datetime | None:
    """When the newest knowledge about any of the households was recorded."""
    return cast(datetime | None, await tx.fetchval(_KNOWN_SINCE, household_ids))


async def insert_households(
    tx: Transaction, households: Sequence[HouseholdFacts], registrations: Sequence[Registration]
) -> None:
    """Write new households with residence and members; their heads are locked."""
    await tx.execute(
        _INSERT_HOUSEHOLDS,
        tx.recorded_at,
        [h.household_id for h in households],
        [h.commune for h in households],
        [h.registered_on for h in households],
        [registration.digest for registration in registrations],
        [registration.correlation_id for registration in registrations],
    )
    await insert_residences(tx, [residence_of(household) for household in households])
    await insert_members(
        tx,
        [(h, place, member) for h in households for place, member in enumerate(h.members)],
    )


def residence_of(household: HouseholdFacts) -> Residence:
    """The residence that an officer states: from its first day on."""
    return Residence(
        household_id=household.household_id,
        present=household.commune,
        commune=household.commune,
        is_farm_household=household.is_farm_household,
        from_day=household.lives_there_from,
        until=None,
        village=household.village,
    )


async def insert_residences(tx: Transaction, residences: Sequence[Residence]) -> None:
    """Write residences of households."""
    await tx.execute(
        _INSERT_FACTS,
        tx.recorded_at,
        [residence.household_id for residence in residences],
        [residence.from_day for residence in residences],
        [residence.until for residence in residences],
        [residence.present for residence in residences],
        [residence.commune for residence in residences],
        [residence.is_farm_household for residence in residences],
        [residence.village for residence in residences],
    )


async def supersede_residences(tx: Transaction, communes: Mapping[UUID, str]) -> None:
    """The households' present residences are held true no longer; each is seen from its commune."""
    await tx.execute(_SUPERSEDE_FACTS, tx.recorded_at, list(communes), list(communes.values()))


async def supersede_residences_until(
    tx: Transaction, household_ids: Sequence[UUID], until: date
) -> None:
    """The households' residences that ended on the day are held true no longer."""
    await tx.execute(_SUPERSEDE_UNTIL, tx.recorded_at, household_ids, until)


async def follow_residences(
    tx: Transaction, communes: Mapping[UUID, str], *, by_succession: bool = False
) -> None:
    """Let every row of the households be seen from where each lives now, their requests too."""
    await follow_households(tx, communes, by_succession=by_succession)
    for statement in _FOLLOW_RESIDENCE:
        await tx.execute(statement, list(communes), list(communes.values()))
    people = await present_members(tx, list(communes))
    await follow_members(tx, people)
    await mark(tx, people)  # in one commune less has to agree


async def present_members(tx: Transaction, household_ids: Sequence[UUID]) -> list[UUID]:
    """Who is a member of these households and has not left."""
    rows = await tx.fetch(_PRESENT_MEMBERS, household_ids)
    return [row["person_id"] for row in rows]
