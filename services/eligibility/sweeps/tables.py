"""The day of the law, and the sweeps that were asked for."""

from datetime import date, datetime

from sqlalchemy import Column, DateTime, Text
from sqlmodel import Field

from services.eligibility.metadata import EligibilityTable


class LawDay(EligibilityTable, table=True):
    """One row: the day up to which time has been applied, and the digest of the rules applied."""

    __tablename__ = "law_day"

    singleton: bool = Field(default=True, primary_key=True)
    day: date
    rules: str = Field(sa_type=Text)


class Sweep(EligibilityTable, table=True):
    """One sweep to `day`, with its progress; it may be repeated without effect."""

    __tablename__ = "sweep"

    day: date = Field(primary_key=True)
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    started_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    finished_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    households: int
    changed: int
