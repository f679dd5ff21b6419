"""What other systems asked for, and where their answers go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.registry.metadata import RegistryTable

_INSTANT = DateTime(timezone=True)


class DciRequest(RegistryTable, table=True):
    """One request that was acknowledged. `request_id` is the correlation id of its answer.

    `asked` may name persons (an identity number that is searched for) and goes with `purge`;
    `outcome` never does: statuses and codes alone.
    """

    __tablename__ = "dci_request"
    __table_args__ = (
        Index("dci_request_transaction", "partner", "transaction_id", "received_at"),
        Index("dci_request_settled", "partner", "settled_at"),
        Index(
            "dci_request_waiting",
            "partner",
            "received_at",
            postgresql_where=text("state IN ('rcvd','pdng')"),
        ),
    )

    request_id: UUID = Field(primary_key=True)
    partner: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    transaction_id: str = Field(sa_type=Text)
    reference_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    areas: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reply_to: str = Field(sa_type=Text)
    asked: Any = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_type=Text)
    outcome: Any = Field(sa_column=Column(JSONB, nullable=False))
    attempts: int
    received_at: datetime = Field(sa_type=_INSTANT)
    settled_at: datetime | None = Field(sa_type=_INSTANT)


class DciOrigin(RegistryTable, table=True):
    """The endpoint through which a partner's callbacks go: one per scheme, host and port."""

    __tablename__ = "dci_origin"
    __table_args__ = (Index("dci_origin_endpoint", "endpoint_id", unique=True),)

    partner: str = Field(sa_type=Text, primary_key=True)
    origin: str = Field(sa_type=Text, primary_key=True)
    endpoint_id: UUID


class DciReply(RegistryTable, table=True):
    """A callback, without a body: it is made anew for each attempt. `seq` is its delivery's."""

    __tablename__ = "dci_reply"
    __table_args__ = (Index("dci_reply_request", "request_id"),)

    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    request_id: UUID = Field(sa_column=Column(ForeignKey("dci_request.request_id"), nullable=False))
    endpoint_id: UUID
    path: str = Field(sa_type=Text)
