"""Requests about personal data over HTTP: officers record them, the chairman answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import after_id
from services.registry.rights import store
from services.registry.rights.acts import receive, take_step
from services.registry.rights.domain import Step, Taken
from services.registry.rights.schemas import (
    AnswerIn,
    DataRequestIn,
    DataRequestOut,
    DayIn,
    ReasonIn,
)
from services.registry.rights.store import Kept

router = APIRouter(prefix="/data-requests", tags=["Quyền của chủ thể dữ liệu / Data rights"])

Officer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN))]
Chairman = Annotated[Edge, Depends(allow(Role.CHAIRMAN))]
Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR))]


@router.post("", status_code=201, summary="Ghi yêu cầu về dữ liệu cá nhân / Record a request")
async def post_data_request(
    body: DataRequestIn, edge: Officer, response: Response
) -> DataRequestOut:
    """The same request again changes nothing."""
    request = body.request()
    kept = await receive(edge.tx, request, edge.caller.subject, edge.clock.today())
    response.headers["Location"] = f"data-requests/{request.request_id}"
    return _out(edge, kept)


@router.get("", summary="Các yêu cầu về dữ liệu cá nhân / Requests about personal data")
async def list_data_requests(
    edge: Reader, page: PageQuery, person_id: UUID | None = None, only_open: bool = False
) -> Page[DataRequestOut]:
    """In id order."""
    found = await store.list_requests_after(
        edge.tx, person_id, after_id(page), page.limit + 1, only_open=only_open
    )
    return page_of(found, page, lambda kept: _out(edge, kept), lambda kept: kept.request.request_id)


@router.get("/{request_id}", summary="Một yêu cầu / One request")
async def get_data_request(request_id: UUID, edge: Reader) -> DataRequestOut:
    kept = await store.find_request(edge.tx, request_id)
    if kept is None:
        raise not_found("data_request")
    return _out(edge, kept)


@router.post("/{request_id}/acknowledgement", summary="Phản hồi đã nhận / Acknowledge")
async def post_acknowledgement(request_id: UUID, body: DayIn, edge: Officer) -> DataRequestOut:
    return await _step(edge, request_id, Taken(Step.ACKNOWLEDGE, body.on))


@router.post("/{request_id}/extension", summary="Gia hạn một lần / Extend once")
async def post_extension(request_id: UUID, body: ReasonIn, edge: Chairman) -> DataRequestOut:
    return await _step(edge, request_id, Taken(Step.EXTEND, body.on, body.reason))


@router.post("/{request_id}/answer", summary="Chấp thuận hoặc từ chối / Grant or refuse")
async def post_answer(request_id: UUID, body: AnswerIn, edge: Chairman) -> DataRequestOut:
    """A granted restriction or objection limits what the person's identity is shown for."""
    step = Step.GRANT if body.granted else Step.REFUSE
    return await _step(edge, request_id, Taken(step, body.on, body.reason))


@router.post("/{request_id}/withdrawal", summary="Người yêu cầu rút lại / Withdraw")
async def post_withdrawal(request_id: UUID, body: DayIn, edge: Officer) -> DataRequestOut:
    return await _step(edge, request_id, Taken(Step.WITHDRAW, body.on))


@router.post("/{request_id}/lifting", summary="Chấm dứt hạn chế / Lift a granted limit")
async def post_lifting(request_id: UUID, body: ReasonIn, edge: Chairman) -> DataRequestOut:
    return await _step(edge, request_id, Taken(Step.LIFT, body.on, body.reason))


async def _step(edge: Edge, request_id: UUID, taken: Taken) -> DataRequestOut:
    today = edge.clock.today()
    return _out(edge, await take_step(edge.tx, request_id, taken, edge.caller.subject, today))


def _out(edge: Edge, kept: Kept) -> DataRequestOut:
    edge.note("person", [kept.request.person_id])
    return DataRequestOut.of(kept, edge.clock.today())
