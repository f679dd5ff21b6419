"""The training offers, by period and as known on any day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Index, Text
from sqlmodel import Field

from services.eligibility.metadata import EligibilityTable


class TrainingOfferRow(EligibilityTable, table=True):
    """One person's offer over `[from_day, until)`, known from `recorded_at` on.

    A row is never changed except that `superseded_at` is set once.
    """

    __tablename__ = "training_offer"
    __table_args__ = (Index("training_offer_by_person", "commune", "person_id"),)

    household_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    group_code: str = Field(sa_type=Text, primary_key=True)
    from_day: date = Field(primary_key=True)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    superseded_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    commune: str = Field(sa_type=Text)
    until: date | None
    benefit: str = Field(sa_column=Column(JSON, nullable=False))
    document: str = Field(sa_type=Text)
    is_confirmed: bool
