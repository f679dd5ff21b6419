"""Acts between reviews. Rows are only ever added; a reversal is one more act."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class HouseholdAct(RegistryTable, table=True):
    """What an act did to one household; an act on two households has two rows.

    `closed_on` is the household's after the act. `commune` is where the household lives at present.
    """

    __tablename__ = "household_act"
    __table_args__ = (
        Index("household_act_reversed", "household_id", "reverses", unique=True),
        Index(
            "household_act_to_review",
            "commune",
            "household_id",
            postgresql_where=text("to_review"),
        ),
    )

    household_id: UUID = Field(
        sa_column=Column(ForeignKey("household.household_id"), primary_key=True)
    )
    act_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    effective_on: date
    closed_on: date | None = Field(sa_column=Column(Date))
    reason: str | None = Field(sa_column=Column(Text))
    relation: str | None = Field(sa_column=Column(Text))
    other_id: UUID | None
    to_review: bool
    reverses: UUID | None
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
