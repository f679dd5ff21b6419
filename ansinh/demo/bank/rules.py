"""How this bank decides, pays and collects. Pure: the same need always gets the same answer.

The bank is made up. What it lends and refuses is its own business; An Sinh holds it to the law.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from ansinh.demo.counterpart.chance import chance

REFUSAL = "Phương án sử dụng vốn chưa rõ"  # the plan for the money is not clear yet
_INSTALMENT_SHARE = 50  # a household repays a fiftieth of its loan a month


@dataclass(frozen=True, slots=True)
class Rules:
    """What the bank allows itself: VND, months, and that it refuses one need in so many."""

    max_amount: int = 80_000_000
    max_months: int = 60
    refuses_one_in: int = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """A need as the commune sent it, and the limits of the referral's terms; None: the law sets
    none.
    """

    need_id: UUID
    amount: int
    months: int
    source: str
    limit_amount: int | None = None
    limit_months: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Approved with an amount (VND) and months, or refused with a reason."""

    approved: bool
    amount: int | None = None
    months: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed at a month's end: principal and interest, VND."""

    principal: int
    interest: int


def decide(asked: Asked, rules: Rules) -> Decision:
    """At most what was asked for, what the bank allows itself and what the terms allow."""
    if chance("answer", asked.need_id) % rules.refuses_one_in == 0:
        return Decision(approved=False, reason=REFUSAL)
    return Decision(
        approved=True,
        amount=_least(asked.amount, rules.max_amount, asked.limit_amount),
        months=_least(asked.months, rules.max_months, asked.limit_months),
    )


def contract_number(case_id: str, signed_on: date) -> str:
    """One number for one case, however often it is asked for."""
    return f"AS/{signed_on.year}/{chance('contract', case_id) % 10**12:012d}"


def slip(amount: int) -> int:
    """What a tired clerk writes: a zero too many."""
    return amount * 10


def months_ended(paid_on: date, today: date) -> Iterator[date]:
    """The last days of the months from the payment on that are over by `today`."""
    end = month_end(paid_on)
    while end < today:
        yield end
        end = month_end(date(end.year + end.month // 12, end.month % 12 + 1, 1))


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def owed_at(contract: str, principal: int, paid_on: date, end: date, yearly_rate: Decimal) -> Owed:
    """What a household owes at a month's end.

    Three in four repay an instalment and the month's interest at every month's end. The fourth
    repays nothing yet: its interest adds up, by the day.
    """
    if chance("repays", contract) % 4 == 0:
        interest = principal * yearly_rate / 100 * (end - paid_on).days / 365
        return Owed(principal, int(interest.quantize(Decimal(1), ROUND_HALF_UP)))
    ends = sum(1 for _ in months_ended(paid_on, end)) + 1
    instalment = principal // _INSTALMENT_SHARE // 1_000 * 1_000
    return Owed(max(principal - ends * instalment, 0), 0)


def _least(*values: int | None) -> int:
    return min(value for value in values if value is not None)
