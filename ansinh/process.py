"""One role of one service as a process of its own: what runs in a container."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial

import asyncpg
import httpx

from ansinh import services
from ansinh.readiness import (
    consumer_checks,
    database_checks,
    issuer_check,
    queues_check,
    running_check,
    starting_checks,
)
from ansinh.vault import vault_from
from libs.common import telemetry
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.revision import is_migrated
from libs.common.dci.keys import SigningKeys
from libs.common.dci.settings import DciSettings
from libs.common.messaging import topology
from libs.common.messaging.pace import Backoff
from libs.common.messaging.pulse import Pulse
from libs.common.messaging.settings import BackoffSettings
from libs.common.messaging.transport import Transport
from libs.common.messaging.transports import local, rabbitmq
from libs.common.partners.webhooks.addresses import Networks
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.roles import RoleName, background_roles, serve
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.startup import assert_role_is_safe
from libs.common.security.tokens import IssuerKeys, TokenVerifier
from libs.common.service import Service
from libs.common.settings import Mode, Settings, required
from libs.common.telemetry.logs import place_of
from libs.common.web import Limits, create_app
from libs.common.web.health import Check, managed
from libs.common.web.screens.seal import Seal
from libs.common.web.screens.settings import ScreenSettings

log = logging.getLogger(__name__)

_DATABASE_BACKOFF = BackoffSettings(0.5, 10.0)
# Not there yet, not up yet, or set-up has not made roles and databases yet.
_NOT_YET = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_process(name: str, role: RoleName) -> int:
    """Run one role of one service until it is told to stop.

    It waits for a database that does not answer yet. What ends it otherwise is logged: where and
    what kind, never an error's text, which may quote a person's data.

    Returns:
        The exit code: 0 after a stop signal, 1 when the role ended by itself.

    Raises:
        ValueError: a setting that the role needs is missing or is another service's.
    """
    settings = Settings.load()
    if settings.service not in ("", name):
        raise ValueError(f"ANSINH_SERVICE is {settings.service}, the command says {name}")
    run = _serve_api if role is RoleName.API else partial(_run_background, role)
    telemetry.configure_logs(name, role, settings.log_level)
    recording = telemetry.start(
        name,
        role,
        settings.otlp_endpoint,
        settings.sampling_share,
        is_scraped=settings.management_port is not None,
        bus=topology.bus(_amqp_url(settings), settings.bus_prefix),
    )
    stop = stop_on_signals()
    ready = starting_checks(stop)
    try:
        async with managed(settings.management_host, settings.management_port, ready, recording):
            await run(services.build(name), settings, stop, ready)
    except Exception as error:
        for cause in _causes(error):
            log.error(
                "the role died",
                extra={"error": type(cause).__name__, "place": place_of(cause)},
            )
        return 1
    finally:
        if recording:
            recording.shutdown()
    log.info("stopped")
    return 0 if stop.is_set() else 1


async def _serve_api(
    service: Service, settings: Settings, stop: asyncio.Event, ready: dict[str, Check]
) -> None:
    dsn = required("api_dsn", settings.api_dsn)
    async with (
        _database(dsn, service.name, RoleName.API, settings, stop) as database,
        httpx.AsyncClient() as client,
    ):
        if database is None:
            return
        keys = IssuerKeys(settings.issuer_url, client)
        _started(ready, service, database, stop, issuer_check(keys))
        app = create_app(
            service,
            database,
            clock=settings.clock,
            auth=TokenVerifier(settings.issuer_url, settings.audience, keys),
            limits=Limits(
                settings.body_bytes,
                settings.body_depth,
                settings.request_seconds,
                settings.calls_per_second,
            ),
            ready=ready,
            partners=_partners(settings),
            certificate_header=settings.certificate_header,
            screens=_screens(settings, client),
            vault=vault_from(settings),
        )
        await serve(app, settings.host, settings.port, stop, settings.root_path)


async def _run_background(
    role: RoleName,
    service: Service,
    settings: Settings,
    stop: asyncio.Event,
    ready: dict[str, Check],
) -> None:
    dsn = required("worker_dsn", settings.worker_dsn)
    async with (
        _database(dsn, service.name, role, settings, stop) as database,
        _transport(settings, service.name, dsn) as transport,
    ):
        if database is None:
            return
        consumers = service.consumers if role is RoleName.CONSUME else ()
        pulses = {one.name: Pulse(one.name, settings.clock) for one in consumers}
        # Not of an API or a sender: they never speak to the broker, and work while it is away.
        has_bus = role is not RoleName.SEND
        queues = queues_check(_amqp_url(settings), settings.bus_prefix) if has_bus else {}
        own = {**queues, **consumer_checks(pulses)}
        _started(ready, service, database, stop, own)
        async with asyncio.TaskGroup() as group:
            for loop in background_roles(
                service,
                frozenset({role}),
                database,
                transport,
                settings.clock,
                stop,
                pulses=pulses,
                partners=_partners(settings),
                vault=vault_from(settings),
            ):
                group.create_task(loop)


def _started(
    ready: dict[str, Check],
    service: Service,
    database: Database,
    stop: asyncio.Event,
    own: Mapping[str, Check],
) -> None:
    """From now on readiness asks for what the role works with, and for what is its own."""
    ready.clear()
    ready.update(running_check(stop))
    ready.update(database_checks(service.name, database))
    ready.update(own)


def _partners(settings: Settings) -> PartnerSettings | None:
    """What the roads to partners use; None where no key is set.

    Raises:
        ValueError: a key is too short, or no key.
    """
    if settings.partner_key is None:
        return None
    return PartnerSettings(
        PartnerKeys.parse(settings.partner_key.get_secret_value()),
        Networks(settings.partner_networks),
        dci=_dci(settings),
        vault=vault_from(settings),
    )


def _screens(settings: Settings, client: httpx.AsyncClient) -> ScreenSettings | None:
    """How browsers reach the screens; None where that is not set."""
    if not settings.public_url or settings.session_key is None:
        return None
    seal = Seal.parse(settings.session_key.get_secret_value())
    return ScreenSettings(
        settings.public_url, settings.issuer_url, settings.client_id, seal, client
    )


def _dci(settings: Settings) -> DciSettings | None:
    """Who we are by the DCI standard; None where its keys are not set."""
    if settings.dci_keys is None or settings.identifier_key is None:
        return None
    return DciSettings(
        settings.dci_id,
        SigningKeys.parse(settings.dci_keys.get_secret_value()),
        settings.identifier_key.get_secret_value().encode(),
        allows_unsigned=settings.mode is not Mode.DISTRIBUTED,
    )


def _amqp_url(settings: Settings) -> str | None:
    return settings.amqp_url.get_secret_value() if settings.amqp_url else None


@contextlib.asynccontextmanager
async def _database(
    dsn: str, name: str, role: RoleName, settings: Settings, stop: asyncio.Event
) -> AsyncIterator[Database | None]:
    """The service's database, once it answers at the newest schema; None when stopped before."""
    backoff = Backoff(_DATABASE_BACKOFF)
    while not stop.is_set():
        try:
            database = await Database.connect(
                dsn, settings.clock, application=f"ansinh-{name}-{role}", largest=settings.pool_size
            )
        except _NOT_YET as error:
            log.warning("waiting for the database", extra={"error": type(error).__name__})
        else:
            async with database:
                await assert_role_is_safe(database)
                if await is_migrated(database, name):
                    log.info("started")
                    yield database
                    return
            log.warning("waiting for the database's newest schema")
        await backoff.pause(stop)
    yield None


def _causes(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    else:
        yield error


@contextlib.asynccontextmanager
async def _transport(settings: Settings, name: str, dsn: str) -> AsyncIterator[Transport]:
    transport: Transport
    if amqp_url := _amqp_url(settings):
        transport = rabbitmq.connect(amqp_url, settings.bus_prefix)
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
