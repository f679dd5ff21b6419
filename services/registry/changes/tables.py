"""Change requests, what became of them step by step, and what they claim while they are open."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class ChangeRequest(RegistryTable, table=True):
    """What somebody asked for. Of it only state and effect change, once
    each, and whose it is.

    `asked_in`, `year` and `number` make the number that people say; where `asked_in` is None it is
    `commune`'s. `commune` is where the household lives now, whose officers decide; `to_commune`
    takes it over, or is another household's, and sees the request too: both follow their
    households. `changes` is every fact that it touches, before and after.
    `sealed` holds the evidence's number and, while the request is open, what it proposes to call
    persons.
    """

    __tablename__ = "change_request"
    __table_args__ = (
        Index("change_request_number", "asked_in", "year", "number", unique=True),
        Index("change_request_by_commune", "commune", "change_id"),
        Index("change_request_to_commune", "to_commune", "change_id"),
        Index(
            "change_request_open",
            "commune",
            "change_id",
            postgresql_where=text("state IN ('asked', 'endorsed')"),
        ),
        Index(
            "change_request_reverses",
            "reverses",
            unique=True,
            postgresql_where=text("state = 'applied'"),
        ),
    )

    change_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    to_commune: str | None = Field(sa_type=Text)
    asked_in: str | None = Field(sa_type=Text)
    year: int
    number: int
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    effective_on: date
    proposal: Any = Field(sa_column=Column(JSONB, nullable=False))
    evidence: Any = Field(sa_column=Column(JSONB, nullable=False))
    sealed: bytes
    changes: Any = Field(sa_column=Column(JSONB, nullable=False))
    persons: int
    persons_row: str = Field(sa_type=Text)
    reverses: UUID | None = Field(
        sa_column=Column(ForeignKey("change_request.change_id"), nullable=True)
    )
    correlation_id: UUID


class ChangeStep(RegistryTable, table=True):
    """Who did what on a request, and when: asked, endorsed, applied, refused, withdrawn. It is
    asked and endorsed once more where another commune has to agree by now.
    """

    __tablename__ = "change_step"

    change_id: UUID = Field(
        sa_column=Column(ForeignKey("change_request.change_id"), primary_key=True)
    )
    recorded_at: datetime = Field(sa_type=_INSTANT, primary_key=True)
    state: str = Field(sa_type=Text, primary_key=True)
    by: str = Field(sa_type=Text)
    reason: str | None = Field(sa_type=Text)


class ChangeHousehold(RegistryTable, table=True):
    """A household that a request is about: the version it was written against, and the one that it
    made.
    """

    __tablename__ = "change_household"
    __table_args__ = (Index("change_household_by_household", "household_id", "change_id"),)

    change_id: UUID = Field(
        sa_column=Column(ForeignKey("change_request.change_id"), primary_key=True)
    )
    household_id: UUID = Field(primary_key=True)
    version_read: int | None = Field(sa_type=BigInteger)
    version_written: int | None = Field(sa_type=BigInteger)


class ChangeClaim(RegistryTable, table=True):
    """A fact of a subject that an open request is about; gone once it is decided."""

    __tablename__ = "change_claim"
    __table_args__ = (Index("change_claim_by_change", "change_id"),)

    subject: UUID = Field(primary_key=True)
    fact: str = Field(sa_type=Text, primary_key=True)
    change_id: UUID = Field(
        sa_column=Column(ForeignKey("change_request.change_id"), nullable=False)
    )


class ChangeNumber(RegistryTable, table=True):
    """The last number that a commune has given in a year."""

    __tablename__ = "change_number"

    commune: str = Field(sa_type=Text, primary_key=True)
    year: int = Field(primary_key=True)
    last: int
