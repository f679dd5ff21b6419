"""What is known of who a person is. Values stand here sealed, and nowhere else.

Nothing is overwritten: `effective` says when a value holds, `recorded` when it was held true.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSTZRANGE
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class PersonName(RegistryTable, table=True):
    """A person's name. The present one is filed in `name_token`: under its tokens, there and then
    where `commune` and `birth_year` say.
    """

    __tablename__ = "person_name"
    __table_args__ = (
        Index(
            "person_name_in_commune",  # who bears the same words: `duplicates`, `imports`
            "tokens",
            "birth_year",
            "commune",
            postgresql_where=text("upper_inf(recorded) AND upper_inf(effective)"),
        ),
    )

    person_id: UUID = Field(primary_key=True)
    effective: Any = Field(sa_column=Column(DATERANGE, primary_key=True))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    sealed: bytes
    tokens: Any = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    commune: str = Field(sa_type=Text)
    birth_year: int = Field(sa_type=SmallInteger)


class NameToken(RegistryTable, table=True):
    """A keyed hash of one folded word of a present name, filed where its bearer is a member."""

    __tablename__ = "name_token"

    token: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    commune: str = Field(sa_type=Text, primary_key=True)
    birth_year: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    person_id: UUID = Field(primary_key=True)


class PersonAddress(RegistryTable, table=True):
    """Where a person is reached, as it stands on paper."""

    __tablename__ = "person_address"

    person_id: UUID = Field(primary_key=True)
    effective: Any = Field(sa_column=Column(DATERANGE, primary_key=True))
    recorded: Any = Field(sa_column=Column(TSTZRANGE, primary_key=True))
    sealed: bytes


class Identifier(RegistryTable, table=True):
    """A number that a person bears. `hash` is keyed and covers type and value, so that a person is
    found by it; `sealed` holds the number (none: it was recorded before numbers were kept).
    """

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
    sealed: bytes | None
