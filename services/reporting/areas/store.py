"""Areas as reports need them: the unit, its records by child unit, its yearly counts.

The area tables are kept by the shared consumer; here they are only read.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from libs.common.areas.domain import RecordedCommune, Share, shares
from libs.common.areas.succession import communes_of
from libs.common.database import EVERY_AREA, Transaction

_UNIT = """
SELECT area_id, level, code, name, kind, valid_from, valid_until FROM area_unit
WHERE code = $1
  AND level = CASE length($1) WHEN 2 THEN 'province' WHEN 3 THEN 'district' ELSE 'commune' END
ORDER BY valid_from > $2, abs(valid_from - $2) LIMIT 1
"""
# Units of one level under an area, each with the communes of its own day.
_CHILDREN = """
WITH RECURSIVE below AS (
  SELECT area_id, level, NULL::uuid AS child_id FROM area_unit WHERE area_id = $1
  UNION ALL
  SELECT unit.area_id, unit.level,
         CASE WHEN unit.level = $2 THEN unit.area_id ELSE below.child_id END
  FROM below JOIN area_unit AS unit ON unit.parent_id = below.area_id
  WHERE unit.valid_from <= $3 AND (unit.valid_until IS NULL OR $3 < unit.valid_until)
)
SELECT child.area_id, child.code, child.name, child.level, child.kind, child.valid_from,
       child.valid_until, array_agg(below.area_id) AS communes
FROM below JOIN area_unit AS child ON child.area_id = below.child_id
WHERE below.level = 'commune'
GROUP BY child.area_id ORDER BY child.code
"""
_LINKS = """
SELECT predecessor_id, successor_id FROM area_link
WHERE predecessor_id = ANY($1::uuid[]) OR successor_id = ANY($1::uuid[])
"""
# A unit without a count of its own has the sum of the units that it was made of, if each has one
# for that year and none was divided.
_COUNTS = """
WITH asked AS (SELECT unnest($1::uuid[]) AS area_id),
own AS (
  SELECT area_id, year, households, persons, source, is_confirmed, true AS is_own
  FROM asked JOIN area_count USING (area_id) WHERE year <= $2
), summed AS (
  SELECT asked.area_id, count.year, sum(count.households)::integer AS households,
         CASE WHEN bool_and(count.persons IS NOT NULL) THEN sum(count.persons)::integer END
           AS persons,
         string_agg(DISTINCT count.source, '; ') AS source,
         bool_and(count.is_confirmed) AS is_confirmed, false AS is_own
  FROM asked
  JOIN area_link AS link ON link.successor_id = asked.area_id
  LEFT JOIN area_count AS count ON count.area_id = link.predecessor_id AND count.year <= $2
  GROUP BY asked.area_id, count.year
  HAVING bool_and(NOT link.is_divided) AND count.year IS NOT NULL
     AND count(*) = (SELECT count(*) FROM area_link WHERE successor_id = asked.area_id)
)
SELECT DISTINCT ON (area_id) * FROM (SELECT * FROM own UNION ALL SELECT * FROM summed) AS found
ORDER BY area_id, is_own DESC, year DESC
"""
_SCOPE = "SELECT coalesce(current_setting('ansinh.scope', true), '')"


@dataclass(frozen=True)
class Unit:
    """An administrative unit over `[valid_from, valid_until)`."""

    area_id: UUID
    level: str
    code: str
    name: str
    kind: str
    valid_from: date
    valid_until: date | None

    def nearest(self, day: date) -> date:
        """The day itself where the unit is valid on it, else the nearest one on which it is."""
        if self.valid_until is not None and day >= self.valid_until:
            return self.valid_until - timedelta(days=1)
        return max(day, self.valid_from)


@dataclass(frozen=True)
class YearlyCount:
    """All households and persons of a unit at the end of a year.

    `is_own` is false where the units it was made of were summed.
    """

    year: int
    households: int
    persons: int | None
    source: str
    is_confirmed: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class Records:
    """Residences recorded under a commune's code in `[from_day, until)`; None is unbounded."""

    code: str
    from_day: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Territory:
    """The records of an area: those that belong to it, and those of which only a share does."""

    whole: tuple[RecordedCommune, ...]
    divided: tuple[RecordedCommune, ...]

    @property
    def records(self) -> list[Records]:
        """What belongs to the area, with days only where a code means something else on others.

        A residence may have begun before the first day of any unit that we know.
        """
        return _records(self.whole, self.divided)

    @property
    def divided_records(self) -> list[Records]:
        return _records(self.divided, self.whole)


def _records(wanted: Sequence[RecordedCommune], others: Sequence[RecordedCommune]) -> list[Records]:
    ambiguous = {commune.code for commune in others}
    plain = {commune.code for commune in wanted} - ambiguous
    return [
        *(Records(code) for code in sorted(plain)),
        *(
            Records(commune.code, commune.valid_from, commune.valid_until)
            for commune in wanted
            if commune.code in ambiguous
        ),
    ]


async def find_unit(tx: Transaction, code: str, day: date) -> Unit | None:
    """The unit that bears the code on the day, else the one that bore it last before, else first
    after; its number of digits says the level.
    """
    row = await tx.fetchrow(_UNIT, code, day)
    return None if row is None else Unit(**row)


async def territory_of(tx: Transaction, code: str, day: date) -> Territory:
    """Which records belong to the area that bears the code on the day."""
    found = await communes_of(tx, code, day)
    return Territory(
        whole=tuple(commune for commune in found if commune.is_whole),
        divided=tuple(commune for commune in found if not commune.is_whole),
    )


async def territories_by_child(
    tx: Transaction, area: Unit, level: str, day: date, territory: Territory
) -> list[tuple[Unit, Territory]]:
    """The area's units of a level on the day, each with those of the area's records it holds."""
    rows = await tx.fetch(_CHILDREN, area.area_id, level, day)
    recorded = (*territory.whole, *territory.divided)
    ids = [commune.area_id for commune in recorded]
    links = [(row[0], row[1]) for row in await tx.fetch(_LINKS, ids)]
    answer = []
    for row in rows:
        values = dict(row)
        judged = shares(values.pop("communes"), ids, links)
        held: dict[Share, list[RecordedCommune]] = defaultdict(list)
        for commune in recorded:
            held[judged[commune.area_id]].append(commune)
        answer.append(
            (Unit(**values), Territory(tuple(held[Share.WHOLE]), tuple(held[Share.PART])))
        )
    return answer


async def yearly_counts(
    tx: Transaction, area_ids: Sequence[UUID], last_year: int
) -> dict[UUID, YearlyCount]:
    """Each unit's count of the nearest year up to `last_year`; units without one are absent."""
    counts = {}
    for row in await tx.fetch(_COUNTS, area_ids, last_year):
        values = dict(row)
        area_id = values.pop("area_id")
        counts[area_id] = YearlyCount(**values)
    return counts


async def is_in_scope(tx: Transaction, territory: Territory) -> bool:
    """Whether the caller may see all records of the territory: a part would be a wrong report."""
    scope = await tx.fetchval(_SCOPE)
    codes = {commune.code for commune in territory.whole}
    return scope == EVERY_AREA or codes <= set(scope.split(","))
