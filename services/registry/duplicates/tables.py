"""Records of persons that look alike, what was decided of them, and who is to be compared next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class DuplicateCheck(RegistryTable, table=True):
    """A person whose data are new; `hash`: of a number that somebody claims for it."""

    __tablename__ = "duplicate_check"

    check_id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    person_id: UUID
    hash: bytes | None
    claimed_by: str | None = Field(sa_type=Text)
    evidence: str | None = Field(sa_type=Text)


class DuplicateKey(RegistryTable, table=True):
    """Under what a person is found who may be another one: a keyed hash of name and birth."""

    __tablename__ = "duplicate_key"
    __table_args__ = (Index("duplicate_key_by_person", "person_id"),)

    key: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    person_id: UUID = Field(primary_key=True)


class DuplicateSweep(RegistryTable, table=True):
    """One row, held by whoever searches. `after`: up to whom those were compared who were recorded
    before there were keys; null: all were.
    """

    __tablename__ = "duplicate_sweep"

    single: bool = Field(primary_key=True)
    after: UUID | None


class DuplicatePair(RegistryTable, table=True):
    """Two persons that look alike, as last compared; `one` < `other`."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("one", "other"),
        Index("duplicate_pair_by_other", "other"),
        Index("duplicate_pair_open", "pair_id", postgresql_where=text("state = 'open'")),
    )

    pair_id: UUID = Field(primary_key=True)
    one: UUID
    other: UUID
    one_household: UUID
    other_household: UUID
    score: int = Field(sa_type=SmallInteger)
    clues: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    by_number: bool
    claimed_by: str | None = Field(sa_type=Text)
    evidence: str | None = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    found_at: datetime = Field(sa_type=_INSTANT)
    compared_at: datetime = Field(sa_type=_INSTANT)


class DuplicateStep(RegistryTable, table=True):
    """What was proposed, confirmed or undone.

    `kept` is the record that stays; at `laid_down_at` the values of the other one ended in the
    vault, at `handed_over_at` the one that stays took some over.
    """

    __tablename__ = "duplicate_step"

    pair_id: UUID = Field(sa_column=Column(ForeignKey("duplicate_pair.pair_id"), primary_key=True))
    place: int = Field(primary_key=True)
    step: str = Field(sa_type=Text)
    kept: UUID | None
    relations: Any = Field(sa_column=Column(JSONB, nullable=False))
    act_id: UUID | None
    laid_down_at: datetime | None = Field(sa_type=_INSTANT)
    handed_over_at: datetime | None = Field(sa_type=_INSTANT)
    reason: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=_INSTANT)
