"""Loan needs over HTTP: commune officers and the bank record them, both read them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day
from libs.common.web.paging import after_id
from services.credit.narrowing import AreaCode, Reader, communes_of
from services.credit.needs import store
from services.credit.needs.acts import Circumstances, apply_for, withdraw_need
from services.credit.needs.schemas import (
    NeedDetailOut,
    NeedIn,
    NeedOut,
    StepOut,
    WithdrawalIn,
)
from services.credit.referrals.pricing import current_price

router = APIRouter(prefix="/needs", tags=["Nhu cầu vay vốn / Loan needs"])

Writer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.BANK))]


@router.get("", summary="Danh sách nhu cầu vay / Loan needs")
async def list_needs(
    page: PageQuery,
    edge: Reader,
    stage: NeedStage | None = None,
    area: AreaCode | None = None,
    due_before: Day | None = None,
) -> Page[NeedOut]:
    """Needs of the caller's areas in id order; `due_before` names those that wait longest."""
    today = edge.clock.today()
    rows = await store.list_after(
        edge.tx,
        stage=stage,
        communes=await communes_of(edge, area),
        due_before=due_before,
        after=after_id(page),
        limit=page.limit + 1,
    )
    edge.note("household", [placed.household_id for placed in rows[: page.limit]])
    return page_of(
        rows, page, lambda placed: NeedOut.of(placed, today), lambda placed: placed.need.need_id
    )


@router.get("/{need_id}", summary="Nhu cầu vay và lịch sử / One need with its history")
async def get_need(need_id: UUID, edge: Reader) -> NeedDetailOut:
    """One need and every act that changed it."""
    placed = await store.find_need(edge.tx, need_id)
    if placed is None:
        raise not_found("need")
    return await _detail(edge, placed)


@router.put("/{need_id}", summary="Ghi nhận đề nghị vay (01/TD) / Record an application")
async def put_need(need_id: UUID, body: NeedIn, edge: Writer) -> NeedDetailOut:
    """Form 01/TD under an id that the caller gives; the same again changes nothing."""
    placed = await apply_for(
        edge.tx, need_id, body.referral_id, body.application(), _circumstances(edge)
    )
    return await _detail(edge, placed)


@router.put("/{need_id}/withdrawal", summary="Rút đề nghị vay / Withdraw an application")
async def put_withdrawal(need_id: UUID, body: WithdrawalIn, edge: Writer) -> NeedDetailOut:
    """Possible until the bank has paid out; the same again changes nothing."""
    placed = await withdraw_need(edge.tx, need_id, body.on, body.reason, _circumstances(edge))
    return await _detail(edge, placed)


def _circumstances(edge: Edge) -> Circumstances:
    return Circumstances(edge.clock.today(), current_price(), edge.correlation_id)


async def _detail(edge: Edge, placed: store.Placed) -> NeedDetailOut:
    edge.note("household", [placed.household_id])
    versions = await store.list_versions(edge.tx, placed.need.need_id)
    return NeedDetailOut(
        need=NeedOut.of(placed, edge.clock.today()),
        history=[StepOut.of(row) for row in versions],
    )
