"""Identifiers. `hash` is keyed and covers type and value, so the table names nobody by itself."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class Identifier(RegistryTable, table=True):
    """That a person bears an identifier over `effective`, held true over `recorded`."""

    __tablename__ = "identifier"
    __table_args__ = (
        Index(
            "identifier_in_force",
            "hash",
            unique=True,
            postgresql_where=text("upper_inf(recorded) AND upper_inf(effective)"),
        ),
    )

    person_id: UUID = Field(primary_key=True)
    type: str = Field(sa_type=Text, primary_key=True)
    effective: Any = Field(sa_column=Column(DATERANGE, primary_key=True))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    hash: bytes
