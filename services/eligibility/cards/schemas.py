"""What the insurer tells of its cards, and what it and the officers read."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.vocabulary import CardReason, CardState, Result
from libs.common.web.days import Day
from libs.common.web.lines import line_errors
from libs.common.web.schemas import ProblemField
from services.eligibility.cards.domain import Answer, Line, Verdict
from services.eligibility.cards.store import Awaited, Shown

MOST_LINES = 1_000
_MOST = 2**53  # what JSON's readers hold exactly
Group = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$", examples=["HN", "CN", "TE"])]


class CardIn(BaseModel):
    """The answer to one line of the roll: `person_id`, `group`, `from_day` and `until` as the roll
    says them, and the version of it (`sequence` of the event) that is answered.

    `number` is your count of answers to the line: the highest counts, whatever arrives first.
    `issued` names the card by a reference of your own (`card_reference`; no card number, no BHXH
    code) and its period `[valid_from, valid_until)`; `rejected` and `withdrawn` give a `reason`.
    """

    model_config = ConfigDict(extra="forbid")

    household_id: UUID
    person_id: UUID
    group: Group
    from_day: Day
    until: Day | None = None
    roll_version: Annotated[int, Field(ge=1, lt=_MOST)]
    number: Annotated[int, Field(ge=1, lt=_MOST)]
    state: CardState
    answered_on: Day
    reason: CardReason | None = None
    card_reference: UUID | None = None
    benefit_level: Annotated[int, Field(ge=1, le=5)] | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None

    def answer(self) -> Answer:
        return Answer(
            line=Line(self.household_id, self.person_id, self.group, self.from_day),
            until=self.until,
            number=self.number,
            roll_version=self.roll_version,
            state=self.state,
            answered_on=self.answered_on,
            reason=self.reason,
            reference=self.card_reference,
            benefit_level=self.benefit_level,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class CardsIn(BaseModel):
    """A page of answers; each is done or refused by itself."""

    model_config = ConfigDict(extra="forbid")

    lines: Annotated[list[CardIn], Field(min_length=1, max_length=MOST_LINES)]


class CardLineOut(BaseModel):
    """What came of an answer; `errors` say why it was refused, and `position` is its place in the
    page, from 0."""

    position: int
    household_id: UUID
    person_id: UUID
    number: int
    result: Result
    code: str | None
    errors: list[ProblemField]

    @classmethod
    def of(cls, position: int, verdict: Verdict) -> "CardLineOut":
        answer, problem = verdict.answer, verdict.problem
        return cls.model_construct(
            position=position,
            household_id=answer.line.household_id,
            person_id=answer.line.person_id,
            number=answer.number,
            result=verdict.result,
            code=None if problem is None else problem.code,
            errors=[] if problem is None else line_errors(position, problem, "/person_id"),
        )


class CardsOut(BaseModel):
    """The report of a page: how many answers were recorded, unchanged and refused, and each."""

    recorded: int
    unchanged: int
    refused: int
    lines: list[CardLineOut]

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> "CardsOut":
        results = [verdict.result for verdict in verdicts]
        return cls(
            recorded=results.count(Result.RECORDED),
            unchanged=results.count(Result.UNCHANGED),
            refused=results.count(Result.REFUSED),
            lines=[CardLineOut.of(at, verdict) for at, verdict in enumerate(verdicts)],
        )


class CardStanding(StrEnum):
    """Whether an answer holds.

    `outdated`: the roll has moved on since, and the insurer has yet to answer. `superseded`: it has
    answered with a higher number.
    """

    CURRENT = "current"
    OUTDATED = "outdated"
    SUPERSEDED = "superseded"


class CardOut(BaseModel):
    """An answer to a line of the roll: a person in a group over `[from_day, until)`."""

    person_id: UUID
    household_id: UUID
    commune: str
    group: str
    from_day: date
    until: date | None
    number: int
    roll_version: int
    state: CardState
    standing: CardStanding
    reason: CardReason | None
    card_reference: UUID | None
    benefit_level: int | None
    valid_from: date | None
    valid_until: date | None
    answered_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, shown: Shown) -> "CardOut":
        answer = shown.answer
        standing = CardStanding.CURRENT if shown.is_current else CardStanding.OUTDATED
        if shown.superseded_at is not None:
            standing = CardStanding.SUPERSEDED
        return cls.model_construct(
            **answer.line._asdict(),
            commune=shown.commune,
            until=answer.until,
            number=answer.number,
            roll_version=answer.roll_version,
            state=answer.state,
            standing=standing,
            reason=answer.reason,
            card_reference=answer.reference,
            benefit_level=answer.benefit_level,
            valid_from=answer.valid_from,
            valid_until=answer.valid_until,
            answered_on=answer.answered_on,
            recorded_at=shown.recorded_at,
        )


class AwaitedOut(BaseModel):
    """A line of the roll that the insurer has yet to answer."""

    person_id: UUID
    group: str
    from_day: date
    until: date | None

    @classmethod
    def of(cls, awaited: Awaited) -> "AwaitedOut":
        return cls(
            person_id=awaited.person_id,
            group=awaited.group,
            from_day=awaited.from_day,
            until=awaited.until,
        )


class HouseholdCardsOut(BaseModel):
    """A household before the insurer: its roll's newest version, the lines that await an answer,
    and every answer, line by line, oldest first."""

    household_id: UUID
    roll_version: int
    awaited: list[AwaitedOut]
    answers: list[CardOut]
