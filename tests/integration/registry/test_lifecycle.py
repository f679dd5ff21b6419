"""Life between reviews: what acts on households do, refuse and say."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest_asyncio

from libs.common.contracts.household import HouseholdData
from libs.common.database import EVERY_AREA, Database
from libs.common.ids import new_id
from libs.common.vocabulary import LeftReason, Relation, StatusClass
from services.registry.households import acts, merging, splitting
from services.registry.households.changing import Order
from services.registry.households.store import read_households
from tests.integration.registry.builders import (
    COMMUNE,
    TODAY,
    a_household,
    a_member,
    decide,
    events,
    stated,
)
from tests.support.servers import ServiceDatabase

DAY = date(2022, 3, 1)
LATER = date(2022, 4, 1)


@pytest_asyncio.fixture
async def api(registry: ServiceDatabase) -> AsyncIterator[Database]:
    async with registry.as_api() as connections:
        yield connections


class Family:
    """A household of a mother, a father and a grown son, as a test names them."""

    def __init__(self) -> None:
        self.mother, self.father, self.son = (new_id() for _ in range(3))
        self.id = new_id()
        self.body = a_household(
            a_member(person_id=str(self.mother)),
            a_member(person_id=str(self.father), sex="male", relation="spouse"),
            a_member(person_id=str(self.son), sex="male", relation="child"),
            household_id=str(self.id),
        )


async def a_family(api: Database, **facts: Any) -> Family:
    family = Family()
    family.body |= facts
    async with api.transaction(EVERY_AREA) as tx:
        await acts.register(tx, [stated(family.body)], TODAY)
    return family


def order(day: date = DAY, **facts: Any) -> Order:
    return Order(act_id=new_id(), effective_on=day, correlation_id=new_id(), **facts)


async def split_off_son(api: Database, family: Family, day: date = DAY) -> UUID:
    new = new_id()
    away = splitting.SplitOff(family.id, new, {family.son: Relation.HEAD}, is_farm_household=False)
    async with api.transaction(COMMUNE) as tx:
        await splitting.split(tx, order(day), away, TODAY)
    return new


async def present(api: Database, household_id: UUID) -> set[UUID]:
    async with api.transaction(EVERY_AREA) as tx:
        (found,) = await read_households(tx, [household_id])
    return {member.person_id for member in found.members if member.left_on is None}


async def said(registry: ServiceDatabase, household_id: UUID) -> tuple[str, HouseholdData]:
    last = (await events(registry, household_id))[-1]
    return last["type"], HouseholdData.model_validate(last["data"])


async def test_a_split_leaves_two_households_that_name_each_other(
    api: Database, registry: ServiceDatabase
) -> None:
    family = await a_family(api)
    await decide(registry, [(family.id, StatusClass.POOR)])
    new = await split_off_son(api, family)
    assert await present(api, family.id) == {family.mother, family.father}
    assert await present(api, new) == {family.son}
    kind, old_side = await said(registry, family.id)
    _, new_side = await said(registry, new)
    assert kind == "household.split.v1"
    assert [(link.relation, link.household_id) for link in old_side.links] == [("split_into", new)]
    assert [(link.relation, link.household_id) for link in new_side.links] == [
        ("split_from", family.id)
    ]
    assert old_side.act.act_id == new_side.act.act_id
    assert old_side.members[2].left_reason == LeftReason.SPLIT
    assert (len(old_side.statuses), old_side.to_review_since) == (1, None)
    assert (new_side.statuses, new_side.to_review_since) == ((), DAY)
    assert new_side.area.from_day == DAY


async def test_a_merge_closes_the_household_that_joins(
    api: Database, registry: ServiceDatabase
) -> None:
    family = await a_family(api)
    await decide(registry, [(family.id, StatusClass.POOR)])
    new = await split_off_son(api, family)
    join = merging.Merge(new, family.id, {family.son: Relation.CHILD})
    async with api.transaction(COMMUNE) as tx:
        outcome = await merging.merge(tx, order(LATER), join, TODAY)
    assert {one.household_id for one in outcome.written} == {family.id, new}
    assert await present(api, family.id) == {family.mother, family.father, family.son}
    kind, gone = await said(registry, new)
    assert (kind, gone.closed_on, gone.to_review_since) == ("household.merged.v1", LATER, None)
