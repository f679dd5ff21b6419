"""One request from its first byte to its answer: who asks, and the transaction that it opened.

The edge's middleware makes the act; `allow` fills it; the middleware ends it. It is the only place
besides the consumer that commits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.responses import Response

from libs.common import faults
from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.partners.documents import Mask
from libs.common.partners.scoping import Partner, admit
from libs.common.partners.tracing import keep_act
from libs.common.problems import Problem
from libs.common.security.audit import AuditLine, write_line
from libs.common.security.caller import Authenticator, Caller
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role
from libs.common.telemetry import current_trace_id
from libs.common.web.description import ENDED_HEADER
from libs.common.web.idempotency import Claim
from libs.common.web.lone import LoneRead
from libs.common.web.pacing import Guesses, Pace
from libs.common.web.problems import render
from libs.common.web.streams import Streams

if TYPE_CHECKING:
    from libs.common.web.edge import Edge

SCOPE_KEY = "ansinh.act"
Render = Callable[[Problem, UUID], Response]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_LOCK_WAIT = "5s"

# One round trip: what the caller may see, and how long the request may wait for a lock.
_BEGIN = """
SELECT set_config('ansinh.scope', $1, true), set_config('ansinh.programmes', $2, true),
       set_config('lock_timeout', $3, true)
"""


@dataclass(frozen=True)
class Limits:
    """What one request may cost.

    Attributes:
        body_bytes: the largest body.
        depth: the deepest nesting of a JSON body.
        seconds: the longest time from the first byte to the answer.
        per_second: how often a caller may ask; a partner, as often as it is registered.
    """

    body_bytes: int = 16 * 1024 * 1024
    depth: int = 32
    seconds: float = 60.0
    per_second: int = 500


@dataclass(frozen=True)
class Runtime:
    """What every request of an application shares.

    Attributes:
        partners: whoever has this role is a partner, and under its registration.
        certificate_header: in which the gateway passes a client's certificate on; empty: it ends no
            TLS with such, and none is asked for.
        vault: what values of persons are sealed under; None: no key is set.
        dialects: by the beginning of a path, how refusals look there where it is not as everywhere.
    """

    service: str
    database: Database
    clock: Clock
    auth: Authenticator
    limits: Limits
    partners: Role | None = None
    certificate_header: str = ""
    vault: Vault | None = None
    scopes: ScopeCache = field(default_factory=ScopeCache)
    pace: Pace = field(default_factory=Pace)
    guesses: Guesses = field(default_factory=Guesses)
    streams: Streams = field(default_factory=Streams)
    dialects: Mapping[str, Render] = field(default_factory=dict)

    def render(
        self, path: str, problem: Problem, correlation_id: UUID, headers: Mapping[str, str] | None
    ) -> Response:
        """A refusal, in the shape that the path's standard has for it."""
        for prefix, dialect in self.dialects.items():
            if path.startswith(prefix):
                return dialect(problem, correlation_id)
        return render(problem, correlation_id, headers)


class _Undo(Exception):
    """Thrown into the open transaction so that it rolls back."""


@dataclass
class Act:
    """The state of one request.

    Attributes:
        route: the route's template once it is known, e.g. `/v1/households/{household_id}`.
        edge: what the endpoint got, if it was let in.
        claim: the idempotency key that it holds, if it named one.
        certificate: thumbprint of the client certificate that it came with.
        partner: under whose registration it is, where a partner asks.
        mask: what the answer's fields are told by; of a partner's answer the registered ones leave.
        noted: subjects that it read or changed, for the audit trail.
        headers: of its answer, besides those of the answer itself.
        is_read: a read, although it is asked by POST.
        in_parts: its answer leaves in parts.
    """

    runtime: Runtime
    correlation_id: UUID
    method: str
    route: str = ""
    caller: Caller | None = None
    edge: "Edge | None" = None
    claim: Claim | None = None
    certificate: str | None = None
    partner: Partner | None = None
    mask: Mask | None = None
    noted: dict[str, list[UUID]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    is_read: bool = False
    in_parts: bool = False
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def is_write(self) -> bool:
        return self.method not in SAFE_METHODS

    @property
    def is_partners(self) -> bool:
        """Whoever asks is a partner, whatever else besides."""
        return self.caller is not None and self.runtime.partners in self.caller.roles

    async def open(self, caller: Caller) -> Transaction:
        """Open the request's one transaction, in the caller's areas and, where it is a partner's,
        under its registration. The caller's rate comes first: whoever asks too often costs nothing.

        Raises:
            Problem: 403, it has none, or comes with another certificate; 429, it asks more often
                than it may.
        """
        runtime, day = self.runtime, self.runtime.clock.today()
        if not self.is_partners:
            runtime.pace.take(caller.subject, runtime.limits.per_second, "caller.rate")
        tx = await self._stack.enter_async_context(runtime.database.transaction())
        if self.is_partners:
            self.partner = await admit(tx, runtime.scopes, caller, day)
            known = self.partner.registration
            if runtime.certificate_header:
                known.terms.check_certificate(self.certificate)
            runtime.pace.take(known.partner, known.terms.per_second, "partner.rate")
        scope, programmes = await self._scope(tx, caller, day), ""
        if self.partner is not None:
            scope, programmes = self.partner.communes, self.partner.programmes
        await tx.execute(_BEGIN, scope, programmes, _LONGEST_LOCK_WAIT)
        return tx

    async def open_alone(self, caller: Caller) -> Transaction:
        """As `open`, for a read that is one statement; a partner's is one of many, as everywhere.

        Raises:
            Problem: 403 and 429, as `open`.
        """
        if self.is_partners:
            return await self.open(caller)
        runtime = self.runtime
        runtime.pace.take(caller.subject, runtime.limits.per_second, "caller.rate")
        tx = await self._stack.enter_async_context(runtime.database.statements())
        scope = await self._scope(tx, caller, runtime.clock.today())
        return LoneRead(tx.connection, tx.recorded_at, scope=scope, line=self._line)

    async def _scope(self, tx: Transaction, caller: Caller, day: date) -> str:
        """The caller's areas; the answer says which of them have ended."""
        areas = await self.runtime.scopes.read(tx, caller.areas, day)
        if areas.ended:
            self.headers[ENDED_HEADER] = areas.ended
        return areas.scope

    async def commit(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Write the account, keep the answer, and make it all stand.

        Raises whatever the database says against it; then nothing stands.
        """
        if self.edge is not None:
            await self._account(self.edge.tx)
            if self.claim is not None:
                await self.claim.keep(self.edge.tx, status, headers, body)
            faults.at("before_request_commit")
        await self._stack.aclose()
        if self.edge is not None:
            faults.at("after_request_commit")

    async def account_apart(self) -> None:
        """Account for a read whose answer leaves in parts, before its first part does.

        Raises:
            Problem: 503, as many such answers are on their way as may be.
        """
        if self.edge is not None and self.noted:
            if not self.in_parts:
                most = self.runtime.database.pool.get_max_size()
                self._stack.enter_context(self.runtime.streams.take(most))
                self.in_parts = True
            async with self.runtime.database.transaction() as tx:
                await self._account(tx)

    async def account_part(self, kind: str, subjects: Iterable[UUID]) -> None:
        """Account for the next part of a read whose answer leaves in parts, before it leaves: the
        trail holds every subject, and nobody holds them all at once.

        Raises:
            Problem: 503, as `account_apart`; then no part has left.
        """
        self.noted[kind] = list(subjects)
        await self.account_apart()
        self.noted.clear()

    async def undo(self) -> None:
        """Roll back whatever is still open; safe to repeat. Nothing is left to commit or to account
        for, whatever the answer's status.
        """
        self.edge = None
        with suppress(Exception):  # a connection that broke has rolled back by itself
            await self._stack.__aexit__(_Undo, _Undo(), None)

    async def _account(self, tx: Transaction) -> None:
        if self.caller is None:
            return
        if isinstance(tx, LoneRead):
            tx.require_told(list(self._lines(self.caller)))
            return
        if self.is_write and not self.is_read and self.partner is not None:
            name = self.partner.registration.partner
            await keep_act(tx, name, self._name, self.correlation_id)
        for line in self._lines(self.caller):
            await write_line(tx, line)

    @property
    def _name(self) -> str:
        return f"{self.method} {self.route}"

    def _line(self) -> AuditLine:
        """The one line of a read that is one statement."""
        assert self.caller is not None  # noqa: S101 (narrows the type; it was let in)
        (line,) = self._lines(self.caller)
        return line

    def _lines(self, caller: Caller) -> Iterator[AuditLine]:
        noted: list[tuple[str | None, list[UUID]]] = list(self.noted.items())
        if self.is_write and not noted:
            noted = [(None, [])]
        for kind, subjects in noted:
            yield AuditLine(
                caller=caller.subject,
                roles=" ".join(sorted(caller.roles)),
                kind="write" if self.is_write and not self.is_read else "read",
                act=self._name,
                subject_kind=kind,
                subjects=tuple(subjects),
                purpose=caller.purpose,
                correlation_id=self.correlation_id,
                trace_id=current_trace_id(),
            )
