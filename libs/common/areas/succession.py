"""Read a record's unit in the geography of another day, and an area's records of every day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from libs.common.areas.domain import Choice, Present, RecordedCommune, Share, present, shares
from libs.common.areas.reach import REACH
from libs.common.database import Transaction

_PRESENT = """
WITH RECURSIVE path AS (
  SELECT record.code AS recorded_code, record.day AS recorded_on, unit.area_id, unit.valid_until
  FROM unnest($1::text[], $2::date[]) AS record(code, day)
  JOIN area_unit AS unit
    ON unit.level = 'commune' AND unit.code = record.code AND unit.valid_from <= record.day
   AND (unit.valid_until IS NULL OR record.day < unit.valid_until)
  UNION
  SELECT path.recorded_code, path.recorded_on, successor.area_id, successor.valid_until
  FROM path
  JOIN area_link AS link ON link.predecessor_id = path.area_id
  JOIN area_unit AS successor ON successor.area_id = link.successor_id
  WHERE path.valid_until <= $3
)
SELECT path.recorded_code, path.recorded_on, unit.area_id, unit.code, unit.name
FROM path JOIN area_unit AS unit USING (area_id)
WHERE unit.valid_from <= $3 AND (unit.valid_until IS NULL OR $3 < unit.valid_until)
"""
_REACHED = f"""
{REACH}
SELECT area_id, unit.code, unit.level, unit.valid_from, unit.valid_until,
       area_id IN (SELECT area_id FROM below) AS is_base
FROM reached JOIN area_unit AS unit USING (area_id)
WHERE EXISTS (
  SELECT FROM asked JOIN area_unit AS area USING (area_id)
  WHERE area.valid_from <= $2 AND (area.valid_until IS NULL OR $2 < area.valid_until)
)
ORDER BY unit.code, unit.valid_from
"""
_LINKS = """
SELECT predecessor_id, successor_id FROM area_link
WHERE predecessor_id = ANY($1::uuid[]) OR successor_id = ANY($1::uuid[])
"""


async def present_units(
    tx: Transaction, records: Sequence[tuple[str, date]], on: date
) -> dict[tuple[str, date], Present]:
    """What the commune of each record (code, day recorded) is on a later day.

    A record of after `on` is open: succession is followed forward only.
    """
    pairs = sorted(set(records))
    found: dict[tuple[str, date], set[Choice]] = defaultdict(set)
    for row in await tx.fetch(_PRESENT, [code for code, _ in pairs], [day for _, day in pairs], on):
        choice = Choice(row["area_id"], row["code"], row["name"])
        found[row["recorded_code"], row["recorded_on"]].add(choice)
    return {pair: present(found.get(pair, ())) for pair in pairs}


async def communes_of(tx: Transaction, area_code: str, day: date) -> tuple[RecordedCommune, ...]:
    """Which records belong to an area: the unit that bears `area_code` on `day`.

    Answers commune units of every day, so that a household counts whenever it was recorded. Count
    the records of those that are not whole apart: their share in the area is unknown. Nothing is
    answered where no unit bears the code on that day.
    """
    rows = await tx.fetch(_REACHED, [area_code], day, date.max)
    units = [row["area_id"] for row in rows]
    links = [(row[0], row[1]) for row in await tx.fetch(_LINKS, units)]
    share = shares([row["area_id"] for row in rows if row["is_base"]], units, links)
    return tuple(
        RecordedCommune(
            area_id=row["area_id"],
            code=row["code"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            is_whole=share[row["area_id"]] is Share.WHOLE,
        )
        for row in rows
        if row["level"] == "commune"
    )
