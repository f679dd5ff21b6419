"""The edge of a household's timeline."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import bad_cursor
from services.reporting.timeline import store
from services.reporting.timeline.domain import summarise
from services.reporting.timeline.schemas import EntryOut, SummaryOut

router = APIRouter(prefix="/households", tags=["Diễn biến của hộ / Timeline"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/{household_id}/timeline", summary="Diễn biến của hộ / What happened to a household")
async def get_timeline(household_id: UUID, edge: Reader, page: PageQuery) -> Page[EntryOut]:
    """In the order of recording; empty for a household that is unknown or in another area."""
    after = None if page.after is None else _position(page.after)
    rows = await store.list_entries_after(edge.tx, household_id, after, page.limit + 1)
    return page_of(rows, page, _entry_out, lambda row: (row.recorded_at.isoformat(), row.event_id))


def _position(cursor: tuple[str, ...]) -> tuple[datetime, UUID]:
    try:
        instant, event_id = cursor
        recorded_at = datetime.fromisoformat(instant)
        position = recorded_at.astimezone(UTC), UUID(event_id)
    except (ValueError, OverflowError):
        raise bad_cursor() from None
    if recorded_at.tzinfo is None:
        raise bad_cursor()
    return position


def _entry_out(entry: store.Entry) -> EntryOut:
    said = summarise(entry.stream, entry.type, entry.act, entry.facts)
    return EntryOut(
        event_id=entry.event_id,
        stream=entry.stream,
        subject=entry.subject,
        version=entry.version,
        type=entry.type,
        summary=SummaryOut(vi=said.vi, en=said.en),
        facts=entry.facts,
        correlation_id=entry.correlation_id,
        causation_id=entry.causation_id,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
    )
