"""Administrative units of any day, for everyone who may call: they are public facts."""

from typing import Annotated

from asyncpg import Record
from fastapi import APIRouter, Depends, Path, Query

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.vocabulary import AreaLevel
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day
from libs.common.web.paging import bad_cursor
from services.registry.areas import store
from services.registry.areas.domain import fold
from services.registry.areas.schemas import AreaDetail, AreaOut

router = APIRouter(prefix="/areas", tags=["Địa bàn / Areas"])

Code = Annotated[str, Path(pattern=r"^(\d{2}|\d{3}|\d{5})$", examples=["01882"])]


@router.get("", summary="Danh mục đơn vị hành chính / Administrative units")
async def list_areas(
    edge: Annotated[Edge, Depends(allow(*Role))],
    page: PageQuery,
    level: AreaLevel | None = None,
    parent: Annotated[str | None, Query(pattern=r"^(\d{2}|\d{3})$")] = None,
    valid_on: Day | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> Page[AreaOut]:
    """Units valid on a day (today), under a province or district, by any part of the name.

    Names are found with or without diacritics.
    """
    if page.after is not None and len(page.after) != 2:
        raise bad_cursor()
    rows = await store.list_areas_after(
        edge.tx,
        valid_on or edge.clock.today(),
        level=level,
        parent=parent,
        name=fold(q) if q else None,
        after=page.after,
        limit=page.limit + 1,
    )
    return page_of(rows, page, _area, lambda row: (row["level"], row["code"]))


@router.get(
    "/{code}",
    summary="Một đơn vị hành chính với quá trình sáp nhập / One unit with its succession",
)
async def get_area(
    code: Code, edge: Annotated[Edge, Depends(allow(*Role))], on: Day | None = None
) -> AreaDetail:
    """The unit that bears a code on a day (today), with succession, counts and designations."""
    unit = await store.find_area(edge.tx, code, on or edge.clock.today())
    if unit is None:
        raise not_found("area")
    return AreaDetail.model_validate(unit)


def _area(row: Record) -> AreaOut:
    return AreaOut.model_validate(dict(row))
