"""Imports: what was sent, in sealed parts and pages, and how far each page is. And the codes.

Parts and pages hold names and numbers: sealed under the vault's keys, and gone when they are not
needed any more. Of a page that was taken only the refused lines are kept, for the report.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class HouseholdCode(RegistryTable, table=True):
    """The province's own code of a household, within the commune that gave it."""

    __tablename__ = "household_code"
    __table_args__ = (Index("household_code_of", "household_id"),)

    commune: str = Field(sa_type=Text, primary_key=True)
    code: str = Field(sa_type=Text, primary_key=True)
    household_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("household.household_id"), nullable=False)
    )
    recorded_at: datetime = Field(sa_type=_INSTANT)


class ImportFile(RegistryTable, table=True):
    """One import. `communes` is its sender's scope when it was opened: who covers it sees it.

    `notices`: what of the file is not taken. `twice`: hashes of households and numbers that stand
    in two places of the file. `by_two`: who confirmed it is a chairman and not who sent it.
    """

    __tablename__ = "import_file"
    __table_args__ = (
        Index(
            "import_file_waiting",
            "opened_at",
            postgresql_where=text("state IN ('reading', 'checking', 'taking')"),
        ),
    )

    import_id: UUID = Field(primary_key=True)
    caller: str = Field(sa_type=Text)
    roles: str = Field(sa_type=Text)
    areas: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    communes: Any = Field(sa_column=Column(ARRAY(Text), nullable=False))
    purpose: str | None = Field(sa_type=Text)
    correlation_id: UUID
    digest: bytes
    effective_on: date
    state: str = Field(sa_type=Text)
    parts: int
    attempts: int
    lines: int
    registered: int
    corrected: int
    unchanged: int
    refused: int
    problem: Any = Field(sa_column=Column(JSONB, nullable=True))
    notices: Any = Field(sa_column=Column(JSONB, nullable=False))
    twice: Any = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    opened_at: datetime = Field(sa_type=_INSTANT)
    confirmed_by: str | None = Field(sa_type=Text)
    by_two: bool
    confirmed_at: datetime | None = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(sa_type=_INSTANT)


class ImportPart(RegistryTable, table=True):
    """A part of the file's bytes, sealed; gone once the rows are read."""

    __tablename__ = "import_part"

    import_id: UUID = Field(sa_column=Column(ForeignKey("import_file.import_id"), primary_key=True))
    part: int = Field(primary_key=True)
    digest: bytes
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ImportPage(RegistryTable, table=True):
    """Some hundred lines, whole households: one transaction of each phase.

    `outcome`: by line what came of it and why, and the ids of the known household and person that
    it is about; no value of a person. `keys` and `numbers`:
    hashes of its households and numbers, by which repeats in the file are found. `takes_two`: how
    many of its lines one person may not decide on alone. `elsewhere`: of how many it was told, at
    `told_at`, that their numbers are of somebody out of the sender's sight. `attempts` were begun
    in this phase; it is tried again from `due_at` on.
    """

    __tablename__ = "import_page"
    __table_args__ = (
        Index(
            "import_page_elsewhere",
            "import_id",
            "told_at",
            postgresql_where=text("elsewhere > 0"),
        ),
    )

    import_id: UUID = Field(sa_column=Column(ForeignKey("import_file.import_id"), primary_key=True))
    page: int = Field(primary_key=True)
    lines: int
    state: str = Field(sa_type=Text)
    sealed: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    keys: Any = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    numbers: Any = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    outcome: Any = Field(sa_column=Column(JSONB, nullable=True))
    registered: int
    corrected: int
    unchanged: int
    refused: int
    takes_two: int
    elsewhere: int
    told_at: datetime | None = Field(sa_type=_INSTANT)
    attempts: int
    due_at: datetime | None = Field(sa_type=_INSTANT)
