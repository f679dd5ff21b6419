"""Every SQL statement on areas that only the registry asks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.contracts.household import DesignationPeriod
from libs.common.database import Transaction
from libs.common.vocabulary import AreaKind, Designation
from services.registry.areas.domain import fold, marked_letters

_COMMUNE = """
commune.area_id, commune.code, commune.kind, commune.valid_from, commune.valid_until,
CASE above.level WHEN 'district' THEN above.code END,
CASE above.level WHEN 'district' THEN province.code ELSE above.code END,
ARRAY(
  SELECT ROW(designation, from_day, until, is_confirmed) FROM area_designation
  WHERE area_id IN (commune.area_id, CASE above.level WHEN 'district' THEN above.area_id END)
  ORDER BY area_id <> commune.area_id, designation, from_day)
"""
_WITH_PARENTS = """
FROM area_unit AS commune
JOIN area_unit AS above ON above.area_id = commune.parent_id
LEFT JOIN area_unit AS province ON province.area_id = above.parent_id
"""
_BEARING = f"""
SELECT {{distinct}} {_COMMUNE} {_WITH_PARENTS}
WHERE commune.level = 'commune' AND commune.code = ANY($1::text[])
  AND commune.valid_from <= $2 {{rest}}
"""
_COMMUNES = _BEARING.format(
    distinct="", rest="AND (commune.valid_until IS NULL OR $2 < commune.valid_until)"
)
_LAST_COMMUNES = _BEARING.format(
    distinct="DISTINCT ON (commune.code)", rest="ORDER BY commune.code, commune.valid_from DESC"
)
# The databases' locale is C: without `translate`, neither lower case nor search knows our letters.
_MARKED = marked_letters()
_FOLDED = f"lower(translate(unit.name, '{_MARKED}', '{fold(_MARKED)}'))"

_UNIT = """
SELECT unit.area_id, unit.level, unit.code, unit.name, unit.kind, parent.code AS parent,
       unit.valid_from, unit.valid_until
FROM area_unit AS unit
LEFT JOIN area_unit AS parent ON parent.area_id = unit.parent_id
"""
# On one day level and code name one unit, so they are the key of a page.
_LIST = f"""
{_UNIT}
LEFT JOIN area_unit AS top ON top.area_id = parent.parent_id
WHERE unit.valid_from <= $1 AND (unit.valid_until IS NULL OR $1 < unit.valid_until)
  AND ($2::text IS NULL OR unit.level = $2)
  AND ($3::text IS NULL OR $3 IN (parent.code, top.code))
  AND ($4::text IS NULL OR strpos({_FOLDED}, $4) > 0)
  AND ($5::text IS NULL OR (unit.level, unit.code) > ($5, $6::text))
ORDER BY unit.level, unit.code LIMIT $7
"""
_ONE = f"""
{_UNIT}
WHERE unit.code = $1 AND unit.valid_from <= $2
  AND (unit.valid_until IS NULL OR $2 < unit.valid_until)
  AND unit.level = CASE length($1) WHEN 2 THEN 'province' WHEN 3 THEN 'district' ELSE 'commune' END
"""
_RELATED = """
SELECT link.successor_id = $1 AS came_before, link.is_divided, other.area_id, other.level,
       other.code, other.name, other.valid_from, other.valid_until
FROM area_link AS link
JOIN area_unit AS other
  ON other.area_id = CASE $1::uuid WHEN link.successor_id THEN link.predecessor_id
                             ELSE link.successor_id END
WHERE link.predecessor_id = $1 OR link.successor_id = $1
ORDER BY other.code, other.valid_from
"""
_COUNTS = """
SELECT year, households, persons, source, is_confirmed
FROM area_count WHERE area_id = $1 ORDER BY year
"""
_DESIGNATIONS = """
SELECT designation, from_day, until, source, is_confirmed
FROM area_designation WHERE area_id = $1 ORDER BY designation, from_day
"""

# As the file of an act in force that day has it: its own document, or a line's.
_STATED_BY_ACTS = r"""
SELECT in_force, document FROM reorganisation
WHERE state IN ('approved', 'applying', 'done') AND in_force = ANY($1::date[])
UNION
SELECT act.in_force, cell.document
FROM reorganisation AS act JOIN reorganisation_line AS line USING (reorganisation_id)
CROSS JOIN unnest(line.cells) AS raw(cell)
CROSS JOIN LATERAL (
  SELECT btrim(regexp_replace(normalize(raw.cell), '\s+', ' ', 'g')) AS document) AS cell
WHERE act.state IN ('approved', 'applying', 'done') AND act.in_force = ANY($1::date[])
  AND cell.document = ANY($2::text[])
"""
_NAMES = "SELECT area_id, name FROM area_unit WHERE area_id = ANY($1::uuid[])"
_COMMUNES_NAMED = f"""
SELECT unit.code, unit.name, parent.name AS parent FROM area_unit AS unit
LEFT JOIN area_unit AS parent ON parent.area_id = unit.parent_id,
  (SELECT coalesce(current_setting('ansinh.scope', true), '') AS codes) AS scope
WHERE unit.level = 'commune' AND unit.valid_from <= $1 AND strpos({_FOLDED}, $2) > 0
  AND ($4 = (unit.valid_until IS NOT NULL AND unit.valid_until <= $1))
  AND (NOT $4 OR NOT EXISTS (SELECT FROM area_unit AS later
    WHERE later.level = 'commune' AND later.code = unit.code AND later.valid_from > unit.valid_from
      AND later.valid_from <= $1))
  AND (scope.codes = '*' OR unit.code = ANY (string_to_array(scope.codes, ',')))
ORDER BY {_FOLDED} <> $2, length(unit.name), unit.code LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """What a household's events say of the commune whose code was recorded.

    Attributes:
        area_id: the unit that the code meant on the day asked.
        district: its district's code, until 30/6/2025; None after.
        valid_from: a residence recorded under this unit cannot have begun before it.
        valid_until: exclusive; None while the unit exists.
        designations: dated qualities of the commune and of its district, of any day.
    """

    area_id: UUID
    code: str
    district: str | None
    province: str
    kind: AreaKind
    valid_from: date
    valid_until: date | None
    designations: tuple[DesignationPeriod, ...]


async def commune_facts(
    tx: Transaction, codes: Sequence[str], day: date
) -> dict[str, CommuneFacts]:
    """The communes that these codes meant on a day; codes without a unit that day are absent."""
    return _by_code(await tx.fetch(_COMMUNES, list(codes), day))


async def last_commune_facts(
    tx: Transaction, codes: Sequence[str], day: date
) -> dict[str, CommuneFacts]:
    """The communes that bore these codes last, on the day or before."""
    return _by_code(await tx.fetch(_LAST_COMMUNES, list(codes), day))


def _by_code(rows: Sequence[Record]) -> dict[str, CommuneFacts]:
    return {commune.code: commune for commune in map(commune_of, rows)}


def commune_on(code: str, day: str) -> str:
    """Part of another statement: what `commune_of` reads, of the unit that bore a code on a day, or
    last before it.

    Args:
        code: an expression of that statement, which no caller has said; so is `day`.
    """
    return f"""
(SELECT ROW({_COMMUNE}) {_WITH_PARENTS}
 WHERE commune.level = 'commune' AND commune.code = {code} AND commune.valid_from <= {day}
 ORDER BY commune.valid_from DESC LIMIT 1)
"""


def commune_of(values: Iterable[Any]) -> CommuneFacts:
    """The commune of one row of these statements."""
    area_id, code, kind, valid_from, valid_until, district, province, designations = values
    return CommuneFacts(
        area_id=area_id,
        code=code,
        district=district,
        province=province,
        kind=AreaKind(kind),
        valid_from=valid_from,
        valid_until=valid_until,
        designations=tuple(
            DesignationPeriod.model_construct(
                designation=Designation(designation),
                from_day=from_day,
                until=until,
                is_confirmed=is_confirmed,
            )
            for designation, from_day, until, is_confirmed in designations
        ),
    )


async def find_commune(tx: Transaction, code: str, day: date) -> CommuneFacts | None:
    """The commune that the code meant on a day, or None."""
    return (await commune_facts(tx, [code], day)).get(code)


async def list_areas_after(
    tx: Transaction,
    day: date,
    *,
    level: str | None,
    parent: str | None,
    name: str | None,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[Record]:
    """Units valid on a day, by level and code.

    Args:
        tx: any transaction.
        day: on which they are valid.
        level: only this one.
        parent: only those under the province or district of this code, at any depth.
        name: a folded part of the name.
        after: level and code of the last unit of the page before.
        limit: how many at most.
    """
    last_level, last_code = after or (None, None)
    return await tx.fetch(_LIST, day, level, parent, name, last_level, last_code, limit)


async def find_area(tx: Transaction, code: str, day: date) -> dict[str, Any] | None:
    """The unit that bears a code on a day, with its succession and its dated facts."""
    unit = await tx.fetchrow(_ONE, code, day)
    if unit is None:
        return None
    related = await tx.fetch(_RELATED, unit["area_id"])
    return dict(unit) | {
        "predecessors": [dict(row) for row in related if row["came_before"]],
        "successors": [dict(row) for row in related if not row["came_before"]],
        "counts": [dict(row) for row in await tx.fetch(_COUNTS, unit["area_id"])],
        "designations": [dict(row) for row in await tx.fetch(_DESIGNATIONS, unit["area_id"])],
    }


async def stated_by_acts(
    tx: Transaction, stated: Collection[tuple[date, str]]
) -> set[tuple[date, str]]:
    """Those of these days with a document that an approved reorganisation of the day names."""
    days, documents = zip(*stated, strict=True)
    rows = await tx.fetch(_STATED_BY_ACTS, list(days), list(documents))
    return {(row["in_force"], row["document"]) for row in rows} & set(stated)


async def unit_names(tx: Transaction, area_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What units are called."""
    rows = await tx.fetch(_NAMES, list(area_ids))
    return {row["area_id"]: row["name"] for row in rows}


async def communes_named(
    tx: Transaction, name: str, day: date, limit: int, *, ended: bool = False
) -> list[Record]:
    """Code, name and parent's name of the caller's communes of a day whose folded name holds this,
    the likest first; `ended`: of those instead that have ended by the day and whose codes no unit
    bears any more.
    """
    return await tx.fetch(_COMMUNES_NAMED, day, name, limit, ended)
