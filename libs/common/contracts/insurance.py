"""Stream `insurance`: the health-insurance roll of a household's members. Says: eligibility."""

from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract

ROLL_CHANGED = "insurance.roll_changed.v1"


class RollPeriod(Contract):
    """One person in one insurance group over `[from_day, until)`.

    `support_percent`: share of the premium paid by the budget. `benefit_percent`: share of
    treatment cost paid. `document` and `is_confirmed` as in the entitlement; `order_is_confirmed`
    tells whether the order that chose this group among several is confirmed.
    """

    person_id: UUID
    group: str
    support_percent: int
    benefit_percent: int
    from_day: date
    until: date | None
    document: str
    is_confirmed: bool
    order_is_confirmed: bool


class RollData(Contract):
    """The whole roll of a household as known after this version.

    Members who pay for themselves are not on it.
    """

    household_id: UUID
    entitlement_version: int
    area: HouseholdArea
    as_of: date
    periods: tuple[RollPeriod, ...]
