"""Fixtures that every kind of test shares."""

import asyncio
import contextlib
import gc
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from libs.common.roles import GC_THRESHOLDS
from tests.support.broker import NO_BROKER, broker_answers
from tests.support.bus import Bus, open_bus
from tests.support.servers import (
    ServiceDatabase,
    clone_database,
    drop_database,
    drop_run,
)
from tests.support.throwaway import ThrowawayPostgres, start_throwaway

MakeDatabase = Callable[[str], Awaitable[ServiceDatabase]]


gc.set_threshold(100_000)  # what is read stays; `pytest_collection_finish` sets what serves

# How fast the machine is just now proves nothing.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

with contextlib.suppress(ImportError):  # the loop that the product runs on, as `run_loop` takes it
    from uvloop import EventLoopPolicy

    # Not the hook of pytest-asyncio: under it a fixture of a module is made anew for each test.
    asyncio.set_event_loop_policy(EventLoopPolicy())

_OURS: list[ThrowawayPostgres] = []
_FIRST_READER = "ANSINH_TEST_FIRST_READER"  # names a file, there once the first worker has read


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    os.environ.setdefault("ANSINH_TEST_RUN", secrets.token_hex(4))  # xdist workers inherit it
    if not sys.dont_write_bytecode and not any(Path(__file__).parent.rglob("test_*-pytest-*.pyc")):
        os.environ[_FIRST_READER] = f"{tempfile.gettempdir()}/ansinh-{secrets.token_hex(8)}"
    if "ANSINH_TEST_POSTGRES" not in os.environ:
        server = asyncio.run(start_throwaway())
        os.environ["ANSINH_TEST_POSTGRES"] = server.dsn
        os.environ.setdefault("PGSSLMODE", "disable")  # it has no TLS; to ask takes half a login
        _OURS.append(server)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """In a fresh checkout one worker reads the tests first, and writes down what it has compiled:
    to compile them takes the longest part of reading, and workers that begin together would each.
    """
    worker, place = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get(_FIRST_READER)
    if worker is None or place is None:
        return (yield)
    if worker == "gw0":
        try:
            return (yield)
        finally:
            Path(place).touch()
    until = time.monotonic() + 120
    while not Path(place).exists() and time.monotonic() < until:
        time.sleep(0.1)
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    if _FIRST_READER in os.environ:
        Path(os.environ.pop(_FIRST_READER)).unlink(missing_ok=True)
    if not _OURS:
        asyncio.run(drop_run())
    for server in _OURS:
        server.destroy()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = _long_ones_first(items)
    needing = [item for item in items if item.get_closest_marker("rabbitmq")]
    if needing and not broker_answers():
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=NO_BROKER))


def _long_ones_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Each worker begins with its part of the tests; what is long stands at the beginning of each
    part, so that none is left for the end. Telemetry's are one story, which each worker that steals
    some of them would tell again: they come first of all.
    """
    story = [item for item in items if "test_telemetry.py::" in item.nodeid]
    told = set(story)
    rest = [item for item in items if item not in told]
    long = [item for item in reversed(rest) if item.get_closest_marker("slow")]
    short = [item for item in rest if not item.get_closest_marker("slow")]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = -(-len(items) // workers)
    ordered = list(story)
    for place in range(workers):
        ordered += long[place::workers]
        room = max((place + 1) * size - len(ordered), 0)
        ordered += short[:room]
        short = short[room:]
    return ordered + short


def pytest_collection_finish() -> None:
    """As a process of the product: what is there by now stays, and is not walked for cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if NO_BROKER in str(report.longrepr)
    ]
    if left_out:
        terminalreporter.write_line(f"Left out, because {NO_BROKER}:")
        for name in left_out:
            terminalreporter.write_line(f"  {name}")


@pytest_asyncio.fixture
async def make_database() -> AsyncIterator[MakeDatabase]:
    """Make a fresh migrated database of a service; dropped after the test."""
    made: list[ServiceDatabase] = []

    async def make(service: str) -> ServiceDatabase:
        made.append(await clone_database(service))
        return made[-1]

    yield make
    for database in made:
        await drop_database(database)


@pytest_asyncio.fixture(
    params=["local", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)],
)
async def bus(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Bus]:
    """A registry and an eligibility with the bus between them, over each transport."""
    registry, eligibility = await make_database("registry"), await make_database("eligibility")
    async with open_bus(request.param, registry, eligibility) as opened:
        yield opened
