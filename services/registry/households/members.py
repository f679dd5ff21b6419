"""Every SQL statement that writes members."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.vault.filing import follow_members

_INSERT_MEMBERS = """
INSERT INTO member (recorded, household_id, person_id, commune, place, birth_date, birth_year, sex,
                    ethnicity, relation, disability, schooling, employment, has_pension, joined_on,
                    left_on, is_low_income_worker, left_reason)
SELECT tstzrange($1, NULL), new.*
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::date[], $7::integer[],
            $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::boolean[], $15::date[], $16::date[], $17::boolean[], $18::text[]) AS new
"""
_SUPERSEDE_MEMBERS = """
UPDATE member SET recorded = tstzrange(lower(recorded), $1)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) AS gone(household_id, person_id, joined_on)
WHERE member.household_id = gone.household_id AND member.person_id = gone.person_id
  AND member.joined_on = gone.joined_on AND upper_inf(recorded)
"""
_ELSEWHERE = """
SELECT FROM member AS one JOIN member AS other
  ON other.person_id = one.person_id AND other.household_id <> one.household_id
WHERE one.person_id = ANY($1::uuid[]) AND upper_inf(one.recorded) AND upper_inf(other.recorded)
  AND daterange(one.joined_on, one.left_on) && daterange(other.joined_on, other.left_on)
LIMIT 1
"""


async def insert_members(
    tx: Transaction, members: Sequence[tuple[HouseholdFacts, int, MemberFacts]]
) -> None:
    """Write members of households at their places; 409 where one is in another household."""
    rows = [
        (
            household.household_id,
            member.person_id,
            household.commune,
            place,
            member.birth_date,
            member.year,
            member.sex,
            member.ethnicity,
            member.relation,
            member.disability,
            member.schooling,
            member.employment,
            member.has_pension,
            member.joined_on,
            member.left_on,
            member.is_low_income_worker,
            member.left_reason,
        )
        for household, place, member in members
    ]
    if not rows:
        return
    try:
        await tx.execute(_INSERT_MEMBERS, tx.recorded_at, *zip(*rows, strict=True))
    except asyncpg.UniqueViolationError:
        raise _in_another_household() from None
    await follow_members(tx, [member.person_id for _, _, member in members])


async def supersede_members(tx: Transaction, gone: Sequence[tuple[UUID, UUID, date]]) -> None:
    """What was held true of these stays (household, person, day of joining) is so no longer."""
    if gone:
        await tx.execute(_SUPERSEDE_MEMBERS, tx.recorded_at, *zip(*gone, strict=True))


async def refuse_overlaps(tx: Transaction, person_ids: Sequence[UUID]) -> None:
    """Nobody is in two households on one day, past days included, as far as the caller sees.

    Raises:
        Problem: 409.
    """
    if await tx.fetchrow(_ELSEWHERE, person_ids) is not None:
        raise _in_another_household()


def _in_another_household() -> Problem:
    title = Text("Có người đang thuộc một hộ khác.", "A person is at present in another household.")
    fix = Text("Ghi ngày rời hộ cũ trước.", "Record first that the person left that household.")
    rule = "person.in_another_household"
    return Problem(409, rule, title, [FieldError("/members", rule, title, fix)])
