"""Reorganisations as they were entered, where households of old communes go, and answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)
_TEXTS, _IDS = ARRAY(Text), ARRAY(Uuid)


class Reorganisation(RegistryTable, table=True):
    """One dated change of the map, and how far it is.

    `communes` are the commune codes that it touches, old and new: whose scope names one of them may
    see it. `preview` counts households, for those who may see all of these communes.
    """

    __tablename__ = "reorganisation"
    __table_args__ = (
        Index(
            "reorganisation_waiting",
            "in_force",
            postgresql_where=text("state IN ('approved', 'applying')"),
        ),
    )

    reorganisation_id: UUID = Field(primary_key=True)
    in_force: date
    document: str = Field(sa_type=Text)
    known_from: date
    state: str = Field(sa_type=Text)
    communes: Any = Field(sa_column=Column(_TEXTS, nullable=False))
    lines: int
    entered_by: str = Field(sa_type=Text)
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=_INSTANT)
    preview: Any = Field(sa_column=Column(JSONB, nullable=True))
    approved_by: str | None = Field(sa_type=Text)
    approved_at: datetime | None = Field(sa_type=_INSTANT)
    households_total: int
    households_moved: int
    after_household: UUID | None
    attempts: int
    digest: str | None = Field(sa_type=Text)
    finished_at: datetime | None = Field(sa_type=_INSTANT)


class ReorganisationLine(RegistryTable, table=True):
    """A line of the file as it was sent, and why it is refused; public facts."""

    __tablename__ = "reorganisation_line"

    reorganisation_id: UUID = Field(
        sa_column=Column(ForeignKey("reorganisation.reorganisation_id"), primary_key=True)
    )
    line: int = Field(primary_key=True)
    cells: Any = Field(sa_column=Column(_TEXTS, nullable=False))
    faults: Any = Field(sa_column=Column(_TEXTS, nullable=False))
    reasons: Any = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'[]'")))


class ReorganisationRoute(RegistryTable, table=True):
    """Where the households go that were recorded under `code` in `[valid_from, valid_until)`.

    `is_asked`: there are several ways; a household takes this one where its village is named, or
    where a person says so. `is_done`: the job has walked it. `recorded_before`: until when records
    were made by the map of before; such ones go this way whatever their day is.
    """

    __tablename__ = "reorganisation_route"

    reorganisation_id: UUID = Field(
        sa_column=Column(ForeignKey("reorganisation.reorganisation_id"), primary_key=True)
    )
    place: int = Field(primary_key=True)
    code: str = Field(sa_type=Text)
    valid_from: date
    valid_until: date
    kind: str = Field(sa_type=Text)
    to_code: str = Field(sa_type=Text)
    to_kind: str = Field(sa_type=Text)
    villages: Any = Field(sa_column=Column(_TEXTS, nullable=False))
    is_asked: bool
    is_done: bool
    recorded_before: datetime | None = Field(sa_type=_INSTANT)


class ReorganisationAnswer(RegistryTable, table=True):
    """Where households of a divided commune are said to live: of a village (None: of none recorded,
    or single ones) or as named. `communes`: the old one and its successors, who all see it.
    """

    __tablename__ = "reorganisation_answer"
    __table_args__ = (Index("reorganisation_answer_of", "reorganisation_id", "answer_id"),)

    answer_id: UUID = Field(primary_key=True)
    reorganisation_id: UUID = Field(
        sa_column=Column(ForeignKey("reorganisation.reorganisation_id"), nullable=False)
    )
    commune: str = Field(sa_type=Text)
    village: str | None = Field(sa_type=Text)
    to_commune: str = Field(sa_type=Text)
    communes: Any = Field(sa_column=Column(_TEXTS, nullable=False))
    households: Any = Field(sa_column=Column(_IDS, nullable=False))


class ReorganisationAnswerStep(RegistryTable, table=True):
    """What became of an answer, and through whom; the last one is its state. Rows are only added.

    `households` are those that it has moved, or put back.
    """

    __tablename__ = "reorganisation_answer_step"

    answer_id: UUID = Field(
        sa_column=Column(ForeignKey("reorganisation_answer.answer_id"), primary_key=True)
    )
    place: int = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    by: str = Field(sa_type=Text)
    households: Any = Field(sa_column=Column(_IDS, nullable=False))
    recorded_at: datetime = Field(sa_type=_INSTANT)
