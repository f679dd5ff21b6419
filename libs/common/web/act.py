"""One request from its first byte to its answer: who asks, and the transaction that it opened.

The edge's middleware makes the act; `allow` fills it; the middleware ends it. It is the only place
besides the consumer that commits.
"""

from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from libs.common.areas.scope import ScopeCache
from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.caller import Authenticator, Caller

if TYPE_CHECKING:
    from libs.common.web.edge import Edge

SCOPE_KEY = "ansinh.act"


@dataclass(frozen=True)
class Limits:
    """What one request may cost.

    Attributes:
        body_bytes: the largest body.
        depth: the deepest nesting of a JSON body.
        seconds: the longest time from the first byte to the answer.
    """

    body_bytes: int = 16 * 1024 * 1024
    depth: int = 32
    seconds: float = 60.0


@dataclass(frozen=True)
class Runtime:
    """What every request of an application shares."""

    service: str
    database: Database
    clock: Clock
    auth: Authenticator
    limits: Limits
    scopes: ScopeCache = field(default_factory=ScopeCache)


class _Undo(Exception):
    """Thrown into the open transaction so that it rolls back."""


@dataclass
class Act:
    """The state of one request."""

    runtime: Runtime
    correlation_id: UUID
    caller: Caller | None = None
    edge: "Edge | None" = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self) -> Transaction:
        """Open the request's one transaction, in the scope of the caller's areas."""
        runtime = self.runtime
        tx = await self._stack.enter_async_context(runtime.database.transaction())
        areas = self.caller.areas if self.caller else ()
        await runtime.scopes.enter(tx, areas, runtime.clock.today())
        return tx

    async def commit(self) -> None:
        """Make everything that the request did stand; raises what the database says against it."""
        await self._stack.aclose()

    async def undo(self) -> None:
        """Roll back whatever is still open; safe to repeat."""
        with suppress(Exception):  # a connection that broke has rolled back by itself
            await self._stack.__aexit__(_Undo, _Undo(), None)
