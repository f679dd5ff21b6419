"""Who a member is, over HTTP: officers record it; it is read masked, or clear for a purpose."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
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
from libs.common.web.paging import PageRequest, bad_cursor
from services.registry.changes.alone import record_alone
from services.registry.households.reading import end_of_knowledge
from services.registry.households.territory import territory_of
from services.registry.purposes.domain import require
from services.registry.rights.showing import clear_for
from services.registry.vault import acts, search
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import (
    IdentifierType,
    Identity,
    check_day,
    check_identity,
    check_number,
    doubts,
    masked,
    masked_name,
)
from services.registry.vault.filing import Place
from services.registry.vault.guessing import look_up, refusals_counted
from services.registry.vault.printing import heads_of, printed
from services.registry.vault.schemas import (
    DoubtOut,
    IdentifierIn,
    IdentifierOut,
    IdentityIn,
    IdentityOut,
    IdentityWritten,
    LookupIn,
    PersonOut,
    PersonSearchIn,
    PersonsOut,
    PrintedOut,
    PrintIn,
    PrintOut,
)
from services.registry.vault.search import Found

router = APIRouter(prefix="/households", tags=["Kho danh tính / Vault"])
persons = APIRouter(prefix="/persons", tags=["Kho danh tính / Vault"])
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
_READERS = (Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)
Reader = Annotated[Edge, Depends(allow(*_READERS))]
Asker = Annotated[Edge, Depends(allow(*_READERS, reads=True))]


@router.put(
    "/{household_id}/members/{person_id}/identifiers/{kind}",
    summary="Ghi số định danh của một người / Record a member's identifier",
)
async def record_identifier(
    household_id: UUID,
    person_id: UUID,
    kind: IdentifierType,
    body: IdentifierIn,
    edge: Officer,
) -> IdentifierOut:
    """The first number of its type; another one in its place takes two persons
    (`POST /v1/change-requests`).
    """
    today = edge.clock.today()
    bearer = await acts.get_bearer(edge.tx, household_id, person_id)
    errors = [
        *check_number(kind, body.value, "/value"),
        *check_day(body.from_day, today, "/from_day"),
    ]
    _refuse(errors)
    one = PersonIdentity(person_id, household_id, body.from_day, numbers={kind: body.value})
    await acts.lock(edge.tx, [household_id])
    with refusals_counted(edge):
        await record_alone(edge.tx, edge.vault, one, today)
    found = doubts(kind, body.value, bearer)
    return IdentifierOut(type=kind, from_day=body.from_day, doubts=DoubtOut.of(found))


@router.put(
    "/{household_id}/members/{person_id}/identity",
    responses={200: TAGGED},
    summary="Ghi họ tên, số định danh, địa chỉ / Record a member's name, numbers and address",
)
async def record_identity(
    household_id: UUID,
    person_id: UUID,
    body: IdentityIn,
    edge: Officer,
    response: Response,
    if_match: IfMatch = None,
) -> IdentityWritten:
    """What is left out stays as it is. Another name or number in the place of a known one takes two
    persons (`POST /v1/change-requests`); another address holds from that day on.

    No value is said back.
    """
    today = edge.clock.today()
    bearer = await acts.get_bearer(edge.tx, household_id, person_id)
    _refuse(check_identity(body.identity, body.from_day, today))
    await acts.lock(edge.tx, [household_id])
    require_match(if_match, await acts.version_of(edge.tx, person_id))
    one = PersonIdentity(
        person_id, household_id, body.from_day, body.name, body.numbers, body.address
    )
    with refusals_counted(edge):
        await record_alone(edge.tx, edge.vault, one, today)
    etag(response, await acts.version_of(edge.tx, person_id))
    found = [one for kind, value in body.numbers.items() for one in doubts(kind, value, bearer)]
    return IdentityWritten(person_id=person_id, from_day=body.from_day, doubts=DoubtOut.of(found))


@router.get(
    "/{household_id}/members/{person_id}/identity",
    responses={200: TAGGED},
    summary="Họ tên, số định danh, địa chỉ / A member's name, numbers and address",
)
async def get_identity(
    household_id: UUID,
    person_id: UUID,
    edge: Reader,
    response: Response,
    as_of: Day | None = None,
    known_at: Instant | Day | None = None,
) -> IdentityOut:
    """Masked; clear where a registered purpose is stated (`X-Purpose`), which the trail keeps. Who
    died or left and is nowhere a member is read where he was last.
    """
    await acts.require_belongs(edge.tx, household_id, person_id)
    is_clear = person_id in await clear_for(edge, [person_id])
    moment: datetime | None = end_of_knowledge(known_at)
    known = await acts.read(edge.tx, edge.vault, [person_id], as_of, moment)
    identity = known.get(person_id, Identity())
    etag(response, await acts.version_of(edge.tx, person_id))
    return IdentityOut.of(person_id, identity if is_clear else masked(identity), not is_clear)


@persons.post("/search", summary="Tìm người theo họ tên / Persons by words of their names")
async def find_persons(body: PersonSearchIn, edge: Asker, page: PageQuery) -> Page[PersonOut]:
    """Words with or without marks, in any order; members of households today. In the body, because
    no name stands in an address. Of a commune that has ended: who came from it (see households).
    """
    found = await search.find_by_name(
        edge.tx,
        edge.vault,
        body.name,
        birth_year=body.birth_year,
        where=await territory_of(edge, body.commune),
        after=_after(page),
        limit=page.limit + 1,
    )
    shown = [one.person_id for one in found[: page.limit]]
    edge.note("person", shown)
    clear = await clear_for(edge, shown)
    return page_of(
        found, page, lambda one: _person(one, one.person_id in clear), lambda one: tuple(one.place)
    )


@persons.post("/lookup", summary="Tìm người theo số định danh / The person who bears a number")
async def look_up_person(body: LookupIn, edge: Asker) -> PersonsOut:
    """For a registered purpose (`X-Purpose`); nobody, or one. In the body, because no number stands
    in an address. Whoever asks for many numbers that nobody bears waits (429 `search.misses`).
    """
    _refuse([*check_number(body.type, body.value, "/value")])
    found = await look_up(edge, [body.type], body.value)
    edge.note("person", [one.person_id for one in found])
    clear = await clear_for(edge, [one.person_id for one in found])
    return PersonsOut(items=[_person(one, one.person_id in clear) for one in found])


@persons.post("/print", summary="Họ tên, số định danh cho biểu mẫu / Names and numbers for a form")
async def print_persons(
    body: PrintIn,
    edge: Annotated[Edge, Depends(allow(Role.OFFICER, Role.PROVINCE, reads=True))],
) -> PrintOut:
    """For the office that hands a file over (`ansinh files fill`); never without a registered
    purpose (`X-Purpose`). Who may not be seen, has limited this use, or of whom nothing is known is
    absent. Who died or left is there: a list of those who leave the roll names them.
    """
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    heads = await heads_of(edge.tx, body.household_ids)
    clear = await clear_for(edge, {*body.person_ids, *heads})
    found = await printed(edge.tx, edge.vault, clear, heads)
    edge.note("person", [one.person_id for one in found])
    return PrintOut(items=[PrintedOut.model_validate(one) for one in found])


def _person(found: Found, is_clear: bool) -> PersonOut:
    name = found.name
    return PersonOut(
        person_id=found.person_id,
        household_id=found.household_id,
        commune=found.place.commune,
        birth_year=found.place.birth_year,
        sex=found.sex,
        name=name if is_clear or name is None else masked_name(name),
        is_masked=not is_clear,
    )


def _after(page: PageRequest) -> Place | None:
    if page.after is None:
        return None
    try:
        commune, year, person_id = page.after
        place = Place(commune, int(year), UUID(person_id))
    except ValueError:
        raise bad_cursor() from None
    if not 0 <= place.birth_year <= 9_999:
        raise bad_cursor()
    return place


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        title = Text("Thông tin danh tính không hợp lệ.", "The identity is refused.")
        raise Problem(422, "identity.refused", title, errors)
