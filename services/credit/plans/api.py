"""The edge of the capital plans: entered by the province or the bank, read beside what was paid."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from libs.common.security.roles import Role
from libs.common.vocabulary import CapitalSource
from libs.common.web import (
    TAGGED,
    Edge,
    IfMatch,
    Page,
    PageQuery,
    allow,
    etag,
    page_of,
    require_match,
)
from libs.common.web.paging import PageRequest, bad_cursor
from services.credit.narrowing import AreaCode, Reader, communes_of
from services.credit.plans import store
from services.credit.plans.domain import Plan, PlanKey
from services.credit.plans.recording import record_plan
from services.credit.plans.schemas import PlanIn, PlanOut
from services.credit.referrals.schemas import Programme

router = APIRouter(prefix="/plans", tags=["Kế hoạch vốn / Capital plans"])

Planner = Annotated[Edge, Depends(allow(Role.PROVINCE, Role.BANK))]
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


@router.put(
    "/{commune}/{source}/{programme}/{year}",
    responses={200: TAGGED},
    summary="Giao hoặc điều chỉnh kế hoạch vốn / Enter or change a plan",
)
async def put_plan(
    commune: Annotated[str, Path(pattern=r"^[0-9]{5}$")],
    source: CapitalSource,
    programme: Programme,
    year: Annotated[int, Path(ge=_FIRST_YEAR, le=_LAST_YEAR)],
    body: PlanIn,
    edge: Planner,
    response: Response,
    if_match: IfMatch = None,
) -> PlanOut:
    """The first needs no `If-Match`, a change does; the same again changes nothing."""
    plan = await record_plan(
        edge.tx,
        Plan(PlanKey(commune, source, programme.value, year), 1, body.amount, body.document),
        check_version=partial(require_match, if_match),
        recorded_by=edge.caller.subject,
    )
    etag(response, plan.version)
    return PlanOut.of(plan)


@router.get("", summary="Kế hoạch vốn và thực hiện / Plans and what was paid out")
async def list_plans(
    page: PageQuery,
    edge: Reader,
    area: AreaCode | None = None,
    year: Annotated[int | None, Query(ge=_FIRST_YEAR, le=_LAST_YEAR)] = None,
) -> Page[PlanOut]:
    """By commune, source, programme and year. Where no plan was entered nothing is limited."""
    rows = await store.list_after(
        edge.tx,
        communes=await communes_of(edge, area),
        year=year,
        after=_after(page),
        limit=page.limit + 1,
    )
    return page_of(rows, page, PlanOut.of, _key)


def _key(plan: Plan) -> tuple[str, str, str, int]:
    key = plan.key
    return key.commune, key.source.value, key.programme, key.year


def _after(page: PageRequest) -> PlanKey | None:
    if page.after is None:
        return None
    try:
        commune, source, programme, text = page.after
        year = int(text)
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise bad_cursor()
        return PlanKey(commune, CapitalSource(source), programme, year)
    except ValueError:
        raise bad_cursor() from None
