"""A household that was away, and one whose closing was wrong: what the services make of each."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from libs.common.areas import store as areas
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.vocabulary import CloseReason, Relation, StatusClass
from services.eligibility.sweeps.store import set_law_day_if_absent
from services.registry.households import acts, closing, reversing
from services.registry.households.changing import Order
from services.registry.households.living import list_living_in
from services.registry.reviews.store import list_households_by_status
from services.reporting.areas.store import Records
from services.reporting.indicators import store as indicators
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import (
    COMMUNE,
    STANDARD,
    TODAY,
    a_household,
    a_member,
    decide,
    stated,
)
from tests.support.areas import pac_nam
from tests.support.land import LISTENERS, Mouth, Road
from tests.support.servers import ServiceDatabase

CLOSED, BACK = date(2022, 3, 1), date(2022, 5, 1)
BETWEEN = CLOSED + timedelta(days=20)
_SPANS = """
SELECT DISTINCT from_day, until FROM entitlement
WHERE superseded_at IS NULL AND programme LIKE 'credit.%' AND from_day < $1
ORDER BY from_day
"""
_REFERRED = "SELECT entitled_from FROM referral WHERE state = 'open'"


@pytest.mark.parametrize("is_mistake", [True, False], ids=["reversed", "reopened"])
async def test_a_reversed_closing_never_was_and_a_household_that_came_back_was_away(
    registry: ServiceDatabase, make_database: MakeDatabase, is_mistake: bool
) -> None:
    household, head = new_id(), new_id()
    body = a_household(a_member(person_id=str(head)), household_id=str(household))
    async with registry.as_api() as api, registry.as_worker() as reader:
        async with api.transaction(COMMUNE) as tx:
            await acts.register(tx, [stated(body)], TODAY)
        await decide(registry, [(household, StatusClass.POOR)])
        close = Order(new_id(), CLOSED, new_id())
        async with api.transaction(COMMUNE) as tx:
            await closing.close(tx, close, household, CloseReason.MOVED_AWAY, TODAY)
        back = Order(new_id(), BACK, new_id())
        async with api.transaction(COMMUNE) as tx:
            if is_mistake:
                await reversing.reverse(
                    tx, back, reversing.Reversal(household, close.act_id), TODAY
                )
            else:
                await closing.reopen(tx, back, household, {head: Relation.HEAD}, TODAY)
        days = (CLOSED - timedelta(days=1), BETWEEN, BACK)
        lived = [len(await _living(api, day)) for day in days]
        poor = [len(await _poor(api, day)) for day in days]
        said = await Mouth(reader).listen()
    closures = [] if is_mistake else [(CLOSED, BACK)]
    assert [(one.from_day, one.until) for one in said[-1].data.closures] == closures
    assert lived == poor == [1, 1 if is_mistake else 0, 1]

    services = {name: await make_database(name) for name in LISTENERS}
    async with (
        services["eligibility"].as_worker() as eligibility,
        services["credit"].as_worker() as credit,
        services["reporting"].as_worker() as reporting,
    ):
        databases = {"eligibility": eligibility, "credit": credit, "reporting": reporting}
        async with eligibility.transaction() as tx:
            await set_law_day_if_absent(tx, TODAY)
        for database in databases.values():
            async with database.transaction() as tx:
                await areas.keep(tx, ((1, unit) for unit in pac_nam()))
        road = Road(databases, {one: Mouth(databases[one]) for one in ("eligibility", "credit")})
        road.put(said)
        await road.flow()
        spans = [tuple(row) for row in await eligibility.pool.fetch(_SPANS, TODAY)]
        (referred,) = await credit.pool.fetch(_REFERRED)
        counted = []
        for day in days:
            async with reporting.transaction() as tx:
                stocks = await indicators.count_stocks(
                    tx, [[Records(COMMUNE)]], STANDARD, day, None
                )
            counted.append(sum(one.poor_households for one in stocks))
        async with reporting.transaction() as tx:
            flows = [await _flow(tx, between) for between in pairwise(days)]
    assert flows == ([{}, {}] if is_mistake else [{"OTHER_DECREASE": 1}, {"OTHER_INCREASE": 1}])
    assert any(until == CLOSED for _, until in spans) is not is_mistake
    assert any(from_day == BACK for from_day, _ in spans) is not is_mistake
    assert (
        not any(
            from_day <= BETWEEN and (until is None or until > BETWEEN) for from_day, until in spans
        )
        or is_mistake
    )
    assert (referred["entitled_from"] == BACK) is not is_mistake
    assert counted == [1, 1 if is_mistake else 0, 1]


async def _poor(api: Database, day: date) -> list[UUID]:
    async with api.transaction(COMMUNE) as tx:
        return await list_households_by_status(
            tx, StatusClass.POOR, day, commune=COMMUNE, standard=None, after=None, limit=5
        )


async def _flow(tx: Transaction, days: tuple[date, date]) -> dict[str, int]:
    records = [Records(COMMUNE)]
    tables = await indicators.count_flows(tx, (records, records), STANDARD, days, None)
    columns = tables["poor"].households.columns
    return {kind.name: households for kind, households in columns.items() if households}


async def _living(api: Database, day: date) -> list[UUID]:
    async with api.transaction(COMMUNE) as tx:
        return await list_living_in(
            tx, COMMUNE, day, day, status=None, standard=None, after=None, limit=5
        )
