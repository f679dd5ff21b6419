"""Stream `referral`: a household shown to the social-policy bank (NHCSXH). Says: credit."""

from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract
from libs.common.vocabulary import ReferralState

CHANGED = "referral.changed.v1"


class LoanTerms(Contract):
    """How much, how long, at what rate on `on`; amounts in VND, rates in percent a year."""

    on: date
    max_amount: int | None
    max_months: int | None
    yearly_rate_percent: str
    overdue_rate_percent: str
    document: str
    is_confirmed: bool


class ReferralData(Contract):
    """The referral as known after this version.

    `programme` is the bank's code: 01 poor, 19 near-poor, 09 newly escaped. `is_flagged` marks one
    that was already paid out when the household's class changed: it stays, a person looks at it.
    `act` is `opened`, `moved` (to another programme or a corrected day), `relocated` (the household
    lives in another commune), `repriced` (a new rate or limit), `withdrawn`, `flagged`, `unflagged`
    (the class is again the one it was paid under) or `disbursed`.
    """

    referral_id: UUID
    household_id: UUID
    area: HouseholdArea
    programme: str
    state: ReferralState
    is_flagged: bool
    opened_on: date
    changed_on: date
    until: date | None
    terms: LoanTerms
    act: str
