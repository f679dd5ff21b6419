"""Households over HTTP: register, correct, read; officers write, whoever may see them reads."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from libs.common.areas.narrowing import GEOGRAPHY_HEADER, narrow
from libs.common.contracts.household import HouseholdAct
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from libs.common.web import (
    TAGGED,
    Edge,
    IfMatch,
    Page,
    PageQuery,
    allow,
    etag,
    page_of,
    require_match,
)
from libs.common.web.days import Day, Instant
from libs.common.web.paging import after_id
from services.registry.changes.alone import correct_alone
from services.registry.households import acts, events, store
from services.registry.households.acts import Stated, Written
from services.registry.households.earlier import Earlier, read_earlier
from services.registry.households.living import list_living_in
from services.registry.households.reading import (
    WholeHousehold,
    end_of_knowledge,
    get_whole,
    read_whole,
)
from services.registry.households.schemas import (
    BatchIn,
    BatchOut,
    CommuneCode,
    CorrectionIn,
    HouseholdIn,
    HouseholdOut,
    ResidenceOut,
    SnapshotOut,
    WrittenOut,
)
from services.registry.households.territory import list_living_now, territory_of

router = APIRouter(prefix="/households", tags=["Hộ / Households"])

internal_router = APIRouter(prefix="/households", tags=["Nội bộ / Internal"])

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
_READERS = (Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)
Reader = Annotated[Edge, Depends(allow(*_READERS))]
ReaderOfOne = Annotated[Edge, Depends(allow(*_READERS, alone=True))]


@router.post(
    "",
    status_code=201,
    responses={201: TAGGED},
    summary="Đăng ký một hộ / Register a household",
)
async def register(body: HouseholdIn, edge: Officer, response: Response) -> WrittenOut:
    stated = _stated(body, "", edge.correlation_id)
    (written,) = await acts.register(edge.tx, [stated], edge.clock.today())
    edge.note("household", [written.household_id])
    etag(response, written.version)
    response.headers["Location"] = f"households/{written.household_id}"
    return _out(written)


@router.post("/batches", status_code=201, summary="Đăng ký đến 1.000 hộ / Register up to 1,000")
async def register_batch(body: BatchIn, edge: Officer) -> BatchOut:
    stated = [
        _stated(household, f"/households/{place}", new_id())
        for place, household in enumerate(body.households)
    ]
    written = await acts.register(edge.tx, stated, edge.clock.today())
    edge.note("household", [one.household_id for one in written])
    return BatchOut(items=[_out(one) for one in written])


@router.put(
    "/{household_id}",
    responses={200: TAGGED},
    summary="Sửa thông tin hộ / Correct what is known of a household",
)
async def correct(
    household_id: UUID,
    body: CorrectionIn,
    edge: Officer,
    response: Response,
    if_match: IfMatch = None,
) -> WrittenOut:
    """What touches class, identity or another commune takes two persons: a change request."""
    today = edge.clock.today()
    written = await correct_alone(
        edge.tx,
        Stated(body.facts_of(household_id, today), "", b"", edge.correlation_id),
        body.effective_on or today,
        today,
        lambda version: require_match(if_match, version),
    )
    etag(response, written.version)
    return _out(written)


@router.get(
    "/{household_id}",
    responses={200: TAGGED},
    summary="Một hộ, tại một ngày, theo hiểu biết tại một lúc / One household as of a day",
)
async def get_household(
    household_id: UUID,
    edge: ReaderOfOne,
    response: Response,
    as_of: Day | None = None,
    known_at: Instant | Day | None = None,
) -> HouseholdOut:
    whole = await get_whole(edge.tx, household_id, as_of, end_of_knowledge(known_at))
    etag(response, whole.household.version)
    return _household(whole)


@router.get("", summary="Các hộ theo mã / Households in order of id")
async def list_households(
    edge: Reader,
    page: PageQuery,
    commune: CommuneCode | None = None,
    status: StatusClass | None = None,
    standard: Annotated[str | None, Query(max_length=32)] = None,
    as_of: Day | None = None,
    unit_on: Day | None = None,
    to_review: Annotated[bool, Query(description="Chỉ hộ cần rà soát / to be reviewed")] = False,
) -> Page[HouseholdOut]:
    """All of them; or those with a class on a day; or those whose class should be looked at. With
    `as_of` and `commune`: who lived there on that day, wherever they live now. The code is read on
    the map of `unit_on` (else of `as_of`, else of today), so that both geographies can be asked.
    Without `as_of`, of a commune that has ended: who came from it and lives in its successors.
    `X-Area-Geography` says which unit was meant and how it was read.
    """
    after = after_id(page)
    if commune is not None and as_of is not None and not to_review:
        meant = await narrow(edge.tx, commune, unit_on or as_of, edge.clock.today())
        if meant is not None:
            edge.headers[GEOGRAPHY_HEADER] = meant.header(f"lived-there-on={as_of}")
        ids = await list_living_in(
            edge.tx,
            commune,
            unit_on or as_of,
            as_of,
            status=status,
            standard=standard,
            after=after,
            limit=page.limit + 1,
        )
    else:
        ids = await list_living_now(
            edge.tx,
            await territory_of(edge, commune, unit_on),
            status=status,
            standard=standard,
            on=as_of or edge.clock.today(),
            to_review=to_review,
            after=after,
            limit=page.limit + 1,
        )
    whole = await read_whole(edge.tx, ids)
    edge.note("household", [row.household.household_id for row in whole[: page.limit]])
    return page_of(whole, page, _household, lambda row: row.household.household_id)


@internal_router.get("", summary="Toàn bộ hộ cho bộ nhận mới / Snapshot for new consumers")
async def snapshot(edge: Operator, page: PageQuery) -> Page[SnapshotOut]:
    ids = await store.list_households_after(edge.tx, None, after_id(page), page.limit + 1)
    whole = await read_whole(edge.tx, ids)
    edge.note("household", [row.household.household_id for row in whole[: page.limit]])
    earlier = await read_earlier(edge.tx, ids)
    return page_of(
        whole,
        page,
        lambda row: _snapshot(row, edge.tx.recorded_at, earlier),
        lambda row: row.household.household_id,
    )


def _snapshot(whole: WholeHousehold, read_at: datetime, earlier: Earlier) -> SnapshotOut:
    household = whole.household
    act = HouseholdAct(kind="snapshot", effective_on=household.registered_on, recorded_at=read_at)
    return SnapshotOut(
        household_id=household.household_id,
        version=household.version,
        data=events.household_data(
            household,
            whole.unit,
            whole.rows,
            whole.timeline,
            act,
            earlier.get(household.household_id, ()),
        ),
    )


def _stated(body: HouseholdIn, pointer: str, correlation_id: UUID) -> Stated:
    facts = body.facts_of(body.household_id or new_id(), body.registered_on)
    return Stated(facts, pointer, body.digest(), correlation_id)


def _out(written: Written) -> WrittenOut:
    return WrittenOut(
        household_id=written.household_id,
        version=written.version,
        correlation_id=written.correlation_id,
    )


def _residence(whole: WholeHousehold) -> ResidenceOut:
    area = events.household_area(whole.unit, whole.household.lives_there_from)
    return ResidenceOut.model_construct(**dict(area), village=whole.household.village)


def _household(whole: WholeHousehold) -> HouseholdOut:
    household = whole.household
    return HouseholdOut.model_construct(
        household_id=household.household_id,
        version=household.version,
        registered_on=household.registered_on,
        closed_on=household.lineage.closed_on,
        residence=_residence(whole),
        is_farm_household=household.is_farm_household,
        members=household.members,
        statuses=events.status_periods(whole.timeline),
        escapes=events.escape_windows(whole.timeline),
        decisions=events.decision_references(whole.timeline, whole.rows),
        links=events.household_links(household.lineage),
        to_review_since=events.to_review_since(household.lineage, whole.rows),
        closures=events.closures(household.lineage),
    )
