"""Read a record's unit in the geography of another day, and an area's records of every day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

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
# By id, one by one: the planner cannot guess how few a recursion has, and would read whole tables.
_REACHED = f"""
{REACH}
SELECT unit.area_id, unit.code, unit.level, unit.valid_from, unit.valid_until,
       unit.area_id IN (SELECT area_id FROM asked) AS is_asked,
       unit.area_id IN (SELECT area_id FROM below) AS is_base,
       unit.area_id IN (SELECT area_id FROM back) AS is_earlier
FROM reached CROSS JOIN LATERAL (
  SELECT area_id, code, level, valid_from, valid_until FROM area_unit
  WHERE area_id = reached.area_id OFFSET 0
) AS unit
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


@dataclass(frozen=True, slots=True)
class Reached:
    """A unit that lies in an area, came before it, or took over (part of) it.

    Attributes:
        is_asked: the code that was asked for means it.
        is_earlier: it is of the area or came before it; else it took over.
        is_whole: all of it belongs to the area; else an unknown share.
    """

    area_id: UUID
    code: str
    is_commune: bool
    valid_from: date
    valid_until: date | None
    is_asked: bool
    is_earlier: bool
    is_whole: bool


async def reached(
    tx: Transaction, codes: Sequence[str], day: date, last: date | None = None
) -> list[Reached]:
    """Every unit of the land of some codes, by code and first day.

    Args:
        codes: each means the unit that bears it on `day`, else the last one that did.
        last: the last day whose successors count; `day` if left out.
    """
    rows = await tx.fetch(_REACHED, list(codes), day, last or day)
    base = [row["area_id"] for row in rows if row["is_base"]]
    others = [row["area_id"] for row in rows if not row["is_base"]]
    # The area is whole in itself: only what came before or after is to be judged by its links.
    links = [(row[0], row[1]) for row in await tx.fetch(_LINKS, others)] if others else []
    share = shares(base, [row["area_id"] for row in rows], links)
    return [
        Reached(
            area_id=row["area_id"],
            code=row["code"],
            is_commune=row["level"] == "commune",
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            is_asked=row["is_asked"],
            is_earlier=row["is_earlier"],
            is_whole=share[row["area_id"]] is Share.WHOLE,
        )
        for row in rows
    ]


async def communes_of(tx: Transaction, area_code: str, day: date) -> tuple[RecordedCommune, ...]:
    """Which records belong to an area: the unit that bears `area_code` on `day`.

    Answers commune units of every day, so that a household counts whenever it was recorded. Count
    the records of those that are not whole apart: their share in the area is unknown. Nothing is
    answered where no unit bears the code on that day.
    """
    units = await reached(tx, [area_code], day, date.max)
    if not any(one.is_asked and _is_there(one, day) for one in units):
        return ()
    return tuple(
        RecordedCommune(
            area_id=one.area_id,
            code=one.code,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            is_whole=one.is_whole,
        )
        for one in units
        if one.is_commune
    )


def _is_there(unit: Reached, day: date) -> bool:
    return unit.valid_from <= day and (unit.valid_until is None or day < unit.valid_until)
