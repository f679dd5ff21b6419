"""Internal API for operators: who the partners are, what they may see; each change is audited."""

from dataclasses import replace
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from libs.common.ids import derived_id
from libs.common.partners import registrations
from libs.common.partners.checking import check
from libs.common.partners.registrations import Registration
from libs.common.partners.schemas import PARTNER, RegistrationIn, RegistrationOut, TermsIn
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.roles import Role
from libs.common.web import TAGGED, Edge, IfMatch, allow, etag, require_match
from libs.common.web.days import Day

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]
Partner = Annotated[str, Path(pattern=PARTNER)]


@cache  # one per service, however often it is declared
def partners_router(service: str) -> APIRouter:
    """The routes of a service that has partners."""
    router = APIRouter(prefix="/partners", tags=["Đối tác / Partners"])

    @router.get("", response_model=list[RegistrationOut], summary="Every partner, by slug")
    async def list_partners(edge: Operator) -> list[RegistrationOut]:
        return [RegistrationOut.of(one) for one in await registrations.list_all(edge.tx)]

    @router.get(
        "/{partner}",
        response_model=RegistrationOut,
        responses={200: TAGGED},
        summary="One partner",
    )
    async def show_partner(partner: Partner, edge: Operator, response: Response) -> RegistrationOut:
        return _answer(await get(edge, partner), response)

    @router.post(
        "",
        response_model=RegistrationOut,
        status_code=201,
        responses={201: TAGGED},
        summary="Register a partner",
    )
    async def add_partner(
        body: RegistrationIn, edge: Operator, response: Response
    ) -> RegistrationOut:
        await registrations.lock(edge.tx)
        others = await registrations.list_all(edge.tx)
        if any(one.partner == body.partner for one in others):
            raise _exists()
        terms = body.terms()
        check(service, body.partner, terms, others)
        return _answer(await _keep(edge, body.partner, 1, terms), response)

    @router.put(
        "/{partner}",
        response_model=RegistrationOut,
        responses={200: TAGGED},
        summary="Change what a partner may see",
    )
    async def change_partner(
        partner: Partner,
        body: TermsIn,
        edge: Operator,
        response: Response,
        if_match: IfMatch = None,
    ) -> RegistrationOut:
        """Needs `If-Match`; counts from the next request and the next delivery on."""
        await registrations.lock(edge.tx)
        known = await get(edge, partner)
        require_match(if_match, known.version)
        terms = body.terms()
        check(service, partner, terms, await registrations.list_all(edge.tx))
        return _answer(await _keep(edge, partner, known.version + 1, terms), response)

    @router.delete(
        "/{partner}",
        response_model=RegistrationOut,
        summary="End a registration; it stays on record",
    )
    async def end_partner(
        partner: Partner, edge: Operator, response: Response, until: Day | None = None
    ) -> RegistrationOut:
        """From `until` on (without it: today) nothing is shown any more."""
        await registrations.lock(edge.tx)
        known = await get(edge, partner)
        day = max(until or edge.clock.today(), known.terms.valid_from)
        ended = replace(known.terms, valid_until=day)
        return _answer(await _keep(edge, partner, known.version + 1, ended), response)

    return router


async def get(edge: Edge, partner: str) -> Registration:
    """The partner, or a 404."""
    found = await registrations.find(edge.tx, partner)
    if found is None:
        raise not_found("partner")
    return found


async def _keep(edge: Edge, partner: str, version: int, terms: registrations.Terms) -> Registration:
    edge.note("partner", [derived_id("partner", partner)])
    return await registrations.keep(edge.tx, partner, version, terms, edge.caller.subject)


def _answer(one: Registration, response: Response) -> RegistrationOut:
    etag(response, one.version)
    return RegistrationOut.of(one)


def _exists() -> Problem:
    title = Text("Đã có đối tác này.", "There is such a partner already.")
    fix = Text("Sửa đăng ký đã có, hoặc chọn mã khác.", "Change it, or choose another slug.")
    return Problem(
        409, "partner.exists", title, [FieldError("/partner", "partner.exists", title, fix)]
    )
