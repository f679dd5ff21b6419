"""Put a report together: the area, its records, its denominators, the counts."""

from datetime import date

from libs.common.database import Transaction
from services.reporting.areas import store as areas
from services.reporting.areas.reading import known_before, read_area
from services.reporting.areas.store import Territory, Unit
from services.reporting.indicators import store
from services.reporting.indicators.domain import denominator_year
from services.reporting.indicators.schemas import (
    AreaOut,
    ChildLevel,
    DenominatorOut,
    FlowsOut,
    IndicatorsOut,
    StandingOut,
    flow_table_out,
    standing_out,
)


async def indicators(
    tx: Transaction,
    code: str,
    day: date,
    standard: str,
    known_at: date | None,
    by: ChildLevel | None = None,
    unit_on: date | None = None,
) -> IndicatorsOut:
    """The standing of an area on a day, with a line per unit of level `by` on its own map."""
    area = await read_area(tx, code, unit_on or day)
    children = []
    if by is not None:
        children = await areas.territories_by_child(tx, area.unit, by, area.map_on, area.territory)
    lines = await _standings(tx, [(area.unit, area.territory), *children], day, standard, known_at)
    return IndicatorsOut(
        **dict(lines[0]), on=day, known_at=known_at, standard=standard, units=lines[1:]
    )


async def flows(
    tx: Transaction,
    code: str,
    days: tuple[date, date],
    standard: str,
    known_at: date | None,
    unit_on: date | None = None,
) -> FlowsOut:
    """Tables 1 to 3 of an area between two days."""
    first, last = [await read_area(tx, code, unit_on or day) for day in days]
    tables = await store.count_flows(
        tx,
        (first.territory.records, last.territory.records),
        standard,
        days,
        known_before(known_at),
    )
    return FlowsOut(
        result=await indicators(tx, code, days[1], standard, known_at, unit_on=unit_on),
        from_day=days[0],
        until=days[1],
        poor=flow_table_out(tables["poor"]),
        near_poor=flow_table_out(tables["near_poor"]),
    )


async def _standings(
    tx: Transaction,
    units: list[tuple[Unit, Territory]],
    day: date,
    standard: str,
    known_at: date | None,
) -> list[StandingOut]:
    before = known_before(known_at)
    counts = await areas.yearly_counts(
        tx, [unit.area_id for unit, _ in units], denominator_year(day)
    )
    whole = [territory.records for _, territory in units]
    divided = [territory.divided_records for _, territory in units]
    stocks = await store.count_stocks(tx, [*whole, *divided], standard, day, before)
    return [
        standing_out(
            AreaOut.model_validate(unit, from_attributes=True),
            DenominatorOut.model_validate(counts[unit.area_id], from_attributes=True)
            if unit.area_id in counts
            else None,
            stocks[place],
            stocks[len(units) + place],
        )
        for place, (unit, _) in enumerate(units)
    ]
