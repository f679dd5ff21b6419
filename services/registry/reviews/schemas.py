"""What chairmen send and read of status decisions."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.ids import new_id
from libs.common.vocabulary import DecisionKind, StatusClass
from libs.common.web.days import Day
from services.registry.areas.domain import tidy
from services.registry.reviews.store import Document

LARGEST_DECISION = 50_000


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RowIn(_Input):
    """One line. A revocation gives no class."""

    household_id: UUID
    status: StatusClass | None = None


class DecisionIn(_Input):
    """One signed document over 1 to 50,000 households; with an id, sending it again is harmless.

    `recognise` sets classes. `correct` replaces what `supersedes` said of the named households.
    `revoke` withdraws it, of the named households or, where none is named, of all.
    """

    decision_id: UUID | None = None
    number: str = Field(min_length=1, max_length=64, pattern=r"\S", examples=["12/QĐ-UBND"])
    kind: DecisionKind
    signed_on: Day
    effective_on: Day
    authority: str = Field(min_length=1, max_length=200, examples=["UBND xã Nghiên Loan"])
    commune: Annotated[str, Field(pattern=r"^\d{5}$", examples=["01882"])]
    standard: str = Field(max_length=32, examples=["ND07-2021"])
    supersedes: UUID | None = None
    rows: list[RowIn] = Field(default_factory=list, max_length=LARGEST_DECISION)

    def digest(self) -> bytes:
        """Of the content as sent."""
        return sha256(self.__pydantic_serializer__.to_json(self)).digest()

    def document(self) -> Document:
        return Document(
            decision_id=self.decision_id or new_id(),
            commune=self.commune,
            kind=self.kind,
            number=tidy(self.number),
            authority=tidy(self.authority),
            standard=self.standard,
            signed_on=self.signed_on,
            effective_on=self.effective_on,
            supersedes=self.supersedes,
        )


class RowOut(BaseModel):
    """What a row did; `correlation_id` finds everything that follows from it."""

    household_id: UUID
    version: int
    correlation_id: UUID


class DecisionOut(BaseModel):
    """A decision and how far it is.

    `state`: accepted, running, done or refused. `problems` has the shape of a problem document's
    `errors`. `rows` is there only in the answer to a decision that was done at once.
    """

    decision_id: UUID
    number: str
    kind: DecisionKind
    signed_on: date
    effective_on: date
    authority: str
    commune: str
    standard: str
    supersedes: UUID | None
    state: str
    rows_total: int
    rows_done: int
    problems: list[dict[str, Any]]
    correlation_id: UUID
    recorded_at: datetime
    finished_at: datetime | None
    rows: list[RowOut] = Field(default_factory=list)
