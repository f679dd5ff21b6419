"""A citizen's file over HTTP: for the answer to a person's request, with that as its purpose."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Instant
from services.registry.citizens.reading import read_file
from services.registry.citizens.schemas import CitizenFileOut
from services.registry.purposes.domain import require

PURPOSE = "data-subject"

router = APIRouter(prefix="/persons", tags=["Quyền của chủ thể dữ liệu / Data rights"])
Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]


@router.get("/{person_id}/file", summary="Hồ sơ dữ liệu của một người / A citizen's file")
async def get_citizen_file(
    person_id: UUID, edge: Reader, before: Instant | None = None
) -> CitizenFileOut:
    """All that is held of a person and who read it and why; needs `X-Purpose: data-subject`.

    What was read within the last seconds is not on it yet.
    """
    if (edge.caller.purpose or "").partition(".")[0] != PURPOSE:
        raise _needs_purpose()
    require(PURPOSE, edge.caller.roles, edge.clock.today())
    return await read_file(edge.tx, edge.vault, person_id, before, edge.clock.today())


def _needs_purpose() -> Problem:
    title = Text("Cần nêu mục đích.", "A purpose is needed.")
    fix = Text(f"Gửi `X-Purpose: {PURPOSE}`.", f"Send `X-Purpose: {PURPOSE}`.")
    rule = "purpose.needed"
    return Problem(403, rule, title, [FieldError("/header/x-purpose", rule, title, fix)])
