"""What the bank does to a loan, and what its books say each month."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.problems import Problem, not_found
from libs.common.vocabulary import Result
from services.credit.loans import refusals, store
from services.credit.loans.domain import Act, Decide, Loan, Statement, record_statement
from services.credit.loans.saving import save


@dataclass(frozen=True, slots=True)
class Line:
    """One loan's statement of one month."""

    loan_id: UUID
    statement: Statement


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a line; `problem` says why it was refused."""

    line: Line
    result: Result
    problem: Problem | None = None


async def record_act(
    tx: Transaction,
    loan_id: UUID,
    act: Act,
    asked: dict[str, Any],
    decide: Decide,
    *,
    check_version: Callable[[int], None],
    correlation_id: UUID,
) -> store.Stored:
    """Do it and say it; exactly the same act again changes nothing.

    Args:
        asked: what was asked for, as JSON; kept with the loan.
        decide: the act, or a problem.

    Raises:
        Problem: unknown loan, another version than the caller read, what `decide` refuses.
    """
    heads, known = await _lock(tx, [loan_id])
    if loan_id not in known:
        raise not_found("loan")
    stored = known[loan_id]
    if stored.asked.get(act) == asked:
        return stored
    check_version(stored.loan.version)
    change = decide(stored.loan)
    loans = await save(
        tx,
        heads,
        [change],
        {loan_id: stored.area},
        [correlation_id],
        asked={loan_id: {act: asked}},
    )
    return replace(stored, loan=loans[loan_id])


async def record_one_statement(
    tx: Transaction,
    line: Line,
    *,
    check_version: Callable[[int], None],
    today: date,
    recorded_by: str,
    correlation_id: UUID,
) -> store.Stored:
    """The statement of one month; the same again changes nothing.

    Raises:
        Problem: unknown loan, another version than the caller read, other figures than were
            recorded for this month, what the law of the loan refuses.
    """
    (outcome,) = await record_statements(
        tx,
        [line],
        today=today,
        recorded_by=recorded_by,
        correlation_id=correlation_id,
        check_version=check_version,
    )
    if outcome.problem is not None:
        raise outcome.problem
    return (await store.read_loans(tx, [line.loan_id]))[line.loan_id]


async def record_statements(
    tx: Transaction,
    lines: Sequence[Line],
    *,
    today: date,
    recorded_by: str,
    correlation_id: UUID,
    check_version: Callable[[int], None] = lambda version: None,
) -> list[Outcome]:
    """Statements of many loans, each line by itself; the statements sent to the database are few
    and do not depend on how many lines there are.

    A month before the newest known balance is kept and changes nothing else: months may come in
    any order.

    Returns:
        One outcome per line, in the lines' order.
    """
    heads, known = await _lock(tx, [line.loan_id for line in lines])
    stated = await store.find_statements(
        tx, [(line.loan_id, line.statement.month_end) for line in lines]
    )
    loans = {loan_id: stored.loan for loan_id, stored in known.items()}
    outcomes, changes, fresh = [], [], []
    for line in lines:
        key = line.loan_id, line.statement.month_end
        try:
            loan = _loan_of(loans, line)
            if _is_stated(stated, line):
                outcomes.append(Outcome(line, Result.UNCHANGED))
                continue
            check_version(loan.version)
            change = record_statement(loan, line.statement, today)
        except Problem as problem:
            outcomes.append(Outcome(line, Result.REFUSED, problem))
            continue
        outcomes.append(Outcome(line, Result.RECORDED))
        stated[key] = line.statement
        fresh.append((loan, line.statement))
        if change is not None:
            changes.append(change)
            loans[line.loan_id] = change.loan
    await store.insert_statements(tx, fresh, recorded_by)
    areas = {loan_id: stored.area for loan_id, stored in known.items()}
    await save(tx, heads, changes, areas, [correlation_id] * len(changes))
    return outcomes


def _loan_of(loans: dict[UUID, Loan], line: Line) -> Loan:
    if line.loan_id not in loans:
        raise not_found("loan")
    return loans[line.loan_id]


def _is_stated(stated: dict[tuple[UUID, date], Statement], line: Line) -> bool:
    before = stated.get((line.loan_id, line.statement.month_end))
    if before is not None and before != line.statement:
        raise refusals.differs("/month", "statement.recorded")
    return before is not None


async def _lock(
    tx: Transaction, ids: Sequence[UUID]
) -> tuple[dict[UUID, int], dict[UUID, store.Stored]]:
    """Lock the heads of those that the caller may see, and read them after."""
    visible = list(await store.read_loans(tx, ids))
    heads = await ledger.lock_heads(tx, store.STREAM, visible)
    return heads, await store.read_loans(tx, visible)
