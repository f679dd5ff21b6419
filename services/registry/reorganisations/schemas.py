"""What is sent and answered of reorganisations."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.common.vocabulary import AreaKind
from services.registry.areas.domain import tidy
from services.registry.households.schemas import CommuneCode
from services.registry.reorganisations.acts import AT_ONCE
from services.registry.reorganisations.store import Stored

Villages = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class AssignIn(BaseModel):
    """Where households of a divided commune live now: those of a village, or single ones.

    `village` left out with `commune`: those of whom no village is recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: CommuneCode
    commune: CommuneCode | None = None
    village: Villages | None = None
    households: list[UUID] = Field(default_factory=list, max_length=AT_ONCE)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.commune is None) is not bool(self.households):
            raise ValueError("either commune (with village) or households")
        return self

    @property
    def tidy_village(self) -> str | None:
        return None if self.village is None else tidy(self.village)


class ReorganisationAct(StrEnum):
    """What the province does with one that was entered."""

    PREVIEW = "preview"
    APPROVE = "approve"
    CANCEL = "cancel"
    REPEAT = "repeat"


class ReorganisationActIn(BaseModel):
    """A decision as the screens send it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    act: ReorganisationAct


class AssignedOut(BaseModel):
    """How many households were moved; those that had moved before are not counted."""

    moved: int


class ReorganisationOut(BaseModel):
    """A reorganisation and how far it is.

    `state`: refused, entered, previewed, approved, applying, done or cancelled. `problems` has the
    shape of a problem document's `errors`: each broken rule with its line and cell.
    """

    reorganisation_id: UUID
    in_force: date
    document: str
    known_from: date
    state: str
    communes: list[str]
    lines: int
    entered_by: str
    recorded_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    finished_at: datetime | None
    households_total: int
    households_moved: int
    preview: dict[str, Any] | None = Field(
        description="Những gì sẽ xảy ra; chỉ với người phụ trách mọi xã liên quan / what it will "
        "do: units, households moved, asked by village, under another income line"
    )
    problems: list[dict[str, Any]] = Field(default_factory=list)

    @classmethod
    def of(cls, found: Stored, problems: list[dict[str, Any]] | None = None) -> Self:
        names = set(cls.model_fields) - {"problems"}
        values = {name: getattr(found, name) for name in names}
        return cls(**values, problems=problems or [])


class ChoiceOut(BaseModel):
    """A commune that took over a part of the divided one."""

    commune: str
    kind: AreaKind


class OpenOut(BaseModel):
    """Households of a divided commune's village of whom nobody has said where they live now."""

    commune: str
    village: str | None
    households: int
    persons: int
    choices: list[ChoiceOut]


class OpenHouseholdOut(BaseModel):
    household_id: UUID
    commune: str
    village: str | None


class ReclassifiedOut(BaseModel):
    """A household whose commune is of another kind now.

    `income_line_changes` is null where no document says which line a special zone has.
    """

    household_id: UUID
    former_commune: str
    commune: str
    former_kind: AreaKind
    kind: AreaKind
    income_line_changes: bool | None
