"""A citizen's file over HTTP: for the answer to a person's request, with that as its purpose."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from libs.common.citizens.asking import PURPOSE, Before, require_purpose
from libs.common.citizens.schemas import PartOut
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from services.registry.citizens.reading import read_file
from services.registry.purposes.domain import require

router = APIRouter(prefix="/persons", tags=["Quyền của chủ thể dữ liệu / Data rights"])
Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]


@router.get("/{person_id}/file", summary="Hồ sơ dữ liệu của một người / A citizen's file")
async def get_citizen_file(
    request: Request, person_id: UUID, edge: Reader, before: Before = None
) -> PartOut:
    """All that the register holds of a person and who read it and why; needs `X-Purpose:
    data-subject`. What was read within the last seconds is not on it yet.

    The other services answer their own parts under the same address, given `stays` as `stay`.
    Memberships in communes out of the caller's sight are not shown; the province sees all of its
    own.
    """
    require_purpose(edge.caller)
    require(PURPOSE, edge.caller.roles, edge.clock.today())
    return await read_file(request, edge, person_id, before, edge.clock.today())
