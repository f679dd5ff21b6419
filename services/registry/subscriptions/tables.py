"""Who wants to be told of what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class DciSubscription(RegistryTable, table=True):
    """A subscription; it has an endpoint, and so a place in the ledger, of its own.

    `kinds` are the events it is told of, `criteria` what was asked for, in the asker's words.
    """

    __tablename__ = "dci_subscription"
    __table_args__ = (
        Index("dci_subscription_endpoint", "endpoint_id", unique=True),
        Index("dci_subscription_partner", "partner"),
    )

    code: str = Field(sa_type=Text, primary_key=True)
    partner: str = Field(sa_type=Text)
    endpoint_id: UUID
    areas: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    kinds: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    criteria: Any = Field(sa_column=Column(JSONB, nullable=False))
    starts_at: datetime | None = Field(sa_type=_INSTANT)
    ends_at: datetime | None = Field(sa_type=_INSTANT)
    subscribed_at: datetime = Field(sa_type=_INSTANT)
    unsubscribed_at: datetime | None = Field(sa_type=_INSTANT)
