"""Requests about personal data, their steps, and the limits that follow. Nothing is overwritten."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class DataRequest(RegistryTable, table=True):
    """What was asked. `purpose` None: every purpose that is not a duty of the state."""

    __tablename__ = "data_request"
    __table_args__ = (Index("data_request_by_person", "person_id"),)

    request_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), nullable=False)
    )
    person_id: UUID
    kind: str = Field(sa_type=Text)
    asked_by: str = Field(sa_type=Text)
    received_on: date
    purpose: str | None = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    with_others: bool
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class DataRequestStep(RegistryTable, table=True):
    """A step that was taken; the last one says where the request stands."""

    __tablename__ = "data_request_step"

    request_id: UUID = Field(
        sa_column=Column(ForeignKey("data_request.request_id"), primary_key=True)
    )
    place: int = Field(primary_key=True)
    step: str = Field(sa_type=Text)
    on_day: date
    reason: str | None = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class ProcessingLimit(RegistryTable, table=True):
    """For what a person's data may not be used over `effective`."""

    __tablename__ = "processing_limit"
    __table_args__ = (
        Index(
            "processing_limit_by_person",
            "person_id",
            postgresql_where=text("upper_inf(recorded)"),
        ),
    )

    request_id: UUID = Field(
        sa_column=Column(ForeignKey("data_request.request_id"), primary_key=True)
    )
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    person_id: UUID
    purpose: str | None = Field(sa_type=Text)
    effective: Any = Field(sa_column=Column(DATERANGE, nullable=False))
