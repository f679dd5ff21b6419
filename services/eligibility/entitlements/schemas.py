"""What officers read of a household's entitlements, and why, and why not."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, JsonValue

from libs.common.contracts.entitlement import SubjectKind, SupportArea
from services.eligibility.entitlements.store import KnownEntitlement


class EntitlementOut(BaseModel):
    """One right over `[from_day, until)`, known since `recorded_at`.

    `table` and `row` name the rule, `document` its legal source; `is_confirmed` is false while that
    source is still to be confirmed. `benefit`: VND, percent, months.
    """

    programme: str
    support: SupportArea
    subject_kind: SubjectKind
    subject_id: UUID
    from_day: date
    until: date | None
    table: str
    row: str
    document: str
    is_confirmed: bool
    benefit: dict[str, JsonValue]
    recorded_at: datetime

    @classmethod
    def of(cls, known: KnownEntitlement) -> "EntitlementOut":
        return cls(**vars(known))


class HouseholdEntitlementsOut(BaseModel):
    """A household's entitlements.

    `determined_to`: the day of the law as of which they were last decided; `next_change_on`: the
    day on which time alone next changes something, null for never.
    """

    household_id: UUID
    household_version: int
    determined_to: date
    next_change_on: date | None
    entitlements: list[EntitlementOut]
