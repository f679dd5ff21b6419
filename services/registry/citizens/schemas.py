"""A citizen's file as it is handed out."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex, StatusClass
from services.registry.rights.schemas import DataRequestOut


class ValueOut(BaseModel):
    """A name, an address or a number; every one that was ever held true."""

    kind: str
    value: str
    from_day: date
    until: date | None
    recorded_from: datetime
    recorded_until: datetime | None


class MembershipOut(BaseModel):
    """A membership with the person's facts, held true over `[recorded_from, recorded_until)`."""

    household_id: UUID
    joined_on: date
    left_on: date | None
    relation: Relation
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    disability: Disability
    schooling: Schooling
    employment: Employment
    has_pension: bool
    is_low_income_worker: bool
    recorded_from: datetime
    recorded_until: datetime | None


class ResidenceOut(BaseModel):
    """Where a household of the person lived over `[from_day, until)`."""

    household_id: UUID
    commune: str
    from_day: date
    until: date | None
    recorded_from: datetime
    recorded_until: datetime | None


class DecisionOut(BaseModel):
    """What a decision says of a household of the person; `status` null withdraws."""

    household_id: UUID
    decision_id: UUID
    number: str
    authority: str
    standard: str
    status: StatusClass | None
    signed_on: date
    effective_on: date


class LimitOut(BaseModel):
    """For what the data may not be used; `purpose` null: whatever is no duty of the state."""

    request_id: UUID
    purpose: str | None
    from_day: date
    until: date | None


class AccountOut(BaseModel):
    """Who read or wrote of the person or its household, and why."""

    at: datetime
    caller: str
    roles: str
    kind: str
    act: str
    purpose: str | None


class CitizenFileOut(BaseModel):
    """All that the caller may see of a person, and the newest lines of who read it.

    Of its households what was so while it was a member. Memberships in communes out of the caller's
    sight are not shown; the province sees all of its own.

    `accounts_until`: older lines are had by asking with it as `before`; null: these are all.
    """

    person_id: UUID
    identity: list[ValueOut]
    memberships: list[MembershipOut]
    residences: list[ResidenceOut]
    decisions: list[DecisionOut]
    requests: list[DataRequestOut]
    limits: list[LimitOut]
    accounts: list[AccountOut]
    accounts_until: datetime | None
