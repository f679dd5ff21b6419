"""From a file's lines to what is written: the plan on the map of today, its units, its routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.areas import store as areas
from libs.common.contracts.area import AreaData, AreaDesignation, AreaSuccession
from libs.common.database import Transaction
from libs.common.files.reading import Line
from libs.common.vocabulary import AreaLevel
from services.registry.areas.units import area_id
from services.registry.reorganisations import maps
from services.registry.reorganisations.domain import Definition, Ended, Fault, Map, Plan, check
from services.registry.reorganisations.form import read_entries
from services.registry.reorganisations.store import Route

# What may only be missing because it stands in a line that cannot be read.
_MISSED = ("old.other_successors", "old.left_over", "new.code_in_use", "parent.unknown")
_LEVELS = {2: AreaLevel.PROVINCE, 3: AreaLevel.DISTRICT, 5: AreaLevel.COMMUNE}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file as the map of now lets it be understood; with faults nothing of it is done."""

    plan: Plan
    map: Map
    faults: list[Fault]


async def draw(tx: Transaction, lines: Sequence[Line], day: date) -> Drawn:
    """Read and check a file's lines; every fault of every line."""
    entries, unreadable = read_entries(lines)
    known = await maps.read_map(tx, entries, day)
    plan, faults = check(entries, known, day)
    if unreadable:
        faults = [fault for fault in faults if fault.rule not in _MISSED]
    return Drawn(plan, known, sorted([*unreadable, *faults], key=lambda one: one.line))


def communes_of(plan: Plan) -> list[str]:
    """The codes of all communes that are touched, old and new."""
    old = {one.unit.code for one in plan.ended if one.unit.level is AreaLevel.COMMUNE}
    new = {code for level, code in plan.new if level is AreaLevel.COMMUNE}
    return sorted(old | new)


async def routes_of(
    tx: Transaction, plan: Plan, day: date, kept: Sequence[Route] = ()
) -> list[Route]:
    """Where households go: a way for each code and unit under which they were recorded, and for
    each new unit of a divided one. What goes on under its code with its kind needs none.

    Args:
        kept: the ways as they were known before; they say since when the map has been known.
    """
    known = {
        (one.code, one.valid_from): min(one.recorded_before, tx.recorded_at)
        for one in kept
        if one.recorded_before is not None
    }
    ended = plan.with_new_records()
    sources = await maps.read_sources(tx, [one.unit.area_id for one in ended])
    routes: list[Route] = []
    for one in ended:
        for source in sources[one.unit.area_id]:
            for key, villages in one.successors.items():
                new = plan.new[key]
                routes.append(
                    Route(
                        place=len(routes),
                        code=source.code,
                        valid_from=source.valid_from,
                        valid_until=min(source.valid_until or day, day),
                        kind=source.kind,
                        to_code=new.code,
                        to_kind=new.kind,
                        villages=villages,
                        is_asked=one.is_divided,
                        recorded_before=tx.recorded_at
                        if source.valid_until is None
                        else known.get((source.code, source.valid_from)),
                    )
                )
    return routes


async def units_of(tx: Transaction, drawn: Drawn, day: date, document: str) -> list[AreaData]:
    """The units that begin and those that end, successors first; known ones stay as they are."""
    plan = drawn.plan
    begun = [_begun(one, drawn, day, document) for one in plan.new.values() if not one.is_known]
    begun += await _designated(tx, plan, day, document)
    ending = [one for one in plan.ended if one.unit.valid_until is None]
    known = await areas.read(tx, [one.unit.area_id for one in ending])
    ended = [_ending(one, known[one.unit.area_id], day) for one in ending]
    return [*begun, *await _reparented(tx, plan, day), *ended]


async def _reparented(tx: Transaction, plan: Plan, day: date) -> list[AreaData]:
    above = {area_id(*key, day): province for key, province in plan.reparented.items()}
    known = await areas.read(tx, list(above)) if above else {}
    return [
        unit.model_copy(update={"parent_id": area_id(AreaLevel.PROVINCE, above[unit.area_id], day)})
        for unit in known.values()
    ]


async def _designated(tx: Transaction, plan: Plan, day: date, document: str) -> list[AreaData]:
    """Units that the list has already, with what the file says that they are."""
    stated = {
        area_id(one.level, one.code, day): one
        for one in plan.new.values()
        if one.is_known and one.designations
    }
    units = []
    for key, unit in (await areas.read(tx, list(stated))).items() if stated else ():
        had = {one.designation for one in unit.designations}
        more = [one for one in _qualities(stated[key], day, document) if one.designation not in had]
        both = sorted([*unit.designations, *more], key=lambda one: (one.designation, one.from_day))
        units.append(unit.model_copy(update={"designations": tuple(both)}))
    return units


def _qualities(new: Definition, day: date, document: str) -> tuple[AreaDesignation, ...]:
    return tuple(
        AreaDesignation.model_construct(
            designation=designation,
            from_day=day,
            until=None,
            source=new.document or document,
            is_confirmed=True,
        )
        for designation in new.designations or ()
    )


def _begun(new: Definition, drawn: Drawn, day: date, document: str) -> AreaData:
    return AreaData.model_construct(
        area_id=area_id(new.level, new.code, day),
        level=new.level,
        code=new.code,
        name=new.name,
        kind=new.kind,
        parent_id=_parent_id(new, drawn, day),
        valid_from=day,
        valid_until=None,
        successors=(),
        counts=(),
        designations=_qualities(new, day, document),
    )


def _parent_id(new: Definition, drawn: Drawn, day: date) -> UUID | None:
    if new.parent is None:
        return None
    above = _LEVELS[len(new.parent)], new.parent
    if above in drawn.plan.new:
        return area_id(*above, day)
    return drawn.map.after[above].area_id


def _ending(ended: Ended, unit: AreaData, day: date) -> AreaData:
    links = tuple(
        AreaSuccession.model_construct(
            successor_id=area_id(level, code, day),
            successor_code=code,
            is_divided=ended.is_divided,
        )
        for level, code in sorted(ended.successors, key=lambda key: key[1])
    )
    return unit.model_copy(update={"valid_until": day, "successors": links})
