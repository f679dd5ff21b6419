"""Who lived in an area on a day, in the geography of any day."""

from datetime import date
from uuid import UUID

from libs.common.areas.succession import communes_of
from libs.common.database import Transaction
from libs.common.vocabulary import StatusClass
from services.registry.lineage.store import AWAY

# A residence's code and the day it was recorded for name one unit; `commune` is where it is seen
# from now, which may be anywhere. Unit by unit: a page is read, and not all who live there.
LIVING = f"""
SELECT DISTINCT one.household_id
FROM unnest($1::text[], $2::date[], $3::date[]) AS unit(code, valid_from, valid_until)
CROSS JOIN LATERAL (
  SELECT f.household_id FROM household_fact AS f
  JOIN household AS h ON h.household_id = f.household_id
  WHERE f.residence = unit.code AND upper_inf(f.recorded) AND f.effective @> $4::date
    AND (h.closed_on IS NULL OR $4::date < h.closed_on)
    AND greatest(h.registered_on, lower(f.effective)) >= unit.valid_from
    AND (unit.valid_until IS NULL
         OR greatest(h.registered_on, lower(f.effective)) < unit.valid_until)
    AND f.household_id > coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
    AND ($6::text IS NULL OR EXISTS (
      SELECT FROM status_period AS s
      WHERE s.household_id = f.household_id AND s.status = $6 AND upper_inf(s.recorded)
        AND s.effective @> $4::date AND ($7::text IS NULL OR s.standard = $7)))
    AND NOT {AWAY.format(household="f.household_id", day="$4::date")}
  ORDER BY f.household_id LIMIT $8
) AS one
ORDER BY one.household_id LIMIT $8
"""


async def list_living_in(
    tx: Transaction,
    area: str,
    unit_on: date,
    day: date,
    *,
    status: StatusClass | None,
    standard: str | None,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Ids in order of who lived on `day` in the area that bears the code on the day `unit_on`.

    Records of a commune that was divided belong to its parts only in part: they are left out there.
    """
    units = [unit for unit in await communes_of(tx, area, unit_on) if unit.is_whole]
    rows = await tx.fetch(
        LIVING,
        [unit.code for unit in units],
        [unit.valid_from for unit in units],
        [unit.valid_until for unit in units],
        day,
        after,
        status,
        standard,
        limit,
    )
    return [row["household_id"] for row in rows]
