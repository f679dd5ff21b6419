"""What the bank sends and reads."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from libs.common.partners.documents import Fields, Told
from libs.common.vocabulary import CapitalSource, ReferralState
from libs.common.web.days import Day
from services.credit.needs.schemas import NeedBriefOut
from services.credit.referrals import store
from services.credit.referrals.disbursement import Disbursement, Payment
from services.credit.referrals.domain import Act, OfferedTerms
from services.credit.referrals.wording import explain


class Programme(StrEnum):
    """The bank's programmes: 01 poor, 19 near-poor, 09 newly escaped households."""

    POOR = "01"
    NEAR_POOR = "19"
    NEWLY_ESCAPED = "09"


class TermsOut(BaseModel):
    """Loan terms from the day `on`: VND, months, percent a year as decimal text."""

    on: date
    max_amount: int | None
    max_months: int | None
    yearly_rate_percent: Decimal
    overdue_rate_percent: Decimal
    document: str
    is_confirmed: bool

    @classmethod
    def of(cls, terms: OfferedTerms) -> "TermsOut":
        return cls(
            on=terms.on,
            max_amount=terms.max_amount,
            max_months=terms.max_months,
            yearly_rate_percent=terms.yearly_rate,
            overdue_rate_percent=terms.overdue_rate,
            document=terms.document,
            is_confirmed=terms.is_confirmed,
        )


class ReferralOut(Told):
    """A referral as it stands; `commune` is the code under which the household was recorded.

    `need` is the newest loan need, null where nobody has recorded one.
    """

    told_by = Fields(
        ids=("referral_id", "household_id", "version"),
        paths={"commune": "area.commune"},
        asked={"stage": "need.stage"},
    )

    referral_id: UUID
    household_id: UUID
    version: int
    commune: str
    programme: Programme
    state: ReferralState
    is_flagged: bool
    opened_on: date
    changed_on: date
    until: date | None
    terms: TermsOut
    need: NeedBriefOut | None

    @classmethod
    def of(cls, stored: store.Stored) -> "ReferralOut":
        referral = stored.referral
        return cls(
            referral_id=referral.referral_id,
            household_id=referral.household_id,
            version=referral.version,
            commune=referral.commune,
            programme=Programme(referral.programme),
            state=referral.state,
            is_flagged=referral.is_flagged,
            opened_on=referral.opened_on,
            changed_on=referral.changed_on,
            until=referral.until,
            terms=TermsOut.of(referral.terms),
            need=referral.need and NeedBriefOut.of(referral.need),
        )


class ReasonOut(BaseModel):
    """One text in both languages."""

    vi: str
    en: str


class VersionOut(Told):
    """A referral after one version, and why that was written."""

    told_by = Fields(ids=("version", "recorded_at"), paths={"why": "act"})

    version: int
    act: Act
    why: ReasonOut
    programme: Programme
    state: ReferralState
    is_flagged: bool
    changed_on: date
    until: date | None
    terms: TermsOut
    entitlement_version: int | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> "VersionOut":
        act = Act(row["act"])
        why = explain(act, row["programme"])
        return cls(
            version=row["version"],
            act=act,
            why=ReasonOut(vi=why.vi, en=why.en),
            programme=Programme(row["programme"]),
            state=ReferralState(row["state"]),
            is_flagged=row["is_flagged"],
            changed_on=row["changed_on"],
            until=row["until"],
            terms=TermsOut.of(store.terms_of(row)),
            entitlement_version=row["entitlement_version"],
            recorded_at=row["recorded_at"],
        )


class DisbursementIn(BaseModel):
    """What the bank paid out: amount in VND, the number of the loan contract.

    `months` is the loan's term; without it the approved one, without a need the longest of the
    programme. `source` is whose money; without it as applied for, without a need central.
    """

    model_config = ConfigDict(extra="forbid")

    paid_on: Day
    amount: Annotated[int, Field(gt=0, le=1_000_000_000_000)]
    contract_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z./-]{1,40}$")]
    months: Annotated[int, Field(ge=1, le=600)] | None = None
    source: CapitalSource | None = None

    def payment(self) -> Payment:
        paid = Disbursement(self.paid_on, self.amount, self.contract_number)
        return Payment(paid, self.months, self.source)


class DisbursementOut(Told):
    """What was paid out: of it the loan tells."""

    told_by = Fields(paths={"amount": "principal", "contract_number": "principal"})

    paid_on: date
    amount: int
    contract_number: str


class ReferralDetailOut(ReferralOut):
    """A referral with what was paid out and all its versions, oldest first."""

    disbursement: DisbursementOut | None
    history: list[VersionOut]
