"""The edge of stocks, rates and flows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.reporting.areas.reading import UnitOn, check_order
from services.reporting.indicators import report
from services.reporting.indicators.schemas import ChildLevel, FlowsOut, IndicatorsOut

router = APIRouter(prefix="/areas/{code}", tags=["Chỉ tiêu / Indicators"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]
Code = Annotated[
    str, Path(pattern="^([0-9]{2}|[0-9]{3}|[0-9]{5})$", description="Mã đơn vị / area code")
]
Standard = Annotated[str, Query(max_length=40, examples=["ND07-2021"])]
KnownAt = Annotated[Day | None, Query(description="As known at the end of this day; else now.")]


@router.get("/indicators", summary="Số hộ, số người và tỷ lệ / Stocks and rates on a day")
async def get_indicators(
    code: Code,
    edge: Reader,
    standard: Standard,
    on: Annotated[Day | None, Query(description="The day; today if left out.")] = None,
    known_at: KnownAt = None,
    by: Annotated[ChildLevel | None, Query(description="A line per unit of this level.")] = None,
    unit_on: UnitOn = None,
) -> IndicatorsOut:
    day = on or edge.clock.today()
    return await report.indicators(edge.tx, code, day, standard, known_at, by, unit_on)


@router.get("/flows", summary="Diễn biến hộ nghèo, cận nghèo / Changes between two days")
async def get_flows(
    code: Code,
    edge: Reader,
    standard: Standard,
    from_day: Annotated[Day, Query(alias="from")],
    until: Day,
    known_at: KnownAt = None,
    unit_on: UnitOn = None,
) -> FlowsOut:
    check_order(from_day, until)
    return await report.flows(edge.tx, code, (from_day, until), standard, known_at, unit_on)
