"""The bank's road with its loans: monthly statements, extensions, freezes, the end of a loan."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.vocabulary import LoanState
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
from libs.common.web.days import Day
from libs.common.web.paging import after_id
from services.credit.loans import domain, store
from services.credit.loans.domain import Act
from services.credit.loans.limits import extension_limit, freeze_limit, loans_book
from services.credit.loans.recording import (
    Line,
    record_act,
    record_one_statement,
    record_statements,
)
from services.credit.loans.schemas import (
    MONTH,
    ClosingIn,
    ExtensionIn,
    FreezeIn,
    LoanDetailOut,
    LoanOut,
    LoanVersionOut,
    StatementIn,
    StatementsIn,
    StatementsOut,
    UseCheckIn,
    WriteOffIn,
)
from services.credit.narrowing import AreaCode, Bank, Reader, communes_of
from services.credit.referrals.schemas import Programme

router = APIRouter(prefix="/loans", tags=["Khoản vay / Loans"])

Checker = Annotated[Edge, Depends(allow(Role.BANK, Role.OFFICER))]


@router.get("", summary="Danh sách khoản vay / Loans")
async def list_loans(
    page: PageQuery,
    edge: Reader,
    area: AreaCode | None = None,
    programme: Programme | None = None,
    state: LoanState | None = None,
    household: UUID | None = None,
    check_due_before: Day | None = None,
) -> Page[LoanOut]:
    """In id order. `check_due_before` asks for running loans whose use is still to be checked."""
    today = edge.clock.today()
    rows = await store.list_after(
        edge.tx,
        programme=programme,
        state=state,
        communes=await communes_of(edge, area),
        household=household,
        check_due_before=check_due_before,
        after=after_id(page),
        limit=page.limit + 1,
    )
    edge.note("household", [stored.loan.household_id for stored in rows[: page.limit]])
    return page_of(rows, page, partial(LoanOut.of, today=today), lambda stored: stored.loan.loan_id)


@router.get("/{loan_id}", responses={200: TAGGED}, summary="Khoản vay và lịch sử / One loan")
async def get_loan(loan_id: UUID, edge: Reader, response: Response) -> LoanDetailOut:
    """One loan and every version of it."""
    stored = (await store.read_loans(edge.tx, [loan_id])).get(loan_id)
    if stored is None:
        raise not_found("loan")
    return await _detail(edge, stored, response)


@router.post("/statements", summary="Sao kê tháng của nhiều khoản vay / A page of statements")
async def post_statements(body: StatementsIn, edge: Bank) -> StatementsOut:
    """Each line is recorded, unchanged or refused by itself; sending a page again does no harm."""
    outcomes = await record_statements(
        edge.tx,
        [line.line() for line in body.lines],
        today=edge.clock.today(),
        recorded_by=edge.caller.subject,
        correlation_id=edge.correlation_id,
    )
    known = await store.read_loans(edge.tx, [line.loan_id for line in body.lines])
    edge.note("household", [stored.loan.household_id for stored in known.values()])
    return StatementsOut.of(outcomes)


@router.put(
    "/{loan_id}/statements/{month}",
    responses={200: TAGGED},
    summary="Sao kê tháng / The statement of a month",
)
async def put_statement(
    loan_id: UUID,
    month: Annotated[str, Path(pattern=MONTH, examples=["2022-05"])],
    body: StatementIn,
    edge: Bank,
    response: Response,
    if_match: IfMatch = None,
) -> LoanDetailOut:
    """What is owed at the month's end; the same again changes nothing, other figures are a 409."""
    stored = await record_one_statement(
        edge.tx,
        Line(loan_id, body.of(month)),
        check_version=partial(require_match, if_match),
        today=edge.clock.today(),
        recorded_by=edge.caller.subject,
        correlation_id=edge.correlation_id,
    )
    return await _detail(edge, stored, response)


@router.put("/{loan_id}/extension", responses={200: TAGGED}, summary="Gia hạn nợ / Extend")
async def put_extension(
    loan_id: UUID, body: ExtensionIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> LoanDetailOut:
    """All extensions of a loan together stay within the law's limit."""
    today = edge.clock.today()

    def decide(loan: domain.Loan) -> domain.Change:
        limit = extension_limit(loan.programme, loan.months, today, loans_book())
        return domain.extend(loan, body.until, body.document, limit, today)

    return await _record(edge, response, loan_id, Act.EXTENDED, body, decide, if_match)


@router.put("/{loan_id}/freeze", responses={200: TAGGED}, summary="Khoanh nợ / Freeze")
async def put_freeze(
    loan_id: UUID, body: FreezeIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> LoanDetailOut:
    """All that is owed moves to the frozen bucket."""

    def decide(loan: domain.Loan) -> domain.Change:
        today, from_day = edge.clock.today(), body.from_
        limit = freeze_limit(from_day, loans_book())
        return domain.freeze(loan, from_day, body.months, body.document, limit, today)

    return await _record(edge, response, loan_id, Act.FROZEN, body, decide, if_match)


@router.put("/{loan_id}/write-off", responses={200: TAGGED}, summary="Xóa nợ / Write off")
async def put_write_off(
    loan_id: UUID, body: WriteOffIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> LoanDetailOut:
    """What is owed is forgiven by a decision; nothing can be done to the loan after it."""

    def decide(loan: domain.Loan) -> domain.Change:
        return domain.write_off(loan, body.on, body.document, edge.clock.today())

    return await _record(edge, response, loan_id, Act.WRITTEN_OFF, body, decide, if_match)


@router.put("/{loan_id}/closing", responses={200: TAGGED}, summary="Tất toán / Close")
async def put_closing(
    loan_id: UUID, body: ClosingIn, edge: Bank, response: Response, if_match: IfMatch = None
) -> LoanDetailOut:
    """All is repaid; nothing can be done to the loan after it."""

    def decide(loan: domain.Loan) -> domain.Change:
        return domain.close(loan, body.on, edge.clock.today())

    return await _record(edge, response, loan_id, Act.CLOSED, body, decide, if_match)


@router.put(
    "/{loan_id}/use-check",
    responses={200: TAGGED},
    summary="Kiểm tra sử dụng vốn vay (06/TD) / Check of its use",
)
async def put_use_check(
    loan_id: UUID, body: UseCheckIn, edge: Checker, response: Response, if_match: IfMatch = None
) -> LoanDetailOut:
    """Once per loan, also after its clock has passed."""

    def decide(loan: domain.Loan) -> domain.Change:
        return domain.check_use(loan, body.checked_on, body.used_as_agreed, edge.clock.today())

    return await _record(edge, response, loan_id, Act.CHECKED, body, decide, if_match)


async def _record(
    edge: Edge,
    response: Response,
    loan_id: UUID,
    act: Act,
    body: BaseModel,
    decide: domain.Decide,
    if_match: str | None,
) -> LoanDetailOut:
    stored = await record_act(
        edge.tx,
        loan_id,
        act,
        body.model_dump(mode="json", by_alias=True),
        decide,
        check_version=partial(require_match, if_match),
        correlation_id=edge.correlation_id,
    )
    return await _detail(edge, stored, response)


async def _detail(edge: Edge, stored: store.Stored, response: Response) -> LoanDetailOut:
    edge.note("household", [stored.loan.household_id])
    versions = await store.list_versions(edge.tx, stored.loan.loan_id)
    etag(response, stored.loan.version)
    return LoanDetailOut(
        **LoanOut.of(stored, edge.clock.today()).model_dump(),
        history=[LoanVersionOut.of(row) for row in versions],
    )
