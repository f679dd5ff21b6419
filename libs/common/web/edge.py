"""What an endpoint gets: a transaction in the caller's areas, the caller, the clock."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.security.caller import Caller
from libs.common.security.roles import Role
from libs.common.web.act import SCOPE_KEY, Act
from libs.common.web.problems import plain

_BEARER = HTTPBearer(auto_error=False, scheme_name="OpenID Connect", bearerFormat="JWT")


@dataclass(frozen=True)
class Edge:
    """One request, authorised.

    Attributes:
        tx: open on the API role, scoped to the caller's areas. It commits after the answer is
            built and before it is sent, and only if the answer is a success.
        caller: who asks.
        clock: the service's clock.
        correlation_id: of this act; goes on every event that follows from it.
    """

    tx: Transaction
    caller: Caller
    clock: Clock
    correlation_id: UUID


class Allow:
    """The dependency that `allow` makes; `roles` is read by tests and by the documentation."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    async def __call__(
        self,
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
    ) -> Edge:
        act: Act = request.scope[SCOPE_KEY]
        caller = act.caller
        if caller is None:
            raise plain(401)
        if not self.roles & caller.roles:
            raise plain(403)
        if act.edge is None:
            act.edge = Edge(
                tx=await act.open(),
                caller=caller,
                clock=act.runtime.clock,
                correlation_id=act.correlation_id,
            )
        return act.edge


def allow(*roles: Role) -> Allow:
    """Let these roles in: `edge: Annotated[Edge, Depends(allow(Role.OFFICER))]`.

    A missing or broken token is a 401, another role a 403; rows of other areas are not visible.
    """
    if not roles:
        raise ValueError("name at least one role")
    return Allow(frozenset(roles))
