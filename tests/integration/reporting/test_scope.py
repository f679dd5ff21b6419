"""Row-level security on the reporting tables: a commune's rows for who may see the commune."""

from datetime import date

import pytest

from libs.common.vocabulary import StatusClass
from services.reporting.areas.store import Records
from services.reporting.facts.handlers import on_household
from services.reporting.indicators import store
from tests.support.reporting import STANDARD, a_household, an_area, received
from tests.support.servers import ServiceDatabase

MOVED = date(2022, 6, 1)


async def poor_by_commune(database: ServiceDatabase, scope: str, day: date) -> list[int]:
    """Poor households in 01882 and in 01864, as a caller of this scope counts them."""
    areas = [[Records("01882")], [Records("01864")]]
    async with database.as_api() as connections, connections.transaction(scope) as tx:
        stocks = await store.count_stocks(tx, areas, STANDARD, day, None)
    return [stock.poor_households for stock in stocks]


@pytest.mark.parametrize(
    ("scope", "before", "after"),
    [
        ("*", [1, 0], [0, 1]),
        ("01882,01864", [1, 0], [0, 1]),
        ("01882", [1, 0], [0, 0]),
        ("01864", [0, 0], [0, 1]),
        ("01876", [0, 0], [0, 0]),
        ("", [0, 0], [0, 0]),
    ],
)
async def test_a_moved_household_counts_for_each_commune_while_it_lived_there(
    reporting: ServiceDatabase, scope: str, before: list[int], after: list[int]
) -> None:
    """The old commune knows that it left, although it cannot see where it lives now."""
    poor = [(StatusClass.POOR, date(2022, 1, 1), None)]
    async with reporting.as_worker() as connections, connections.transaction() as tx:
        moved = received(a_household(1, statuses=poor, area=an_area("01864", MOVED)), 2)
        await on_household([moved], tx)
        await on_household([received(a_household(1, statuses=poor))], tx)
    assert await poor_by_commune(reporting, scope, date(2022, 5, 31)) == before
    assert await poor_by_commune(reporting, scope, MOVED) == after
