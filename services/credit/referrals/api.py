"""The bank's road: lists of referrals, one with its history, what was paid out."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response

from libs.common.problems import not_found
from libs.common.vocabulary import NeedStage, ReferralState
from libs.common.web import (
    TAGGED,
    Edge,
    IfMatch,
    Page,
    PageQuery,
    etag,
    page_of,
    require_match,
)
from libs.common.web.paging import after_id
from services.credit.narrowing import AreaCode, Bank, Reader, communes_of
from services.credit.needs.acts import Circumstances
from services.credit.needs.schemas import AnswerIn, ReceiptIn
from services.credit.outcomes.acts import Teller, record_one
from services.credit.outcomes.domain import Told
from services.credit.referrals import store
from services.credit.referrals.pricing import current_price
from services.credit.referrals.schemas import (
    DisbursementIn,
    DisbursementOut,
    Programme,
    ReferralDetailOut,
    ReferralOut,
    VersionOut,
)

router = APIRouter(prefix="/referrals", tags=["Giới thiệu vay vốn / Referrals"])


@router.get("", summary="Danh sách giới thiệu vay vốn / Referrals")
async def list_referrals(
    page: PageQuery,
    edge: Reader,
    programme: Programme | None = None,
    state: ReferralState | None = None,
    stage: NeedStage | None = None,
    area: AreaCode | None = None,
) -> Page[ReferralOut]:
    """Referrals of the caller's areas in id order; `stage` is that of the newest loan need."""
    rows = await store.list_after(
        edge.tx,
        programme=programme,
        state=state,
        stage=stage,
        communes=await communes_of(edge, area),
        after=after_id(page),
        limit=page.limit + 1,
    )
    edge.note("household", [stored.referral.household_id for stored in rows[: page.limit]])
    return page_of(rows, page, ReferralOut.of, lambda stored: stored.referral.referral_id)


@router.get(
    "/{referral_id}",
    responses={200: TAGGED},
    summary="Giới thiệu vay vốn và lịch sử / One referral with its history",
)
async def get_referral(referral_id: UUID, edge: Reader, response: Response) -> ReferralDetailOut:
    """One referral, what was paid out, and every version with the reason for it."""
    stored = (await store.read_referrals(edge.tx, [referral_id])).get(referral_id)
    if stored is None:
        raise not_found("referral")
    return await _detail(edge, stored, response)


@router.put(
    "/{referral_id}/receipt",
    responses={200: TAGGED},
    summary="Ngân hàng nhận hồ sơ / Record that the bank received the need",
)
async def put_receipt(
    referral_id: UUID, body: ReceiptIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> ReferralDetailOut:
    """Needs `If-Match`; from this day the time for the answer runs."""
    told = Told(referral_id, edge.correlation_id, received_on=body.received_on)
    stored = await _record(edge, told, if_match)
    return await _detail(edge, stored, response)


@router.put(
    "/{referral_id}/answer",
    responses={200: TAGGED},
    summary="Trả lời của ngân hàng (04/TD) / Record the bank's answer",
)
async def put_answer(
    referral_id: UUID, body: AnswerIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> ReferralDetailOut:
    """Needs `If-Match`; the same answer again changes nothing."""
    told = Told(referral_id, edge.correlation_id, answer=body.given())
    stored = await _record(edge, told, if_match)
    return await _detail(edge, stored, response)


@router.put(
    "/{referral_id}/disbursement",
    responses={200: TAGGED},
    summary="Ghi nhận giải ngân / Record that it was paid out",
)
async def put_disbursement(
    referral_id: UUID,
    body: DisbursementIn,
    edge: Bank,
    response: Response,
    if_match: IfMatch = None,
) -> ReferralDetailOut:
    """Needs `If-Match` with the version that was read; the same payment again changes nothing."""
    told = Told(referral_id, edge.correlation_id, payment=body.payment())
    stored = await _record(edge, told, if_match)
    return await _detail(edge, stored, response)


async def _record(edge: Edge, told: Told, if_match: str | None) -> store.Stored:
    around = Circumstances(edge.clock.today(), current_price(), edge.correlation_id)
    teller = Teller(edge.caller.subject, around)
    return await record_one(edge.tx, told, teller, partial(require_match, if_match))


async def _detail(edge: Edge, stored: store.Stored, response: Response) -> ReferralDetailOut:
    referral = stored.referral
    edge.note("household", [referral.household_id])
    known = await store.find_disbursements(edge.tx, [referral.referral_id])
    paid = known.get(referral.referral_id)
    versions = await store.list_versions(edge.tx, referral.referral_id)
    etag(response, referral.version)
    return ReferralDetailOut(
        **ReferralOut.of(stored).model_dump(),
        disbursement=paid
        and DisbursementOut(
            paid_on=paid.paid_on, amount=paid.amount, contract_number=paid.contract_number
        ),
        history=[VersionOut.of(row) for row in versions],
    )
