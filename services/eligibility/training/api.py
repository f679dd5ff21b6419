"""The training centres' edge: the offers that stand on a day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day
from libs.common.web.paging import bad_cursor
from services.eligibility.scope import (
    AreaQuery,
    KnownQuery,
    communes_of,
    day_of_law,
    known_at_or_now,
)
from services.eligibility.training import store
from services.eligibility.training.schemas import OfferOut

router = APIRouter(prefix="/training", tags=["Đào tạo nghề / Training"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.TRAINING, Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/offers", summary="Hỗ trợ đào tạo nghề / training offers that stand on a day")
async def list_offers(
    edge: Reader,
    page: PageQuery,
    area: AreaQuery = None,
    on: Day | None = None,
    known_at: KnownQuery = None,
) -> Page[OfferOut]:
    """Offers by person of working age. Without `on`: the day of the law."""
    day = on or await day_of_law(edge.tx)
    rows = await store.list_offers_after(
        edge.tx,
        await communes_of(edge, area, day),
        day,
        known_at_or_now(edge.tx, known_at),
        _after(page.after),
        page.limit + 1,
    )
    edge.note("person", [row.person_id for row in rows[: page.limit]])
    return page_of(
        rows,
        page,
        OfferOut.of,
        lambda row: (row.commune, row.person_id, row.group, row.from_day),
    )


def _after(key: tuple[str, ...] | None) -> store.After:
    if key is None:
        return store.After()
    try:
        commune, person, group, from_day = key
        return store.After(commune, UUID(person), group, date.fromisoformat(from_day))
    except ValueError:
        raise bad_cursor() from None
