"""What followed: one row per version of a household's rights, and one per version of a referral."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Date, DateTime, Index, Text
from sqlmodel import Field

from services.reporting.metadata import ReportingTable


class EffectFact(ReportingTable, table=True):
    """All that one version of a stream says about a household.

    `stream` is `entitlement`, `insurance` or `training`; `codes` are programmes, insurance groups
    or training groups, one element per right: `codes[i]` for one subject over
    `[from_days[i], until_days[i])`. A version that says nothing has empty arrays and still
    supersedes the one before.
    """

    __tablename__ = "effect_fact"
    __table_args__ = (Index("effect_fact_commune", "commune", "known_until"),)

    stream: str = Field(sa_column=Column(Text, primary_key=True))
    household_id: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    commune: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    known_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    from_days: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    until_days: list[date | None] = Field(sa_column=Column(ARRAY(Date), nullable=False))


class ReferralFact(ReportingTable, table=True):
    """One version of a referral to the bank.

    `replaced_on` and `known_until` are the first day and the first recording of any higher version:
    the row gives way once both have passed.
    """

    __tablename__ = "referral_fact"
    __table_args__ = (Index("referral_fact_commune", "commune"),)

    referral_id: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    household_id: UUID
    commune: str = Field(sa_column=Column(Text, nullable=False))
    programme: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    is_flagged: bool
    changed_on: date = Field(sa_column=Column(Date, nullable=False))
    replaced_on: date | None = Field(sa_column=Column(Date))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    known_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
