"""Records of persons that look alike, what was decided of them, and who is to be compared next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class DuplicateCheck(RegistryTable, table=True):
    """A person whose data are new; `hash`: of a number that somebody brought for it."""

    __tablename__ = "duplicate_check"

    person_id: UUID = Field(primary_key=True)
    hash: bytes = Field(primary_key=True)


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
    state: str = Field(sa_type=Text)
    found_at: datetime = Field(sa_type=_INSTANT)
    compared_at: datetime = Field(sa_type=_INSTANT)


class DuplicateStep(RegistryTable, table=True):
    """What was decided, or undone. `kept` is the record that stays; `taken` what it took over."""

    __tablename__ = "duplicate_step"

    pair_id: UUID = Field(sa_column=Column(ForeignKey("duplicate_pair.pair_id"), primary_key=True))
    place: int = Field(primary_key=True)
    step: str = Field(sa_type=Text)
    kept: UUID | None
    act_id: UUID | None
    taken: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reason: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=_INSTANT)
