"""Every SQL statement of a citizen's file, each on what may be seen of the person."""

from datetime import date
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction

_MEMBERSHIPS = """
SELECT household_id, lower(recorded) AS recorded_from, upper(recorded) AS recorded_until, joined_on,
       left_on, relation, birth_date, birth_year, sex, ethnicity, disability, schooling, employment,
       has_pension, is_low_income_worker
FROM member WHERE person_id = $1 ORDER BY lower(recorded), joined_on
"""
_RESIDENCES = """
SELECT household_id, residence AS commune, lower(effective) AS from_day, upper(effective) AS until,
       lower(recorded) AS recorded_from, upper(recorded) AS recorded_until
FROM household_fact WHERE household_id = ANY($1::uuid[]) ORDER BY household_id, lower(recorded)
"""
_DECISIONS = """
SELECT household_id, decision_id, number, authority, standard, status, signed_on, effective_on
FROM decision_row WHERE household_id = ANY($1::uuid[]) ORDER BY household_id, recorded_at
"""
_LIMITS = """
SELECT request_id, purpose, lower(effective) AS from_day, upper(effective) AS until
FROM processing_limit WHERE person_id = $1 AND upper_inf(recorded) ORDER BY lower(effective)
"""
# Only of whom there still is a value, so that a run ends.
_GONE = """
SELECT past.person_id FROM (
  SELECT person_id, max(left_on) AS left_on FROM member
  WHERE upper_inf(recorded) AND left_on IS NOT NULL GROUP BY person_id HAVING max(left_on) < $1
) AS past
WHERE NOT EXISTS (
    SELECT FROM member WHERE member.person_id = past.person_id
      AND upper_inf(member.recorded) AND member.left_on IS NULL)
  AND (EXISTS (SELECT FROM person_name AS held WHERE held.person_id = past.person_id)
       OR EXISTS (SELECT FROM identifier AS held WHERE held.person_id = past.person_id)
       OR EXISTS (SELECT FROM person_address AS held WHERE held.person_id = past.person_id))
ORDER BY past.person_id LIMIT $2
"""


async def memberships(tx: Transaction, person_id: UUID) -> list[Record]:
    """Every membership that was ever held true, with the person's facts."""
    return await tx.fetch(_MEMBERSHIPS, person_id)


async def residences(tx: Transaction, household_ids: list[UUID]) -> list[Record]:
    """Where those households lived, as held true at any time."""
    return await tx.fetch(_RESIDENCES, household_ids)


async def decisions(tx: Transaction, household_ids: list[UUID]) -> list[Record]:
    """What was decided of those households."""
    return await tx.fetch(_DECISIONS, household_ids)


async def limits(tx: Transaction, person_id: UUID) -> list[Record]:
    """For what the person's data may not be used."""
    return await tx.fetch(_LIMITS, person_id)


async def gone_since(tx: Transaction, day: date, limit: int) -> list[UUID]:
    """Persons who are in no household, left the last one before a day, and are still named."""
    return [row["person_id"] for row in await tx.fetch(_GONE, day, limit)]
