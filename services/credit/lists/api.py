"""Lists 03/TD over HTTP: what groups voted for, and the commune's confirmation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import after_id
from services.credit.lists import store
from services.credit.lists.acts import confirm_list, keep_list
from services.credit.lists.domain import ListState
from services.credit.lists.schemas import ConfirmationIn, ListDetailOut, ListIn, ListOut
from services.credit.narrowing import AreaCode, Reader, communes_of

router = APIRouter(prefix="/lists", tags=["Danh sách 03/TD / Lists 03/TD"])

Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
Commune = Annotated[Edge, Depends(allow(Role.CHAIRMAN, Role.OFFICER))]


@router.post(
    "",
    status_code=201,
    responses={200: {"model": ListDetailOut, "description": "Đã có / Known, nothing changed"}},
    summary="Ghi nhận danh sách 03/TD / Record a list",
)
async def post_list(body: ListIn, edge: Officer, response: Response) -> ListDetailOut:
    """All or nothing; the same list again changes nothing."""
    sheet, today = body.sheet(), edge.clock.today()
    kept, is_new = await keep_list(edge.tx, sheet, edge.caller.subject, today)
    if not is_new:
        response.status_code = 200
    response.headers["Location"] = f"lists/{sheet.list_id}"
    return _detail(edge, kept)


@router.post(
    "/{list_id}/confirmation", summary="Xã xác nhận danh sách / Record the commune's confirmation"
)
async def post_confirmation(list_id: UUID, body: ConfirmationIn, edge: Commune) -> ListDetailOut:
    """What is confirmed goes to the bank. All or nothing; the same again changes nothing."""
    verdicts = [entry.verdict() for entry in body.entries]
    kept = await confirm_list(edge.tx, list_id, verdicts, body.confirmed_on, edge.clock.today())
    return _detail(edge, kept)


@router.get("", summary="Các danh sách 03/TD / Lists")
async def list_lists(
    page: PageQuery, edge: Reader, area: AreaCode | None = None, state: ListState | None = None
) -> Page[ListOut]:
    """Lists of the caller's areas in id order, without their lines."""
    today = edge.clock.today()
    rows = await store.list_after(
        edge.tx,
        communes=await communes_of(edge, area),
        state=state,
        after=after_id(page),
        limit=page.limit + 1,
    )
    edge.note("list", [head.list_id for head in rows[: page.limit]])
    return page_of(rows, page, lambda head: ListOut.of(head, today), lambda head: head.list_id)


@router.get("/{list_id}", summary="Một danh sách 03/TD / One list")
async def get_list(list_id: UUID, edge: Reader) -> ListDetailOut:
    """One list, and how far each of its needs is."""
    kept = await store.find_list(edge.tx, list_id)
    if kept is None:
        raise not_found("list")
    return _detail(edge, kept)


def _detail(edge: Edge, kept: store.Kept) -> ListDetailOut:
    edge.note("household", [entry.household_id for entry in kept.entries if entry.household_id])
    return ListDetailOut.of(kept, edge.clock.today())
