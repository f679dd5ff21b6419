"""Whatever order, repetition or grouping the units' events arrive in, the tables end the same."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.areas.handlers import areas_consumer
from libs.common.contracts.area import AreaCount, AreaData
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.vocabulary import AreaLevel
from tests.conftest import MakeDatabase
from tests.support.areas import BEGINNING, a_unit, area_id, received, to
from tests.support.servers import ServiceDatabase

TABLES = ("area_unit", "area_link", "area_count", "area_designation")


def versions() -> list[Received[AreaData]]:
    """A commune and its district, each said three times with growing knowledge."""
    commune, district = AreaLevel.COMMUNE, AreaLevel.DISTRICT
    count = AreaCount(year=2022, households=700, persons=None, source="test", is_confirmed=True)
    parent = area_id(district, "060")
    unit = a_unit(commune, "01873", parent, valid_until=None)
    ended = a_unit(commune, "01873", parent, counts=(count,))
    followed = a_unit(commune, "01873", parent, counts=(count,), successors=(to("01882"),))
    above = [
        a_unit(district, "060", name=name, valid_from=BEGINNING)
        for name in ("Huyện Pác Nậm", "Huyện Pác Nặm", "Huyện Pác Nặm")
    ]
    return [
        received(data, version)
        for history in ((unit, ended, followed), above)
        for version, data in enumerate(history, start=1)
    ]


EVENTS = versions()

# Some delivery of every event at least once, some twice, cut into batches at some places.
deliveries = st.tuples(
    st.lists(st.sampled_from(range(len(EVENTS))), max_size=4).flatmap(
        lambda again: st.permutations([*range(len(EVENTS)), *again])
    ),
    st.sets(st.integers(1, len(EVENTS) + 3)),
)


def batches(delivery: tuple[Sequence[int], set[int]]) -> list[list[Received[AreaData]]]:
    order, cuts = delivery
    edges = [0, *sorted(cut for cut in cuts if cut < len(order)), len(order)]
    return [[EVENTS[place] for place in order[start:end]] for start, end in pairwise(edges)]


async def state(tx: Transaction) -> dict[str, list[Any]]:
    return {
        table: sorted(tuple(row.values()) for row in await tx.fetch(f"SELECT * FROM {table}"))
        for table in TABLES
    }


async def after(
    database: Database, deliver: Sequence[Sequence[Received[AreaData]]]
) -> dict[str, list[Any]]:
    consumer = areas_consumer("credit.areas")
    async with database.transaction() as tx:
        for table in TABLES:
            await tx.execute(f"DELETE FROM {table}")
    for batch in deliver:
        async with database.transaction() as tx:
            await consumer.handler(batch, tx)
    async with database.transaction() as tx:
        return await state(tx)


async def check(
    service_database: ServiceDatabase, delivery: tuple[Sequence[int], set[int]]
) -> None:
    async with service_database.as_worker() as database:
        in_order = await after(database, [[event] for event in EVENTS])
        assert await after(database, batches(delivery)) == in_order
        assert in_order["area_link"]
        assert in_order["area_count"]


async def test_any_delivery_ends_in_the_same_tables(make_database: MakeDatabase) -> None:
    database = await make_database("credit")

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(delivery=deliveries)
    def run(delivery: tuple[Sequence[int], set[int]]) -> None:
        asyncio.run(check(database, delivery))

    await asyncio.to_thread(run)
