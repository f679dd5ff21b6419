"""Fixtures that every kind of test shares."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from tests.support.servers import ServiceDatabase, clone_database, drop_database

MakeDatabase = Callable[[str], Awaitable[ServiceDatabase]]


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
