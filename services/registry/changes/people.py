"""What proposals say of persons: what each is to the head, who is new, what was wrong of whom."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.ids import new_id
from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from libs.common.web.days import Day
from services.registry.changes.facts import Edit
from services.registry.households.domain import MemberFacts
from services.registry.households.schemas import PersonIn
from services.registry.vault.domain import IdentifierType, Identity


class Input(BaseModel):
    """A field that is not asked for is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_Number = Annotated[str, Field(min_length=1, max_length=100)]
Address = Annotated[str, Field(min_length=1, max_length=500)]


class WhoIn(Input):
    """What a person is called, by which numbers found; what is left out is not stated.

    Sealed while the request is open, and gone from it once it is decided: it stands in the vault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    numbers: dict[IdentifierType, _Number] = Field(default_factory=dict, max_length=6)
    address: Address | None = None

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.numbers, self.address)

    @property
    def says_nothing(self) -> bool:
        return self == WhoIn()


class RelationIn(Input):
    """What a member is to the head from now on."""

    person_id: UUID
    relation: Relation

    def edit(self, household_id: UUID, pointer: str) -> Edit:
        return Edit(household_id, pointer, self.person_id, values={"relation": self.relation})


class ChildIn(Input):
    """A child born on the effective day."""

    person_id: UUID = Field(default_factory=new_id, description="Để trống nếu là người mới / new")
    sex: Sex
    ethnicity: str = Field(max_length=32, examples=["tay"])
    relation: Relation = Relation.CHILD
    disability: Disability = Disability.NONE
    who: WhoIn = WhoIn()

    def facts(self, born_on: date) -> MemberFacts:
        return MemberFacts(
            person_id=self.person_id,
            birth_date=born_on,
            birth_year=born_on.year,
            sex=self.sex,
            ethnicity=self.ethnicity,
            relation=self.relation,
            disability=self.disability,
            schooling=Schooling.NOT_ATTENDING,
            employment=Employment.INACTIVE,
            has_pension=False,
            joined_on=born_on,
            left_on=None,
        )


class NewcomerIn(PersonIn):
    """Somebody from outside the register, in the household from the effective day on."""

    person_id: UUID = Field(default_factory=new_id, description="Để trống nếu là người mới / new")
    is_low_income_worker: bool = False
    who: WhoIn = WhoIn()

    def facts(self, joined_on: date) -> MemberFacts:
        return MemberFacts(
            person_id=self.person_id,
            birth_date=self.birth_date,
            birth_year=self.year,
            sex=self.sex,
            ethnicity=self.ethnicity,
            relation=self.relation,
            disability=self.disability,
            schooling=self.schooling,
            employment=self.employment,
            has_pension=self.has_pension,
            joined_on=joined_on,
            left_on=None,
            is_low_income_worker=self.is_low_income_worker,
        )


class MemberCorrectionIn(Input):
    """What was recorded wrongly of a member; what is left out stays as it is.

    A year alone says that the day of birth is not known.
    """

    person_id: UUID
    birth_date: Day | None = None
    birth_year: int | None = Field(None, ge=1, le=9999)
    sex: Sex | None = None
    ethnicity: str | None = Field(None, max_length=32, examples=["tay"])
    relation: Relation | None = None
    disability: Disability | None = None
    schooling: Schooling | None = None
    employment: Employment | None = None
    has_pension: bool | None = None
    is_low_income_worker: bool | None = None

    def edit(self, household_id: UUID, pointer: str) -> Edit:
        values = {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name != "person_id" and getattr(self, name) is not None
        }
        if self.birth_date is not None:
            values.setdefault("birth_year", self.birth_date.year)
        elif self.birth_year is not None:
            values["birth_date"] = None
        return Edit(household_id, pointer, self.person_id, values=values)
