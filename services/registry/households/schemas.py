"""What officers send about households and what they read back. No names, no identity numbers."""

from datetime import date
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.contracts.household import (
    Closure,
    DecisionReference,
    EscapeWindow,
    HouseholdArea,
    HouseholdData,
    HouseholdLink,
    Member,
    StatusPeriod,
)
from libs.common.ids import new_id
from libs.common.vocabulary import (
    Disability,
    Employment,
    LeftReason,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)
from libs.common.web.days import Day
from services.registry.areas.domain import tidy
from services.registry.households.domain import LONGEST_VILLAGE, HouseholdFacts, MemberFacts

# Not \d: that is any script's digits, and a code goes into a header of a download.
CommuneCode = Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["01882"])]
Village = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_VILLAGE,
        pattern=r"\S",
        description="Thôn, bản, tổ dân phố",
    ),
]
_LARGEST_HOUSEHOLD = 100
_LARGEST_BATCH = 1_000


class _Input(BaseModel):
    # A field that is not asked for is refused: names and identity numbers have no place here.
    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonIn(_Input):
    """What is recorded of somebody who is not known yet, whoever records it."""

    person_id: UUID | None = Field(None, description="Để trống nếu là người mới / new if left out")
    birth_date: Day | None = None
    birth_year: int | None = Field(None, ge=1, le=9999, description="Khi chỉ biết năm sinh")
    sex: Sex
    ethnicity: str = Field(max_length=32, examples=["tay"])
    relation: Relation
    disability: Disability = Disability.NONE
    schooling: Schooling = Schooling.NOT_ATTENDING
    employment: Employment = Employment.INACTIVE
    has_pension: bool = False

    @property
    def year(self) -> int | None:
        """The year of birth, from whichever of the two is stated."""
        if self.birth_year is None and self.birth_date is not None:
            return self.birth_date.year
        return self.birth_year


class MemberIn(PersonIn):
    """A person while in the household, over `[joined_on, left_on)`."""

    joined_on: Day
    left_on: Day | None = None
    # Left out of the digest where nothing is said: registrations from before it had none.
    left_reason: LeftReason | None = Field(None, exclude_if=lambda reason: reason is None)
    is_low_income_worker: bool = Field(
        False,
        description="Xã đã xác nhận người lao động thu nhập thấp / confirmed by the commune",
    )

    def facts(self) -> MemberFacts:
        return MemberFacts(
            person_id=self.person_id or new_id(),
            birth_date=self.birth_date,
            birth_year=self.year,
            sex=self.sex,
            ethnicity=self.ethnicity,
            relation=self.relation,
            disability=self.disability,
            schooling=self.schooling,
            employment=self.employment,
            has_pension=self.has_pension,
            joined_on=self.joined_on,
            left_on=self.left_on,
            is_low_income_worker=self.is_low_income_worker,
            left_reason=self.left_reason,
        )


class ResidenceIn(_Input):
    """The commune's code as valid when recorded, and the day from which they live there."""

    commune: CommuneCode
    from_day: Day
    village: Village | None = Field(
        None,
        exclude_if=lambda village: village is None,  # as `left_reason`
    )


class _Facts(_Input):
    residence: ResidenceIn
    is_farm_household: bool = Field(description="Hộ làm nông, lâm, ngư, diêm nghiệp")
    members: list[MemberIn] = Field(min_length=1, max_length=_LARGEST_HOUSEHOLD)

    def facts_of(self, household_id: UUID, registered_on: date) -> HouseholdFacts:
        return HouseholdFacts(
            household_id=household_id,
            registered_on=registered_on,
            commune=self.residence.commune,
            lives_there_from=self.residence.from_day,
            is_farm_household=self.is_farm_household,
            members=tuple(member.facts() for member in self.members),
            village=None if self.residence.village is None else tidy(self.residence.village),
        )


class HouseholdIn(_Facts):
    """A household to be registered. With an id, sending it again changes nothing."""

    household_id: UUID | None = None
    registered_on: Day

    def digest(self) -> bytes:
        """Of the content as sent."""
        return sha256(self.__pydantic_serializer__.to_json(self)).digest()


class BatchIn(_Input):
    """Up to 1,000 households, all or none."""

    households: list[HouseholdIn] = Field(min_length=1, max_length=_LARGEST_BATCH)


class CorrectionIn(_Facts):
    """The whole household as it should be known. `effective_on` is today where left out."""

    effective_on: Day | None = None


class SearchIn(_Input):
    """What a household is searched by at the screens. Nothing of it is said back in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: str | None = Field(None, max_length=40)
    name: str | None = Field(None, max_length=120)
    birth_year: int | None = Field(None, ge=1850, le=2199)
    household: UUID | None = None
    commune: str | None = Field(None, max_length=100)
    status: StatusClass | None = None

    def question(self) -> str:
        """What of it may stand in an address."""
        fields = {
            "find": 1,
            **self.model_dump(include={"household", "commune", "status"}, exclude_none=True),
        }
        return urlencode(fields)


class WrittenOut(BaseModel):
    """What a write answers; `correlation_id` finds everything that follows from it."""

    household_id: UUID
    version: int
    correlation_id: UUID


class BatchOut(BaseModel):
    items: list[WrittenOut]


class ResidenceOut(HouseholdArea):
    """Where a household lives; the village (thôn) where it is known."""

    village: str | None


class HouseholdOut(BaseModel):
    """A household. `until` days are exclusive.

    `links`: other households that an act touched together with this one. `to_review_since`: nobody
    has decided on the class of those who live together since that day. `closures`: when it was
    closed before and came back.
    """

    household_id: UUID
    version: int
    registered_on: date
    closed_on: date | None
    residence: ResidenceOut
    is_farm_household: bool
    members: tuple[Member, ...]
    statuses: tuple[StatusPeriod, ...]
    escapes: tuple[EscapeWindow, ...]
    decisions: tuple[DecisionReference, ...]
    links: tuple[HouseholdLink, ...]
    to_review_since: date | None
    closures: tuple[Closure, ...]


class SnapshotOut(BaseModel):
    """A household as its latest event says it, for a consumer that starts from nothing."""

    household_id: UUID
    version: int
    data: HouseholdData
