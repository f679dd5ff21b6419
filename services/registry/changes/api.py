"""Change requests over HTTP: officers ask, another officer or the chairman decides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import after_id
from services.registry.changes import acts, store
from services.registry.changes.acts import Caller, Wish
from services.registry.changes.domain import Kind, State
from services.registry.changes.schemas import (
    ChangeIn,
    ChangeRequestOut,
    PreviewOut,
    RefusalIn,
    change_out,
    preview_out,
)
from services.registry.changes.showing import show_change
from services.registry.households.schemas import CommuneCode
from services.registry.households.territory import territory_of
from services.registry.rights.showing import shows_clear

router = APIRouter(prefix="/change-requests", tags=["Đề nghị thay đổi / Change requests"])

Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN))]
Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]
_STALE: dict[int | str, dict[str, Any]] = {412: {}}  # the body names a version that was read
_SPOKEN = r"^\d{5}-\d{4}-\d{6}$"
Number = Annotated[str, Query(pattern=_SPOKEN, examples=["01882-2026-000123"])]


@asynccontextmanager
async def naming_in_body() -> AsyncIterator[None]:
    """What a body names and the caller does not see is a fault of the body, not of the address."""
    try:
        yield
    except Problem as problem:
        if problem.status != 404:
            raise
        message = Text("Không có trong phạm vi được phép.", "Not there, or outside your areas.")
        fix = Text("Kiểm tra các mã trong đề nghị.", "Check the ids in the proposal.")
        error = FieldError("/proposal", problem.code, message, fix)
        raise Problem(422, problem.code, problem.title, [error]) from None


@router.post(
    "", status_code=201, summary="Đề nghị một thay đổi / Ask for a change", responses=_STALE
)
async def ask_change(body: ChangeIn, edge: Officer, response: Response) -> ChangeRequestOut:
    """It is tried at once, so that what is asked for could be done at present; nothing is done."""
    wish = wish_of(body, edge)
    async with naming_in_body():
        change = await acts.ask(edge.tx, edge.vault, wish, edge.clock.today())
    response.headers["Location"] = f"change-requests/{change.ask.change_id}"
    return await show_change(edge, change, is_masked=True)


@router.post("/preview", summary="Xem trước, không ghi / See what would happen", responses=_STALE)
async def preview_change(body: ChangeIn, edge: Officer) -> PreviewOut:
    """Versions, facts before and after, who decides, and which open requests stand against it."""
    wish = wish_of(body, edge)
    async with naming_in_body():
        seen = await acts.preview(edge.tx, edge.vault, wish, edge.clock.today())
    edge.note("household", seen.effect.read)
    return preview_out(seen)


@router.get("", summary="Các đề nghị theo thứ tự / Requests in the order in which they were asked")
async def list_changes(
    edge: Reader,
    page: PageQuery,
    commune: CommuneCode | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    kind: Kind | None = None,
    household_id: UUID | None = None,
    number: Number | None = None,
) -> Page[ChangeRequestOut]:
    """Of every state, or of those named; a commune's include those in which it has to agree, and
    those that were asked under the codes of what it was made of. Of a commune that has ended: those
    asked under its code, and those on households that came from it.
    """
    where = await territory_of(edge, commune)
    changes = await store.list_after(
        edge.tx,
        communes=None if where is None else where.own_codes,
        states=state,
        kind=kind,
        household_id=household_id,
        number=None if number is None else _parts(number),
        after=after_id(page),
        limit=page.limit + 1,
        also=() if where is None else list(where.came or ()),
    )
    shown = changes[: page.limit]
    edge.note("household", {one.household_id for change in shown for one in change.households})
    show = partial(change_out, vault=edge.vault)
    return page_of(changes, page, show, lambda change: change.ask.change_id)


@router.get("/{change_id}", summary="Một đề nghị / One request")
async def get_change(change_id: UUID, edge: Reader) -> ChangeRequestOut:
    """Names and numbers are masked, unless a registered purpose is stated (`X-Purpose`)."""
    change = await acts.get(edge.tx, change_id)
    return await show_change(edge, change, is_masked=not shows_clear(edge))


@router.post("/{change_id}/endorse", summary="Người thứ nhất đồng ý / The first of two agrees")
async def endorse_change(change_id: UUID, edge: Decider) -> ChangeRequestOut:
    """Between two communes, the one that takes over confirms."""
    return await show_change(
        edge, await acts.endorse(edge.tx, edge.vault, change_id, _caller(edge)), is_masked=True
    )


@router.post("/{change_id}/approve", summary="Phê duyệt và thực hiện / Approve and carry out")
async def approve_change(change_id: UUID, edge: Decider) -> ChangeRequestOut:
    """Where the household has changed so that something else would come of it, it is refused with
    what differs, nothing is done, and the request stays open.
    """
    today = edge.clock.today()
    return await show_change(
        edge,
        await acts.approve(edge.tx, edge.vault, change_id, _caller(edge), today),
        is_masked=True,
    )


@router.post("/{change_id}/refuse", summary="Từ chối / Refuse")
async def refuse_change(change_id: UUID, body: RefusalIn, edge: Decider) -> ChangeRequestOut:
    return await show_change(
        edge,
        await acts.refuse(edge.tx, edge.vault, change_id, _caller(edge), body.reason),
        is_masked=True,
    )


@router.post("/{change_id}/withdraw", summary="Rút đề nghị / Withdraw")
async def withdraw_change(change_id: UUID, edge: Officer) -> ChangeRequestOut:
    return await show_change(
        edge, await acts.withdraw(edge.tx, edge.vault, change_id, _caller(edge)), is_masked=True
    )


def wish_of(body: ChangeIn, edge: Edge) -> Wish:
    """What is asked for; one that names numbers counts as a guess (429 `search.misses`)."""
    wish = body.wish(edge.caller.subject, edge.correlation_id)
    if wish.names_numbers:
        edge.guesses.take(edge.caller.subject)
    return wish


def _caller(edge: Edge) -> Caller:
    return Caller(edge.caller.subject, Role.CHAIRMAN in edge.caller.roles)


def _parts(number: str) -> tuple[str, int, int]:
    commune, year, place = number.split("-")
    return commune, int(year), int(place)
