"""Stream `referral`: a household shown to the social-policy bank (NHCSXH). Says: credit."""

from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract
from libs.common.vocabulary import CapitalSource, NeedStage, ReferralState

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


class LoanNeed(Contract):
    """What the household asks for (form 01/TD) and how far that has come.

    `amount` (VND) and `months` are those asked for and, once the bank has approved, those approved.
    `over_cap`: the amount is over the limit that now applies to the referral. `due_on` is the last
    day for the next act, where there is one: the commune's confirmation of a `listed` need, the
    bank's answer to a `received` one.
    """

    need_id: UUID
    amount: int
    months: int
    source: CapitalSource
    stage: NeedStage
    over_cap: bool
    changed_on: date
    due_on: date | None


class ReferralData(Contract):
    """The referral as known after this version.

    `programme` is the bank's code: 01 poor, 19 near-poor, 09 newly escaped. `is_flagged` marks one
    that was already paid out when the household's class changed: it stays, a person looks at it.
    `act` is `opened`, `moved` (to another programme or a corrected day), `relocated` (the household
    lives in another commune), `repriced` (a new rate or limit), `withdrawn`, `flagged`, `unflagged`
    (the class is again the one it was paid under), `disbursed`, or a step of the loan need:
    `need_applied`, `need_listed`, `need_declined`, `need_sent`, `need_not_confirmed`,
    `need_received`, `need_approved`, `need_refused`, `need_withdrawn`. `need` is the newest need;
    other acts change it too: a move to another programme sends a need that was with the bank back
    to `listed`, a withdrawn referral's need is withdrawn with it.
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
    need: LoanNeed | None = None
