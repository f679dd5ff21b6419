"""The roles of a service: serve its API, relay its outbox, consume its queues, do its daily work,
send to its partners.

Each runs until `stop` is set and then ends in order: no new work, what runs is finished. One
process may run one role, or all of them (the embedded default).
"""

import asyncio
import contextlib
import gc
import logging
import random
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.operations.measure import run_measures
from libs.common.messaging.pulse import Pulse
from libs.common.messaging.relay import run_relay
from libs.common.messaging.replay import run_replays
from libs.common.messaging.transport import Transport
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.security.encryption import Vault
from libs.common.service import Service, Tick
from libs.common.telemetry.logs import place_of

Result = TypeVar("Result")
NO_LANES: Mapping[str, int] = {}
NO_PULSES: Mapping[str, Pulse] = {}
# Batches allocate by the hundred thousand and free by reference count; the default thresholds
# would walk them dozens of times a second for cycles that are not there.
GC_THRESHOLDS = (100_000, 20, 50)
_log = logging.getLogger(__name__)
_STOP_SECONDS = 25
_TICK_BACKOFF_SECONDS = 5.0


class RoleName(StrEnum):
    API = "api"
    RELAY = "relay"
    CONSUME = "consume"
    TICK = "tick"
    SEND = "send"


class _QuietServer(uvicorn.Server):
    """uvicorn without signal handlers: signals are handled once, for all roles of a process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run_loop(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a process's main coroutine on the fast event loop, where the platform has it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.get_loop().set_exception_handler(_tell_unseen)
        return runner.run(main)


def _tell_unseen(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody awaited: kind and place. The loop's own line would hold the error's text, which
    may quote a person's data.
    """
    error = context.get("exception")
    found = {"error": type(error).__name__, "place": place_of(error)} if error else {}
    _log.error("a task failed unseen", extra=found)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ImportError:  # not made for every platform
        return None
    return new_event_loop


async def serve(
    app: ASGIApp, host: str, port: int, stop: asyncio.Event, root_path: str = ""
) -> None:
    """Serve HTTP until `stop`; then finish the requests in work.

    Args:
        root_path: where a gateway mounts the application, having cut it off the path.

    Raises:
        OSError: the port is taken.
    """
    with socket.create_server((host, port), backlog=2048) as listener:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_STOP_SECONDS,
            root_path=root_path,
        )
        server = _QuietServer(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            server.force_exit = True  # nobody is waited for; a server left open keeps its loop open
            raise
        finally:
            stopping.cancel()
            server.should_exit = True
            await serving


def background_roles(
    service: Service,
    roles: frozenset[RoleName],
    database: Database,
    transport: Transport,
    clock: Clock,
    stop: asyncio.Event,
    lanes: Mapping[str, int] = NO_LANES,
    pulses: Mapping[str, Pulse] = NO_PULSES,
    partners: PartnerSettings | None = None,
    vault: Vault | None = None,
) -> list[Coroutine[Any, Any, None]]:
    """The named loops of these roles, for a task group.

    Args:
        database: open on the service's worker role.
        roles: of relay, consume, tick and send; others are served by `serve`.
        lanes: how many times a consumer runs side by side here, where more than once.
        pulses: of consumers whose signs of life somebody asks for.
        partners: what `send` needs.
        vault: what the service's work on values of persons needs.

    Raises:
        ValueError: the service has such work, or partners, and is to do without that.
    """
    loops: list[Coroutine[Any, Any, None]] = []
    if RoleName.RELAY in roles:
        loops.append(run_relay(database, transport, service.name, stop))
    if RoleName.CONSUME in roles:
        loops += [
            run_consumer(database, transport, consumer, stop, pulse=pulses.get(consumer.name))
            for consumer in service.consumers
            for _ in range(lanes.get(consumer.name, 1))
        ]
    if RoleName.TICK in roles:
        loops.append(run_replays(database, transport, service.name, stop))
        loops.append(run_measures(database, transport, service.name, stop))
        ticks = [*service.ticks, *(one.with_vault(vault) for one in service.vault_ticks)]
        loops += [run_tick(service.name, tick, database, clock, stop) for tick in ticks]
    if RoleName.SEND in roles and service.partners is not None:
        if partners is None:
            raise ValueError("ANSINH_PARTNER_KEY is not set")
        loops.append(run_send(database, service.name, partners, stop, service.cargo_of))
        for one in service.partner_ticks:
            tick = one.with_settings(partners)
            loops.append(run_tick(service.name, tick, database, clock, stop))
    return loops


async def run_tick(
    service: str, tick: Tick, database: Database, clock: Clock, stop: asyncio.Event
) -> None:
    """Run a tick at its pace until `stop`; a failure is logged and tried again, never fatal."""
    while not stop.is_set():
        pause = tick.every.total_seconds()
        try:
            await tick.run(database, clock)
        except Exception as error:
            # Where, not what: an error's text may quote a person's data.
            _log.error(
                "tick failed",
                extra={"service": service, "tick": tick.name, "error": type(error).__name__},
            )
            pause = min(pause, _TICK_BACKOFF_SECONDS)
        jitter = random.uniform(0, pause / 10)  # noqa: S311  (spreads replicas, no secret)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause + jitter)
