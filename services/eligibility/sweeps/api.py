"""The operators' edge: ask for a sweep, follow it, read the day of the law."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.eligibility.scope import day_of_law
from services.eligibility.sweeps import store
from services.eligibility.sweeps.schemas import LawDayOut, SweepIn, SweepOut

router = APIRouter(tags=["Nội bộ / Internal"])

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]


@router.post("/sweeps", status_code=202, summary="Yêu cầu rà đến hạn / ask for a sweep to a day")
async def request_sweep(body: SweepIn, edge: Operator) -> SweepOut:
    """The tick does it within seconds. Asking twice, or for a past day, does no harm."""
    await store.request_sweep(edge.tx, body.day)
    return await _sweep(edge, body.day)


@router.get("/sweeps/{day}", summary="Tiến độ rà đến hạn / a sweep and its progress")
async def get_sweep(day: Day, edge: Operator) -> SweepOut:
    return await _sweep(edge, day)


@router.get("/law-day", summary="Ngày áp dụng / the day up to which time has been applied")
async def get_law_day(edge: Operator) -> LawDayOut:
    return LawDayOut(day=await day_of_law(edge.tx))


async def _sweep(edge: Edge, day: date) -> SweepOut:
    sweep = await store.find_sweep(edge.tx, day)
    if sweep is None:
        raise not_found("sweep")
    return SweepOut.of(sweep)
