"""A partner's edge: open, send the list page by page, close, read what differs."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from libs.common.areas.scope import ScopeCache
from libs.common.ids import new_id
from libs.common.partners.reconciling import refusals, store
from libs.common.partners.reconciling.domain import (
    Acts,
    DifferenceKind,
    Listing,
    ReconciliationState,
    columns_of,
    programme_pattern,
    reaches,
)
from libs.common.partners.reconciling.intake import page_schema, parse, take
from libs.common.partners.reconciling.schemas import (
    MOST_PAGES,
    DifferenceOut,
    MinutesIn,
    ReconciliationCloseIn,
    ReconciliationIn,
    ReconciliationOut,
    ReconciliationPageOut,
    UnreadableOut,
)
from libs.common.partners.reconciling.store import Reconciliation
from libs.common.partners.registrations import Terms
from libs.common.partners.scoping import scope_of
from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import PageRequest, after_id, bad_cursor, encode_cursor

_SHOWN = 100  # unreadable lines in a page's answer; all of them are differences
PageNumber = Annotated[int, Path(ge=1, le=MOST_PAGES)]


def reconciliations_router(role: Role, lists: Mapping[str, Listing]) -> APIRouter:
    """The routes for partners of a role, about these lists."""
    router = APIRouter(prefix="/reconciliations", tags=["Đối chiếu / Reconciliations"])
    Partner = Annotated[Edge, Depends(allow(role))]

    @router.post("", status_code=201, summary="Mở một lần đối chiếu / Open a reconciliation")
    async def open_reconciliation(body: ReconciliationIn, edge: Partner) -> ReconciliationOut:
        """Its scope is the registration's of today; the list is then sent in pages."""
        partner = edge.as_partner()
        terms, communes = partner.registration.terms, partner.scope.communes
        listing = lists.get(body.list)
        if listing is None:
            raise refusals.no_list(sorted(lists))
        if body.as_of > edge.clock.today():
            raise refusals.future_day()
        columns = columns_of(listing, terms, body.columns)
        made = new_id()
        await store.insert(
            edge.tx,
            made,
            partner.registration.partner,
            partner.registration.version,
            listing.name,
            body.as_of,
            columns,
            programme_pattern(listing, terms.programmes),
            None if communes is None else sorted(communes),
            edge.caller.subject,
            is_whole=columns == listing.allowed(terms)
            and communes == await _registered(edge, terms),
        )
        return await answer(edge, await own(edge, lists, made))

    @router.get("", summary="Lịch sử đối chiếu / Every reconciliation, newest first")
    async def list_reconciliations(edge: Partner, page: PageQuery) -> Page[ReconciliationOut]:
        """The caller's own."""
        partner = edge.as_partner().registration.partner
        found = await store.list_before(edge.tx, partner, after_id(page), page.limit + 1)
        shown = found[: page.limit]
        more = found[page.limit :]
        return Page(
            items=await answers(edge, [one for one in shown if _is_reached(edge, lists, one)]),
            next=encode_cursor(shown[-1].reconciliation_id) if more else None,
        )

    @router.get("/{reconciliation_id}", summary="Một lần đối chiếu / One reconciliation")
    async def get_reconciliation(reconciliation_id: UUID, edge: Partner) -> ReconciliationOut:
        """How far it is, and what came of it."""
        return await answer(edge, await own(edge, lists, reconciliation_id))

    @router.put(
        "/{reconciliation_id}/pages/{page}",
        summary="Gửi một trang của danh sách / Send a page of the list",
        openapi_extra={"requestBody": page_schema()},
    )
    async def put_page(
        reconciliation_id: UUID, page: PageNumber, request: Request, edge: Partner
    ) -> ReconciliationPageOut:
        """Up to 10,000 lines, as JSON or as CSV with a heading. A line that cannot be read is
        reported and the others count. Pages may come in any order; the same page again changes
        nothing, another under its number is a 409."""
        one = await own(edge, lists, reconciliation_id, share=True)
        # Not `request.body()`, which keeps it for as long as the request's cycle of references.
        body = b"".join([part async for part in request.stream()])
        layout = lists[one.list].layout(one.columns)
        read, digest = parse(layout, request.headers.get("content-type", ""), body)
        is_new = await take(edge.tx, one, page, read, digest)
        return ReconciliationPageOut(
            page=page,
            read=len(read.lines),
            unreadable=len(read.unreadable),
            lines=[UnreadableOut(line=b.line, field=b.field) for b in read.unreadable[:_SHOWN]],
            is_repeated=not is_new,
        )

    @router.post("/{reconciliation_id}/close", summary="Chốt danh sách / Close: start comparing")
    async def close_reconciliation(
        reconciliation_id: UUID, body: ReconciliationCloseIn, edge: Partner
    ) -> ReconciliationOut:
        """All pages are sent: our side is what is known now, and the comparison starts."""
        one = await own(edge, lists, reconciliation_id, lock=True)
        if one.pages == body.pages and one.state is not ReconciliationState.CANCELLED:
            return await answer(edge, one)
        refusals.unless_open(one)
        if edge.as_partner().registration.version != one.registration:
            raise refusals.registration_changed()
        missing = await store.missing_pages(edge.tx, reconciliation_id, body.pages)
        sent = (await store.count_sent(edge.tx, [reconciliation_id]))[reconciliation_id]
        if missing or sent.pages != body.pages:
            raise refusals.other_pages(sent.pages, missing)
        await store.close(edge.tx, reconciliation_id, body.pages, sent.lines)
        return await answer(edge, await own(edge, lists, reconciliation_id))

    @router.post("/{reconciliation_id}/cancel", summary="Hủy / Cancel")
    async def cancel_reconciliation(reconciliation_id: UUID, edge: Partner) -> ReconciliationOut:
        """What is not done yet is given up; it stays in the history."""
        one = await own(edge, lists, reconciliation_id, lock=True)
        if one.state is not ReconciliationState.CANCELLED:
            if one.state is ReconciliationState.DONE:
                raise refusals.wrong_state(one.state)
            await store.cancel(edge.tx, reconciliation_id)
        return await answer(edge, await own(edge, lists, reconciliation_id))

    @router.post(
        "/{reconciliation_id}/answer", summary="Biên bản đối chiếu / The differences are taken up"
    )
    async def answer_reconciliation(
        reconciliation_id: UUID, body: MinutesIn, edge: Partner
    ) -> ReconciliationOut:
        """By which minutes; with it the month counts as reconciled though something differed."""
        one = await own(edge, lists, reconciliation_id, lock=True)
        if one.state is not ReconciliationState.DONE:
            raise refusals.wrong_state(one.state)
        if not one.as_of <= body.answered_on <= edge.clock.today():
            raise refusals.answer_day()
        await store.answer(
            edge.tx, reconciliation_id, body.answered_on, body.document, edge.caller.subject
        )
        return await answer(edge, await own(edge, lists, reconciliation_id))

    @router.get("/{reconciliation_id}/differences", summary="Các khác biệt / What differs")
    async def list_differences(
        reconciliation_id: UUID,
        edge: Partner,
        page: PageQuery,
        kind: DifferenceKind | None = None,
        acts: Acts | None = None,
    ) -> Page[DifferenceOut]:
        """In the order of keys; complete once the state is `done`."""
        one = await own(edge, lists, reconciliation_id)
        rows = await store.list_differences(
            edge.tx, reconciliation_id, _after(page), kind, acts, page.limit + 1
        )
        shown = rows[: page.limit]
        edge.note("reconciliation", [one.reconciliation_id])
        edge.note("household", {row.household_id for row in shown if row.household_id})
        allowed = frozenset(lists[one.list].allowed(edge.as_partner().registration.terms))
        return page_of(
            rows,
            page,
            lambda row: DifferenceOut.of(row, allowed),
            lambda row: (row.key, row.place),
        )

    async def answers(edge: Edge, found: Sequence[Reconciliation]) -> list[ReconciliationOut]:
        ids = [one.reconciliation_id for one in found]
        sent = await store.count_sent(edge.tx, ids)
        edge.note("reconciliation", ids)
        return [
            ReconciliationOut.of(
                one,
                sent[one.reconciliation_id],
                key=lists[one.list].key.name,
                columns=list(one.columns),
            )
            for one in found
        ]

    async def answer(edge: Edge, one: Reconciliation) -> ReconciliationOut:
        [shown] = await answers(edge, [one])
        return shown

    return router


async def own(
    edge: Edge,
    lists: Mapping[str, Listing],
    reconciliation_id: UUID,
    *,
    lock: bool = False,
    share: bool = False,
) -> Reconciliation:
    """The caller's own reconciliation, where today's registration and token reach all of it: its
    events, programmes and communes. Of columns see `DifferenceOut.of`.

    Raises:
        Problem: 404.
    """
    found = await store.find(edge.tx, reconciliation_id, lock=lock, share=share)
    if found is None or found.partner != edge.as_partner().registration.partner:
        raise not_found("reconciliation")
    if not _is_reached(edge, lists, found):
        raise not_found("reconciliation")
    return found


def _is_reached(edge: Edge, lists: Mapping[str, Listing], one: Reconciliation) -> bool:
    """By today's terms; communes are the statement's part (`store`)."""
    return reaches(lists[one.list], edge.as_partner().registration.terms, one.programmes)


async def _registered(edge: Edge, terms: Terms) -> frozenset[str] | None:
    """The registration's communes today, whatever the token's are; None: every one."""
    return (await scope_of(edge.tx, ScopeCache(), terms, edge.clock.today())).communes


def _after(page: PageRequest) -> tuple[str, int]:
    if page.after is None:
        return "", -1
    try:
        key, place = page.after
        wanted = key, int(place)
    except ValueError:
        raise bad_cursor() from None
    if not 0 <= wanted[1] < 2**63:
        raise bad_cursor()
    return wanted
