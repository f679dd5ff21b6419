"""Facts of households, one row per version, standard and residence."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Date, DateTime, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE
from sqlmodel import Field

from services.reporting.metadata import ReportingTable


class HouseholdFact(ReportingTable, table=True):
    """A household as said by one version, under one standard, at one residence.

    A household that never moved and has one standard takes one row per version. `standard` is empty
    while the household has no class. `place` 0 is the residence that the version itself names;
    earlier residences follow from lower versions and repeat the row, so that whoever may see that
    commune counts the household there on the days when it lived there. `known_until` is when a
    higher version was recorded first: the row decides what was known over
    `[recorded_at, known_until)`.

    Classes are a step function: `classes[i]` holds from `class_days[i]`; '' is no class. Member i
    is in the household over `[member_from[i], member_until[i])`. On the days in `away`, between a
    closing and a reopening, it lived nowhere, whatever `resident` covers.
    """

    __tablename__ = "household_fact"
    __table_args__ = (Index("household_fact_commune", "commune", "known_until"),)

    household_id: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    standard: str = Field(sa_column=Column(Text, primary_key=True))
    place: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    commune: str = Field(sa_column=Column(Text, nullable=False))
    resident: Any = Field(sa_column=Column(DATERANGE, nullable=False))
    lives_from: date = Field(sa_column=Column(Date, nullable=False))
    first_day: date = Field(sa_column=Column(Date, nullable=False))
    closed_on: date | None = Field(sa_column=Column(Date))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    known_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    class_days: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    classes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    escaped: Any = Field(sa_column=Column(DATEMULTIRANGE, nullable=False))
    member_from: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    member_until: list[date | None] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    away: Any = Field(sa_column=Column(DATEMULTIRANGE, nullable=False, server_default="{}"))
