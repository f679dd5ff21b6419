"""Files of outcomes that partners sent, and their lines until they are forgotten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.credit.metadata import CreditTable

_INSTANT = DateTime(timezone=True)


class OutcomeFile(CreditTable, table=True):
    """A file as it was taken in, and how far it is: `done_line` is the last line worked."""

    __tablename__ = "outcome_file"
    __table_args__ = (
        # The same file twice while the first is still worked is one file.
        Index(
            "outcome_file_waiting",
            "partner",
            "digest",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    file_id: UUID = Field(primary_key=True)
    partner: str = Field(sa_type=Text)
    caller: str = Field(sa_type=Text)
    roles: str = Field(sa_type=Text)
    areas: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    purpose: str | None = Field(sa_type=Text)
    correlation_id: UUID
    digest: bytes
    state: str = Field(sa_type=Text)
    lines: int
    recorded: int
    unchanged: int
    refused: int
    done_line: int
    attempts: int
    recorded_at: datetime = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(sa_type=_INSTANT)


class OutcomeLine(CreditTable, table=True):
    """A line as it was sent, and what came of it; `result` null: not worked yet.

    `faults` are of its cells: column and rule, with a space between.
    """

    __tablename__ = "outcome_line"

    file_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    cells: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    faults: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    result: str | None = Field(sa_type=Text)
    reasons: Any = Field(sa_column=Column(JSONB, nullable=True))
