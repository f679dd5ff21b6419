"""One role of one service as a process of its own: what runs in a container."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import httpx

from ansinh import services
from libs.common import telemetry
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.messaging import topology
from libs.common.messaging.transport import Transport
from libs.common.messaging.transports import local, rabbitmq
from libs.common.roles import RoleName, background_roles, serve
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.startup import assert_role_is_safe
from libs.common.security.tokens import IssuerKeys, TokenVerifier
from libs.common.service import Service
from libs.common.settings import Settings, required
from libs.common.web import Limits, create_app


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_process(name: str, role: RoleName) -> None:
    """Run one role of one service until it is told to stop.

    Raises:
        ValueError: a setting that the role needs is missing.
    """
    settings = Settings.load()
    telemetry.configure_logs(name, role, settings.log_level)
    recording = telemetry.start(name, role, settings.otlp_endpoint, settings.sampling_share)
    stop = stop_on_signals()
    try:
        service = services.build(name)
        if role is RoleName.API:
            await _serve_api(service, settings, stop)
        else:
            await _run_background(service, role, settings, stop)
    finally:
        if recording:
            recording.shutdown()


async def _serve_api(service: Service, settings: Settings, stop: asyncio.Event) -> None:
    dsn = required("api_dsn", settings.api_dsn)
    async with (
        _database(dsn, service.name, RoleName.API, settings) as database,
        httpx.AsyncClient() as client,
    ):
        app = create_app(
            service,
            database,
            clock=settings.clock,
            auth=TokenVerifier(
                settings.issuer_url, settings.audience, IssuerKeys(settings.issuer_url, client)
            ),
            limits=Limits(settings.body_bytes, settings.body_depth, settings.request_seconds),
        )
        await serve(app, settings.host, settings.port, stop, settings.root_path)


async def _run_background(
    service: Service, role: RoleName, settings: Settings, stop: asyncio.Event
) -> None:
    dsn = required("worker_dsn", settings.worker_dsn)
    async with (
        _database(dsn, service.name, role, settings) as database,
        _transport(settings, service.name, dsn) as transport,
        asyncio.TaskGroup() as group,
    ):
        for loop in background_roles(
            service, frozenset({role}), database, transport, settings.clock, stop
        ):
            group.create_task(loop)


@contextlib.asynccontextmanager
async def _database(
    dsn: str, name: str, role: RoleName, settings: Settings
) -> AsyncIterator[Database]:
    connecting = Database.connect(
        dsn, settings.clock, application=f"ansinh-{name}-{role}", largest=settings.pool_size
    )
    async with await connecting as database:
        await assert_role_is_safe(database)
        yield database


@contextlib.asynccontextmanager
async def _transport(settings: Settings, name: str, dsn: str) -> AsyncIterator[Transport]:
    transport: Transport
    if settings.amqp_url:
        transport = rabbitmq.connect(settings.amqp_url.get_secret_value(), settings.bus_prefix)
    else:
        peers = {peer: secret.get_secret_value() for peer, secret in settings.peers.items()}
        transport = local.connect({name: dsn, **peers})
    try:
        yield transport
    finally:
        await transport.close()


async def apply_topology() -> None:
    """Declare exchange, queues and bindings on the configured broker."""
    settings = Settings.load()
    url = required("amqp_url", settings.amqp_url)
    await topology.apply(url, settings.bus_prefix, tuple(SUBSCRIPTIONS.values()))


async def run_issuer() -> None:
    """Serve the development issuer until it is told to stop.

    Raises:
        ValueError: in distributed mode.
    """
    settings = Settings.load()
    issuer = DevelopmentIssuer(
        settings.issuer_url, settings.audience, settings.data_folder, settings.mode
    )
    await serve(issuer.app(), settings.host, settings.port, stop_on_signals())
