"""Life between reviews: what acts on households do, refuse and say."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from libs.common.contracts.household import HouseholdData
from libs.common.database import EVERY_AREA, Database
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import CloseReason, LeftReason, Relation, StatusClass
from services.registry.households import acts, closing, merging, moving, reversing, splitting
from services.registry.households.changing import Order
from services.registry.households.store import read_households
from services.registry.lineage.store import list_to_review_after
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
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
    async with api.transaction(COMMUNE) as tx:
        assert await list_to_review_after(tx, COMMUNE, None, 10) == [new]
    await decide(registry, [(new, StatusClass.NEAR_POOR)], effective_on=DAY)
    async with api.transaction(COMMUNE) as tx:
        assert await list_to_review_after(tx, None, None, 10) == []


async def test_who_splits_off_after_a_reform_lives_where_the_commune_went(
    api: Database, registry: ServiceDatabase
) -> None:
    after, today = date(2025, 8, 1), date(2025, 9, 1)
    merged_away = {"residence": {"commune": "01873", "from_day": "2005-01-01"}}
    divided = {"residence": {"commune": "09999", "from_day": "2005-01-01"}}
    one, other = await a_family(api, **merged_away), await a_family(api, **divided)
    new = new_id()
    away = splitting.SplitOff(one.id, new, {one.son: Relation.HEAD}, True)
    await in_scope(api, splitting.split, order(after), away, today, scope=EVERY_AREA)
    assert (await said(registry, new))[1].area.commune == COMMUNE
    away = splitting.SplitOff(other.id, new_id(), {other.son: Relation.HEAD}, True)
    unclear = in_scope(api, splitting.split, order(after), away, today, scope=EVERY_AREA)
    (found,) = (await refusal(unclear)).errors
    assert (found.pointer, found.rule) == ("/new/commune", "area.divided")
    assert "01864, 01882" in found.fix.vi


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


async def refusal(work: Any) -> Problem:
    with pytest.raises(Problem) as found:
        await work
    return found.value


async def in_scope(api: Database, act: Any, *stated: Any, scope: str = COMMUNE) -> Any:
    """The act in a transaction of its own, by an officer of the commune."""
    async with api.transaction(scope) as tx:
        return await act(tx, *stated)


async def test_an_act_on_a_household_that_was_merged_names_where_it_went(
    api: Database, registry: ServiceDatabase
) -> None:
    """Two officers at once: the second one learns what the first did, and loses nothing."""
    family = await a_family(api)
    new = await split_off_son(api, family)
    join = merging.Merge(new, family.id, {family.son: Relation.CHILD})
    at_once = [
        in_scope(api, merging.merge, order(LATER), join, TODAY),
        in_scope(api, closing.close, order(LATER), new, CloseReason.MOVED_AWAY, TODAY),
    ]
    done = await asyncio.gather(*at_once, return_exceptions=True)
    (refused,) = (one for one in done if isinstance(one, Problem))
    assert (refused.status, refused.code) in [(409, "household.merged"), (409, "household.closed")]
    if refused.code == "household.merged":
        assert str(family.id) in refused.errors[0].fix.en
    async with api.transaction(EVERY_AREA) as tx:
        (whole,) = await read_households(tx, [new])
        body = a_household(
            a_member(person_id=str(family.son)), household_id=str(new), registered_on=str(DAY)
        )
        corrected = acts.correct(tx, stated(body), LATER, TODAY, lambda _: None)
        assert (await refusal(corrected)).code == refused.code
    assert whole.lineage.closed_on == LATER
    late = await refusal(decide(registry, [(new, StatusClass.POOR)], effective_on=LATER))
    assert {error.rule for error in late.errors} == {"household.closed"}


async def test_nothing_happens_where_somebody_else_was_faster_and_a_repeat_changes_nothing(
    api: Database,
) -> None:
    family = await a_family(api)
    stale = order(versions={family.id: 7})
    dead: tuple[Any, ...] = (family.id, family.father, {}, TODAY)
    assert (await refusal(in_scope(api, moving.record_death, stale, *dead))).status == 412
    fresh = order(versions={family.id: 1})
    first = await in_scope(api, moving.record_death, fresh, *dead)
    assert await in_scope(api, moving.record_death, fresh, *dead) == first
    assert [one.version for one in first.written] == [2]


async def test_a_reversed_split_never_was_and_what_was_known_stays_readable(
    api: Database, registry: ServiceDatabase
) -> None:
    family = await a_family(api)
    new = new_id()
    away = splitting.SplitOff(family.id, new, {family.son: Relation.HEAD}, is_farm_household=False)
    wrong = order()
    async with api.transaction(COMMUNE) as tx:
        before = await read_households(tx, [family.id])
        await splitting.split(tx, wrong, away, TODAY)
        between = tx.recorded_at
    undo = reversing.Reversal(new, wrong.act_id)
    async with api.transaction(COMMUNE) as tx:
        await reversing.reverse(tx, order(), undo, TODAY)
    async with api.transaction(COMMUNE) as tx:
        after = await read_households(tx, [family.id])
        then = await read_households(tx, [family.id], known_at=between)
    assert after[0].members == before[0].members
    assert len([one for one in then[0].members if one.left_on is None]) == 2
    kind, never = await said(registry, new)
    assert (kind, never.closed_on, never.members, never.links) == (
        "household.closed.v1",
        never.registered_on,
        (),
        (),
    )
    assert never.act.reverses == wrong.act_id
    again = await refusal(in_scope(api, reversing.reverse, order(), undo, TODAY))
    assert again.code == "act.reversed"


async def test_a_reversal_is_refused_with_what_stands_in_the_way(
    api: Database, registry: ServiceDatabase
) -> None:
    family = await a_family(api)
    new = new_id()
    away = splitting.SplitOff(family.id, new, {family.son: Relation.HEAD}, is_farm_household=False)
    first, later = order(), order(LATER)
    await in_scope(api, splitting.split, first, away, TODAY)
    undo = (order(), reversing.Reversal(family.id, first.act_id), TODAY)
    await decide(registry, [(new, StatusClass.POOR)], effective_on=DAY)
    found = await refusal(in_scope(api, reversing.reverse, *undo))
    assert [one.rule for one in found.errors] == ["decision.stands"]
    await in_scope(api, closing.close, later, new, CloseReason.MOVED_AWAY, TODAY)
    found = await refusal(in_scope(api, reversing.reverse, *undo))
    assert found.code == "act.built_on"


async def test_members_go_to_a_commune_only_with_both_in_sight_and_rows_follow(
    api: Database,
) -> None:
    family, other = await a_family(api), await a_family(api)
    moved = other.body | {"residence": {"commune": NEIGHBOUR, "from_day": "2022-01-15"}}
    async with api.transaction(EVERY_AREA) as tx:
        await closing.close(tx, order(DAY), other.id, CloseReason.MOVED_AWAY, TODAY)
        relations = {other.mother: Relation.HEAD}
        await closing.reopen(tx, order(LATER), other.id, relations, TODAY)
    into = moving.Move(family.id, other.id, {family.son: Relation.OTHER}, LeftReason.MARRIED)
    async with api.transaction(EVERY_AREA) as tx:
        (held,) = await read_households(tx, [other.id])
        body = moved | {"members": [json_member(one) for one in held.members]}
        await acts.correct(tx, stated(body), LATER, TODAY, lambda _: None)
    marry = (moving.move_members, order(LATER), into, TODAY)
    assert (await refusal(in_scope(api, *marry))).status == 404
    await in_scope(api, *marry, scope=f"{COMMUNE},{NEIGHBOUR}")
    assert await present(api, other.id) == {other.mother, family.son}
    async with api.transaction(NEIGHBOUR) as tx:
        assert await tx.fetchval("SELECT count(*) FROM household_act") == 3
    async with api.transaction(COMMUNE) as tx:
        assert await tx.fetchval("SELECT count(*) FROM household_act") == 1


def json_member(member: Any) -> dict[str, Any]:
    facts: dict[str, Any] = member.model_dump(mode="json")
    return facts
