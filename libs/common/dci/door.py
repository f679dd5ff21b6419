"""The door of every DCI route: token, sender, signature, scope; and how it refuses.

    @router.post("/registry/sync/search")
    async def sync_search(request: Request, edge: Partner) -> Response:
        received = await enter(request, edge, Action.SEARCH, Scope.SEARCH, Road.ENVELOPE)

Behind it the transaction sees the areas that are the registration's and the token's alike: a row
outside of them is no match, as one that is not there.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from libs.common.dci import answers, intake
from libs.common.dci.headers import answer_header
from libs.common.dci.intake import Received
from libs.common.dci.partners import DciPartner
from libs.common.dci.refusals import Refused, as_ack, errors_body, of_problem
from libs.common.dci.settings import DciSettings
from libs.common.dci.signatures import Profile
from libs.common.dci.words import PREFIX, Action, Scope, Status
from libs.common.ids import new_id
from libs.common.partners.scoping import Partner as Admitted
from libs.common.partners.scoping import scope_within
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.problems import Problem, Text
from libs.common.security.roles import Role
from libs.common.service import Standard
from libs.common.web import Edge, allow
from libs.common.web.act import SCOPE_KEY, Act

_ENTER = "SELECT set_config('ansinh.scope', $1, true)"
Partner = Annotated[Edge, Depends(allow(Role.PARTNER, Role.BANK, Role.INSURER, Role.TRAINING))]
JWKS_PATH = "/.well-known/jwks.json"
_JWKS_PATHS = (JWKS_PATH, f"{PREFIX}{JWKS_PATH}")  # the edge lets everybody there


class Road(StrEnum):
    """How a route answers, and so refuses."""

    ENVELOPE = "envelope"  # the result itself
    ACK = "ack"  # the result follows


def settings_of(request: Request) -> DciSettings:
    """Who we are; a 503 where no key is set."""
    partners = request.app.state.partners
    found: DciSettings | None = None if partners is None else partners.dci
    if found is None:
        title = Text("Chưa đặt ANSINH_DCI_KEYS.", "ANSINH_DCI_KEYS is not set.")
        raise Problem(503, "dci.no_key", title)
    return found


async def enter(
    request: Request,
    edge: Edge,
    action: Action,
    needed: Scope | None,
    road: Road,
    *,
    reads: bool = False,
) -> Received:
    """The message, once everything about its envelope holds.

    Args:
        action: what the header must say.
        needed: what the sender must be registered for; None: anything.
        reads: the audit trail calls it a read.

    Raises:
        Refused: something does not hold; `answer_refused` makes it an answer.
        Problem: 429, 503.
    """
    act: Act = request.scope[SCOPE_KEY]
    act.is_read = reads
    settings, day = settings_of(request), edge.clock.today()
    request.state.dci_road = road
    body = await request.body()
    media = request.headers.get("content-type", "")
    envelope = intake.read_envelope(media, body, act.runtime.limits.depth)
    request.state.dci_action = action
    request.state.dci_sender = envelope.header.sender_id
    partner = await intake.identify(edge.tx, edge.caller, envelope, needed, day)
    request.state.dci_profile = partner.terms.profile
    count_call(act, partner)
    received = await intake.admit(edge.tx, envelope, partner, action, settings)
    terms, cache = partner.registration.terms, act.runtime.scopes
    scope = await scope_within(edge.tx, cache, terms, edge.caller.areas, day)
    await edge.tx.execute(_ENTER, Admitted(partner.registration, scope).communes)
    return replace(received, communes=scope.communes)


def state_purpose(request: Request, purpose: str | None) -> None:
    """Why persons are read, as the message says it; kept on the audit trail."""
    act: Act = request.scope[SCOPE_KEY]
    if purpose and act.caller is not None:
        act.caller = replace(act.caller, purpose=purpose)


def answer_refused(request: Request, refused: Refused) -> Response:
    """The refusal on the road that was asked."""
    act: Act = request.scope[SCOPE_KEY]
    road: Road | None = getattr(request.state, "dci_road", None)
    if not refused.is_transport and road is Road.ACK:
        now = act.runtime.clock.now()
        return json_answer(as_ack(refused, str(act.correlation_id), now))
    profile: Profile | None = getattr(request.state, "dci_profile", None)
    if refused.reason is not None and road is Road.ENVELOPE and profile is not None:
        return _rejected(request, refused, profile)
    return transport_error(refused)


def _rejected(request: Request, refused: Refused, profile: Profile) -> Response:
    act: Act = request.scope[SCOPE_KEY]
    settings, now = settings_of(request), act.runtime.clock.now()
    header = answer_header(
        answer_to(request.state.dci_action),
        message_id=str(new_id()),
        at=now,
        sender_id=settings.sender_id,
        receiver_id=request.state.dci_sender,
        status=Status.REJECTED,
        reason=refused.reason,
        reason_text=refused.faults[0].message,
    )
    return envelope_answer(answers.seal(header, None, profile, settings, now))


def answer_to(action: Action) -> Action:
    """The action of the answer: `on-search` to `search`."""
    if action is Action.TXN_STATUS:
        return Action.TXN_ON_STATUS
    return Action(f"on-{action}")


def transport_error(refused: Refused) -> Response:
    """An HTTP status with `errors`."""
    answer = json_answer(errors_body(refused.status, refused.faults), refused.status)
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if refused.status in (429, 503):
        answer.headers["Retry-After"] = "5"
    return answer


def render_problem(problem: Problem, correlation_id: UUID) -> Response:
    """What the edge refuses on these routes, in the standard's shape."""
    answer = transport_error(of_problem(problem))
    answer.headers.update(getattr(problem, "headers", {}))
    return answer


def json_answer(document: object, status: int = 200) -> Response:
    """Any JSON of these routes."""
    return Response(to_json(document), status_code=status, media_type="application/json")


def envelope_answer(sealed: bytes) -> Response:
    """A sealed envelope."""
    return Response(sealed, media_type="application/json")


def jwks_routes(settings: DciSettings | None) -> list[Route]:
    """Our public keys, for everybody; none where no key is set."""
    if settings is None:
        return []
    published = settings.keys.published()

    async def jwks(_: Request) -> Response:
        answer = json_answer(published)
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    return [Route(path, jwks) for path in _JWKS_PATHS]


def count_call(act: Act, partner: DciPartner) -> None:
    """What the edge has done already for whoever has the role of the service's own partners."""
    if act.partner is None:
        known = partner.registration
        if act.runtime.certificate_header:
            known.terms.check_certificate(act.certificate)
        act.runtime.pace.take(known.partner, known.terms.per_second, "partner.rate")


def standard(*routers: APIRouter) -> Standard:
    """DCI with these routes, for a service's declaration."""

    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101 (narrows the type; registered for it alone)
        act: Act = request.scope[SCOPE_KEY]
        await act.undo()  # a refusal may be a 200: its message is not taken all the same
        return answer_refused(request, error)

    def open_routes(partners: PartnerSettings | None) -> list[Route]:
        return jwks_routes(None if partners is None else partners.dci)

    return Standard(PREFIX, routers, render_problem, Refused, answer, open_routes)
