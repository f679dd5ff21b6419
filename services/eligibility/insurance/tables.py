"""The health-insurance roll, by period and as known on any day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text
from sqlmodel import Field

from services.eligibility.metadata import EligibilityTable


class RollPeriodRow(EligibilityTable, table=True):
    """One person in one insurance group over `[from_day, until)`, known from `recorded_at` on.

    A row is never changed except that `superseded_at` is set once.
    """

    __tablename__ = "roll_period"
    __table_args__ = (Index("roll_period_by_person", "commune", "person_id"),)

    household_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    from_day: date = Field(primary_key=True)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    superseded_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    commune: str = Field(sa_type=Text)
    group_code: str = Field(sa_type=Text)
    support_percent: int
    benefit_percent: int
    until: date | None
    document: str = Field(sa_type=Text)
    is_confirmed: bool
    order_is_confirmed: bool
