"""All four services in one process: the embedded default.

PostgreSQL is the embedded server, or the one that a superuser's URL names; the bus is the local
one, or RabbitMQ where a URL is given. Same code, same promises.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from ansinh import services
from ansinh.console.guard import OwnNames
from ansinh.console.ops import OpsPage
from ansinh.console.pages import Mounted, console
from ansinh.embedded.keys import dci_settings, partner_keys, seal_of, vault_of
from ansinh.embedded.postgres import EmbeddedPostgres
from ansinh.ops.client import Operator
from ansinh.readiness import consumer_checks, database_checks, queues_check, running_check
from ansinh.setup import ServiceDsns, prepare_areas, prepare_databases, prepare_law_day
from libs.common import telemetry
from libs.common.clock import Clock
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.dci.words import TOKEN_PATH
from libs.common.files import write_whole
from libs.common.messaging import topology
from libs.common.messaging.pulse import Pulse
from libs.common.messaging.transport import Transport
from libs.common.messaging.transports import local, rabbitmq
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.roles import RoleName, background_roles, serve
from libs.common.security.encryption import Vault
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.security.startup import assert_role_is_safe
from libs.common.security.tokens import StaticKeys, TokenVerifier
from libs.common.settings import Mode
from libs.common.telemetry import Telemetry
from libs.common.web import create_app
from libs.common.web.health import Check, health_routes, metrics_route
from libs.common.web.screens.settings import ScreenSettings
from services.registry.areas.units import DATA

Say = Callable[[str], None]
AUDIENCE = "ansinh"
PREFIX_FILE = "database-prefix"  # in a platform's folder: what its databases' names begin with
# Deciding is the longest step of the road: while one lane computes, the other's rows are written.
LANES = {"eligibility.entitlements": 2}
BACKGROUND = frozenset({RoleName.RELAY, RoleName.CONSUME, RoleName.TICK, RoleName.SEND})


@dataclass(frozen=True)
class PlatformSettings:
    """How to run the platform.

    Attributes:
        home: a folder of ours for data, keys and the password.
        port: of http://localhost:port.
        postgres_url: a superuser's DSN of a server to use instead of the embedded one.
        amqp_url: RabbitMQ; None for the local transport.
        prefix: of databases, queues and exchange, so that several platforms can share servers.
        ticks: whether daily work runs by itself; a demo or a test calls it instead.
        otlp_endpoint: base URL of an OTLP/HTTP collector; None: metrics at `/metrics` only.
        sampling_share: part of an act's events beyond the first 20 that are traced, 0 to 1.
        pool_size: connections at most, of each service and kind of role.
        areas: the folder of the tables of administrative units.
    """

    home: Path
    port: int = 8000
    postgres_url: str | None = None
    amqp_url: str | None = None
    prefix: str = "ansinh_"
    ticks: bool = True
    otlp_endpoint: str | None = None
    sampling_share: float = 0.01
    pool_size: int = 8
    areas: Path = DATA


@dataclass(frozen=True)
class Platform:
    """A running platform.

    Attributes:
        url: where it is served.
        issuer: makes tokens for the development users.
        workers: each service's database under its worker role, for whoever watches.
    """

    url: str
    issuer: DevelopmentIssuer
    workers: Mapping[str, Database]


@contextlib.asynccontextmanager
async def running(
    settings: PlatformSettings, clock: Clock, say: Say = lambda line: None
) -> AsyncIterator[Platform]:
    """Run the platform for the length of the `async with` block; then stop it in order.

    A role that dies ends the block with its error. The embedded server stops with it.
    """
    async with contextlib.AsyncExitStack() as stack:
        recording = telemetry.start(
            "ansinh",
            "all",
            settings.otlp_endpoint,
            settings.sampling_share,
            is_scraped=True,
            bus=topology.bus(settings.amqp_url, settings.prefix),
        )
        if recording:
            stack.push_async_callback(asyncio.to_thread, recording.shutdown)
        owner_dsn, password = await _server(settings, stack, say)
        dsns = await prepare_databases(owner_dsn, password, settings.prefix, say)
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(settings.home / PREFIX_FILE, settings.prefix)
        opening = partial(_connect, stack, clock, settings.pool_size)
        workers = await opening({n: d.worker for n, d in dsns.items()}, "worker")
        apis = await opening({n: d.api for n, d in dsns.items()}, "api")
        for database in (*workers.values(), *apis.values()):
            await assert_role_is_safe(database)
        await prepare_areas(workers["registry"], clock, say, settings.areas)
        await prepare_law_day(workers["eligibility"], clock.today())
        transport = await _transport(settings, stack, dsns, say)
        url = f"http://localhost:{settings.port}"
        issuer = DevelopmentIssuer(f"{url}/issuer", AUDIENCE, settings.home, Mode.EMBEDDED)
        stop = asyncio.Event()
        pulses = {name: Pulse(name, clock) for name in SUBSCRIPTIONS}
        ready = {
            **running_check(stop),
            **{
                f"{name} {check}": asked
                for name, database in apis.items()
                for check, asked in database_checks(name, database).items()
            },
            **queues_check(settings.amqp_url, settings.prefix),
            **consumer_checks(pulses),
        }
        # Partners of a platform on one machine are on that machine.
        vault = vault_of(settings.home)
        partners = PartnerSettings(
            partner_keys(settings.home),
            Networks(LOOPBACK),
            dci=dci_settings(settings.home),
            vault=vault,
        )
        signing = await stack.enter_async_context(_client_of(issuer))
        screens = partial(
            ScreenSettings,
            issuer=issuer.url,
            client_id="ansinh",
            seal=seal_of(settings.home),
            client=signing,
        )
        gateway = _gateway(url, apis, issuer, clock, ready, recording, partners, screens, vault)
        async with asyncio.TaskGroup() as group:
            roles = BACKGROUND if settings.ticks else BACKGROUND - {RoleName.TICK}
            for name in services.NAMES:
                service = services.build(name)
                for loop in background_roles(
                    service,
                    roles,
                    workers[name],
                    transport,
                    clock,
                    stop,
                    LANES,
                    pulses,
                    partners,
                    vault,
                ):
                    group.create_task(loop)
            group.create_task(serve(gateway, "127.0.0.1", settings.port, stop))
            try:
                yield Platform(url, issuer, workers)
            finally:
                stop.set()


async def _server(
    settings: PlatformSettings, stack: contextlib.AsyncExitStack, say: Say
) -> tuple[str, str]:
    """The server's owner DSN, and the password of the services' roles."""
    server = EmbeddedPostgres(settings.home)
    if settings.postgres_url:
        return settings.postgres_url, server.read_password()
    say("PostgreSQL: máy chủ nhúng / the embedded server")
    await server.start()
    stack.push_async_callback(server.stop)
    return server.dsn(), server.password


async def _connect(
    stack: contextlib.AsyncExitStack,
    clock: Clock,
    largest: int,
    dsns: Mapping[str, str],
    role: str,
) -> dict[str, Database]:
    return {
        name: await stack.enter_async_context(
            await Database.connect(dsn, clock, application=f"ansinh-{name}-{role}", largest=largest)
        )
        for name, dsn in dsns.items()
    }


async def _transport(
    settings: PlatformSettings,
    stack: contextlib.AsyncExitStack,
    dsns: Mapping[str, ServiceDsns],
    say: Say,
) -> Transport:
    transport: Transport
    if settings.amqp_url:
        say("Kênh sự kiện / bus: RabbitMQ")
        await topology.apply(settings.amqp_url, settings.prefix, tuple(SUBSCRIPTIONS.values()))
        transport = rabbitmq.connect(settings.amqp_url, settings.prefix)
    else:
        say("Kênh sự kiện / bus: local")
        transport = local.connect({name: dsn.worker for name, dsn in dsns.items()})
    stack.push_async_callback(transport.close)
    return transport


def _client_of(issuer: DevelopmentIssuer) -> httpx.AsyncClient:
    """Asks the issuer within this process."""
    app = Starlette(routes=[Mount("/issuer", issuer.app())])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


def _gateway(
    url: str,
    apis: Mapping[str, Database],
    issuer: DevelopmentIssuer,
    clock: Clock,
    ready: Mapping[str, Check],
    recording: Telemetry | None,
    partners: PartnerSettings,
    screens: Callable[[str], ScreenSettings],
    vault: Vault,
) -> ASGIApp:
    """One address: the four APIs and their screens, the development issuer, health and metrics, the
    operator's page, the front page. It hands out tokens to whoever asks, so no foreign name leads
    to it.
    """
    auth = TokenVerifier(issuer.url, issuer.audience, StaticKeys(KeySet([issuer.key])))
    mounted = {}
    for name in services.NAMES:
        service = services.build(name)
        app = create_app(
            service,
            apis[name],
            clock=clock,
            auth=auth,
            ready=ready,
            partners=partners,
            screens=screens(f"{url}/{name}"),
            vault=vault,
        )
        mounted[name] = Mounted(service, app)
    operator = _operator(mounted, issuer)
    return OwnNames(
        Starlette(
            routes=[
                # Where the DCI standard looks for tokens; a gateway leads to the provider there.
                Route(f"/registry{TOKEN_PATH}", issuer.give_token, methods=["POST"]),
                *(Mount(f"/{name}", one.app) for name, one in mounted.items()),
                Mount("/issuer", issuer.app()),
                *health_routes(ready),
                metrics_route(recording),
                *OpsPage(operator, home="/", timeline="/timeline").routes(),
                Mount("/", console(mounted, issuer, operator)),
            ]
        )
    )


def _operator(mounted: Mapping[str, Mounted], issuer: DevelopmentIssuer) -> Operator:
    """The made-up operator, within this process."""

    async def token() -> str:
        return issuer.token(Role.OPERATOR)

    clients = {
        name: httpx.AsyncClient(
            transport=httpx.ASGITransport(one.app), base_url=f"http://{name}.console"
        )
        for name, one in mounted.items()
    }
    return Operator(clients, token)
