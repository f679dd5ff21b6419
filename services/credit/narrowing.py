"""Who reads what credit keeps, and by which area its lists are narrowed."""

from typing import Annotated

from fastapi import Depends, Query

from libs.common.areas.scope import expand
from libs.common.database import EVERY_AREA
from libs.common.security.roles import Role
from libs.common.web import Edge, allow

_READERS = (Role.BANK, Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR)
Reader = Annotated[Edge, Depends(allow(*_READERS))]
Bank = Annotated[Edge, Depends(allow(Role.BANK))]
AreaCode = Annotated[str, Query(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5})$")]


async def communes_of(edge: Edge, area: str | None) -> str:
    """The scope of an area today: codes joined by commas, or `*` where none is asked for."""
    return EVERY_AREA if area is None else await expand(edge.tx, [area], edge.clock.today())
