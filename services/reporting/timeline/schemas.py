"""What the timeline resource answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class SummaryOut(BaseModel):
    vi: str
    en: str


class EntryOut(BaseModel):
    """One event. Entries of one act share `correlation_id`; `causation_id` names the event that
    caused this one, so that the tree from the act to its last effect can be drawn.
    """

    event_id: UUID
    stream: str
    subject: UUID
    version: int
    type: str
    summary: SummaryOut
    facts: dict[str, Any]
    correlation_id: UUID
    causation_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
