"""What is sent and answered of reorganisations."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.common.vocabulary import AreaKind, Designation
from services.registry.areas.domain import tidy
from services.registry.households.schemas import CommuneCode
from services.registry.reorganisations.acts import AT_ONCE
from services.registry.reorganisations.answering import AnswerAct
from services.registry.reorganisations.answers import Answer, AnswerState
from services.registry.reorganisations.store import Stored

Villages = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class AnswerIn(BaseModel):
    """Where households of a divided commune live now: single ones, or those of a village.

    Both left out: those of whom no village is recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: CommuneCode
    commune: CommuneCode
    village: Villages | None = None
    households: list[UUID] = Field(default_factory=list, max_length=AT_ONCE)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.village is not None and self.households:
            raise ValueError("either a village or households")
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


class AnswerActIn(BaseModel):
    """What is done with an answer, as the screens send it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: UUID
    act: AnswerAct


class AnswerOut(BaseModel):
    """An answer and how far it is.

    `households`: of how many it was given; `moved`: how many it has moved, or put back where it was
    undone. `by` is whoever took its last step. One of `others` has to confirm.
    """

    answer_id: UUID
    commune: str
    village: str | None
    to: str
    others: list[str]
    households: int
    moved: int
    state: AnswerState
    by: str
    recorded_at: datetime

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            answer_id=answer.answer_id,
            commune=answer.commune,
            village=answer.village,
            to=answer.to_commune,
            others=answer.others,
            households=len(answer.households),
            moved=len(answer.moved),
            state=answer.state,
            by=answer.by,
            recorded_at=answer.recorded_at,
        )


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
    digest: str | None = Field(description="SHA-256 của tệp / of the file, in hex")
    is_due: bool = Field(description="Đã duyệt và đến ngày / approved, and its day has come")
    preview: dict[str, Any] | None = Field(
        description="Những gì sẽ xảy ra; chỉ với người phụ trách mọi xã liên quan / what it will "
        "do: units, households moved, asked by village, under another income line"
    )
    problems: list[dict[str, Any]] = Field(default_factory=list)

    @classmethod
    def of(cls, found: Stored, today: date, problems: list[dict[str, Any]] | None = None) -> Self:
        names = set(cls.model_fields) - {"problems", "is_due"}
        values = {name: getattr(found, name) for name in names}
        is_due = found.state in ("approved", "applying") and found.in_force <= today
        return cls(**values, is_due=is_due, problems=problems or [])


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


class OpenDesignationOut(BaseModel):
    """A successor of which nobody has said whether a former commune's designation goes on."""

    former_commune: str
    designation: Designation
    commune: str


class OpenDesignationsOut(BaseModel):
    """`rule`: what holds until it is said, and whether a document confirms that."""

    items: list[OpenDesignationOut]
    rule: str
    rule_en: str
    is_confirmed: bool


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
