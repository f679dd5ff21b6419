"""Stream `entitlement`: all that a household and its members are entitled to. Says: eligibility.

The subject is the household: one change of a household is one event, however many programmes and
members it touches.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.model import Contract

CHANGED = "entitlement.changed.v1"


class SupportArea(StrEnum):
    CREDIT = "credit"
    INSURANCE = "insurance"
    TRAINING = "training"


class SubjectKind(StrEnum):
    HOUSEHOLD = "household"
    PERSON = "person"


class Entitlement(Contract):
    """One right over `[from_day, until)`.

    `programme` is `<area>.<code>`, e.g. `credit.01`, `insurance.HN`, `training.46.poor`. `table`
    and `row` name the rule that gave it, `document` its legal source; `is_confirmed` is false where
    that source is still to be confirmed. `benefit` holds the row's parameters (VND, percent,
    months).
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


class EntitlementData(Contract):
    """All entitlements of a household, as determined up to `as_of`.

    `household_version` is the version of the household they were determined from. Time alone next
    changes something on `next_change_on` (None: never). An open `until` means: still so on `as_of`.
    """

    household_id: UUID
    household_version: int
    area: HouseholdArea
    as_of: date
    next_change_on: date | None
    entitlements: tuple[Entitlement, ...]
