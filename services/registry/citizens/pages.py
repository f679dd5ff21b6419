"""The screen of a citizen's file: the register's part, to read and to print for the person."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from libs.common.citizens.asking import PURPOSE, require_purpose
from libs.common.citizens.telling import instant, roles, value
from libs.common.problems import Text, not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.screens import render
from services.registry.citizens import store
from services.registry.citizens.reading import read_file
from services.registry.purposes.domain import require

router = APIRouter(prefix="/persons")
_ROLES = (Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE)
Reader = Annotated[Edge, Depends(allow(*_ROLES))]
Asker = Annotated[Edge, Depends(allow(*_ROLES, reads=True))]
_TITLE = Text("Hồ sơ dữ liệu của công dân", "A citizen's file")
_SUMMARY = f"{_TITLE.vi} / {_TITLE.en}"
# Their parts stand in their own databases; `ansinh citizen-file` joins them.
_OTHERS = (
    Text("Xét quyền thụ hưởng chính sách", "Eligibility"),
    Text("Tín dụng chính sách", "Credit"),
    Text("Báo cáo", "Reporting"),
)


@router.get("/{person_id}/file", summary=_SUMMARY)
async def ask_for_file(request: Request, person_id: UUID, edge: Reader) -> Response:
    """What the file is, and the number of the request that it answers."""
    if not await store.memberships(edge.tx, person_id):
        raise not_found("person")
    return render(
        request, "citizens/file.html", _TITLE, person_id=person_id, part=None, purpose=PURPOSE
    )


@router.post("/{person_id}/file", summary=_SUMMARY)
async def show_file(request: Request, person_id: UUID, edge: Asker) -> Response:
    """Everything in clear, for the purpose alone."""
    today = edge.clock.today()
    require_purpose(edge.caller)
    require(PURPOSE, edge.caller.roles, today)
    part = await read_file(request, edge, person_id, None, today)
    return render(
        request,
        "citizens/file.html",
        _TITLE,
        person_id=person_id,
        part=part.model_dump(mode="json"),
        purpose=edge.caller.purpose,
        others=_OTHERS,
        command=f"ansinh citizen-file {person_id} ho-so.html",
        value=value,
        roles_of=roles,
        moment=instant,
        made_at=edge.clock.now(),
    )
