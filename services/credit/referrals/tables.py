"""Tables of the referrals: the current row, every version, what was paid, what is wanted."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.credit.metadata import CreditTable


class ReferralBasis(CreditTable, table=True):
    """What a household's latest entitlements ask for; locked by whoever decides its referrals."""

    __tablename__ = "referral_basis"

    household_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    entitlement_version: int = Field(sa_type=BigInteger)
    programme: str | None = Field(sa_type=Text)
    since: date


class ReferralRow(CreditTable, table=True):
    """A referral as it stands."""

    __tablename__ = "referral"
    __table_args__ = (
        # The natural key: whatever goes wrong above, a household is never referred twice at once.
        Index(
            "referral_one_open",
            "household_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("referral_household", "household_id"),
        Index("referral_programme", "programme", "state", "referral_id"),
    )

    referral_id: UUID = Field(primary_key=True)
    household_id: UUID
    version: int = Field(sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    area: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    need_id: UUID | None  # the newest
    programme: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    is_flagged: bool
    opened_on: date
    entitled_from: date
    changed_on: date
    until: date | None
    terms_on: date
    max_amount: int | None = Field(sa_type=BigInteger)
    max_months: int | None
    yearly_rate: Decimal = Field(sa_type=Numeric)
    overdue_rate: Decimal = Field(sa_type=Numeric)
    terms_document: str = Field(sa_type=Text)
    terms_are_confirmed: bool


class ReferralVersion(CreditTable, table=True):
    """A referral as it stood after each version, with the act that made it; never changed."""

    __tablename__ = "referral_version"

    referral_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    act: str = Field(sa_type=Text)
    programme: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    is_flagged: bool
    opened_on: date
    entitled_from: date
    changed_on: date
    until: date | None
    terms_on: date
    max_amount: int | None = Field(sa_type=BigInteger)
    max_months: int | None
    yearly_rate: Decimal = Field(sa_type=Numeric)
    overdue_rate: Decimal = Field(sa_type=Numeric)
    terms_document: str = Field(sa_type=Text)
    terms_are_confirmed: bool
    entitlement_version: int | None = Field(sa_type=BigInteger)
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class DisbursementRow(CreditTable, table=True):
    """What the bank paid out for a referral: once, under one contract."""

    __tablename__ = "disbursement"

    referral_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    paid_on: date
    amount: int = Field(sa_type=BigInteger)
    contract_number: str = Field(sa_type=Text, unique=True)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
