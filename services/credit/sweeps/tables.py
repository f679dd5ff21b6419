"""The day of the law, and the sweeps that were asked for."""

from datetime import date, datetime

from sqlalchemy import DateTime
from sqlmodel import Field

from services.credit.metadata import CreditTable


class LawDay(CreditTable, table=True):
    """One row: up to which day new rates and limits have been applied to open referrals."""

    __tablename__ = "law_day"

    is_only: bool = Field(primary_key=True)
    day: date


class SweepRow(CreditTable, table=True):
    """One sweep to `day`, with its progress; it may be repeated without effect."""

    __tablename__ = "sweep"

    day: date = Field(primary_key=True)
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    changed: int
