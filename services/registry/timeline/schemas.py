"""What a household's history answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.registry.timeline.domain import Entry, Kind


class TitleOut(BaseModel):
    vi: str
    en: str


class ChangeOut(BaseModel):
    """One fact that is known otherwise than before."""

    fact: str
    before: Any
    after: Any


class HistoryEntryOut(BaseModel):
    """One thing that happened: recorded at `at`, in effect over `[from_day, until)`.

    `by` stands on requests, reads and writes: who, as the audit trail names callers; `purpose` says
    why somebody read.
    """

    at: datetime
    kind: Kind
    title: TitleOut
    from_day: date
    until: date | None
    person_id: UUID | None
    changes: list[ChangeOut]
    by: str | None
    purpose: str | None
    correlation_id: UUID | None
    details: dict[str, Any]


def entry_out(entry: Entry) -> HistoryEntryOut:
    """The entry as the API says it."""
    return HistoryEntryOut(
        at=entry.at,
        kind=entry.kind,
        title=TitleOut(vi=entry.title.vi, en=entry.title.en),
        from_day=entry.from_day,
        until=entry.until,
        person_id=entry.person_id,
        changes=[ChangeOut(fact=c.fact, before=c.before, after=c.after) for c in entry.changes],
        by=entry.by,
        purpose=entry.purpose,
        correlation_id=entry.correlation_id,
        details=dict(entry.details),
    )
