"""Households. Rows are never overwritten: `recorded` says when each one was held to be true.

`commune` stands on every row for row-level security; it follows the household's residence.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class Household(RegistryTable, table=True):
    """That a household exists, and what its registration said (`digest`), to answer repeats.

    `closed_on` is as known now; as known earlier it follows from the acts (`household_act`).
    """

    __tablename__ = "household"
    __table_args__ = (Index("household_by_commune", "commune", "household_id"),)

    household_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    registered_on: date
    digest: bytes
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    closed_on: date | None = Field(sa_column=Column(Date))


class HouseholdFact(RegistryTable, table=True):
    """Where the household lives and whether it lives off the land, over `effective`.

    `residence` is the commune's code as recorded; `commune` is the present one. `village` is the
    name of the village (thôn) where it is known.
    """

    __tablename__ = "household_fact"
    __table_args__ = (Index("household_fact_by_residence", "residence", "household_id"),)

    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), primary_key=True)
    )
    effective: Any = Field(sa_column=Column(DATERANGE, primary_key=True))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    commune: str = Field(sa_type=Text)
    residence: str = Field(sa_type=Text)
    is_farm_household: bool
    village: str | None = Field(sa_type=Text)


class Member(RegistryTable, table=True):
    """A person while in the household, over `[joined_on, left_on)`. No name, no number.

    Who left and came back has a row for each stay.
    """

    __tablename__ = "member"
    __table_args__ = (
        Index(
            "member_open_membership",
            "person_id",
            unique=True,
            postgresql_where=text("upper_inf(recorded) AND left_on IS NULL"),
        ),
        Index("member_by_person", "person_id"),
    )

    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), primary_key=True)
    )
    person_id: UUID = Field(primary_key=True)
    joined_on: date = Field(primary_key=True)
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    commune: str = Field(sa_type=Text)
    place: int
    birth_date: date | None
    birth_year: int
    sex: str = Field(sa_type=Text)
    ethnicity: str = Field(sa_type=Text)
    relation: str = Field(sa_type=Text)
    disability: str = Field(sa_type=Text)
    schooling: str = Field(sa_type=Text)
    employment: str = Field(sa_type=Text)
    has_pension: bool
    left_on: date | None
    is_low_income_worker: bool
    left_reason: str | None = Field(sa_column=Column(Text))
