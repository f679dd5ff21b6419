"""One row per event of any stream, found by household."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting.metadata import ReportingTable


class TimelineEntry(ReportingTable, table=True):
    """What happened to a household, as facts: `act` names it and `facts` holds its parameters.

    The key begins with the household, so that one index serves both uniqueness and reading.
    """

    __tablename__ = "timeline_entry"

    household_id: UUID = Field(primary_key=True)
    stream: str = Field(sa_column=Column(Text, primary_key=True))
    subject: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: UUID
    type: str = Field(sa_column=Column(Text, nullable=False))
    commune: str = Field(sa_column=Column(Text, nullable=False))
    act: str = Field(sa_column=Column(Text, nullable=False))
    facts: Any = Field(sa_column=Column(JSONB, nullable=False))
    correlation_id: UUID
    causation_id: UUID | None
    occurred_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
