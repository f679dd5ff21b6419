"""Decisions and what follows from them. Decisions and their rows are only ever added."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class Decision(RegistryTable, table=True):
    """One document. `signed_year` is there for the rule that a number is used once a year."""

    __tablename__ = "decision"
    __table_args__ = (
        Index(
            "decision_number",
            "commune",
            "authority",
            "signed_year",
            "number",
            unique=True,
            postgresql_where=text("state <> 'refused'"),
        ),
        Index(
            "decision_waiting",
            "recorded_at",
            postgresql_where=text("state = 'accepted'"),
        ),
    )

    decision_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    number: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    signed_on: date
    signed_year: int
    effective_on: date
    authority: str = Field(sa_type=Text)
    standard: str = Field(sa_type=Text)
    supersedes: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("decision.decision_id"), nullable=True)
    )
    digest: bytes
    state: str = Field(sa_type=Text)
    rows_total: int
    problems: Any = Field(sa_column=Column(JSONB, nullable=False))
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(sa_type=_INSTANT)


class DecisionProgress(RegistryTable, table=True):
    """How far the job is, written beside the job's transaction so that others can see it."""

    __tablename__ = "decision_progress"

    decision_id: UUID = Field(primary_key=True)
    rows_done: int
    attempts: int
    updated_at: datetime = Field(sa_type=_INSTANT)


class StagedRow(RegistryTable, table=True):
    """A line of an accepted decision that waits for the job; gone once the job is done."""

    __tablename__ = "staged_row"

    decision_id: UUID = Field(
        sa_column=Column(ForeignKey("decision.decision_id"), primary_key=True)
    )
    line: int = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    household_id: UUID
    status: str | None = Field(sa_type=Text)


class DecisionRow(RegistryTable, table=True):
    """What one decision says of one household, with its document.

    The document's fields are repeated here because the row goes with the household: who may see
    the household sees its whole history, also that of another commune's decisions.
    `status` None withdraws. `supersedes` names the decision whose row for this household no
    longer counts, for as long as this row itself counts.
    """

    __tablename__ = "decision_row"
    __table_args__ = (Index("decision_row_by_decision", "decision_id"),)

    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), primary_key=True)
    )
    decision_id: UUID = Field(
        sa_column=Column(ForeignKey("decision.decision_id"), primary_key=True)
    )
    commune: str = Field(sa_type=Text)
    status: str | None = Field(sa_type=Text)
    standard: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    number: str = Field(sa_type=Text)
    authority: str = Field(sa_type=Text)
    signed_on: date
    effective_on: date
    supersedes: UUID | None
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=_INSTANT)


class StatusPeriod(RegistryTable, table=True):
    """A household's class under one standard over `effective`, held true over `recorded`."""

    __tablename__ = "status_period"
    __table_args__ = (
        Index(
            "status_period_by_commune",
            "commune",
            "status",
            "household_id",
            postgresql_where=text("upper_inf(recorded)"),
        ),
    )

    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), primary_key=True)
    )
    standard: str = Field(sa_type=Text, primary_key=True)
    effective: Any = Field(sa_column=Column(DATERANGE, primary_key=True))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    commune: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    decision_id: UUID
