"""Tables of the lists 03/TD: the list, and how its group voted on each need."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlmodel import Field

from services.credit.metadata import CreditTable


class ListRow(CreditTable, table=True):
    """A list as it was sent in; never changed."""

    __tablename__ = "need_list"
    __table_args__ = (Index("need_list_commune", "commune", "list_id"),)

    list_id: UUID = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    group_id: UUID | None
    voted_on: date
    minutes_number: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class EntryRow(CreditTable, table=True):
    """How the group voted on one need; never changed."""

    __tablename__ = "need_list_entry"

    list_id: UUID = Field(primary_key=True)
    place: int = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    need_id: UUID
    votes_for: int
    votes_against: int
