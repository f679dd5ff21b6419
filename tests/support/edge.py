"""A service's application in the test's own process, and tokens that it accepts.

async with open_client(service, database) as client:
    answer = await client.get("/v1/...", headers=bearer(Role.OFFICER, areas=["01882"]))
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.routing import BaseRoute

from libs.common.clock import Clock, SystemClock
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role
from libs.common.security.tokens import StaticKeys, TokenVerifier
from libs.common.service import Service
from libs.common.web import Limits, create_app
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

ISSUER = "http://issuer.test"
AUDIENCE = "ansinh"
KEY = ECKey.generate_key("P-256", parameters={"kid": "test"}, private=True)


def verifier() -> TokenVerifier:
    """Accepts what `a_token` signs."""
    public = ECKey.import_key(KEY.as_dict(private=False))
    return TokenVerifier(ISSUER, AUDIENCE, StaticKeys(KeySet([public])))


def a_token(
    *roles: Role,
    areas: Sequence[str] = ("*",),
    subject: str = "tester",
    bound_to: str | None = None,
) -> str:
    """A signed token of these roles and areas; `bound_to` is a certificate's thumbprint."""
    now = int(time.time())
    return sign(
        {
            **({} if bound_to is None else {"cnf": {"x5t#S256": bound_to}}),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + 7200,  # some are made at import: a slow run must not outlive them
            "roles": [role.value for role in roles],
            "areas": list(areas),
        }
    )


def sign(claims: Mapping[str, Any]) -> str:
    """Sign any claims with the key that the application trusts."""
    return jwt.encode({"alg": "ES256", "kid": "test"}, dict(claims), KEY)


def bearer(*roles: Role, areas: Sequence[str] = ("*",), subject: str = "tester") -> dict[str, str]:
    """The Authorization header of a caller."""
    return {"Authorization": f"Bearer {a_token(*roles, areas=areas, subject=subject)}"}


_WORKED_OUT: dict[tuple[int, str, bool], BaseRoute] = {}  # by router, which its route keeps


def share_routes(app: FastAPI) -> None:
    """Give an application the routes that another one of this process has worked out already.

    FastAPI works out what each route reads and answers at an application's first request; for each
    test's application anew that takes longer than most tests do. It depends on the router and its
    place alone: what differs between applications is in their state and their middleware.
    """
    for place, route in enumerate(app.router.routes):
        router = getattr(route, "original_router", None)
        if router is not None:
            context = route.include_context  # type: ignore[attr-defined]  # no public name
            key = (id(router), context.prefix, context.include_in_schema)
            app.router.routes[place] = _WORKED_OUT.setdefault(key, route)


@asynccontextmanager
async def open_client(
    service: Service,
    database: ServiceDatabase,
    *,
    clock: Clock | None = None,
    limits: Limits | None = None,
    partners: PartnerSettings | None = None,
    certificate_header: str = "",
    vault: Vault | None = VAULT,
    connections: int = 8,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's application on its API role, with that many connections."""
    clock = clock or SystemClock()
    async with database.as_api(clock, connections) as pool:
        app = create_app(
            service,
            pool,
            clock=clock,
            auth=verifier(),
            limits=limits,
            partners=partners,
            certificate_header=certificate_header,
            vault=vault,
        )
        share_routes(app)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://service.test"
        ) as client:
            yield client
