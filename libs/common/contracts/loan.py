"""Stream `loan`: what the social-policy bank (NHCSXH) paid out, and what became of it.

Says: credit.
"""

from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract
from libs.common.vocabulary import CapitalSource, LoanState

CHANGED = "loan.changed.v1"


class LoanBuckets(Contract):
    """What is owed in term, overdue and frozen; VND."""

    in_term: int
    overdue: int
    frozen: int


class LoanData(Contract):
    """The loan as known after this version.

    `principal` is what was paid out, `balances` what is still owed of it and `interest` what has
    accrued on each, as of `balance_on`. `due_on` is the last day of the term with its extensions.
    Rates are percent a year. `act` is `opened`, `stated` (a monthly statement), `extended`,
    `frozen`, `written_off`, `closed` (repaid), `checked` (its use), `repriced` (a new rate) or
    `relocated` (the household lives in another commune).
    """

    loan_id: UUID
    referral_id: UUID
    household_id: UUID
    area: HouseholdArea
    programme: str
    source: CapitalSource
    state: LoanState
    principal: int
    paid_on: date
    due_on: date
    balances: LoanBuckets
    interest: LoanBuckets
    balance_on: date
    yearly_rate_percent: str
    overdue_rate_percent: str
    changed_on: date
    act: str
