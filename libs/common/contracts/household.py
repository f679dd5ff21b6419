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
    LeftReason,
    LinkRelation,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

REGISTERED = "household.registered.v1"
CHANGED = "household.changed.v1"
STATUS_CHANGED = "household.status_changed.v1"
SPLIT = "household.split.v1"
MERGED = "household.merged.v1"
CLOSED = "household.closed.v1"


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

    `is_low_income_worker`: the commune has confirmed it on the worker's own request. `left_on` is
    the first day on which the person is no member, for a death the day of death. Who left and came
    back stands once for each stay.
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
    left_reason: LeftReason | None = None


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

    `kind` is `register`, `change` (a correction of facts), a decision's `recognise`, `correct` or
    `revoke`, `snapshot`, or what happened between reviews: `arrive` (a household from elsewhere, on
    `household.registered`), `split`, `merge`, `close`, `reopen`, `move_members`, `death`, `birth`,
    `change_head`, or `reverse`, by which an earlier act never was; or `reorganised`: the commune
    became another one while the household stayed where it is.
    Readers take a kind that they do not know for a change.

    `act_id` is the same on all households that one act between reviews touched; `reason` says why
    a household was closed (`died`, `moved_away`, `registered_twice`, `other`); `reverses` is the
    act that a reversal takes back; `former` is what a reorganisation has replaced.
    """

    kind: str
    effective_on: date
    recorded_at: AwareDatetime
    decision_id: UUID | None = None
    act_id: UUID | None = None
    reason: str | None = None
    reverses: UUID | None = None
    former: FormerArea | None = None


class HouseholdLink(Contract):
    """Another household that one act touched together with this one, from that act's day on.

    Both sides carry it: `split_into` here is `split_from` there. A reversed act leaves no link.
    """

    household_id: UUID
    relation: LinkRelation
    act_id: UUID
    from_day: date


class Closure(Contract):
    """A household was closed over `[from_day, until)`: on these days it counted nowhere."""

    from_day: date
    until: date


class HouseholdData(Contract):
    """The whole household as known after this version.

    From `closed_on` on it counts nowhere; where its members went stands in `links`. `closures`:
    when it was closed before and came back, oldest first. A closing that was reversed never was,
    and leaves none.
    `to_review_since`: an act changed who lives together and nobody has decided on the class since;
    the class that it has, or has not, holds until then. `earlier_areas`: where it lived before, the
    oldest first, each until the next one's `from_day`; what hangs on the place held there.
    """

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
    links: tuple[HouseholdLink, ...] = ()
    to_review_since: date | None = None
    earlier_areas: tuple[HouseholdArea, ...] = ()
    closures: tuple[Closure, ...] = ()
