"""The screen of a household's history: everything that was recorded, as of any day."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from libs.common.web.paging import PageRequest
from libs.common.web.screens import render
from services.registry.households.pages import READERS
from services.registry.households.reading import get_whole
from services.registry.timeline.api import get_timeline
from services.registry.timeline.domain import Kind

router = APIRouter(prefix="/households")
Reader = Annotated[Edge, Depends(allow(*READERS))]
_SHOWN = 50


def roles_in(said: str) -> list[Role]:
    """The roles that a line of the trail names."""
    return [Role(one) for one in said.split() if one in set(Role)]


@router.get("/{household_id}/timeline")
async def show_timeline(
    request: Request,
    household_id: UUID,
    edge: Reader,
    kind: Kind | None = None,
    as_of: Day | None = None,
    known_at: Day | None = None,
    reads: bool = False,
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """The newest knowledge first; who read it is left out unless it is asked for."""
    await get_whole(edge.tx, household_id, None, None)
    kinds = [one for one in Kind if reads or one is not Kind.READ] if kind is None else [kind]
    page = await get_timeline(
        household_id, edge, PageRequest(after, _SHOWN), kinds, as_of, known_at
    )
    return render(
        request,
        "timeline/timeline.html",
        Text("Dòng thời gian của hộ", "A household's timeline"),
        household_id=household_id,
        page=page,
        kinds=list(Kind),
        asked={"kind": kind or "", "as_of": as_of or "", "known_at": known_at or ""}
        | ({"reads": "true"} if reads else {}),
        reads=reads,
        roles_in=roles_in,
    )
