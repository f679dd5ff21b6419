"""Whatever the order of acts and statements, a loan keeps its promises."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.common.problems import Problem
from libs.common.vocabulary import LoanState
from services.credit.loans.domain import (
    Buckets,
    Change,
    Loan,
    Statement,
    check_use,
    close,
    extend,
    freeze,
    record_statement,
    reprice,
    write_off,
)
from services.credit.loans.schemas import month_end
from tests.unit.credit.books import price
from tests.unit.credit.loans import (
    EXTENSION,
    FREEZE,
    FROZEN,
    MILLION,
    OVERDUE,
    PAID_ON,
    TODAY,
    a_loan,
)

# --- any order ------------------------------------------------------------------------------------

DAYS = st.integers(-40, 1_500).map(lambda days: PAID_ON + timedelta(days=days))
PARTS = st.integers(0, 60 * MILLION)
MONTHS = st.tuples(st.integers(2022, 2026), st.integers(1, 12)).map(
    lambda month: f"{month[0]}-{month[1]:02d}"
)
STATEMENTS = st.builds(
    lambda month, a, b, c: Statement(month_end(month), Buckets(a, b, c), Buckets(a // 9)),
    MONTHS,
    PARTS,
    PARTS | st.just(0),
    PARTS | st.just(0),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("state"), STATEMENTS),
        st.tuples(st.just("extend"), DAYS.map(lambda day: day + timedelta(days=1_800))),
        st.tuples(st.just("freeze"), st.tuples(DAYS, st.integers(30, 70))),
        st.tuples(st.just("write_off"), DAYS),
        st.tuples(st.just("close"), DAYS),
        st.tuples(st.just("check"), DAYS),
        st.tuples(st.just("reprice"), DAYS),
    ),
    max_size=25,
)


def do(loan: Loan, step: tuple[str, object]) -> Change | None:
    match step:
        case ("state", Statement() as statement):
            return record_statement(loan, statement, TODAY)
        case ("extend", date() as until):
            return extend(loan, until, "GH", EXTENSION, TODAY)
        case ("freeze", (date() as day, int(months))):
            return freeze(loan, day, months, "KN", FREEZE, TODAY)
        case ("write_off", date() as day):
            return write_off(loan, day, "XN", TODAY)
        case ("close", date() as day):
            return close(loan, day, TODAY)
        case ("check", date() as day):
            return check_use(loan, day, True, TODAY)
        case ("reprice", date() as day):
            return reprice(loan, price("01", day))
    raise AssertionError(step)


def check_promises(before: Loan, after: Loan) -> None:
    assert after.version == before.version + 1
    assert 0 <= after.balances.total <= after.principal
    assert after.due_on <= date(2029, 9, 15)
    assert after.balance_on <= TODAY
    if after.is_outstanding:
        assert (after.state is FROZEN) == (after.balances.frozen > 0)
        assert (after.state is OVERDUE) == (
            after.balances.frozen == 0 and after.balances.overdue > 0
        )
    else:
        assert after.balances.total == after.interest.total == 0
    if not before.is_outstanding:  # only the late check of its use is still recorded
        assert (after.state, after.balance_on) == (before.state, before.balance_on)


@given(STEPS)
def test_any_order_of_acts_keeps_every_promise(steps: list[tuple[str, object]]) -> None:
    loan = a_loan()
    for step in steps:
        try:
            change = do(loan, step)
        except Problem:
            continue
        if change is not None:
            check_promises(loan, change.loan)
            loan = change.loan


@given(st.lists(STATEMENTS, max_size=8, unique_by=lambda one: one.month_end), st.randoms())
def test_statements_in_any_order_end_in_the_newest_month(
    statements: list[Statement], random: Random
) -> None:
    def run(order: list[Statement]) -> tuple[Buckets, Buckets, LoanState]:
        loan = a_loan()
        for statement in order:
            try:
                change = record_statement(loan, statement, TODAY)
            except Problem:
                continue
            loan = change.loan if change else loan
        return loan.balances, loan.interest, loan.state

    shuffled = list(statements)
    random.shuffle(shuffled)
    assert run(shuffled) == run(sorted(statements, key=lambda one: one.month_end))
