"""Every SQL statement on the map around a reorganisation: what is known, what its file names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.vocabulary import AreaKind, AreaLevel
from services.registry.reorganisations.domain import Entry, Key, Map, Unit

_UNIT = """
SELECT unit.area_id, unit.level, unit.code, unit.name, unit.kind, parent.code AS parent,
       unit.valid_from, unit.valid_until
FROM area_unit AS unit LEFT JOIN area_unit AS parent ON parent.area_id = unit.parent_id
"""
# What touches the day: valid on it, or until it. Below a named province everything.
_AROUND = f"""
{_UNIT}
WHERE unit.valid_from <= $1 AND (unit.valid_until IS NULL OR unit.valid_until >= $1)
  AND (unit.code = ANY($2::text[]) OR parent.code = ANY($3::text[]))
"""
_LINKS = """
SELECT link.predecessor_id, successor.level, successor.code
FROM area_link AS link JOIN area_unit AS successor ON successor.area_id = link.successor_id
WHERE link.predecessor_id = ANY($1::uuid[])
"""
# Whatever has become one of these units as a whole: its records go where the unit goes.
_SOURCES = """
WITH RECURSIVE source AS (
  SELECT area_id AS old_id, area_id FROM unnest($1::uuid[]) AS area_id
  UNION
  SELECT source.old_id, link.predecessor_id
  FROM source JOIN area_link AS link ON link.successor_id = source.area_id
  WHERE NOT link.is_divided
)
SELECT source.old_id, unit.code, unit.kind, unit.valid_from, unit.valid_until
FROM source JOIN area_unit AS unit USING (area_id)
WHERE unit.level = 'commune'
ORDER BY unit.code, unit.valid_from
"""
# The form filled with what is known: each commune of the day before, with what it becomes.
_FORM = """
WITH RECURSIVE below AS (
  SELECT area_id FROM area_unit
  WHERE code = $1 AND valid_from < $2 AND (valid_until IS NULL OR valid_until >= $2)
    AND level = CASE length($1) WHEN 2 THEN 'province' WHEN 3 THEN 'district' ELSE 'commune' END
  UNION
  SELECT unit.area_id FROM below JOIN area_unit AS unit ON unit.parent_id = below.area_id
  WHERE unit.valid_from < $2 AND (unit.valid_until IS NULL OR unit.valid_until >= $2)
)
SELECT old.level, old.code AS old_code, old.name AS old_name, new.code AS new_code, new.name,
       new.kind, above.code AS parent
FROM below JOIN area_unit AS old USING (area_id)
LEFT JOIN area_link AS link ON link.predecessor_id = old.area_id AND old.valid_until = $2
LEFT JOIN area_unit AS new ON new.area_id = link.successor_id
LEFT JOIN area_unit AS above ON above.area_id = new.parent_id
WHERE old.level <> 'district'
ORDER BY old.level DESC, old.code, new.code
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Records of households that belong to a unit: those under `code` of its validity."""

    code: str
    kind: AreaKind
    valid_from: date
    valid_until: date | None


async def read_map(tx: Transaction, entries: Sequence[Entry], day: date) -> Map:
    """The units around a day that a file's lines name, and what lies under its provinces."""
    codes = {code for one in entries for code in (one.old, one.new, one.parent) if code}
    provinces = {entry.old for entry in entries if entry.level is AreaLevel.PROVINCE}
    rows = await tx.fetch(_AROUND, day, sorted(codes), sorted(provinces))
    # What goes on keeps its parent: it may be named by no line.
    above = {row["parent"] for row in rows if row["parent"]} - codes
    if above:
        rows += await tx.fetch(_AROUND, day, sorted(above), [])
    units = {unit.area_id: unit for unit in map(_unit, rows)}.values()
    before = {unit.key: unit for unit in units if unit.valid_from < day}
    after = {unit.key: unit for unit in units if unit.valid_until is None or day < unit.valid_until}
    links: dict[UUID, set[Key]] = defaultdict(set)
    for row in await tx.fetch(_LINKS, [unit.area_id for unit in before.values()]):
        links[row["predecessor_id"]].add((AreaLevel(row["level"]), row["code"]))
    return Map(before, after, {area_id: frozenset(keys) for area_id, keys in links.items()})


async def read_sources(tx: Transaction, area_ids: Sequence[UUID]) -> dict[UUID, list[Source]]:
    """Under which codes, and when, the households of these communes were recorded."""
    found: dict[UUID, list[Source]] = defaultdict(list)
    for row in await tx.fetch(_SOURCES, area_ids):
        found[row["old_id"]].append(
            Source(row["code"], AreaKind(row["kind"]), row["valid_from"], row["valid_until"])
        )
    return found


async def read_form(tx: Transaction, code: str, day: date) -> list[Record]:
    """The lines of the form for an area: what is known of each unit; nothing where it is open."""
    return await tx.fetch(_FORM, code, day)


def _unit(row: Record) -> Unit:
    values = dict(row) | {"level": AreaLevel(row["level"]), "kind": AreaKind(row["kind"])}
    return Unit(**values)
