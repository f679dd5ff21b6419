"""What every list of credit can be narrowed by: an area, and the row after which a page begins."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.areas.scope import expand
from libs.common.database import EVERY_AREA
from libs.common.web import Edge
from libs.common.web.paging import PageRequest, bad_cursor

AreaCode = Annotated[str, Query(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5})$")]


async def communes_of(edge: Edge, area: str | None) -> str:
    """The scope of an area today: codes joined by commas, or `*` where none is asked for."""
    return EVERY_AREA if area is None else await expand(edge.tx, [area], edge.clock.today())


def after_id(page: PageRequest) -> UUID | None:
    """The id after which a page of an id-ordered list begins."""
    if page.after is None:
        return None
    try:
        (last,) = page.after
        return UUID(last)
    except ValueError:
        raise bad_cursor() from None
