"""What other registries told us."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable


class DciReceived(RegistryTable, table=True):
    """A message, once: `key` stays the same when its sender tries again.

    `message` may hold persons' data: the API's role writes it, and reads one at a time, for a
    purpose (`dci_received_values`).
    """

    __tablename__ = "dci_received"
    __table_args__ = (Index("dci_received_at", "received_at", postgresql_using="brin"),)

    partner: str = Field(sa_type=Text, primary_key=True)
    action: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    message_id: str = Field(sa_type=Text)
    header: Any = Field(sa_column=Column(JSONB, nullable=False))
    message: Any = Field(sa_column=Column(JSONB, nullable=False))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
