"""The officers' screen of requests about personal data: what is due, by when, and by which law."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.paging import PageRequest
from libs.common.web.screens import render
from services.registry.purposes.domain import purposes
from services.registry.rights.api import list_data_requests

READERS = frozenset({Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR})
router = APIRouter(prefix="/data-requests")
Reader = Annotated[Edge, Depends(allow(*READERS))]
_SHOWN = 50


@router.get("")
async def show_data_requests(
    request: Request,
    edge: Reader,
    only_open: bool = False,
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """In the order in which they came; what is overdue says so."""
    page = await list_data_requests(edge, PageRequest(after, _SHOWN), only_open=only_open)
    return render(
        request,
        "rights/list.html",
        Text("Yêu cầu về dữ liệu cá nhân", "Requests about personal data"),
        page=page,
        only_open=only_open,
        titles={one.code: one.title for one in purposes()},
        may_file=not edge.caller.roles.isdisjoint({Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE}),
    )
