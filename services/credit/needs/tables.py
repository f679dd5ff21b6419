"""Tables of the loan needs: each as it stands, and as it stood after each version."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Text, text
from sqlmodel import Field

from services.credit.metadata import CreditTable


class NeedRow(CreditTable, table=True):
    """A need as it stands. Its id is used once for ever."""

    __tablename__ = "need"
    __table_args__ = (
        # The natural key: a referral has one need at a time that is not over.
        Index(
            "need_one_open",
            "referral_id",
            unique=True,
            postgresql_where=text("stage IN ('applied', 'listed', 'sent', 'received', 'approved')"),
        ),
        Index("need_stage", "stage", "need_id"),
        Index("need_household", "household_id"),
        Index("need_due", "due_on", "need_id", postgresql_where=text("due_on IS NOT NULL")),
        Index("need_waiting", "list_id", postgresql_where=text("stage = 'listed'")),
    )

    need_id: UUID = Field(primary_key=True)
    referral_id: UUID
    household_id: UUID
    version: int = Field(sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    months: int
    source: str = Field(sa_type=Text)
    group_id: UUID | None
    applied_on: date
    stage: str = Field(sa_type=Text)
    changed_on: date
    due_on: date | None
    over_cap: bool
    list_id: UUID | None
    confirmed_on: date | None
    is_confirmed: bool | None
    received_on: date | None
    answered_on: date | None
    approved_amount: int | None = Field(sa_type=BigInteger)
    approved_months: int | None
    reason: str | None = Field(sa_type=Text)


class NeedVersion(CreditTable, table=True):
    """A need after a version of its referral that changed it, with the act; never changed."""

    __tablename__ = "need_version"

    need_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    act: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    changed_on: date
    due_on: date | None
    over_cap: bool
    list_id: UUID | None
    confirmed_on: date | None
    is_confirmed: bool | None
    received_on: date | None
    answered_on: date | None
    approved_amount: int | None = Field(sa_type=BigInteger)
    approved_months: int | None
    reason: str | None = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
