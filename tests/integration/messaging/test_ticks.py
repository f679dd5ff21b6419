"""The bus's own periodic work is safe to repeat on any service's database."""

import pytest

from libs.common.clock import SystemClock
from libs.common.messaging.ticks import TICKS
from libs.common.service import Tick
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.name)
async def test_a_tick_runs_twice_on_an_empty_database(
    tick: Tick, make_database: MakeDatabase
) -> None:
    database = await make_database("eligibility")
    async with database.as_worker() as connections:
        await tick.run(connections, SystemClock())
        await tick.run(connections, SystemClock())
