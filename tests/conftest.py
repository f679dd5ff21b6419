"""Fixtures that every kind of test shares."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

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


# How fast the machine is just now proves nothing.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_OURS: list[ThrowawayPostgres] = []


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    os.environ.setdefault("ANSINH_TEST_RUN", secrets.token_hex(4))  # xdist workers inherit it
    if "ANSINH_TEST_POSTGRES" not in os.environ:
        server = asyncio.run(start_throwaway())
        os.environ["ANSINH_TEST_POSTGRES"] = server.dsn
        _OURS.append(server)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    if not _OURS:
        asyncio.run(drop_run())
    for server in _OURS:
        server.destroy()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # First, where no other worker steals some of them: each would tell their story again.
    items.sort(key=lambda item: "test_telemetry.py::" not in item.nodeid)
    needing = [item for item in items if item.get_closest_marker("rabbitmq")]
    if needing and not broker_answers():
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=NO_BROKER))


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
