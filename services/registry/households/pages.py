"""Officers' screens on households: search, and one household with members, classes and history.

Names and numbers are masked. They are asked for and shown by posted forms alone: neither they nor a
purpose stand in an address.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.areas.names import commune_labels
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation, StatusClass
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from libs.common.web.paging import PageRequest, after_id, page_of
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
from services.registry.households.schemas import SearchIn
from services.registry.households.territory import Territory, list_living_now, territory_of
from services.registry.purposes.domain import may_state
from services.registry.rights.showing import clear_for
from services.registry.standards.domain import standards
from services.registry.vault import acts as vault
from services.registry.vault.domain import (
    IdentifierType,
    Identity,
    check_number,
    masked,
    masked_name,
)
from services.registry.vault.former import names_when_left
from services.registry.vault.guessing import look_up
from services.registry.vault.search import Found, find_by_name

READERS = frozenset(
    {Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR},
)
FILE_READERS = frozenset({Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE})
router = APIRouter(prefix="/households")
Reader = Annotated[Edge, Depends(allow(*READERS))]
Asker = Annotated[Edge, Depends(allow(*READERS, reads=True))]
_SHOWN = 25
_MOST_PERSONS = 50
_MOST_COMMUNES = 8
_NUMBERS = (IdentifierType.UIN, IdentifierType.INSURANCE_NUMBER, IdentifierType.NIN)
_KINDS = ("xa ", "phuong ", "thi tran ", "dac khu ")


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
    """The form, and what it found by commune and class."""
    if household is not None:
        if not await store.visible_households(edge.tx, [household]):
            raise _refused("/query/household", "household.not_found", _NO_HOUSEHOLD)
        return see_other(request, f"/households/{household}")
    asked = {"find": "1", "commune": commune or "", "status": status or ""}
    if not find:
        return await _search(request, edge, asked=asked)
    where = await territory_of(edge, None if commune is None else await _commune(edge, commune))
    wanted = PageRequest(after, _SHOWN)
    ids = await list_living_now(
        edge.tx,
        where,
        status=status,
        on=edge.clock.today(),
        after=after_id(wanted),
        limit=wanted.limit + 1,
    )
    rows = await _rows(edge, ids[: wanted.limit])
    page = page_of(ids, wanted, str, lambda one: one)
    return await _search(
        request,
        edge,
        asked=asked,
        found=rows,
        next=page.next,
        is_first=after is None,
        where=where,
    )


@router.post("")
async def find(request: Request, body: SearchIn, edge: Asker) -> Response:
    """People by name or number, here; what may stand in an address, there."""
    where = None
    if body.number is not None:
        kinds = [kind for kind in _NUMBERS if not any(check_number(kind, body.number, ""))]
        if not kinds:
            raise _refused("/number", "identifier.form", _NO_NUMBER)
        found = await look_up(edge, kinds, body.number)
    elif body.name is not None:
        code = None if body.commune is None else await _commune(edge, body.commune)
        where = await territory_of(edge, code)
        found = await find_by_name(
            edge.tx,
            edge.vault,
            body.name,
            birth_year=body.birth_year,
            where=where,
            limit=_MOST_PERSONS + 1,
        )
    else:
        return see_other(request, f"/households?{body.question()}")
    shown = [one.person_id for one in found[:_MOST_PERSONS]]
    edge.note("person", shown)
    clear = await clear_for(edge, shown)
    today = edge.clock.today()
    communes = await commune_labels(edge.tx, ((one.place.commune, today) for one in found))
    persons = [
        _person(one, communes.get((one.place.commune, today)), is_clear=one.person_id in clear)
        for one in found
    ]
    return await _search(request, edge, persons=persons, most=_MOST_PERSONS, where=where)


@router.get("/{household_id}")
async def show(
    request: Request,
    household_id: UUID,
    edge: Reader,
    as_of: Day | None = None,
    known_at: Day | None = None,
) -> Response:
    """One household: as of today or a day, as known now or at the end of a day."""
    return await _show(request, household_id, edge, as_of, known_at, is_clear=False)


@router.post("/{household_id}")
async def show_clear(
    request: Request,
    household_id: UUID,
    edge: Asker,
    as_of: Day | None = None,
    known_at: Day | None = None,
) -> Response:
    """The same with names, numbers and addresses, for a registered purpose."""
    if edge.caller.purpose is None:
        raise _refused("/header/x-purpose", "purpose.missing", _NO_PURPOSE, _CHOOSE)
    return await _show(request, household_id, edge, as_of, known_at, is_clear=True)


async def _show(
    request: Request,
    household_id: UUID,
    edge: Edge,
    as_of: date | None,
    known_at: date | None,
    *,
    is_clear: bool,
) -> Response:
    today = edge.clock.today()
    day, moment = as_of or today, end_of_knowledge(known_at)
    whole = await get_whole(edge.tx, household_id, as_of, moment)
    people = [one.person_id for one in whole.household.members]
    known = await vault.read(edge.tx, edge.vault, people, as_of, moment)
    if any(one.left_on for one in whole.household.members):
        former = await names_when_left(edge.tx, edge.vault, household_id)
        known = {one: Identity(name) for one, name in former.items()} | known
    clear = await clear_for(edge, people) if is_clear else frozenset()
    if is_clear:
        edge.note("person", people)
    names = await unit_names(edge.tx, [whole.unit.area_id])
    commune = names[whole.unit.area_id]
    return render(
        request,
        "households/household.html",
        Text(f"Hộ ở {commune[0].lower()}{commune[1:]}", f"Household in {commune}"),
        whole=whole,
        commune=commune,
        as_of=as_of,
        known_at=known_at,
        present=[one for one in whole.household.members if _is_there(one.left_on, day)],
        left=[one for one in whole.household.members if not _is_there(one.left_on, day)],
        known={one: _shown(known.get(one), is_clear=one in clear) for one in people},
        is_clear=is_clear,
        is_officer=Role.OFFICER in edge.caller.roles,
        may_file=bool(FILE_READERS & edge.caller.roles),
        purposes=may_state(edge.caller.roles, today),
        documents={row.decision_id: row for row in whole.rows},
        standards=standards(),
        holds=lambda period: period.from_day <= day and _is_there(period.until, day),
    )


async def _search(
    request: Request, edge: Edge, *, where: Territory | None = None, **values: Any
) -> Response:
    asked = {"commune": "", "status": ""}
    nothing: dict[str, Any] = {"asked": asked, "found": None, "next": None, "is_first": True}
    nothing |= {
        "persons": None,
        "most": 0,
        "classes": list(WORDS[StatusClass].items()),
    }
    title = Text("Tra cứu hộ", "Search households")
    purposes = may_state(edge.caller.roles, edge.clock.today())
    return render(
        request,
        "households/search.html",
        title,
        **{**nothing, **values},
        gone=await _gone(edge, where),
        purposes=purposes,
    )


async def _gone(edge: Edge, where: Territory | None) -> tuple[str, date] | None:
    """The commune that was asked for, where it has ended, and since when."""
    if where is None or where.came is None or (until := where.meant.valid_until) is None:
        return None
    of = (where.meant.code, until - timedelta(days=1))
    return (await commune_labels(edge.tx, [of])).get(of, where.meant.code), until


def _person(found: Found, commune: str | None, *, is_clear: bool) -> dict[str, Any]:
    name = found.name if is_clear or found.name is None else masked_name(found.name)
    place = found.place
    return {
        "household_id": found.household_id,
        "name": name,
        "sex": found.sex,
        "birth_year": place.birth_year,
        "commune": commune or place.commune,
    }


async def _rows(edge: Edge, household_ids: list[UUID]) -> list[dict[str, Any]]:
    """What a list shows of households, as of today."""
    today = edge.clock.today()
    whole = await read_whole(edge.tx, household_ids)
    edge.note("household", [one.household.household_id for one in whole])
    names = await unit_names(edge.tx, list({one.unit.area_id for one in whole}))
    rows = [_row(one, names, today) for one in whole]
    heads = [row["head"].person_id for row in rows if row["head"] is not None]
    known = await vault.read(edge.tx, edge.vault, heads)
    return [
        {**row, "known": _shown(row["head"] and known.get(row["head"].person_id), is_clear=False)}
        for row in rows
    ]


def _row(whole: WholeHousehold, names: Mapping[UUID, str], today: date) -> dict[str, Any]:
    members = [one for one in whole.household.members if _is_there(one.left_on, today)]
    return {
        "household_id": whole.household.household_id,
        "commune": names[whole.unit.area_id],
        "head": next((one for one in members if one.relation is Relation.HEAD), None),
        "members": len(members),
        "periods": whole.timeline.on(today).periods,
    }


async def _commune(edge: Edge, asked: str) -> str:
    """The code of one of the caller's communes, from its code or its name; of one that has ended
    where none of today is called so.

    Raises:
        Problem: none is called so, or several are.
    """
    wanted = asked.strip()
    if wanted.isdigit():
        return wanted
    name, today, most = fold(wanted), edge.clock.today(), _MOST_COMMUNES + 1
    found = await communes_named(edge.tx, name, today, most)
    if not found:
        found = await communes_named(edge.tx, name, today, most, ended=True)
    exact = [row for row in found if _bare(row["name"]) == _bare(wanted)]
    if len(exact) == 1 or len(found) == 1:
        return str((exact or found)[0]["code"])
    if not found:
        raise _refused("/query/commune", "commune.unknown", _NO_COMMUNE)
    choice = "; ".join(
        f"{row['code']} {row['name']} ({row['parent']})" for row in found[:_MOST_COMMUNES]
    )
    raise _refused(
        "/query/commune",
        "commune.ambiguous",
        Text("Nhiều xã có tên như vậy.", "Several communes are called so."),
        Text(f"Nhập mã xã: {choice}.", f"Give the code: {choice}."),
    )


def _bare(name: str) -> str:
    """A commune's folded name without its kind."""
    folded = fold(name)
    return next((folded.removeprefix(kind) for kind in _KINDS if folded.startswith(kind)), folded)


def _shown(identity: Identity | None, *, is_clear: bool) -> Identity:
    known = identity or Identity()
    return known if is_clear else masked(known)


def _is_there(until: date | None, day: date) -> bool:
    return until is None or day < until


_NO_HOUSEHOLD = Text(
    "Không có hộ mang mã này trong địa bàn của bạn.", "No household of this id is in your areas."
)
_NO_COMMUNE = Text(
    "Không có xã nào tên như vậy trong địa bàn của bạn.", "No commune of your areas is called so."
)
_NO_NUMBER = Text("Không đúng dạng số giấy tờ.", "It is not of a number's form.")
_NO_PURPOSE = Text("Chưa chọn mục đích.", "No purpose was chosen.")
_CHOOSE = Text("Chọn mục đích xem dữ liệu.", "Choose what you look at the values for.")
_CHECK = Text("Kiểm tra lại rồi tìm lại.", "Check it and search again.")


def _refused(pointer: str, rule: str, message: Text, fix: Text = _CHECK) -> Problem:
    return Problem(422, rule, message, [FieldError(pointer, rule, message, fix)])
