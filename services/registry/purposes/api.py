"""For what values of persons are processed: for everyone who is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends

from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.registry.purposes.domain import in_force
from services.registry.purposes.schemas import PurposeOut, PurposesOut, RuleOut
from services.registry.rights.domain import rules_on

router = APIRouter(prefix="/purposes", tags=["Mục đích xử lý dữ liệu / Purposes"])


@router.get("", summary="Mục đích xử lý dữ liệu cá nhân / Purposes of processing personal data")
async def list_purposes(
    edge: Annotated[Edge, Depends(allow(*Role))], on: Day | None = None
) -> PurposesOut:
    """The purposes in force on a day (today), each with its legal ground; the times of requests,
    and how long identity is kept. Who is not signed in reads the same at `/screens/purposes`.
    """
    day = on or edge.clock.today()
    return PurposesOut(
        items=[PurposeOut.of(one) for one in in_force(day)],
        request_times=[RuleOut.of(one) for one in rules_on("request_times", day)],
        retention=[RuleOut.of(one) for one in rules_on("retention", day)],
    )
