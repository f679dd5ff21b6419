"""What officers send of who persons are, and what they read back."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.problems import Text
from libs.common.vocabulary import Sex
from libs.common.web.days import Day
from services.registry.vault.domain import IdentifierType, Identity

_Number = Annotated[str, Field(min_length=1, max_length=100)]


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class IdentifierIn(_Input):
    """A number from a day on."""

    value: _Number
    from_day: Day


class IdentityIn(_Input):
    """Who a person is, from a day on. What is left out stays as it is."""

    from_day: Day
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    numbers: dict[IdentifierType, _Number] = Field(default_factory=dict, max_length=6)
    address: Annotated[str, Field(min_length=1, max_length=500)] | None = None

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.numbers, self.address)


class LookupIn(_Input):
    """A number that a person bears."""

    type: IdentifierType
    value: _Number


class PersonOut(BaseModel):
    """A person who was found. The name is masked unless a registered purpose is stated."""

    person_id: UUID
    household_id: UUID
    commune: str
    birth_year: int
    sex: Sex
    name: str | None
    is_masked: bool


class PersonsOut(BaseModel):
    items: list[PersonOut]


_Ids = Annotated[list[UUID], Field(max_length=1_000)]


class PrintIn(_Input):
    """Whose names and numbers a form needs: of persons, and of the heads of households."""

    person_ids: _Ids = Field(default_factory=list)
    household_ids: _Ids = Field(default_factory=list)


class PrintedOut(BaseModel):
    """A person as on a form; `household_id`: of which it is the head, where asked for by it."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    household_id: UUID | None
    name: str | None
    personal_number: str | None
    insurance_number: str | None


class PrintOut(BaseModel):
    items: list[PrintedOut]


class DoubtOut(BaseModel):
    """What disagrees with what is known; recorded all the same."""

    vi: str
    en: str

    @classmethod
    def of(cls, doubts: Sequence[Text]) -> list[Self]:
        return [cls(vi=one.vi, en=one.en) for one in doubts]


class IdentifierOut(BaseModel):
    type: IdentifierType
    from_day: date
    doubts: list[DoubtOut]


class IdentityWritten(BaseModel):
    """That it is recorded; no value is said back."""

    person_id: UUID
    from_day: date
    doubts: list[DoubtOut]


class IdentityOut(BaseModel):
    """Who a person is. Masked unless the request states a registered purpose."""

    person_id: UUID
    is_masked: bool
    name: str | None
    numbers: dict[IdentifierType, str]
    address: str | None

    @classmethod
    def of(cls, person_id: UUID, identity: Identity, is_masked: bool) -> Self:
        return cls(
            person_id=person_id,
            is_masked=is_masked,
            name=identity.name,
            numbers=dict(identity.numbers),
            address=identity.address,
        )
