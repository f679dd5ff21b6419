"""Load the committed units into the registry and say each one that is new or has changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from libs.common.areas import store
from libs.common.clock import Clock, start_of_day
from libs.common.contracts.area import CHANGED, AreaData, AreaDesignation
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.messaging.generations import number_of
from services.registry.areas.store import stated_by_acts
from services.registry.areas.units import Gazetteer

STREAM = "area"
_CHUNK = 1000


async def load_areas(
    database: Database,
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, total: None,
    units: Gazetteer | None = None,
) -> int:
    """Bring the registry's areas to the committed tables, in chunks; safe to repeat and to break.

    Args:
        database: the registry's, under its worker role.
        clock: dates what changed in a unit that was said before.
        progress: told how many units are done, of how many.
        units: another set of tables than the committed ones.

    Returns:
        How many units were new or changed; each was said once as `area.changed.v1`.
    """
    gazetteer = Gazetteer() if units is None else units
    correlation_id = new_id()
    done = said = 0
    remaining = iter(gazetteer)
    while chunk := list(islice(remaining, _CHUNK)):
        async with database.transaction() as tx:
            said += await say_changed(tx, chunk, correlation_id, clock.now())
        done += len(chunk)
        progress(done, len(gazetteer))
    return said


async def say_changed(
    tx: Transaction, units: Iterable[AreaData], correlation_id: UUID, learned_at: datetime
) -> int:
    """Keep and say those units that differ from what is kept; answers how many.

    A unit that has been ended stays so: the committed tables do not know of later reorganisations.
    """
    wanted = {unit.area_id: unit for unit in units}
    if not await _differing(tx, wanted):  # as at nearly every start: ten thousand rows less to lock
        return 0
    heads = await ledger.lock_heads(tx, STREAM, list(wanted))
    changed = await _differing(tx, wanted)  # and not said by somebody else meanwhile
    events = [
        ledger.NewEvent(
            subject=unit.area_id,
            type=CHANGED,
            # A unit becomes true on its first day; a later version when we learn of it.
            time=learned_at if number_of(heads[unit.area_id]) else start_of_day(unit.valid_from),
            data=unit,
            correlation_id=correlation_id,
        )
        for unit in changed
    ]
    await ledger.append(tx, "registry", STREAM, heads, events)
    await store.keep(tx, [(heads[unit.area_id], unit) for unit in changed])
    return len(changed)


async def _differing(tx: Transaction, wanted: Mapping[UUID, AreaData]) -> list[AreaData]:
    known = await store.read(tx, list(wanted))
    units = [_still_ended(unit, known.get(area_id)) for area_id, unit in wanted.items()]
    units = await _still_designated(tx, units, known)
    return [unit for unit in units if known.get(unit.area_id) != unit]


async def _still_designated(
    tx: Transaction, units: Sequence[AreaData], known: Mapping[UUID, AreaData]
) -> list[AreaData]:
    """With what an act has said of a unit on its first day, unless it is now stated otherwise."""
    more = {
        unit.area_id: dropped
        for unit in units
        if unit.area_id in known and (dropped := _dropped(unit, known[unit.area_id]))
    }
    if not more:
        return list(units)
    sources = {(one.from_day, one.source) for dropped in more.values() for one in dropped}
    of_acts = await stated_by_acts(tx, sources)
    return [
        _designated(
            unit,
            [one for one in more.get(unit.area_id, ()) if (one.from_day, one.source) in of_acts],
        )
        for unit in units
    ]


def _dropped(unit: AreaData, known: AreaData) -> list[AreaDesignation]:
    stated = {(one.designation, one.from_day) for one in unit.designations}
    return [
        one
        for one in known.designations
        if one.from_day == unit.valid_from and (one.designation, one.from_day) not in stated
    ]


def _designated(unit: AreaData, more: Sequence[AreaDesignation]) -> AreaData:
    both = sorted([*unit.designations, *more], key=lambda one: (one.designation, one.from_day))
    return unit.model_copy(update={"designations": tuple(both)}) if more else unit


def _still_ended(unit: AreaData, known: AreaData | None) -> AreaData:
    if known is None:
        return unit
    if known.valid_until is None or unit.valid_until is not None:
        return unit
    ending = {"valid_until": known.valid_until, "successors": known.successors}
    return unit.model_copy(update=ending)
