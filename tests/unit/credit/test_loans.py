"""The life of a loan, rule by rule."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from libs.common.problems import Problem
from libs.common.vocabulary import CapitalSource, LoanState
from services.credit.loans.domain import (
    Act,
    Buckets,
    Statement,
    check_use,
    close,
    extend,
    freeze,
    record_statement,
    reprice,
    write_off,
)
from services.credit.loans.limits import (
    check_days,
    extension_limit,
    freeze_limit,
    loans_book,
)
from tests.unit.credit.books import NEW_RATE, price
from tests.unit.credit.loans import (
    CLOSED,
    EXTENDED,
    EXTENSION,
    FREEZE,
    FROZEN,
    IN_TERM,
    OVERDUE,
    PAID_ON,
    TODAY,
    WRITTEN_OFF,
    a_loan,
    stated,
)


def refused(problem: pytest.ExceptionInfo[Problem]) -> tuple[int, list[tuple[str, str]]]:
    found = problem.value
    return found.status, [(error.pointer, error.rule) for error in found.errors]


# --- what the bank's books say each month ---------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        (stated("2022-03", in_term=49), IN_TERM),
        (stated("2022-03"), IN_TERM),
        (stated("2022-03", in_term=40, overdue=2), OVERDUE),
        (stated("2022-03", in_term=40, overdue=2, frozen=1), FROZEN),
    ],
)
def test_the_state_is_what_the_buckets_say(statement: Statement, state: LoanState) -> None:
    change = record_statement(a_loan(), statement, TODAY)
    assert change is not None
    assert (change.act, change.loan.state, change.loan.version) == (Act.STATED, state, 2)
    assert (change.loan.balances, change.loan.interest) == (statement.balances, statement.interest)
    assert change.loan.changed_on == change.loan.balance_on == date(2022, 3, 31)


def test_an_extended_loan_that_catches_up_is_extended_again() -> None:
    loan = a_loan(due_on=date(2028, 1, 1), state=OVERDUE)
    change = record_statement(loan, stated("2022-05", in_term=30), TODAY)
    assert change is not None
    assert change.loan.state is EXTENDED


@pytest.mark.parametrize(
    ("statement", "pointer", "rule"),
    [
        (stated("2022-02", in_term=50), "/month", "statement.before_payment"),
        (stated("2026-03", in_term=50), "/month", "statement.month_not_over"),
        (stated("2022-03", in_term=50, overdue=1), "/balances", "statement.over_principal"),
    ],
)
def test_a_wrong_statement_is_refused_naming_field_and_rule(
    statement: Statement, pointer: str, rule: str
) -> None:
    with pytest.raises(Problem) as problem:
        record_statement(a_loan(), statement, TODAY)
    assert refused(problem) == (422, [(pointer, rule)])


def test_a_month_before_the_newest_balance_changes_nothing() -> None:
    newest = record_statement(a_loan(), stated("2022-05", in_term=40), TODAY)
    assert newest is not None
    assert record_statement(newest.loan, stated("2022-04", in_term=45), TODAY) is None


# --- extensions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("programme", "months", "most"),
    [("01", 6, 12), ("01", 12, 12), ("01", 13, 6), ("19", 60, 30), ("09", 36, 0), ("09", 6, 0)],
)
def test_how_long_a_loan_may_be_extended(programme: str, months: int, most: int) -> None:
    limit = extension_limit(programme, months, TODAY, loans_book())
    assert (limit.most, limit.is_confirmed) == (most, False)


def test_extensions_together_stay_within_the_limit() -> None:
    once = extend(a_loan(), date(2028, 3, 15), "GH-1", EXTENSION, TODAY)
    assert (once.loan.state, once.document) == (EXTENDED, "GH-1")
    twice = extend(once.loan, date(2029, 9, 15), "GH-2", EXTENSION, TODAY)  # 30 months in all
    with pytest.raises(Problem) as problem:
        extend(twice.loan, date(2029, 9, 16), "GH-3", EXTENSION, TODAY)
    assert refused(problem) == (422, [("/until", "extension.over_limit")])


def test_an_extension_ends_later_than_the_term() -> None:
    with pytest.raises(Problem) as problem:
        extend(a_loan(), date(2027, 3, 15), "GH-1", EXTENSION, TODAY)
    assert refused(problem) == (422, [("/until", "extension.not_later")])


@pytest.mark.parametrize("state", [OVERDUE, FROZEN, CLOSED, WRITTEN_OFF])
def test_only_a_loan_that_keeps_its_term_is_extended(state: LoanState) -> None:
    with pytest.raises(Problem) as problem:
        extend(a_loan(state=state), date(2028, 1, 1), "GH-1", EXTENSION, TODAY)
    assert refused(problem) == (409, [("/state", f"loan.is_{state}")])


# --- freezes --------------------------------------------------------------------------------------


def test_a_freeze_moves_all_that_is_owed_to_the_frozen_bucket() -> None:
    loan = a_loan(balances=Buckets(30, 5, 0), interest=Buckets(3, 1, 0), state=OVERDUE)
    change = freeze(loan, date(2024, 1, 10), 36, "KN-1", FREEZE, TODAY)
    assert change.loan.state is FROZEN
    assert (change.loan.balances, change.loan.interest) == (Buckets(frozen=35), Buckets(frozen=4))
    assert (change.loan.frozen_from, change.loan.frozen_until) == (
        date(2024, 1, 10),
        date(2027, 1, 10),
    )


@pytest.mark.parametrize(
    ("from_day", "months", "errors"),
    [
        (date(2024, 1, 1), 35, [("/months", "freeze.months")]),
        (date(2024, 1, 1), 61, [("/months", "freeze.months")]),
        (date(2022, 3, 14), 36, [("/from", "loan.day")]),
        (date(2026, 3, 2), 61, [("/from", "loan.day"), ("/months", "freeze.months")]),
    ],
)
def test_a_wrong_freeze_is_refused_with_all_that_is_wrong(
    from_day: date, months: int, errors: list[tuple[str, str]]
) -> None:
    with pytest.raises(Problem) as problem:
        freeze(a_loan(), from_day, months, "KN-1", FREEZE, TODAY)
    assert refused(problem) == (422, errors)


def test_what_is_frozen_or_owes_nothing_is_not_frozen() -> None:
    for loan in (a_loan(state=FROZEN), a_loan(balances=Buckets()), a_loan(state=CLOSED)):
        with pytest.raises(Problem) as problem:
            freeze(loan, date(2024, 1, 1), 36, "KN-1", FREEZE, TODAY)
        assert problem.value.status == 409


# --- the end --------------------------------------------------------------------------------------


def test_a_loan_that_is_repaid_or_written_off_owes_nothing() -> None:
    for change, state in (
        (close(a_loan(), date(2025, 1, 1), TODAY), CLOSED),
        (write_off(a_loan(), date(2025, 1, 1), "XN-1", TODAY), WRITTEN_OFF),
    ):
        assert (change.loan.state, change.loan.balances.total) == (state, 0)
        assert not change.loan.is_outstanding


@pytest.mark.parametrize("on", [date(2022, 3, 14), date(2026, 3, 2)])
def test_the_end_lies_between_the_newest_balance_and_today(on: date) -> None:
    with pytest.raises(Problem) as problem:
        close(a_loan(), on, TODAY)
    assert refused(problem) == (422, [("/on", "loan.day")])
    with pytest.raises(Problem) as problem:
        write_off(a_loan(), on, "XN-1", TODAY)
    assert refused(problem) == (422, [("/on", "loan.day")])


def test_what_owes_nothing_is_closed_and_not_written_off() -> None:
    repaid = a_loan(balances=Buckets())
    with pytest.raises(Problem) as problem:
        write_off(repaid, date(2025, 1, 1), "XN-1", TODAY)
    assert problem.value.status == 409
    assert close(repaid, date(2025, 1, 1), TODAY).loan.state is CLOSED


# --- the check of its use, and clocks -------------------------------------------------------------


@pytest.mark.parametrize("paid_on", [PAID_ON, date(2026, 2, 20)])
def test_the_use_is_checked_within_thirty_days(paid_on: date) -> None:
    assert check_days(paid_on, loans_book()) == 30


def test_a_day_without_a_rule_is_refused_with_its_field() -> None:
    with pytest.raises(Problem) as problem:
        freeze_limit(date(1900, 1, 1), loans_book())
    assert [error.pointer for error in problem.value.errors] == ["/from"]


def test_a_clock_that_passed_is_shown_and_does_nothing() -> None:
    loan = a_loan()
    assert [loan.is_check_late(loan.check_due_on + timedelta(days=late)) for late in (0, 1)] == [
        False,
        True,
    ]
    assert [loan.is_past_due(loan.due_on + timedelta(days=late)) for late in (0, 1)] == [
        False,
        True,
    ]


def test_the_use_is_checked_once_and_also_late() -> None:
    change = check_use(a_loan(), date(2022, 9, 1), False, TODAY)
    assert (change.act, change.loan.checked_on) == (Act.CHECKED, date(2022, 9, 1))
    assert change.loan.is_used_as_agreed is False
    assert not change.loan.is_check_late(TODAY)
    with pytest.raises(Problem) as problem:
        check_use(change.loan, date(2022, 9, 2), True, TODAY)
    assert problem.value.status == 409


# --- a new rate -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [IN_TERM, EXTENDED, OVERDUE, FROZEN])
def test_a_new_rate_applies_to_what_is_outstanding_from_its_first_day(state: LoanState) -> None:
    balances = {OVERDUE: Buckets(overdue=5), FROZEN: Buckets(frozen=5)}.get(state, Buckets(5))
    due_on = date(2028, 1, 1) if state is EXTENDED else date(2027, 3, 15)
    loan = a_loan(state=state, balances=balances, due_on=due_on)
    change = reprice(loan, price("01", date(2026, 2, 1)))
    assert change is not None
    assert (change.loan.yearly_rate, change.loan.overdue_rate) == (
        Decimal("6.24"),
        Decimal("8.112"),
    )
    assert (change.loan.state, change.loan.rate_on, change.loan.changed_on) == (
        state,
        NEW_RATE,
        NEW_RATE,
    )
    assert reprice(change.loan, price("01", date(2026, 3, 1))) is None


def test_capital_of_the_province_and_finished_loans_keep_their_rate() -> None:
    new = price("01", NEW_RATE)
    assert reprice(a_loan(source=CapitalSource.LOCAL), new) is None
    assert reprice(a_loan(state=CLOSED), new) is None
    assert reprice(a_loan(state=WRITTEN_OFF), new) is None


def test_a_bucket_is_never_below_zero() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Buckets(in_term=-1)
