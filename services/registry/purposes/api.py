"""For what values of persons are processed: for everyone who is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends

from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.registry.purposes.domain import in_force
from services.registry.purposes.schemas import PurposeOut, PurposesOut

router = APIRouter(prefix="/purposes", tags=["Mục đích xử lý dữ liệu / Purposes"])


@router.get("", summary="Mục đích xử lý dữ liệu cá nhân / Purposes of processing personal data")
async def list_purposes(
    edge: Annotated[Edge, Depends(allow(*Role))], on: Day | None = None
) -> PurposesOut:
    """The purposes in force on a day (today), each with its legal ground."""
    day = on or edge.clock.today()
    return PurposesOut(items=[PurposeOut.of(one) for one in in_force(day)])
