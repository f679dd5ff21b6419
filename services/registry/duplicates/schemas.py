"""What officers see of records that look alike, and what they decide."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from libs.common.vocabulary import Relation, Sex
from services.registry.duplicates.domain import CLUES, Clue, PairState, Step, points_of
from services.registry.duplicates.store import KeptPair, StepRow
from services.registry.vault.domain import IdentifierType

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NumberClaimIn(_Input):
    """A number on a person's papers that is recorded for somebody else.

    `evidence` names the papers by number and day. Who claims it does not decide.
    """

    household_id: UUID
    person_id: UUID
    type: IdentifierType
    value: Annotated[str, Field(min_length=1, max_length=100)]
    evidence: Reason


class ReasonIn(_Input):
    """`reason` names the papers that were looked at, no person."""

    reason: Reason


class SameIn(ReasonIn):
    """They are one person; the record `keep` stays.

    `relations`: to the new head, of those who stay where the record that goes was the head.
    """

    keep: UUID
    relations: dict[UUID, Relation] = Field(default_factory=dict, max_length=100)


class ClueOut(BaseModel):
    """Why, and how many points it gave."""

    clue: Clue
    vi: str
    en: str
    points: int


class DuplicateOut(BaseModel):
    """Two records that look alike; `score` from 0 to 100 is the sum of the clues."""

    pair_id: UUID
    persons: tuple[UUID, UUID]
    households: tuple[UUID, UUID]
    score: int
    clues: list[ClueOut]
    state: PairState
    claimed_by: str | None
    evidence: str | None
    found_at: datetime
    compared_at: datetime

    @classmethod
    def of(cls, pair: KeptPair) -> "DuplicateOut":
        return cls(
            pair_id=pair.pair_id,
            persons=(pair.one, pair.other),
            households=(pair.one_household, pair.other_household),
            score=pair.score,
            clues=[
                ClueOut(clue=clue, vi=CLUES[clue].vi, en=CLUES[clue].en, points=points_of(clue))
                for clue in pair.clues
            ],
            state=pair.state,
            claimed_by=pair.claimed_by,
            evidence=pair.evidence,
            found_at=pair.found_at,
            compared_at=pair.compared_at,
        )


class SideOut(BaseModel):
    """One of the two records; names and numbers are masked unless a purpose is stated."""

    person_id: UUID
    household_id: UUID
    commune: str
    name: str | None
    numbers: dict[IdentifierType, str]
    address: str | None
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    relation: Relation
    joined_on: date


class DecidedOut(BaseModel):
    """What was proposed, confirmed or undone."""

    step: Step
    kept: UUID | None
    reason: str
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, row: StepRow) -> "DecidedOut":
        return cls(
            step=row.step,
            kept=row.kept,
            reason=row.reason,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )


class DuplicateDetail(DuplicateOut):
    """Both records side by side, as far as they may be seen, and what was done before.

    `proposed` waits for the confirmation of another person. Of a settled pair both are shown as
    they were known right before it was settled (`as_known_at`), of a void one when it was last
    compared.
    """

    sides: list[SideOut]
    as_known_at: datetime | None
    is_masked: bool
    proposed: Step | None
    steps: list[DecidedOut]
