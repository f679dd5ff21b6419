"""What the bank sends and reads about loans."""

from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from libs.common.vocabulary import CapitalSource, LoanState, Result
from libs.common.web.days import Day
from libs.common.web.lines import line_errors
from libs.common.web.schemas import ProblemField
from services.credit.loans import store
from services.credit.loans.domain import Act, Buckets, Statement
from services.credit.loans.recording import Line, Outcome

MOST_LINES = 1_000
MONTH = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"
_VND = Field(ge=0, le=1_000_000_000_000)
Vnd = Annotated[int, _VND]
# The number of a decision or a contract annex: no free text, so no names.
Document = Annotated[
    str, Field(min_length=1, max_length=60, pattern=r"^[0-9A-Za-zĐđ./-]+( [0-9A-Za-zĐđ./-]+)*$")
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BucketsIn(_In):
    """VND in term, overdue and frozen."""

    in_term: Vnd = 0
    overdue: Vnd = 0
    frozen: Vnd = 0

    def buckets(self) -> Buckets:
        return Buckets(self.in_term, self.overdue, self.frozen)


class StatementIn(_In):
    """Principal and interest owed at the end of a month."""

    balances: BucketsIn
    interest: BucketsIn

    def of(self, month: str) -> Statement:
        return Statement(month_end(month), self.balances.buckets(), self.interest.buckets())


class LineIn(StatementIn):
    """One loan's statement of one month (YYYY-MM)."""

    loan_id: UUID
    month: Annotated[str, Field(pattern=MONTH, examples=["2022-05", "2022-06"])]

    def line(self) -> Line:
        return Line(self.loan_id, self.of(self.month))


class StatementsIn(_In):
    """A page of statements; each line is done or refused by itself."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]


class LineOut(BaseModel):
    """What came of a line; `errors` say why it was refused, and `position` is its place in the
    page, from 0."""

    position: int
    loan_id: UUID
    month: str
    result: Result
    code: str | None
    errors: list[ProblemField]

    @classmethod
    def of(cls, position: int, outcome: Outcome) -> "LineOut":
        problem = outcome.problem
        return cls(
            position=position,
            loan_id=outcome.line.loan_id,
            month=outcome.line.statement.month_end.strftime("%Y-%m"),
            result=outcome.result,
            code=None if problem is None else problem.code,
            errors=[] if problem is None else line_errors(position, problem, "/loan_id"),
        )


class StatementsOut(BaseModel):
    """The report of a page: how many lines were recorded, unchanged and refused, and each one."""

    recorded: int
    unchanged: int
    refused: int
    lines: list[LineOut]

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> "StatementsOut":
        results = [outcome.result for outcome in outcomes]
        return cls(
            recorded=results.count(Result.RECORDED),
            unchanged=results.count(Result.UNCHANGED),
            refused=results.count(Result.REFUSED),
            lines=[LineOut.of(at, outcome) for at, outcome in enumerate(outcomes)],
        )


class ExtensionIn(_In):
    """A new last day of the term."""

    until: Day
    document: Document


class FreezeIn(_In):
    """Frozen from a day for so many months."""

    from_: Annotated[Day, Field(alias="from")]
    months: Annotated[int, Field(ge=1, le=600)]
    document: Document


class WriteOffIn(_In):
    """What is owed is forgiven."""

    on: Day
    document: Document


class ClosingIn(_In):
    """All is repaid."""

    on: Day


class UseCheckIn(_In):
    """Form 06/TD: what the loan was used for. The note holds no names; it is said to nobody."""

    checked_on: Day
    used_as_agreed: bool
    note: Annotated[str, Field(max_length=200)] | None = None


class BucketsOut(BaseModel):
    in_term: int
    overdue: int
    frozen: int

    @classmethod
    def of(cls, buckets: Buckets) -> "BucketsOut":
        return cls(in_term=buckets.in_term, overdue=buckets.overdue, frozen=buckets.frozen)


class LoanOut(BaseModel):
    """A loan as it stands; VND, months, percent a year as decimal text.

    `is_past_due` and `is_check_late` are computed on the day of reading: nothing happens by itself.
    """

    loan_id: UUID
    referral_id: UUID
    need_id: UUID | None
    household_id: UUID
    version: int
    commune: str
    programme: str
    source: CapitalSource
    state: LoanState
    contract_number: str
    principal: int
    paid_on: date
    months: int
    due_on: date
    is_past_due: bool
    balances: BucketsOut
    interest: BucketsOut
    balance_on: date
    yearly_rate_percent: Decimal
    overdue_rate_percent: Decimal
    rate_on: date
    rate_document: str
    frozen_from: date | None
    frozen_until: date | None
    check_due_on: date
    checked_on: date | None
    is_used_as_agreed: bool | None
    is_check_late: bool
    changed_on: date

    @classmethod
    def of(cls, stored: store.Stored, today: date) -> "LoanOut":
        loan = stored.loan
        same = cls.model_fields.keys() & {*loan.__slots__}
        values = {name: getattr(loan, name) for name in same - {"balances", "interest"}}
        return cls(
            **values,
            contract_number=stored.contract_number,
            is_past_due=loan.is_past_due(today),
            is_check_late=loan.is_check_late(today),
            balances=BucketsOut.of(loan.balances),
            interest=BucketsOut.of(loan.interest),
            yearly_rate_percent=loan.yearly_rate,
            overdue_rate_percent=loan.overdue_rate,
        )


class LoanVersionOut(BaseModel):
    """A loan after one version, and the act and paper that made it."""

    version: int
    act: Act
    document: str | None
    state: LoanState
    due_on: date
    balances: BucketsOut
    interest: BucketsOut
    balance_on: date
    yearly_rate_percent: Decimal
    changed_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> "LoanVersionOut":
        return cls(
            version=row["version"],
            act=Act(row["act"]),
            document=row["document"],
            state=LoanState(row["state"]),
            due_on=row["due_on"],
            balances=BucketsOut.of(store.buckets_of(row, "balance")),
            interest=BucketsOut.of(store.buckets_of(row, "interest")),
            balance_on=row["balance_on"],
            yearly_rate_percent=row["yearly_rate"],
            changed_on=row["changed_on"],
            recorded_at=row["recorded_at"],
        )


class LoanDetailOut(LoanOut):
    """A loan with all its versions, oldest first."""

    history: list[LoanVersionOut]


def month_end(month: str) -> date:
    """The last day of a month, YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
