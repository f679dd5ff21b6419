"""A service's part of a citizen's file over HTTP, for the answer to a person's request."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from libs.common.citizens.asking import Before, StaysQuery, require_purpose, stays_of
from libs.common.citizens.reading import read_part
from libs.common.citizens.schemas import PartOut
from libs.common.citizens.sections import Section
from libs.common.security.roles import Role
from libs.common.web import Edge, allow

Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]


def file_router(sections: Sequence[Section]) -> APIRouter:
    """The route of a service that is told by the registry's part where the person has stayed."""
    router = APIRouter(prefix="/persons", tags=["Quyền của chủ thể dữ liệu / Data rights"])

    @router.get("/{person_id}/file", summary="Phần của hồ sơ dữ liệu / A part of a citizen's file")
    async def get_citizen_file(
        request: Request,
        person_id: UUID,
        edge: Reader,
        stay: StaysQuery = None,
        before: Before = None,
    ) -> PartOut:
        """What is held here of a person and its households, and who read it and why; needs
        `X-Purpose: data-subject`. What was read within the last seconds is not on it yet.
        """
        require_purpose(edge.caller)
        return await read_part(request, edge, sections, person_id, stays_of(stay), before)

    return router
