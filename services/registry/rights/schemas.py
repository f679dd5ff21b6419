"""What officers send of requests about personal data, and what they read back."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from libs.common.ids import new_id
from libs.common.web.days import Day
from services.registry.rights.domain import (
    AskedBy,
    Request,
    RequestKind,
    RequestState,
    Step,
    Taken,
    clocks_of,
    rights_book,
    rule_of,
    state_of,
)
from services.registry.rights.store import Kept

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DataRequestIn(_Input):
    """What a person asked, and by which document (`evidence`: number and day, no name)."""

    request_id: UUID | None = None
    household_id: UUID
    person_id: UUID
    kind: RequestKind
    asked_by: AskedBy
    received_on: Day
    purpose: str | None = Field(None, max_length=64, examples=["credit"])
    evidence: Line
    with_others: bool = Field(
        False, description="Đối tác cũng xử lý dữ liệu / partners process the data too"
    )

    def request(self) -> Request:
        return Request(
            request_id=self.request_id or new_id(),
            household_id=self.household_id,
            person_id=self.person_id,
            kind=self.kind,
            asked_by=self.asked_by,
            received_on=self.received_on,
            purpose=self.purpose,
            evidence=self.evidence,
            with_others=self.with_others,
        )


class DayIn(_Input):
    """On which day it was done."""

    on: Day


class ReasonIn(_Input):
    """On which day, and why: number of the answer, no name."""

    on: Day
    reason: Line


class AnswerIn(ReasonIn):
    """The answer; `reason` also names what was done, by number of the document."""

    granted: bool


class StepOut(BaseModel):
    step: Step
    on: date
    reason: str | None

    @classmethod
    def of(cls, taken: Taken) -> "StepOut":
        return cls(step=taken.step, on=taken.on, reason=taken.reason)


class DataRequestOut(BaseModel):
    """A request with its steps; the days by which the next ones are due, null where none is.

    `times_document`: the law by which they are counted; `times_are_confirmed`: whether it was
    confirmed.
    """

    request_id: UUID
    household_id: UUID
    person_id: UUID
    kind: RequestKind
    asked_by: AskedBy
    received_on: date
    purpose: str | None
    evidence: str
    with_others: bool
    state: RequestState
    acknowledge_by: date | None
    answer_by: date | None
    is_overdue: bool
    times_document: str
    times_are_confirmed: bool
    steps: list[StepOut]
    recorded_at: datetime

    @classmethod
    def of(cls, kept: Kept, today: date) -> "DataRequestOut":
        request = kept.request
        rule = rule_of(request)
        clocks = clocks_of(request, kept.steps, rights_book())
        return cls(
            request_id=request.request_id,
            household_id=request.household_id,
            person_id=request.person_id,
            kind=request.kind,
            asked_by=request.asked_by,
            received_on=request.received_on,
            purpose=request.purpose,
            evidence=request.evidence,
            with_others=request.with_others,
            state=state_of(kept.steps),
            acknowledge_by=clocks.acknowledge_by,
            answer_by=clocks.answer_by,
            is_overdue=clocks.is_overdue(today),
            times_document=rule.document,
            times_are_confirmed=rule.is_confirmed,
            steps=[StepOut.of(taken) for taken in kept.steps],
            recorded_at=kept.recorded_at,
        )
