"""Build a service's HTTP application from its declaration."""

from collections.abc import Iterator, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.problems import Problem
from libs.common.security.caller import Authenticator
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role
from libs.common.service import Service
from libs.common.web.act import SCOPE_KEY, Act, Limits, Runtime
from libs.common.web.description import DescribedApi
from libs.common.web.edge import Allow
from libs.common.web.health import Check, health_routes
from libs.common.web.idempotency import REPLAYED_HEADER, Replayed
from libs.common.web.middleware import EdgeMiddleware, inner_path
from libs.common.web.problems import problem_of
from libs.common.web.screens.door import PREFIX as SCREENS
from libs.common.web.screens.door import Door
from libs.common.web.screens.rendering import Frame
from libs.common.web.screens.settings import ScreenSettings
from libs.common.web.short import ShortWays


def create_app(
    service: Service,
    database: Database,
    *,
    clock: Clock,
    auth: Authenticator,
    limits: Limits | None = None,
    ready: Mapping[str, Check] | None = None,
    partners: PartnerSettings | None = None,
    certificate_header: str = "",
    screens: ScreenSettings | None = None,
    vault: Vault | None = None,
) -> FastAPI:
    """The application of one service.

    Args:
        service: its routers and names.
        database: open on the service's API role.
        clock: says the day.
        auth: turns tokens into callers.
        limits: sizes and times; the defaults where left out.
        ready: named checks that `/health/ready` asks.
        partners: what the partners' routes use.
        certificate_header: in which the gateway passes clients' certificates on.
        screens: how browsers reach the service's pages and sign in; without it they only answer
            to who brings a token, as the API does.
        vault: what values of persons are sealed under.
    """
    app = DescribedApi(service)
    app.state.service = service
    app.state.partners = partners
    for _, route, roles in roles_of(service):
        if not roles:
            raise ValueError(f"{service.name}: {route.path} lets everybody in; use allow(...)")
    for prefix, routers in _mounted(service):
        for router in routers:
            app.include_router(router, prefix=prefix, include_in_schema=prefix != SCREENS)
    app.router.routes += health_routes(ready or {})
    for kind in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer_problem)
    app.add_exception_handler(Replayed, _answer_again)
    runtime = Runtime(
        service.name,
        database,
        clock,
        auth,
        limits or Limits(),
        partners=service.partners,
        certificate_header=certificate_header,
        vault=vault,
        dialects={one.prefix: one.render for one in service.standards},
    )
    for one in service.standards:
        app.router.routes += one.open_routes(partners)
        app.add_exception_handler(one.refusal, one.answer)
    ways = ShortWays((prefix, route) for prefix, route, _ in roles_of(service))
    app.add_middleware(EdgeMiddleware, runtime=runtime, ways=ways)
    if service.screens is not None:
        app.state.frame = frame = Frame(service.screens)
        if screens is not None:
            app.add_middleware(Door, runtime=runtime, settings=screens, frame=frame)
    return app


def roles_of(service: Service) -> Iterator[tuple[str, APIRoute, frozenset[Role]]]:
    """Every route: where it is mounted, and the roles that it lets in (none: no `allow`)."""
    for prefix, routers in _mounted(service):
        for router in routers:
            for route, roles in _roles(router.routes):
                yield prefix, route, roles


def _mounted(service: Service) -> tuple[tuple[str, tuple[APIRouter, ...]], ...]:
    standards = tuple((one.prefix, one.routers) for one in service.standards)
    screens = () if service.screens is None else ((SCREENS, service.screens.routers),)
    own = (("/v1", service.routers), ("/internal/v1", service.internal_routers))
    return (*own, *standards, *screens)


def _roles(routes: Sequence[BaseRoute]) -> Iterator[tuple[APIRoute, frozenset[Role]]]:
    for route in routes:
        inner = getattr(route, "original_router", None)  # a router included in a router
        if inner is not None:
            yield from _roles(inner.routes)
        elif isinstance(route, APIRoute):
            yield route, _allowed(route.dependant)


def _allowed(dependant: Dependant) -> frozenset[Role]:
    if isinstance(dependant.call, Allow):
        return dependant.call.roles
    found = [_allowed(inner) for inner in dependant.dependencies]
    return next((roles for roles in found if roles), frozenset())


async def _answer_problem(request: Request, error: Exception) -> Response:
    headers = getattr(error, "headers", None)
    act: Act = request.scope[SCOPE_KEY]
    path = inner_path(request.scope)
    return act.runtime.render(path, problem_of(error), act.correlation_id, headers)


async def _answer_again(request: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)  # noqa: S101 (narrows the type; registered for it alone)
    headers = {**error.headers, REPLAYED_HEADER: "true"}
    return Response(error.body, status_code=error.status, headers=headers)
