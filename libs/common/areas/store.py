"""The area tables of any service: keep units as said by the registry, and read them back.

Every service has the same four tables. The registry fills them when it loads its data, the others
from `area.changed.v1`; both through `keep`.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from libs.common.contracts.area import AreaCount, AreaData, AreaDesignation, AreaSuccession
from libs.common.database import Transaction
from libs.common.vocabulary import AreaKind, AreaLevel, Designation

# Rows are locked in id order, so that two writers of overlapping sets cannot deadlock. The version
# guard is the natural key's own defence: an older event changes nothing, whoever delivers it.
_KEEP_UNITS = """
INSERT INTO area_unit
  (area_id, level, code, name, kind, parent_id, valid_from, valid_until, version)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[],
                     $7::date[], $8::date[], $9::bigint[])
ORDER BY 1
ON CONFLICT (area_id) DO UPDATE SET
  level = EXCLUDED.level, code = EXCLUDED.code, name = EXCLUDED.name, kind = EXCLUDED.kind,
  parent_id = EXCLUDED.parent_id, valid_from = EXCLUDED.valid_from,
  valid_until = EXCLUDED.valid_until, version = EXCLUDED.version
WHERE area_unit.version < EXCLUDED.version
RETURNING area_id
"""
_FORGET_DETAILS = (
    "DELETE FROM area_link WHERE predecessor_id = ANY($1::uuid[])",
    "DELETE FROM area_count WHERE area_id = ANY($1::uuid[])",
    "DELETE FROM area_designation WHERE area_id = ANY($1::uuid[])",
)
_KEEP_LINKS = """
INSERT INTO area_link (predecessor_id, successor_id, is_divided)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[])
"""
_KEEP_COUNTS = """
INSERT INTO area_count (area_id, year, households, persons, source, is_confirmed)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::text[],
                     $6::boolean[])
"""
_KEEP_DESIGNATIONS = """
INSERT INTO area_designation (area_id, designation, from_day, until, source, is_confirmed)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::text[], $6::boolean[])
"""
_READ_UNITS = """
SELECT area_id, level, code, name, kind, parent_id, valid_from, valid_until
FROM area_unit WHERE area_id = ANY($1::uuid[])
"""
_READ_LINKS = """
SELECT link.predecessor_id AS area_id, link.successor_id, link.is_divided,
       successor.code AS successor_code
FROM area_link AS link JOIN area_unit AS successor ON successor.area_id = link.successor_id
WHERE link.predecessor_id = ANY($1::uuid[])
ORDER BY successor.code, successor.area_id
"""
_READ_COUNTS = """
SELECT area_id, year, households, persons, source, is_confirmed
FROM area_count WHERE area_id = ANY($1::uuid[]) ORDER BY year
"""
_READ_DESIGNATIONS = """
SELECT area_id, designation, from_day, until, source, is_confirmed
FROM area_designation WHERE area_id = ANY($1::uuid[]) ORDER BY designation, from_day
"""


async def keep(tx: Transaction, units: Iterable[tuple[int, AreaData]]) -> int:
    """Keep units with their succession, counts and designations, each by the highest version.

    Args:
        tx: the transaction of the load or of the handler.
        units: version and unit; any order, a unit may come more than once.

    Returns:
        How many units are now newer than before.
    """
    latest: dict[UUID, tuple[int, AreaData]] = {}
    for version, unit in units:
        known = latest.get(unit.area_id)
        if known is None or known[0] < version:
            latest[unit.area_id] = (version, unit)
    if not latest:
        return 0
    rows = [
        (u.area_id, u.level, u.code, u.name, u.kind, u.parent_id, u.valid_from, u.valid_until, v)
        for v, u in latest.values()
    ]
    fresh = [row["area_id"] for row in await tx.fetch(_KEEP_UNITS, *zip(*rows, strict=True))]
    await _keep_details(tx, [latest[area_id][1] for area_id in fresh])
    return len(fresh)


async def _keep_details(tx: Transaction, units: Sequence[AreaData]) -> None:
    ids = [unit.area_id for unit in units]
    for statement in _FORGET_DETAILS:
        await tx.execute(statement, ids)
    await _insert(
        tx,
        _KEEP_LINKS,
        [(u.area_id, link.successor_id, link.is_divided) for u in units for link in u.successors],
    )
    await _insert(
        tx,
        _KEEP_COUNTS,
        [
            (
                u.area_id,
                count.year,
                count.households,
                count.persons,
                count.source,
                count.is_confirmed,
            )
            for u in units
            for count in u.counts
        ],
    )
    await _insert(
        tx,
        _KEEP_DESIGNATIONS,
        [
            (u.area_id, fact.designation, fact.from_day, fact.until, fact.source, fact.is_confirmed)
            for u in units
            for fact in u.designations
        ],
    )


async def _insert(tx: Transaction, statement: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        await tx.execute(statement, *zip(*rows, strict=True))


async def read(tx: Transaction, area_ids: Sequence[UUID]) -> dict[UUID, AreaData]:
    """The units as kept, by id; unknown ids are absent."""
    ids = list(area_ids)
    successors: dict[UUID, list[AreaSuccession]] = {area_id: [] for area_id in ids}
    counts: dict[UUID, list[AreaCount]] = {area_id: [] for area_id in ids}
    designations: dict[UUID, list[AreaDesignation]] = {area_id: [] for area_id in ids}
    for row in await tx.fetch(_READ_LINKS, ids):
        link = dict(row)
        successors[link.pop("area_id")].append(AreaSuccession.model_construct(**link))
    for row in await tx.fetch(_READ_COUNTS, ids):
        count = dict(row)
        counts[count.pop("area_id")].append(AreaCount.model_construct(**count))
    for row in await tx.fetch(_READ_DESIGNATIONS, ids):
        fact = dict(row) | {"designation": Designation(row["designation"])}
        designations[fact.pop("area_id")].append(AreaDesignation.model_construct(**fact))
    return {
        row["area_id"]: AreaData.model_construct(
            **(dict(row) | {"level": AreaLevel(row["level"]), "kind": AreaKind(row["kind"])}),
            successors=tuple(successors[row["area_id"]]),
            counts=tuple(counts[row["area_id"]]),
            designations=tuple(designations[row["area_id"]]),
        )
        for row in await tx.fetch(_READ_UNITS, ids)
    }
