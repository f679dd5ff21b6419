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
# What was so of a household before the person came, or after it left, is other people's.
_STAYS = """
WITH stay AS (
  SELECT household_id, daterange(joined_on, left_on) AS days FROM member
  WHERE person_id = $1 AND upper_inf(recorded)
)
"""
_RESIDENCES = f"""
{_STAYS}
SELECT DISTINCT household_id, residence AS commune, lower(effective) AS from_day,
       upper(effective) AS until, lower(recorded) AS recorded_from,
       upper(recorded) AS recorded_until
FROM household_fact JOIN stay USING (household_id) WHERE effective && days
ORDER BY household_id, recorded_from
"""
_DECISIONS = f"""
{_STAYS}
SELECT DISTINCT household_id, decision_id, number, authority, standard, status, signed_on,
       effective_on, recorded_at
FROM decision_row JOIN stay USING (household_id)
WHERE daterange(effective_on, NULL) && days ORDER BY household_id, recorded_at
"""
_LIMITS = """
SELECT request_id, purpose, lower(effective) AS from_day, upper(effective) AS until
FROM processing_limit WHERE person_id = $1 AND upper_inf(recorded) ORDER BY lower(effective)
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
    return await tx.fetch(_MEMBERSHIPS, person_id)


async def residences(tx: Transaction, person_id: UUID) -> list[Record]:
    """Where the person lived with its households, as held true at any time."""
    return await tx.fetch(_RESIDENCES, person_id)


async def decisions(tx: Transaction, person_id: UUID) -> list[Record]:
    """What was decided of the person's households up to the end of its stay."""
    return await tx.fetch(_DECISIONS, person_id)


async def limits(tx: Transaction, person_id: UUID) -> list[Record]:
    """For what the person's data may not be used."""
    return await tx.fetch(_LIMITS, person_id)


async def held_after(
    tx: Transaction, day: date, after: UUID, limit: int
) -> list[tuple[UUID, bool]]:
    """The next persons of whom there is a value, and whether their time was over before a day."""
    rows = await tx.fetch(_HELD, day, after, limit)
    return [(row["person_id"], row["is_over"]) for row in rows]


async def unmark(tx: Transaction, person_ids: list[UUID]) -> None:
    """Forget what change requests keep of these persons' values."""
    await tx.execute(_UNMARK, person_ids, [str(person_id) for person_id in person_ids])
