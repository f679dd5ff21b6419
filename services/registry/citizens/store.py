"""Every SQL statement of a citizen's file, each on what may be seen of the person."""

from datetime import date
from uuid import UUID

from asyncpg import Record

from libs.common.citizens.sections import STAYS
from libs.common.database import Transaction

MEMBERSHIPS = """
SELECT household_id, joined_on, left_on, left_reason, relation, birth_date, birth_year, sex,
       ethnicity, disability, schooling, employment, has_pension, is_low_income_worker, commune,
       lower(recorded) AS recorded_from, upper(recorded) AS recorded_until
FROM member WHERE person_id = $1 ORDER BY lower(recorded), joined_on
"""
RESIDENCES = f"""
{STAYS}
SELECT household_id, residence AS commune, village, is_farm_household,
       lower(effective) AS from_day, upper(effective) AS until, lower(recorded) AS recorded_from,
       upper(recorded) AS recorded_until
FROM household_fact AS fact
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = fact.household_id AND effective && days)
ORDER BY household_id, lower(recorded), lower(effective) LIMIT (SELECT rows FROM most)
"""
CODES = f"""
{STAYS}
SELECT household_id, commune, code, recorded_at FROM household_code AS code
WHERE household_id = ANY ($2) ORDER BY household_id, commune, code LIMIT (SELECT rows FROM most)
"""
DECISIONS = f"""
{STAYS}
SELECT household_id, number, kind, authority, standard, status, signed_on, effective_on, recorded_at
FROM decision_row AS decided
WHERE household_id = ANY ($2) AND EXISTS (
  SELECT FROM stay WHERE stay.household_id = decided.household_id
    AND daterange(effective_on, NULL) && days)
ORDER BY household_id, recorded_at, effective_on LIMIT (SELECT rows FROM most)
"""
LIMITS = f"""
{STAYS}
SELECT request_id, purpose, lower(effective) AS from_day, upper(effective) AS until
FROM processing_limit WHERE upper_inf(recorded)
  AND person_id IN (SELECT record.person_id FROM records_of(ARRAY[$1::uuid]) AS record)
ORDER BY lower(effective), request_id LIMIT (SELECT rows FROM most)
"""
# What was asked to be changed of the person, also where it was refused.
CHANGES = f"""
{STAYS}
SELECT request.commune || '-' || request.year || '-' || to_char(request.number, 'FM000000')
         AS number,
       request.kind, request.state, effective_on, said ->> 'fact' AS fact,
       said -> 'before' AS before, said -> 'after' AS after
FROM (SELECT DISTINCT change_id FROM change_household WHERE household_id = ANY ($2)) AS theirs
JOIN change_request AS request USING (change_id)
CROSS JOIN LATERAL jsonb_array_elements(request.changes) AS one(said)
WHERE said ->> 'person_id' = $1::text
ORDER BY change_id, fact LIMIT (SELECT rows FROM most)
"""
# Whom the person is alike is the other one's data.
PAIRS = f"""
{STAYS}
SELECT score, clues, state, found_at, compared_at FROM duplicate_pair
WHERE one = $1 OR other = $1 ORDER BY pair_id LIMIT (SELECT rows FROM most)
"""
# A portion of whom there is a value, in their order, and whether their time is over: since the last
# stay ended; of who is said never to have been anywhere, since the newest value was recorded.
_HELD = """
WITH held AS (
  SELECT person_id FROM (
    (SELECT DISTINCT person_id FROM person_name WHERE person_id > $2 ORDER BY 1 LIMIT $3)
    UNION (SELECT DISTINCT person_id FROM identifier WHERE person_id > $2 ORDER BY 1 LIMIT $3)
    UNION (SELECT DISTINCT person_id FROM person_address WHERE person_id > $2 ORDER BY 1 LIMIT $3)
  ) AS everybody ORDER BY person_id LIMIT $3
)
SELECT person_id, NOT EXISTS (
    SELECT FROM member WHERE member.person_id = held.person_id
      AND upper_inf(member.recorded) AND member.left_on IS NULL)
  AND coalesce(
    (SELECT max(left_on) FROM member WHERE member.person_id = held.person_id
       AND upper_inf(member.recorded) AND member.left_on IS NOT NULL),
    greatest(
      (SELECT max(lower(recorded)) FROM person_name AS v WHERE v.person_id = held.person_id),
      (SELECT max(lower(recorded)) FROM identifier AS v WHERE v.person_id = held.person_id),
      (SELECT max(lower(recorded)) FROM person_address AS v WHERE v.person_id = held.person_id)
    )::date) < $1 AS is_over
FROM held ORDER BY person_id
"""
# What requests for a correction keep of a value: initials, and a mark that tells it from another.
_UNMARK = """
UPDATE change_request AS request SET changes = (
  SELECT jsonb_agg(
    CASE WHEN said ->> 'person_id' = ANY($2::text[])
              AND (said -> 'before' ? 'mark' OR said -> 'after' ? 'mark')
         THEN said || '{"before": null, "after": null}' ELSE said END ORDER BY place)
  FROM jsonb_array_elements(request.changes) WITH ORDINALITY AS one(said, place))
FROM (
  SELECT DISTINCT change_id FROM change_household JOIN member USING (household_id)
  WHERE member.person_id = ANY($1::uuid[]) AND upper_inf(member.recorded)
) AS theirs
WHERE request.change_id = theirs.change_id AND jsonb_array_length(request.changes) > 0
"""


async def memberships(tx: Transaction, person_id: UUID) -> list[Record]:
    """Every membership that was ever held true, with the person's facts."""
    return await tx.fetch(MEMBERSHIPS, person_id)


async def held_after(
    tx: Transaction, day: date, after: UUID, limit: int
) -> list[tuple[UUID, bool]]:
    """The next persons of whom there is a value, and whether their time was over before a day."""
    rows = await tx.fetch(_HELD, day, after, limit)
    return [(row["person_id"], row["is_over"]) for row in rows]


async def unmark(tx: Transaction, person_ids: list[UUID]) -> None:
    """Forget what change requests keep of these persons' values."""
    await tx.execute(_UNMARK, person_ids, [str(person_id) for person_id in person_ids])
