"""The insurer's edge: the roll on a day, and increases and decreases since a day."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.clock import start_of_day
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day
from libs.common.web.paging import bad_cursor
from services.eligibility.insurance import store
from services.eligibility.insurance.schemas import RollChangeOut, RollEntryOut
from services.eligibility.scope import (
    AreaQuery,
    KnownQuery,
    communes_of,
    day_of_law,
    known_at_or_now,
)

router = APIRouter(prefix="/insurance", tags=["Bảo hiểm y tế / Health insurance"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.INSURER, Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/roll", summary="Danh sách tham gia BHYT / who is on the roll on a day")
async def list_roll(
    edge: Reader,
    page: PageQuery,
    area: AreaQuery = None,
    on: Day | None = None,
    known_at: KnownQuery = None,
) -> Page[RollEntryOut]:
    """One group per person: of several, the one the law puts first. Without `on`: the day of the
    law."""
    day = on or await day_of_law(edge.tx)
    rows = await store.list_roll_after(
        edge.tx,
        await communes_of(edge, area, day),
        day,
        known_at_or_now(edge.tx, known_at),
        _after(page.after),
        page.limit + 1,
    )
    edge.note("person", [row.person_id for row in rows[: page.limit]])
    return page_of(rows, page, RollEntryOut.of, lambda row: (row.commune, row.person_id))


@router.get("/changes", summary="Tăng, giảm BHYT / who joined, left or changed group since a day")
async def list_changes(
    edge: Reader,
    page: PageQuery,
    since: Day,
    area: AreaQuery = None,
    known_at: KnownQuery = None,
) -> Page[RollChangeOut]:
    """The roll now against the roll of the day before `since`, as it was known when `since` began
    (or at `known_at`): what took effect since, and what was learnt since."""
    today = await day_of_law(edge.tx)
    rows = await store.list_changes_after(
        edge.tx,
        await communes_of(edge, area, today),
        store.Moment(since - timedelta(days=1), known_at or start_of_day(since)),
        store.Moment(today),
        _after(page.after),
        page.limit + 1,
    )
    edge.note("person", [row.person_id for row in rows[: page.limit]])
    return page_of(rows, page, RollChangeOut.of, lambda row: (row.commune, row.person_id))


def _after(key: tuple[str, ...] | None) -> store.After:
    if key is None:
        return store.After()
    try:
        commune, person = key
        return store.After(commune, UUID(person))
    except ValueError:
        raise bad_cursor() from None
