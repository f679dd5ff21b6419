"""Fixtures that every kind of test shares."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

MakeDatabase = Callable[[str], Awaitable[ServiceDatabase]]


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", secrets.token_hex(4))  # xdist workers inherit it


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        asyncio.run(drop_run())


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
