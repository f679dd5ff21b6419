"""Any interleaving, repetition and delay of events and sweeps ends as the in-order run does.

Officers act in the registry; every message is held by the test and delivered in any order, again,
late, in any batches, as a replay or as a snapshot; sweeps come whenever they like. In the end the
tables stand as after the same acts one by one, each with all that follows from it. For thousands of
other histories: `ANSINH_TEST_EXAMPLES=5000`.
"""

import asyncio
import os
import random
from collections.abc import Coroutine, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from libs.common.contracts.household import HouseholdData
from libs.common.vocabulary import Schooling, StatusClass
from services.eligibility.catalogue.domain import catalogue, determine
from services.eligibility.entitlements.facts import facts_of
from tests.support.land import CONSUMERS, Event, Land, Road, newest, open_land
from tests.support.officer import COMMUNES, Officer, draw_map
from tests.support.standing import standing

MORE = os.environ.get("ANSINH_TEST_EXAMPLES")
SETTINGS = settings(
    max_examples=int(MORE or 25),
    stateful_step_count=50 if MORE else 30,
    deadline=None,
    derandomize=not MORE,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
FIRST_DAY, BEGINNING, LAST_DAY = date(2022, 1, 1), date(2022, 1, 15), date(2027, 6, 1)
NEW_RATE = date(2025, 12, 1)
# Days on which law, map or ages change: few, so that several things fall on one.
DAYS = st.sampled_from(
    [
        FIRST_DAY,
        date(2022, 7, 10),
        date(2023, 1, 1),
        date(2025, 1, 1),
        date(2025, 7, 1),
        date(2025, 8, 15),
        NEW_RATE,
        date(2026, 1, 1),
        date(2027, 1, 1),
    ]
)
# Six, sixteen or eighteen on one of them.
BIRTHS = st.sampled_from([date(2007, 1, 1), date(2017, 1, 1), date(2019, 7, 1), date(2020, 1, 1)])
CLASSES = st.sampled_from([StatusClass.POOR, StatusClass.NEAR_POOR, StatusClass.NONE])
WHICH = st.integers(0, 5)
NAMES = list(CONSUMERS)
# Which consumer, and which messages; what is drawn never depends on what the services did.
TO = st.integers(0, len(NAMES) - 1)
PICKS = st.lists(st.integers(0, 15), min_size=1, max_size=8)
# Another child, or another fact about a member.
MEMBER_CHANGES = st.one_of(
    BIRTHS,
    DAYS,
    st.builds(lambda day: {"left_on": str(day)}, DAYS),
    st.just({"left_on": None}),
    st.builds(lambda day: {"joined_on": str(day)}, DAYS),
    st.builds(lambda kind: {"schooling": kind}, st.sampled_from(Schooling)),
    st.sampled_from([{"disability": "severe"}, {"ethnicity": "kinh"}]),
)


class Lives(RuleBasedStateMachine):
    """One history of a few households, and the road it took."""

    land: Land
    runner: asyncio.Runner

    def run_async(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize(
        seed=st.integers(0, 2**16),
        commune=st.sampled_from(COMMUNES),
        born=BIRTHS,
        status=CLASSES,
    )
    def begin(self, seed: int, commune: str, born: date, status: StatusClass) -> None:
        self.chance = random.Random(seed)
        self.road: Road
        self.road, self.reference = self.run_async(self.land.begin(BEGINNING))
        self.officer = Officer(self.land.registry)
        self.history: list[Event | tuple[str, date]] = []
        self.purged: set[str] = set()
        self.act(self.officer.register(commune, born))
        self.act(self.officer.decide(0, status, FIRST_DAY))

    # --- what officers do ---------------------------------------------------------------------

    @precondition(lambda self: len(self.officer.households) < 2)
    @rule(commune=st.sampled_from(COMMUNES), born=BIRTHS, status=CLASSES)
    def register(self, commune: str, born: date, status: StatusClass) -> None:
        self.act(self.officer.register(commune, born))
        self.act(self.officer.decide(1, status, FIRST_DAY))

    @rule(which=WHICH, status=CLASSES, day=DAYS)
    def decide(self, which: int, status: StatusClass, day: date) -> None:
        self.act(self.officer.decide(which, status, day))

    @rule(which=WHICH, status=CLASSES, day=DAYS)
    def correct(self, which: int, status: StatusClass, day: date) -> None:
        self.act(self.officer.correct(which, status, day))

    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        self.act(self.officer.revoke(which))

    @rule(which=WHICH, commune=st.sampled_from(COMMUNES), day=DAYS)
    def move(self, which: int, commune: str, day: date) -> None:
        self.act(self.officer.move(which, commune, day))

    @rule(which=WHICH, place=WHICH, change=MEMBER_CHANGES)
    def change_members(self, which: int, place: int, change: date | dict[str, Any]) -> None:
        if isinstance(change, date):
            self.act(self.officer.add_member(which, change))
        else:
            self.act(self.officer.change_member(which, place, **change))

    @precondition(lambda self: len(self.officer.households) < 4)
    @rule(which=WHICH, day=DAYS)
    def split(self, which: int, day: date) -> None:
        self.act(self.officer.split(which, day))

    @rule(which=WHICH, into=WHICH, day=DAYS)
    def merge(self, which: int, into: int, day: date) -> None:
        self.act(self.officer.merge(which, into, day))

    @rule(which=WHICH, day=DAYS)
    def close(self, which: int, day: date) -> None:
        self.act(self.officer.close(which, day))

    # --- what time does -----------------------------------------------------------------------

    @rule(day=DAYS)
    def sweep_eligibility(self, day: date) -> None:
        self.sweep("eligibility", day)

    @rule(day=st.sampled_from([date(2022, 7, 10), NEW_RATE, date(2026, 1, 1)]))
    def sweep_credit(self, day: date) -> None:
        self.sweep("credit", day)

    # --- what the bus does --------------------------------------------------------------------

    @rule(to=TO, picks=PICKS, at_once=st.booleans())
    def arrive(self, to: int, picks: list[int], at_once: bool) -> None:
        """Some of what is under way to one consumer arrives, in any order."""
        if consumer := self.awaits(to):
            places = chosen(picks, len(self.road.bags[consumer]))
            self.hand_over(consumer, self.road.take(consumer, places), at_once)

    @rule(to=TO)
    def catch_up(self, to: int) -> None:
        """All that is under way to one consumer arrives at once, in order."""
        if consumer := self.awaits(to):
            everything = range(len(self.road.bags[consumer]))
            self.hand_over(consumer, self.road.take(consumer, everything), at_once=True)

    @rule(to=TO, picks=PICKS, at_once=st.booleans())
    def replay(self, to: int, picks: list[int], at_once: bool) -> None:
        """From the ledger, for the first time or again; what is under way comes all the same."""
        heard = self.road.heard_by(NAMES[to])
        events = [heard[place] for place in chosen(picks, len(heard))]
        self.hand_over(NAMES[to], events + events[:1], at_once)

    @rule(to=TO, pick=st.integers(0, 15))
    def bootstrap(self, to: int, pick: int) -> None:
        """From a snapshot: the newest event of a subject stands for all before it."""
        heard = self.road.heard_by(NAMES[to])
        whole = [newest(heard, heard[place]) for place in chosen([pick], len(heard))]
        self.run_async(self.road.deliver(NAMES[to], whole, is_snapshot=True))

    @rule(to=TO)
    def purge(self, to: int) -> None:
        """What was received long ago is forgotten; what comes again then, the cursor knows."""
        self.purged.add(NAMES[to])
        self.run_async(self.road.purge(NAMES[to]))

    # --- how it ends --------------------------------------------------------------------------

    def teardown(self) -> None:
        if hasattr(self, "history"):
            self.run_async(self.end())

    async def end(self) -> None:
        await self.road.arrive(self.chance)
        for step in self.history:
            if isinstance(step, tuple):
                await self.reference.sweep(*step)
            else:
                self.reference.put([step])
            await self.reference.flow()
        await self.compare()
        for road in (self.road, self.reference):
            for service in ("credit", "eligibility"):
                await road.sweep(service, LAST_DAY)
        await self.road.arrive(self.chance)
        await self.reference.flow()
        await self.compare()
        await check_accounts(self.road, self.purged)

    async def compare(self) -> None:
        ended, wanted = await standing(self.road.databases), await standing(self.land.in_order)
        for table, rows in wanted.items():
            assert ended[table] == rows, table
        await check_decided_from_nothing(self.road)

    def act(self, work: Coroutine[Any, Any, None]) -> None:
        """An officer's act, and what it says is under way."""
        self.run_async(work)
        said = self.run_async(self.land.mouth.listen())
        self.history += said
        self.road.put(said)

    def sweep(self, service: str, day: date) -> None:
        self.history.append((service, day))
        self.run_async(self.road.sweep(service, day))

    def awaits(self, to: int) -> str | None:
        """This consumer if anything is under way to it, else the next such one."""
        order = [*NAMES[to:], *NAMES[:to]]
        return next((consumer for consumer in order if self.road.bags[consumer]), None)

    def hand_over(self, consumer: str, events: list[Event], at_once: bool) -> None:
        batches = [events] if at_once else [[event] for event in events]
        for batch in batches:
            self.run_async(self.road.deliver(consumer, batch))


def chosen(picks: list[int], among: int) -> list[int]:
    """The places that these picks mean among so many, each once, in their order."""
    return list(dict.fromkeys(pick % among for pick in picks)) if among else []


async def check_decided_from_nothing(road: Road) -> None:
    """Live entitlements are what one decision on the latest facts and day gives."""
    pool = road.databases["eligibility"].pool
    day = await pool.fetchval("SELECT day FROM law_day")
    for row in await pool.fetch("SELECT household_id, facts, next_change_on FROM household_facts"):
        facts = facts_of(HouseholdData.model_validate_json(row["facts"]))
        wanted = determine(facts, day, catalogue())
        live = await pool.fetch(
            "SELECT subject_id, programme, from_day, until, rule_row FROM entitlement "
            "WHERE household_id = $1 AND superseded_at IS NULL",
            row["household_id"],
        )
        assert {tuple(one) for one in live} == {
            (right.subject_id, right.programme, right.from_day, right.until, right.row)
            for right in wanted.entitlements
        }
        assert row["next_change_on"] == wanted.next_change_on


async def check_accounts(road: Road, purged: set[str]) -> None:
    """Each event was received, cursors stand at the heads, set inserts hold each version once."""
    for consumer in CONSUMERS:
        pool = road.databases[consumer.partition(".")[0]].pool
        heard = road.heard_by(consumer)
        received = await pool.fetch("SELECT event_id FROM inbox WHERE consumer = $1", consumer)
        missing = {event.event_id for event in heard} - {row[0] for row in received}
        assert not missing or consumer in purged
        cursors = await pool.fetch(
            "SELECT stream, subject, version, seen, gap_since FROM cursor WHERE consumer = $1",
            consumer,
        )
        heads: dict[tuple[str, Any], int] = {}
        for event in heard:
            key = (event.stream, event.subject)
            heads[key] = max(heads.get(key, 0), event.version)
        assert {(row[0], row[1]): row[2] for row in cursors} == heads
        assert all(row["seen"] == row["version"] and row["gap_since"] is None for row in cursors)
    reporting = road.databases["reporting"].pool
    for consumer, kept in KEPT.items():
        rows = await reporting.fetch(kept)
        said = [(e.stream, e.subject, e.version) for e in road.heard_by(consumer)]
        assert sorted(tuple(row) for row in rows) == sorted(said), consumer


KEPT = {
    "reporting.facts": "SELECT DISTINCT 'household', household_id, version FROM household_fact",
    "reporting.effects": """
        SELECT stream, household_id, version FROM effect_fact
        UNION ALL SELECT 'referral', referral_id, version FROM referral_fact""",
    "reporting.timeline": "SELECT stream, subject, version FROM timeline_entry",
}


@pytest.fixture
def lives() -> Iterator[type[Lives]]:
    """The machine with databases of its own."""
    with asyncio.Runner() as runner:
        opened = open_land()
        land = runner.run(opened.__aenter__())
        try:
            runner.run(draw_map(land.mouth.database))
            yield type("Lives", (Lives,), {"land": land, "runner": runner})
        finally:
            runner.run(opened.__aexit__(None, None, None))


@pytest.mark.slow
@pytest.mark.timeout(0 if MORE else 300)
def test_any_order_ends_in_the_state_of_the_order_of_acts(lives: type[Lives]) -> None:
    run_state_machine_as_test(lives, settings=SETTINGS)
