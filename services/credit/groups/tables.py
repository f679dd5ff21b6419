"""Tables of the savings-and-credit groups."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlmodel import Field

from services.credit.metadata import CreditTable


class GroupRow(CreditTable, table=True):
    """A group; whoever changes its members locks it."""

    __tablename__ = "savings_group"
    __table_args__ = (Index("savings_group_commune", "commune", "group_id"),)

    group_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    village: str = Field(sa_type=Text)
    union_kind: str = Field(sa_type=Text)
    founded_on: date
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class GroupMember(CreditTable, table=True):
    """A household in a group over `period`; in no two groups at once, whatever goes wrong above."""

    __tablename__ = "group_member"
    __table_args__ = (Index("group_member_household", "household_id"),)

    group_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    joined_on: date = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    person_id: UUID | None
    period: Any = Field(sa_column=Column(DATERANGE, nullable=False))
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class GroupGrade(CreditTable, table=True):
    """A group's grade from a day on; the last one counts."""

    __tablename__ = "group_grade"

    group_id: UUID = Field(primary_key=True)
    graded_on: date = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    grade: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class GroupReview(CreditTable, table=True):
    """The yearly review of a group (form 16/TD)."""

    __tablename__ = "group_review"

    group_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    done_on: date
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
