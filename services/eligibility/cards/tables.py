"""The insurer's answers, every one of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, text
from sqlmodel import Field

from services.eligibility.metadata import EligibilityTable

_LINE = ("household_id", "person_id", "group_code", "from_day")
_PAGE = ("commune", "person_id", "household_id", "group_code", "from_day")


class CardAnswerRow(EligibilityTable, table=True):
    """One answer to one line of the roll; `superseded_at` tells since when a higher number counts.

    A row is never changed, except for that and for `commune`, which is where the household lives
    now. `told_at` is when the roll that was answered was recorded.
    """

    __tablename__ = "card_answer"
    __table_args__ = (
        Index(
            "card_answer_counts",
            *_LINE,
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("card_answer_page", *_PAGE, postgresql_where=text("superseded_at IS NULL")),
        Index(
            "card_answer_not_issued",
            *_PAGE,
            postgresql_where=text("superseded_at IS NULL AND state <> 'issued'"),
        ),
    )

    household_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    group_code: str = Field(sa_column=Column(Text, primary_key=True))
    from_day: date = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    commune: str = Field(sa_column=Column(Text, nullable=False))
    until: date | None
    roll_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    reference: UUID | None
    benefit_level: int | None
    valid_from: date | None
    valid_until: date | None
    answered_on: date
    recorded_by: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    superseded_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
