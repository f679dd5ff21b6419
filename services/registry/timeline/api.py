"""The edge of a household's history."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day, Instant
from libs.common.web.paging import bad_cursor
from services.registry.households.reading import end_of_knowledge
from services.registry.timeline.domain import Entry, Kind
from services.registry.timeline.reading import read_history
from services.registry.timeline.schemas import HistoryEntryOut, entry_out

router = APIRouter(prefix="/households", tags=["Hộ / Households"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/{household_id}/timeline", summary="Quá trình của hộ / A household's history")
async def get_timeline(
    household_id: UUID,
    edge: Reader,
    page: PageQuery,
    kind: Annotated[list[Kind] | None, Query(max_length=len(Kind))] = None,
    as_of: Day | None = None,
    known_at: Instant | Day | None = None,
) -> Page[HistoryEntryOut]:
    """Every fact, decision, request, event and read, newest knowledge first.

    What is not sealed on the audit trail yet, some seconds, is not shown yet.
    """
    entries = await read_history(
        edge.tx,
        household_id,
        None if page.after is None else _position(page.after),
        page.limit + 1,
        kinds=frozenset(kind or ()),
        as_of=as_of,
        known_at=end_of_knowledge(known_at),
    )
    return page_of(entries, page, entry_out, _key)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.at.isoformat(), entry.key


def _position(cursor: tuple[str, ...]) -> tuple[datetime, str]:
    try:
        instant, key = cursor
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise bad_cursor()
        return at.astimezone(UTC), key
    except (ValueError, OverflowError):
        raise bad_cursor() from None
