"""Every SQL statement by which a page's households are found: sets in, sets out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from libs.common.database import EVERY_AREA, Transaction
from services.registry.imports.domain import Bearer
from services.registry.imports.tables import HouseholdCode
from services.registry.vault.domain import IdentifierType

# OFFSET, here and below: looked up one by one. What the planner guesses of a list reads whole
# tables, and every page of a large file would take longer than the one before it.
_BY_CODE = """
SELECT asked.commune, asked.code, known.household_id
FROM unnest($1::text[], $2::text[]) AS asked(commune, code)
CROSS JOIN LATERAL (
  SELECT household_id FROM household_code AS known
  WHERE known.commune = asked.commune AND known.code = asked.code OFFSET 0
) AS known
"""
_BEARERS = """
SELECT asked.hash, bearer.type, bearer.person_id, member.household_id,
       CASE WHEN member.household_id IS NULL THEN
         (SELECT stay.household_id FROM member AS stay
          WHERE stay.person_id = bearer.person_id
            AND upper_inf(stay.recorded) AND stay.left_reason = 'died' LIMIT 1) END AS died_in
FROM unnest($1::bytea[]) AS asked(hash)
CROSS JOIN LATERAL (
  SELECT person_id, type FROM identifier
  WHERE identifier.hash = asked.hash AND upper_inf(recorded) AND upper_inf(effective) OFFSET 0
) AS bearer
LEFT JOIN LATERAL (
  SELECT household_id FROM member
  WHERE member.person_id = bearer.person_id AND upper_inf(recorded) AND left_on IS NULL OFFSET 0
) AS member ON true
"""
# A name of the same words, in any order; one probe a head. A household that has a code of the
# commune is another one than that of another code, and a head of another number is another person.
_NAMESAKES = """
SELECT asked.line, member.household_id
FROM unnest($1::integer[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::date[],
            $7::boolean[]) AS asked(line, tokens, commune, birth_year, sex, birth_date, has_number)
CROSS JOIN LATERAL (
  SELECT person_id FROM person_name AS name
  WHERE name.tokens = asked.tokens::bigint[] AND name.birth_year = asked.birth_year
    AND name.commune = asked.commune AND upper_inf(name.recorded) AND upper_inf(name.effective)
  OFFSET 0
) AS name
CROSS JOIN LATERAL (
  SELECT household_id, sex, birth_date FROM member
  WHERE member.person_id = name.person_id AND upper_inf(recorded) AND left_on IS NULL OFFSET 0
) AS member
WHERE member.sex = asked.sex
  AND coalesce(member.birth_date = asked.birth_date, true)
  AND asked.commune <> ALL (ARRAY(
    SELECT commune FROM household_code AS code WHERE code.household_id = member.household_id))
  AND NOT (asked.has_number AND EXISTS (
    SELECT FROM identifier WHERE identifier.person_id = name.person_id
      AND identifier.type = 'UIN' AND upper_inf(identifier.recorded)
      AND upper_inf(identifier.effective) OFFSET 0))
"""
_COMMUNES = """
SELECT household_id, commune, closed_on FROM household WHERE household_id = ANY($1::uuid[])
"""
# After a reorganisation a place goes by another code: what it came from, and what it became.
_SAME_PLACES = """
WITH RECURSIVE here AS (
  SELECT code AS asked, area_id FROM area_unit
  WHERE level = 'commune' AND code = ANY($1::text[])
), before AS (
  SELECT asked, area_id FROM here
  UNION SELECT before.asked, link.predecessor_id FROM area_link AS link
    JOIN before ON before.area_id = link.successor_id
), after AS (
  SELECT asked, area_id FROM here
  UNION SELECT after.asked, link.successor_id FROM area_link AS link
    JOIN after ON after.area_id = link.predecessor_id
)
SELECT DISTINCT asked, unit.code
FROM (SELECT asked, area_id FROM before UNION SELECT asked, area_id FROM after) AS place
JOIN area_unit AS unit USING (area_id)
"""
# What has the code of a commune that the asked one came from, and lives in the asked one now.
_BY_OLD_CODE = """
WITH RECURSIVE asked AS (
  SELECT commune, code FROM unnest($1::text[], $2::text[]) AS asked(commune, code)
), before AS (
  SELECT unit.code AS here, unit.area_id FROM area_unit AS unit
  WHERE unit.level = 'commune' AND unit.code IN (SELECT commune FROM asked)
  UNION SELECT before.here, link.predecessor_id FROM area_link AS link
    JOIN before ON before.area_id = link.successor_id
)
SELECT DISTINCT asked.commune, asked.code, known.household_id
FROM asked JOIN before ON before.here = asked.commune
JOIN area_unit AS place ON place.area_id = before.area_id AND place.code <> asked.commune
CROSS JOIN LATERAL (
  SELECT household_id FROM household_code
  WHERE household_code.commune = place.code AND household_code.code = asked.code OFFSET 0
) AS known
JOIN household ON household.household_id = known.household_id
WHERE household.commune = asked.commune
"""
_EVERY_CODE = """
SELECT asked.household_id, known.commune, known.code
FROM unnest($1::uuid[]) AS asked(household_id)
CROSS JOIN LATERAL (
  SELECT commune, code FROM household_code AS known
  WHERE known.household_id = asked.household_id OFFSET 0
) AS known
"""
_CODES_OF = """
SELECT DISTINCT ON (household_id) household_id, code FROM household_code
WHERE household_id = ANY($1::uuid[]) ORDER BY household_id, recorded_at DESC, code
"""


class Asked(NamedTuple):
    """Somebody of a name; `tokens` are its words' hashes, as the vault files them."""

    line: int
    tokens: str
    commune: str
    birth_year: int
    sex: str
    birth_date: date | None
    has_number: bool


async def households_by_code(
    tx: Transaction, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Whose codes these are, by commune and code."""
    if not keys:
        return {}
    communes, codes = zip(*keys, strict=True)
    rows = await tx.fetch(_BY_CODE, list(communes), list(codes))
    return {(row["commune"], row["code"]): row["household_id"] for row in rows}


async def bearers(tx: Transaction, hashes: Sequence[bytes]) -> dict[bytes, Bearer]:
    """Who bears these numbers today, in which household each is now, and where the dead were."""
    rows = await tx.fetch(_BEARERS, hashes) if hashes else []
    return {
        row["hash"]: Bearer(
            row["person_id"], row["household_id"], row["died_in"], IdentifierType(row["type"])
        )
        for row in rows
    }


async def namesakes(tx: Transaction, asked: Sequence[Asked]) -> dict[int, set[UUID]]:
    """Households with a present member of that name, birth and sex, by the line that asks."""
    found: dict[int, set[UUID]] = {}
    if asked:
        for row in await tx.fetch(_NAMESAKES, *map(list, zip(*asked, strict=True))):
            found.setdefault(row["line"], set()).add(row["household_id"])
    return found


async def visible(
    tx: Transaction, household_ids: Collection[UUID], communes: Sequence[str]
) -> dict[UUID, bool]:
    """Those of the households that live in these communes, and whether each is closed."""
    rows = await tx.fetch(_COMMUNES, list(household_ids)) if household_ids else []
    return {
        row["household_id"]: row["closed_on"] is not None
        for row in rows
        if _covers(communes, row["commune"])
    }


async def households_by_old_code(
    tx: Transaction, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], set[UUID]]:
    """Which households of a commune have a code of one that it came from."""
    found: dict[tuple[str, str], set[UUID]] = {}
    communes, codes = zip(*keys, strict=True)
    for row in await tx.fetch(_BY_OLD_CODE, list(communes), list(codes)):
        found.setdefault((row["commune"], row["code"]), set()).add(row["household_id"])
    return found


async def moved(tx: Transaction, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those pairs of a file's and a residence's commune that are not the same place."""
    differing = {pair for pair in pairs if pair[0] != pair[1]}
    if not differing:
        return set()
    rows = await tx.fetch(_SAME_PLACES, sorted({asked for asked, _ in differing}))
    return differing - {(row["asked"], row["code"]) for row in rows}


def outside(communes: Sequence[str], wanted: Collection[str]) -> set[str]:
    """Those of the communes that the sender does not cover."""
    return {commune for commune in wanted if not _covers(communes, commune)}


async def keep_codes(
    tx: Transaction, codes: Sequence[tuple[str, str, UUID]], new: Collection[UUID]
) -> None:
    """By which codes the province knows these households; what is known stays.

    Raises:
        UniqueViolationError: a new household's code was given to another one in between.
    """
    columns = ("commune", "code", "household_id", "recorded_at")
    for of_new, on_conflict in ((True, ""), (False, "ON CONFLICT (commune, code) DO NOTHING")):
        rows = [(*code, tx.recorded_at) for code in codes if (code[2] in new) is of_new]
        await tx.insert(HouseholdCode, columns, rows, on_conflict=on_conflict)


async def every_code_of(
    tx: Transaction, household_ids: Sequence[UUID]
) -> dict[UUID | None, list[tuple[str, str]]]:
    """Commune and code, of every code that each of these households has."""
    found: dict[UUID | None, list[tuple[str, str]]] = {}
    for row in await tx.fetch(_EVERY_CODE, household_ids) if household_ids else ():
        found.setdefault(row["household_id"], []).append((row["commune"], row["code"]))
    return found


async def codes_of(tx: Transaction, household_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The newest code of each household that has one."""
    return {row["household_id"]: row["code"] for row in await tx.fetch(_CODES_OF, household_ids)}


def _covers(communes: Sequence[str], commune: str) -> bool:
    return EVERY_AREA in communes or commune in communes
