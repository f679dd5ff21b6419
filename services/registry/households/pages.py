"""Officers' screens on households: search, and one household with members, classes and history."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation, StatusClass
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from libs.common.web.paging import Page, PageRequest, after_id, page_of
from libs.common.web.screens import render, see_other
from libs.common.wording import WORDS
from services.registry.areas.domain import fold
from services.registry.areas.store import communes_named, unit_names
from services.registry.households import store
from services.registry.households.reading import (
    WholeHousehold,
    end_of_knowledge,
    get_whole,
    read_whole,
)
from services.registry.reviews.store import list_households_by_status
from services.registry.standards.domain import standards

READERS = frozenset(
    {Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR},
)
router = APIRouter(prefix="/households")
Reader = Annotated[Edge, Depends(allow(*READERS))]
_SHOWN = 25
_MOST_ACTS = 200
_MOST_COMMUNES = 8
_ACTS = {
    "household.registered.v1": Text("Đăng ký hộ", "Household registered"),
    "household.changed.v1": Text("Thay đổi thông tin hộ", "Household facts changed"),
    "household.status_changed.v1": Text("Thay đổi phân loại hộ", "Class changed"),
    "household.split.v1": Text("Tách hộ", "Household split"),
    "household.merged.v1": Text("Nhập hộ", "Households merged"),
    "household.closed.v1": Text("Kết thúc theo dõi hộ", "Household closed"),
}


@router.get("")
async def search(
    request: Request,
    edge: Reader,
    household: UUID | None = None,
    commune: Annotated[str | None, Query(max_length=100)] = None,
    status: StatusClass | None = None,
    find: bool = False,
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """The form, and what it found."""
    if household is not None:
        if not await store.visible_households(edge.tx, [household]):
            raise _refused("household", "household.not_found", _NO_HOUSEHOLD)
        return see_other(request, f"/households/{household}")
    found = None
    if find:
        code = None if commune is None else await _commune(edge, commune)
        found = await _found(edge, code, status, PageRequest(after, _SHOWN))
    return render(
        request,
        "households/search.html",
        Text("Tra cứu hộ", "Search households"),
        asked={"find": "1", "commune": commune or "", "status": status or ""},
        classes=WORDS[StatusClass],
        is_first=after is None,
        found=found,
    )


@router.get("/{household_id}")
async def show(
    request: Request,
    household_id: UUID,
    edge: Reader,
    as_of: Day | None = None,
    known_at: Day | None = None,
) -> Response:
    """One household: as of today or a day, as known now or at the end of a day."""
    day = as_of or edge.clock.today()
    whole = await get_whole(edge.tx, household_id, as_of, end_of_knowledge(known_at))
    names = await unit_names(edge.tx, [whole.unit.area_id])
    acts = await store.list_acts(edge.tx, household_id, _MOST_ACTS)
    commune = names[whole.unit.area_id]
    return render(
        request,
        "households/household.html",
        Text(f"Hộ ở {commune}", f"Household in {commune}"),
        whole=whole,
        commune=commune,
        day_shown=day,
        as_of=as_of,
        known_at=known_at,
        present=[one for one in whole.household.members if _is_there(one.left_on, day)],
        left=[one for one in whole.household.members if not _is_there(one.left_on, day)],
        documents={row.decision_id: row for row in whole.rows},
        standards=standards(),
        acts=[(row, _ACTS.get(row["type"], Text(row["type"], row["type"]))) for row in acts],
        holds=lambda period: period.from_day <= day and _is_there(period.until, day),
    )


async def _found(
    edge: Edge, commune: str | None, status: StatusClass | None, wanted: PageRequest
) -> Page[dict[str, Any]]:
    """One page of households, as of today."""
    today, after = edge.clock.today(), after_id(wanted)
    if status is None:
        ids = await store.list_households_after(edge.tx, commune, after, _SHOWN + 1)
    else:
        ids = await list_households_by_status(
            edge.tx,
            status,
            today,
            commune=commune,
            standard=None,
            after=after,
            limit=_SHOWN + 1,
        )
    whole = await read_whole(edge.tx, ids)
    edge.note("household", [one.household.household_id for one in whole[:_SHOWN]])
    names = await unit_names(edge.tx, list({one.unit.area_id for one in whole}))
    return page_of(
        whole,
        wanted,
        lambda one: _row(one, names, today),
        lambda one: one.household.household_id,
    )


def _row(whole: WholeHousehold, names: dict[UUID, str], today: date) -> dict[str, Any]:
    members = [one for one in whole.household.members if _is_there(one.left_on, today)]
    return {
        "household_id": whole.household.household_id,
        "commune": names[whole.unit.area_id],
        "head": next((one for one in members if one.relation is Relation.HEAD), None),
        "members": len(members),
        "periods": whole.timeline.on(today).periods,
    }


async def _commune(edge: Edge, asked: str) -> str:
    """The code of one of the caller's communes, from its code or its name.

    Raises:
        Problem: none is called so, or several are.
    """
    wanted = asked.strip()
    if wanted.isdigit():
        return wanted
    found = await communes_named(
        edge.tx, fold(wanted), edge.clock.today(), limit=_MOST_COMMUNES + 1
    )
    exact = [row for row in found if fold(row["name"]) == fold(wanted)]
    if len(exact) == 1 or len(found) == 1:
        return str((exact or found)[0]["code"])
    if not found:
        raise _refused("commune", "commune.unknown", _NO_COMMUNE)
    choice = "; ".join(
        f"{row['code']} {row['name']} ({row['parent']})" for row in found[:_MOST_COMMUNES]
    )
    raise _refused(
        "commune",
        "commune.ambiguous",
        Text("Nhiều xã có tên như vậy.", "Several communes are called so."),
        Text(f"Nhập mã xã: {choice}.", f"Give the code: {choice}."),
    )


def _is_there(until: date | None, day: date) -> bool:
    return until is None or day < until


_NO_HOUSEHOLD = Text(
    "Không có hộ mang mã này trong địa bàn của bạn.", "No household of this id is in your areas."
)
_NO_COMMUNE = Text(
    "Không có xã nào tên như vậy trong địa bàn của bạn.", "No commune of your areas is called so."
)
_CHECK = Text("Kiểm tra lại rồi tìm lại.", "Check it and search again.")


def _refused(field: str, rule: str, message: Text, fix: Text = _CHECK) -> Problem:
    return Problem(422, rule, message, [FieldError(f"/query/{field}", rule, message, fix)])
