"""What an endpoint gets: a transaction in the caller's areas, the caller, the clock."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Security
from fastapi.params import Form
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.partners.documents import mask_of, unseen
from libs.common.partners.scoping import Partner
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.caller import Caller
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role
from libs.common.web.act import SCOPE_KEY, Act
from libs.common.web.depth import refuse_deep
from libs.common.web.idempotency import HEADER, Claim
from libs.common.web.pacing import Guesses
from libs.common.web.problems import plain

_NUL = b"\\u0000"  # in JSON; PostgreSQL's texts cannot hold it
_BEARER = HTTPBearer(auto_error=False, scheme_name="OpenID Connect", bearerFormat="JWT")
# A route that names one of these reads or changes a person's data: the trail says whose.
_SUBJECTS = {"household_id": "household", "person_id": "person", "member_id": "person"}


@dataclass(frozen=True)
class Edge:
    """One request, authorised.

    Attributes:
        tx: open on the API role, scoped to the caller's areas. It commits after the answer is
            built and before it is sent, and only if the answer is a success.
        caller: who asks.
        clock: the service's clock.
        correlation_id: of this act; goes on every event that follows from it.
        partner: under whose registration it is, where a partner asks: `tx` shows the rows of its
            programmes alone, and of the answer its fields leave.
        guesses: what callers of this process were wrong about.
        headers: of the answer, besides those of the answer itself.
    """

    tx: Transaction
    caller: Caller
    clock: Clock
    correlation_id: UUID
    _noted: dict[str, list[UUID]] = field(default_factory=dict)
    partner: Partner | None = None
    _vault: Vault | None = None
    guesses: Guesses = field(default_factory=Guesses)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def vault(self) -> Vault:
        """What values of persons are sealed under; a 503 where no key is set."""
        if self._vault is None:
            title = Text("Chưa đặt ANSINH_VAULT_KEYS.", "ANSINH_VAULT_KEYS is not set.")
            raise Problem(503, "vault.no_key", title)
        return self._vault

    def as_partner(self) -> Partner:
        """The partner who asks, at a route for partners alone."""
        if self.partner is None:
            raise plain(403)
        return self.partner

    def note(self, kind: str, subjects: Iterable[UUID]) -> None:
        """Put subjects on the audit trail of this request.

        A write is on the trail anyway, and so is a route with `{household_id}` or `{person_id}`;
        use this for lists and exports that show persons or households.

        Args:
            kind: `household`, `person`, `decision`; `subject` for what a stream is about.
            subjects: whose data were read or changed.
        """
        self._noted.setdefault(kind, []).extend(subjects)


class Allow:
    """The dependency that `allow` makes; `roles` is read by tests and by the documentation."""

    def __init__(self, roles: frozenset[Role], *, reads: bool, alone: bool) -> None:
        self.roles = roles
        self.reads = reads
        self.alone = alone

    async def __call__(
        self,
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
    ) -> Edge:
        act: Act = request.scope[SCOPE_KEY]
        caller = self._let_in(act)
        if act.edge is None:
            _check_address(request)
            await _check_body(request, act.runtime.limits.depth)
            act.route = route_template(request)
            act.is_read = self.reads
            act.mask = mask_of(getattr(request.scope.get("route"), "response_model", None))
            tx = await act.open_alone(caller) if self.alone else await act.open(caller)
            _check_questions(request, act)
            await _claim(request, act, caller, tx)
            act.edge = _edge(act, caller, tx)
            _note_subjects(request, act.edge)
        return act.edge

    async def enter_alone(self, act: Act, route: str, name: str, subject: UUID) -> Edge:
        """As a call, for a lone read on its short way: `route` ends in what `name` names."""
        caller = self._let_in(act)
        act.route = route
        act.edge = _edge(act, caller, await act.open_alone(caller))
        if name in _SUBJECTS:
            act.edge.note(_SUBJECTS[name], [subject])
        return act.edge

    def _let_in(self, act: Act) -> Caller:
        if act.caller is None:
            raise plain(401)
        if not self.roles & act.caller.roles:
            raise plain(403)
        return act.caller


def _edge(act: Act, caller: Caller, tx: Transaction) -> Edge:
    return Edge(
        tx,
        caller,
        act.runtime.clock,
        act.correlation_id,
        act.noted,
        act.partner,
        act.runtime.vault,
        act.runtime.guesses,
        act.headers,
    )


def allow(*roles: Role, reads: bool = False, alone: bool = False) -> Allow:
    """Let these roles in: `edge: Annotated[Edge, Depends(allow(Role.OFFICER))]`.

    `reads`: it only reads, although it is asked by POST; its answer is not kept for a repeat.
    `alone`: it is one statement that reads what the path names (`libs/common/web/lone.py`).

    A missing or broken token is a 401, another role a 403; rows of other areas are not visible.
    """
    if not roles:
        raise ValueError("name at least one role")
    return Allow(frozenset(roles), reads=reads, alone=alone)


def route_template(request: Request) -> str:
    """The matched route with its parameters' names, never their values."""
    names = {str(value): f"{{{name}}}" for name, value in request.path_params.items()}
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return "/".join(names.get(part, part) for part in path.split("/"))


async def _claim(request: Request, act: Act, caller: Caller, tx: Transaction) -> None:
    key = request.headers.get(HEADER)
    if key is None or not act.is_write or act.is_read:
        return
    vault = act.runtime.vault
    hash_key = b"" if vault is None else vault.hash_key
    claim = Claim(caller.subject, f"{act.method} {act.route}", key, hash_key)
    asked = f"{request.url.path}?{request.url.query}\n".encode()
    await claim.take(tx, asked + await request.body())
    act.claim = claim


async def _check_body(request: Request, deepest: int) -> None:
    field_info = getattr(
        getattr(request.scope.get("route"), "body_field", None), "field_info", None
    )
    if field_info is None or isinstance(field_info, Form):
        return
    body = await request.body()
    if not body:
        return
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise plain(415)
    refuse_deep(body, deepest)
    if _NUL in body:
        raise _unwritable("")


def _check_address(request: Request) -> None:
    if any("\0" in value for value in request.query_params.values()):
        raise _unwritable("/query")
    if any("\0" in str(value) for value in request.path_params.values()):
        raise _unwritable("/path")


def _check_questions(request: Request, act: Act) -> None:
    """A partner does not learn by a filter what its registration does not show."""
    if act.partner is None or act.mask is None:
        return
    fields = act.partner.scope.fields
    title = Text("Trường này không có trong đăng ký.", "The field is not registered.")
    fix = Text("Bỏ tham số này.", "Leave the parameter out.")
    errors = [
        FieldError(f"/query/{name}", "partner.field", title, fix)
        for name in unseen(act.mask, fields, request.query_params)
    ]
    if errors:
        raise Problem(403, "partner.field", title, errors)


def _unwritable(pointer: str) -> Problem:
    message = Text("Có ký tự NUL.", "There is a NUL character.")
    fix = Text("Bỏ ký tự NUL khỏi chuỗi.", "Leave NUL characters out of texts.")
    title = Text("Dữ liệu gửi lên không hợp lệ.", "The request does not hold what it should.")
    rule = "text.nul"
    return Problem(422, "request.invalid", title, [FieldError(pointer, rule, message, fix)])


def _note_subjects(request: Request, edge: Edge) -> None:
    parameters: dict[str, Any] = request.path_params
    for name, kind in _SUBJECTS.items():
        if name in parameters:
            with suppress(ValueError):  # not an id: the endpoint will refuse it
                edge.note(kind, [UUID(str(parameters[name]))])
