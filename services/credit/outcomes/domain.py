"""What the bank says of referrals, line by line: each recorded, unchanged or refused by itself.

Pure. One line may tell of a receipt, an answer and a payment; all of it counts or none. The law of
each step is the need's and the referral's own; here is only what of it is new, in what order. The
promise: a set of lines does what the same lines would do one after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.problems import Problem, not_found
from libs.common.vocabulary import NeedStage, Result
from services.credit.needs.domain import (
    Answer,
    Due,
    Limits,
    Need,
    answer,
    answer_differences,
    receive,
)
from services.credit.needs.wording import field_error, refusal
from services.credit.plans.domain import PlanKey, over_plan
from services.credit.referrals.disbursement import (
    Payment,
    contract_used,
    disburse,
    source_of,
    term_of,
)
from services.credit.referrals.domain import (
    Act,
    Change,
    Price,
    Referral,
    terms_as_of,
    with_need,
)

CheckVersion = Callable[[int], None]


class Step(StrEnum):
    """What a line may tell of."""

    RECEIPT = "receipt"
    ANSWER = "answer"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Told:
    """What the bank says of one referral; None: it says nothing of that.

    Attributes:
        need_id: the need that the bank means; None: the referral's newest.
        correlation_id: of the act.
    """

    referral_id: UUID
    correlation_id: UUID
    need_id: UUID | None = None
    received_on: date | None = None
    answer: Answer | None = None
    payment: Payment | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a line; `problem`, and the step it arose in where it was one, say why not."""

    told: Told
    result: Result
    problem: Problem | None = None
    step: Step | None = None
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Loaned:
    """A payment that counts: the referral after it, and the loan's term in months."""

    referral: Referral
    payment: Payment
    months: int
    correlation_id: UUID


@dataclass
class Books:
    """What the lines are judged by, and how it moves on from line to line.

    Attributes:
        referrals: those that the caller may see, their heads held.
        paid: what was paid out under a referral; term and source None where no loan is known.
        owed: VND, by household and programme.
        left: of each capital plan that was entered, VND.
        contracts: numbers that are known to be used.
        due, price, today: deadlines, terms by day, the day in Vietnam.
    """

    referrals: dict[UUID, Referral]
    paid: dict[UUID, Payment]
    owed: dict[tuple[UUID, str], int]
    left: dict[PlanKey, int]
    contracts: set[str]
    due: Due
    price: Price
    today: date
    changes: dict[UUID, list[tuple[Change, UUID]]] = field(default_factory=dict)
    loaned: list[Loaned] = field(default_factory=list)


def record_lines(
    books: Books, lines: Sequence[Told], check_version: CheckVersion = lambda version: None
) -> list[Outcome]:
    """One outcome per line, in their order; what is to be written is left in the books."""
    return [_record(books, told, check_version) for told in lines]


def plan_key(referral: Referral, payment: Payment) -> PlanKey:
    """The capital plan that a payment counts against."""
    year = payment.paid.paid_on.year
    return PlanKey(referral.commune, source_of(referral, payment), referral.programme, year)


class _Line:
    """One line at work; nothing of it is in the books before all of it holds."""

    def __init__(self, books: Books, told: Told, check_version: CheckVersion) -> None:
        self.books = books
        self.told = told
        self.check_version = check_version
        self.step: Step | None = None
        self.changes: list[Change] = []
        self.loaned: Loaned | None = None
        found = books.referrals.get(told.referral_id)
        if found is None:
            raise not_found("referral")
        self.referral = found

    def work(self) -> None:
        told = self.told
        if told.need_id is not None:
            self._require_need(told.need_id)
        if told.received_on is not None:
            self.step = Step.RECEIPT
            self._take(self._receipt(told.received_on))
        if told.answer is not None:
            self.step = Step.ANSWER
            self._take(self._answer(told.answer))
        if told.payment is not None:
            self.step = Step.PAYMENT
            self._take(self._payment(told.payment))

    def _take(self, change: Change | None) -> None:
        if change is not None:
            self.changes.append(change)
            self.referral = change.referral

    def _require_need(self, need_id: UUID) -> None:
        need = self.referral.need
        if need is None or need.need_id != need_id:
            raise refusal(409, "need.other", [field_error("/need_id", "need.other")])

    def _need(self) -> Need:
        need = self.referral.need
        if need is None:
            raise refusal(409, "need.missing", [field_error("/need", "need.missing")])
        return need

    def _receipt(self, received_on: date) -> Change | None:
        need = self._need()
        if need.received_on == received_on:
            return None
        self.check_version(self.referral.version)
        if need.received_on is not None:
            raise refusal(409, "need.differs", [field_error("/received_on", "need.differs")])
        due_on = self.books.due(NeedStage.RECEIVED, self.referral.programme, received_on)
        received = receive(need, received_on, due_on, self.books.today)
        return with_need(Act.NEED_RECEIVED, self.referral, received)

    def _answer(self, given: Answer) -> Change | None:
        need = self._need()
        differences = answer_differences(need, given)
        if differences == []:
            return None
        self.check_version(self.referral.version)
        if differences:
            errors = [field_error(f"/{name}", "need.differs") for name in differences]
            raise refusal(409, "need.differs", errors)
        answered = answer(need, given, self._limits(given.answered_on), self.books.today)
        act = Act.NEED_APPROVED if given.approved else Act.NEED_REFUSED
        return with_need(act, self.referral, answered)

    def _limits(self, day: date) -> Limits:
        """What may be borrowed by the terms of a day, less what is owed now."""
        referral = self.referral
        terms = terms_as_of(referral.programme, referral.opened_on, day, self.books.price)
        return Limits(terms.max_amount, terms.max_months, terms.document, self._owed())

    def _owed(self) -> int:
        return self.books.owed.get((self.referral.household_id, self.referral.programme), 0)

    def _payment(self, payment: Payment) -> Change | None:
        books, referral, paid = self.books, self.referral, payment.paid
        known = books.paid.get(referral.referral_id)
        if known is not None and _is_same(payment, known):
            return None
        self.check_version(referral.version)
        change = disburse(
            referral,
            paid,
            books.today,
            books.price,
            owed=self._owed(),
            months=payment.months,
            source=payment.source,
        )
        months = term_of(change.referral, payment.months)
        if paid.contract_number in books.contracts:
            raise contract_used()
        left = books.left.get(plan_key(referral, payment))
        if left is not None and paid.amount > left:
            raise over_plan(left)
        self.loaned = Loaned(change.referral, payment, months, self.told.correlation_id)
        return change


def _record(books: Books, told: Told, check_version: CheckVersion) -> Outcome:
    line = None
    try:
        line = _Line(books, told, check_version)
        line.work()
    except Problem as problem:
        household = None if line is None else line.referral.household_id
        step = None if line is None else line.step
        return Outcome(told, Result.REFUSED, problem, step, household)
    household = line.referral.household_id
    if not line.changes:
        return Outcome(told, Result.UNCHANGED, household_id=household)
    _keep(books, line)
    return Outcome(told, Result.RECORDED, household_id=household)


def _keep(books: Books, line: _Line) -> None:
    referral = line.referral
    books.referrals[referral.referral_id] = referral
    said = books.changes.setdefault(referral.referral_id, [])
    said += [(change, line.told.correlation_id) for change in line.changes]
    if line.loaned is None:
        return
    books.loaned.append(line.loaned)
    payment = line.loaned.payment
    key = plan_key(referral, payment)
    if key in books.left:
        books.left[key] -= payment.paid.amount
    place = referral.household_id, referral.programme
    books.owed[place] = books.owed.get(place, 0) + payment.paid.amount
    books.contracts.add(payment.paid.contract_number)
    source = source_of(referral, payment)
    books.paid[referral.referral_id] = Payment(payment.paid, line.loaned.months, source)


def _is_same(asked: Payment, known: Payment) -> bool:
    """Whether this very payment is recorded; what the bank leaves open differs from nothing."""
    return (
        asked.paid == known.paid
        and (known.months is None or asked.months in (None, known.months))
        and (known.source is None or asked.source in (None, known.source))
    )
