"""The life of a loan: paid out, stated each month, extended, frozen, repaid or written off.

Pure: days, limits and rates are arguments. The promises kept here: what is owed is never below
zero and never above what was paid out; the state always says what the buckets say; a loan that is
closed or written off stays as it is; a loan is never recalled, whatever becomes of the household's
class.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from libs.common.policy.days import add_months
from libs.common.vocabulary import CapitalSource, LoanState
from services.credit.loans import refusals
from services.credit.loans.limits import Limit
from services.credit.referrals.domain import OfferedTerms


class Act(StrEnum):
    """What happened to a loan in one version."""

    OPENED = "opened"
    STATED = "stated"  # the bank's statement of a month
    EXTENDED = "extended"
    FROZEN = "frozen"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"  # repaid
    CHECKED = "checked"  # its use, form 06/TD
    REPRICED = "repriced"  # a new rate started
    RELOCATED = "relocated"  # the household lives in another commune


@dataclass(frozen=True, slots=True)
class Buckets:
    """What is owed in term, overdue and frozen; VND, never below zero."""

    in_term: int = 0
    overdue: int = 0
    frozen: int = 0

    def __post_init__(self) -> None:
        if min(self.in_term, self.overdue, self.frozen) < 0:
            raise ValueError("a bucket is below zero")

    @property
    def total(self) -> int:
        return self.in_term + self.overdue + self.frozen

    def all_frozen(self) -> "Buckets":
        return Buckets(frozen=self.total)


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan as it stands after `version`.

    Attributes:
        principal: what was paid out, VND. balances, interest: what is owed, as of `balance_on`.
        months: the original term. first_due_on: its end; `due_on` counts the extensions in.
        yearly_rate, overdue_rate: percent a year, from `rate_on`.
        frozen_from, frozen_until: of the last freeze; the second is the first day after it.
        check_due_on: last day for the check of its use; checked_on: when that was done.
        changed_on: the day on which the last version became true.
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
    principal: int
    paid_on: date
    months: int
    first_due_on: date
    due_on: date
    balances: Buckets
    interest: Buckets
    balance_on: date
    yearly_rate: Decimal
    overdue_rate: Decimal
    rate_on: date
    rate_document: str
    frozen_from: date | None
    frozen_until: date | None
    check_due_on: date
    checked_on: date | None
    is_used_as_agreed: bool | None
    changed_on: date

    @property
    def is_outstanding(self) -> bool:
        return self.state not in (LoanState.CLOSED, LoanState.WRITTEN_OFF)

    def is_past_due(self, today: date) -> bool:
        """The term is over; only the bank's statement moves the balance to overdue."""
        return self.is_outstanding and today > self.due_on

    def is_check_late(self, today: date) -> bool:
        return self.is_outstanding and self.checked_on is None and today > self.check_due_on


@dataclass(frozen=True, slots=True)
class Change:
    """One act and the loan after it; `document` is the paper it stands on, where there is one."""

    act: Act
    loan: Loan
    document: str | None = None


# An act on a loan, or a problem.
Decide = Callable[[Loan], Change]


@dataclass(frozen=True, slots=True)
class Statement:
    """What is owed at the end of a month, as the bank's books say; `month_end` is its last day."""

    month_end: date
    balances: Buckets
    interest: Buckets


def state_after(state: LoanState, balances: Buckets, is_extended: bool) -> LoanState:
    """The state that the buckets say; final states stay."""
    if state in (LoanState.CLOSED, LoanState.WRITTEN_OFF):
        return state
    if balances.frozen:
        return LoanState.FROZEN
    if balances.overdue:
        return LoanState.OVERDUE
    return LoanState.EXTENDED if is_extended else LoanState.IN_TERM


def record_statement(loan: Loan, statement: Statement, today: date) -> Change | None:
    """What a month's statement does; None where a later day's balance is already known.

    Raises:
        Problem: the loan is finished, the month is not over or lies before the payment, more is
            owed than was paid out.
    """
    refusals.unless_outstanding(loan.state)
    errors = []
    if not loan.paid_on <= statement.month_end <= today:
        errors.append(refusals.statement_month(is_future=statement.month_end > today))
    if statement.balances.total > loan.principal:
        errors.append(refusals.over_principal(loan.principal))
    refusals.raise_if(errors)
    if statement.month_end < loan.balance_on:
        return None
    return _change(
        Act.STATED,
        loan,
        changed_on=statement.month_end,
        balances=statement.balances,
        interest=statement.interest,
        balance_on=statement.month_end,
    )


def extend(loan: Loan, until: date, document: str, limit: Limit, today: date) -> Change:
    """A later last day of the term.

    Args:
        limit: of all extensions of the loan together, counted from the end of its first term.

    Raises:
        Problem: the loan is overdue, frozen or finished; the day is not later than now or over the
            limit.
    """
    if loan.state not in (LoanState.IN_TERM, LoanState.EXTENDED):
        raise refusals.wrong_state(loan.state)
    last = add_months(loan.first_due_on, limit.most)
    if not loan.due_on < until <= last:
        refusals.raise_if([refusals.extension(until > last, last, limit.document)])
    return _change(Act.EXTENDED, loan, document, due_on=until, changed_on=today)


def freeze(
    loan: Loan, from_day: date, months: int, document: str, limit: Limit, today: date
) -> Change:
    """No interest runs for some years: all that is owed moves to the frozen bucket.

    Raises:
        Problem: the loan is frozen or finished or nothing is owed; wrong day or duration.
    """
    refusals.unless_outstanding(loan.state)
    if loan.state is LoanState.FROZEN or not loan.balances.total:
        raise refusals.wrong_state(loan.state)
    errors = []
    if not loan.paid_on <= from_day <= today:
        errors.append(refusals.act_day("/from"))
    if not limit.least <= months <= limit.most:
        errors.append(refusals.freeze_months(limit.least, limit.most, limit.document))
    refusals.raise_if(errors)
    return _change(
        Act.FROZEN,
        loan,
        document,
        balances=loan.balances.all_frozen(),
        interest=loan.interest.all_frozen(),
        balance_on=max(loan.balance_on, from_day),
        frozen_from=from_day,
        frozen_until=add_months(from_day, months),
        changed_on=from_day,
    )


def write_off(loan: Loan, on: date, document: str, today: date) -> Change:
    """What is still owed is forgiven by a decision.

    Raises:
        Problem: the loan is finished, nothing is owed, wrong day.
    """
    refusals.unless_outstanding(loan.state)
    if not loan.balances.total:
        raise refusals.wrong_state(loan.state)
    return _finish(Act.WRITTEN_OFF, LoanState.WRITTEN_OFF, loan, on, today, document)


def close(loan: Loan, on: date, today: date) -> Change:
    """All is repaid.

    Raises:
        Problem: the loan is finished already, wrong day.
    """
    refusals.unless_outstanding(loan.state)
    return _finish(Act.CLOSED, LoanState.CLOSED, loan, on, today)


def _finish(
    act: Act, state: LoanState, loan: Loan, on: date, today: date, document: str | None = None
) -> Change:
    if not loan.balance_on <= on <= today:
        refusals.raise_if([refusals.act_day("/on")])
    return _change(
        act,
        loan,
        document,
        state=state,
        balances=Buckets(),
        interest=Buckets(),
        balance_on=on,
        changed_on=on,
    )


def check_use(loan: Loan, checked_on: date, used_as_agreed: bool, today: date) -> Change:
    """Someone went and saw what the loan was used for (form 06/TD); once.

    Raises:
        Problem: it was checked already, wrong day.
    """
    if loan.checked_on is not None:
        raise refusals.checked_already()
    if not loan.paid_on <= checked_on <= today:
        refusals.raise_if([refusals.act_day("/checked_on")])
    return _change(
        Act.CHECKED,
        loan,
        checked_on=checked_on,
        is_used_as_agreed=used_as_agreed,
        changed_on=checked_on,
    )


def reprice(loan: Loan, terms: OfferedTerms) -> Change | None:
    """What the terms in force do to a running loan: a new rate applies from its first day.

    Capital of the province has rates of its own and is left alone.
    """
    if not loan.is_outstanding or loan.source is not CapitalSource.CENTRAL:
        return None
    if (loan.yearly_rate, loan.overdue_rate) == (terms.yearly_rate, terms.overdue_rate):
        return None
    since = max(terms.on, loan.paid_on)
    return _change(
        Act.REPRICED,
        loan,
        yearly_rate=terms.yearly_rate,
        overdue_rate=terms.overdue_rate,
        rate_on=since,
        rate_document=terms.document,
        changed_on=since,
    )


def relocate(loan: Loan, commune: str, today: date) -> Change:
    """The household lives in another commune."""
    return _change(Act.RELOCATED, loan, commune=commune, changed_on=today)


def check_due_on(paid_on: date, days: int) -> date:
    return paid_on + timedelta(days=days)


def _change(act: Act, loan: Loan, document: str | None = None, **values: object) -> Change:
    changed = replace(loan, version=loan.version + 1, **values)  # type: ignore[arg-type]
    is_extended = changed.due_on > changed.first_due_on
    state = state_after(changed.state, changed.balances, is_extended)
    return Change(act, replace(changed, state=state), document)
