"""Who reads what credit keeps, and by which area its lists are narrowed."""

from typing import Annotated

from fastapi import Depends, Query

from libs.common.areas.narrowing import GEOGRAPHY_HEADER, narrow
from libs.common.database import EVERY_AREA
from libs.common.security.roles import Role
from libs.common.web import Edge, allow

_READERS = (Role.BANK, Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR)
Reader = Annotated[Edge, Depends(allow(*_READERS))]
Bank = Annotated[Edge, Depends(allow(Role.BANK))]
AreaCode = Annotated[str, Query(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5})$")]


async def communes_of(edge: Edge, area: str | None) -> str:
    """Under which codes the rows of an area stand today: joined by commas, or `*` where none is
    asked for. The answer's headers say which unit was meant.
    """
    if area is None:
        return EVERY_AREA
    today = edge.clock.today()
    found = await narrow(edge.tx, area, today, today)
    if found is None:
        return ""
    edge.headers[GEOGRAPHY_HEADER] = found.header("successors")
    return ",".join(found.communes)
