"""What commune officers and the bank send and read of loan needs."""

from datetime import date, datetime
from typing import Annotated, Self
from unicodedata import normalize
from uuid import UUID

import asyncpg
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from libs.common.partners.documents import Fields, Told
from libs.common.vocabulary import CapitalSource, NeedStage
from libs.common.web.days import Day
from services.credit.needs.domain import Answer, Application, Need
from services.credit.needs.store import Placed
from services.credit.referrals.domain import Act


def _tidy(text: str) -> str:
    """One spelling of what looks the same: Vietnamese letters come composed or in parts."""
    return normalize("NFC", " ".join(text.split()))


# Words for people, without names or identity numbers: they stay here and never go on the bus.
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(_tidy)]
Amount = Annotated[int, Field(gt=0, le=1_000_000_000_000)]
Months = Annotated[int, Field(gt=0, le=600)]


class Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NeedIn(Input):
    """Form 01/TD: what the household asks for, in VND and months, through which group."""

    referral_id: UUID
    purpose: Words = Field(examples=["Mua bò sinh sản"])
    amount: Amount
    months: Months
    source: CapitalSource
    group_id: UUID | None = None
    applied_on: Day

    def application(self) -> Application:
        return Application(
            purpose=self.purpose,
            amount=self.amount,
            months=self.months,
            source=self.source,
            group_id=self.group_id,
            applied_on=self.applied_on,
        )


class WithdrawalIn(Input):
    """The household does not want the loan any more."""

    on: Day
    reason: Words


class ReceiptIn(Input):
    """The bank has received the need."""

    received_on: Day


class AnswerIn(Input):
    """The bank's answer (notice 04/TD).

    Approved: `amount` (VND) and `months` where they are less than asked for. Refused: why.
    """

    approved: bool
    amount: Amount | None = None
    months: Months | None = None
    reason: Words | None = None
    answered_on: Day

    def given(self) -> Answer:
        return Answer(self.approved, self.amount, self.months, self.reason, self.answered_on)


class NeedOut(Told):
    """A need as it stands.

    `version` is that of the referral after the last step. `due_on`: the last day for the commune's
    confirmation or the bank's answer; `is_overdue` once that is past. `over_cap`: the amount is
    over the limit that now applies. `confirmed_on` is the last confirmation; while the need is
    `listed`, another is needed. Partners: see `need` of the referral; what that has no field for is
    shown to whom all of it is.
    """

    told_by = Fields(
        ids=("need_id", "referral_id", "household_id", "version"),
        paths={"commune": "area.commune"},
        under="need",
        asked={"due_before": "need.due_on"},
    )

    need_id: UUID
    referral_id: UUID
    household_id: UUID
    commune: str
    version: int
    purpose: str
    amount: int
    months: int
    source: CapitalSource
    group_id: UUID | None
    applied_on: date
    stage: NeedStage
    changed_on: date
    due_on: date | None
    is_overdue: bool
    over_cap: bool
    list_id: UUID | None
    confirmed_on: date | None
    received_on: date | None
    answered_on: date | None
    approved_amount: int | None
    approved_months: int | None
    reason: str | None

    @classmethod
    def of(cls, placed: Placed, today: date) -> Self:
        need, asked = placed.need, placed.need.application
        return cls(
            need_id=need.need_id,
            referral_id=placed.referral_id,
            household_id=placed.household_id,
            commune=placed.commune,
            version=need.version,
            purpose=asked.purpose,
            amount=asked.amount,
            months=asked.months,
            source=asked.source,
            group_id=asked.group_id,
            applied_on=asked.applied_on,
            is_overdue=is_overdue(need, today),
            **{name: getattr(need, name) for name in _STATE},
        )


_STATE = (
    "stage",
    "changed_on",
    "due_on",
    "over_cap",
    "list_id",
    "confirmed_on",
    "received_on",
    "answered_on",
    "approved_amount",
    "approved_months",
    "reason",
)


class StepOut(Told):
    """A need after one act."""

    told_by = Fields(ids=("version", "recorded_at"), paths={"act": "act"}, under="need")

    version: int
    act: Act
    stage: NeedStage
    changed_on: date
    due_on: date | None
    over_cap: bool
    list_id: UUID | None
    confirmed_on: date | None
    received_on: date | None
    answered_on: date | None
    approved_amount: int | None
    approved_months: int | None
    reason: str | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        return cls(**{name: row[name] for name in cls.model_fields})


class NeedDetailOut(BaseModel):
    """A need with every act that changed it, oldest first."""

    need: NeedOut
    history: list[StepOut]


class NeedBriefOut(BaseModel):
    """A referral's newest need: amount and months as approved, before that as asked for."""

    need_id: UUID
    amount: int
    months: int
    source: CapitalSource
    stage: NeedStage
    over_cap: bool
    changed_on: date
    due_on: date | None

    @classmethod
    def of(cls, need: Need) -> Self:
        return cls(
            need_id=need.need_id,
            amount=need.amount,
            months=need.months,
            source=need.application.source,
            stage=need.stage,
            over_cap=need.over_cap,
            changed_on=need.changed_on,
            due_on=need.due_on,
        )


def is_overdue(need: Need, today: date) -> bool:
    return need.due_on is not None and need.due_on < today
