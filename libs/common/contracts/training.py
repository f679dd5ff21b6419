"""Stream `training`: vocational-training offers to a household's members. Says: eligibility."""

from datetime import date
from uuid import UUID

from pydantic import JsonValue

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract

OFFER_CHANGED = "training.offer_changed.v1"


class Offer(Contract):
    """One person may take up training support in `[from_day, until)`; amounts in VND."""

    person_id: UUID
    group: str
    from_day: date
    until: date | None
    benefit: dict[str, JsonValue]
    document: str
    is_confirmed: bool


class OfferData(Contract):
    """All offers of a household as known after this version."""

    household_id: UUID
    entitlement_version: int
    area: HouseholdArea
    as_of: date
    offers: tuple[Offer, ...]
