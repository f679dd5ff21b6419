"""A browser before the tests' own one form, which is made fast; and before the registry's world."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio

from libs.common.clock import FixedDayClock
from tests.conftest import MakeDatabase
from tests.support.note_screens import SERVICE
from tests.support.notes import prepare
from tests.support.screens import Browser, ShownScreens, shown
from tests.support.worlds import DAY, World, a_world


@dataclass
class MovedClock:
    """The machine's clock, and hours that a test lets pass."""

    passed: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def today(self) -> date:
        return self.now().date()


@dataclass(frozen=True)
class Seat:
    """A browser before the form, and its clock."""

    browser: Browser
    clock: MovedClock


@pytest_asyncio.fixture
async def seat(make_database: MakeDatabase) -> AsyncIterator[Seat]:
    database, clock = await make_database("registry"), MovedClock()
    await prepare(database)
    async with shown(SERVICE, database, clock) as screens, screens.browser() as browser:
        yield Seat(browser, clock)


@pytest_asyncio.fixture
async def world(make_database: MakeDatabase) -> World:
    return await a_world("registry", await make_database("registry"))


@pytest_asyncio.fixture
async def screens(world: World) -> AsyncIterator[ShownScreens]:
    async with shown(world.service, world.database, FixedDayClock(DAY)) as opened:
        yield opened
