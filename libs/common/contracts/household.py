"""Stream `household`: the whole household as known after each version. Says: registry.

No names, no identity numbers: ids and the facts that rules need.
"""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from libs.common.contracts.model import Contract
from libs.common.vocabulary import (
    AreaKind,
    DecisionKind,
    Designation,
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

REGISTERED = "household.registered.v1"
CHANGED = "household.changed.v1"
STATUS_CHANGED = "household.status_changed.v1"


class DesignationPeriod(Contract):
    """A dated quality of the commune or its district, e.g. poor district (huyện nghèo)."""

    designation: Designation
    from_day: date
    until: date | None
    is_confirmed: bool


class HouseholdArea(Contract):
    """The unit under whose code the residence was recorded; the present unit follows by succession.

    `from_day` is the day from which the household lives there. `kind` is the commune's kind, which
    decides the income line. `until` days everywhere are exclusive.
    """

    commune: str
    district: str | None
    province: str
    kind: AreaKind
    from_day: date
    designations: tuple[DesignationPeriod, ...] = ()


class Member(Contract):
    """A person while in this household. Either `birth_date` or only `birth_year` is known.

    `is_low_income_worker`: the commune has confirmed it on the worker's own request.
    """

    person_id: UUID
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    relation: Relation
    disability: Disability
    schooling: Schooling
    employment: Employment
    has_pension: bool
    joined_on: date
    left_on: date | None
    is_low_income_worker: bool = False


class StatusPeriod(Contract):
    """The class under one standard over `[from_day, until)`; `until` None is open."""

    standard: str
    status: StatusClass
    from_day: date
    until: date | None
    decision_id: UUID


class EscapeWindow(Contract):
    """Newly escaped (hộ mới thoát nghèo): 36 months from the day the escape was recognised.

    `from_class` is what the household escaped from (poor or near_poor).
    """

    standard: str
    from_class: StatusClass
    recognised_on: date
    from_day: date
    until: date
    decision_id: UUID


class DecisionReference(Contract):
    """The document behind a status period (quyết định)."""

    decision_id: UUID
    number: str
    kind: DecisionKind
    signed_on: date
    effective_on: date
    authority: str
    supersedes: UUID | None


class FormerArea(Contract):
    """The commune before a reorganisation, as it was recorded.

    `income_line_changes`: the new commune's kind has another income line; None where no document
    says so (special zones).
    """

    commune: str
    kind: AreaKind
    income_line_changes: bool | None


class HouseholdAct(Contract):
    """What happened in this version.

    `kind`: `register`, `change`, the kind of a decision, `snapshot`, or `reorganised`: the commune
    became another one while the household stayed where it is; then `former` says what it was.
    """

    kind: str
    effective_on: date
    recorded_at: AwareDatetime
    decision_id: UUID | None = None
    former: FormerArea | None = None


class HouseholdData(Contract):
    """The whole household as known after this version."""

    household_id: UUID
    registered_on: date
    closed_on: date | None
    area: HouseholdArea
    is_farm_household: bool
    members: tuple[Member, ...]
    statuses: tuple[StatusPeriod, ...]
    escapes: tuple[EscapeWindow, ...]
    decisions: tuple[DecisionReference, ...]
    act: HouseholdAct
