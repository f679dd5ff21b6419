"""The entitlements, and the facts of each household from which they were determined."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, DateTime, Index, LargeBinary, Text
from sqlmodel import Field

from services.eligibility.metadata import EligibilityTable


class HouseholdFactsRow(EligibilityTable, table=True):
    """What the registry last said of a household, and the day up to which it was decided."""

    __tablename__ = "household_facts"
    __table_args__ = (Index("household_facts_due", "next_change_on", "household_id"),)

    household_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    household_version: int = Field(sa_type=BigInteger)
    facts: bytes = Field(sa_type=LargeBinary)
    determined_to: date
    rules: str = Field(sa_type=Text)
    next_change_on: date | None


class EntitlementRow(EligibilityTable, table=True):
    """One right of one subject over `[from_day, until)`, known from `recorded_at` on.

    A row is never changed except that `superseded_at` is set once.
    """

    __tablename__ = "entitlement"

    household_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    programme: str = Field(sa_type=Text, primary_key=True)
    from_day: date = Field(primary_key=True)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    superseded_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    commune: str = Field(sa_type=Text)
    support: str = Field(sa_type=Text)
    subject_kind: str = Field(sa_type=Text)
    until: date | None
    rule_table: str = Field(sa_type=Text)
    rule_row: str = Field(sa_type=Text)
    document: str = Field(sa_type=Text)
    is_confirmed: bool
    benefit: str = Field(sa_column=Column(JSON, nullable=False))
