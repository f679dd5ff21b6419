"""Facts from events in any order, and the stocks and flows counted from them."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdData
from libs.common.database import Transaction
from libs.common.vocabulary import StatusClass
from services.reporting.areas.store import Records
from services.reporting.facts.domain import Residence, Said, Steps, class_on, class_steps
from services.reporting.facts.domain import residences as residences_of
from services.reporting.facts.handlers import on_household
from services.reporting.indicators import store
from services.reporting.indicators.domain import (
    NEAR_POOR,
    POOR,
    Course,
    FlowTable,
    flow_table,
)
from tests.support.reporting import STANDARD, START, a_household, a_member, an_area, received
from tests.support.servers import ServiceDatabase

INSIDE, OUTSIDE = ("01882", "01873"), ("02000",)
RECORDS = [Records(code) for code in INSIDE]
POOR_CLASS, NEAR, AVERAGE = StatusClass.POOR, StatusClass.NEAR_POOR, StatusClass.AVERAGE_LIVING
BEGIN, MIDDLE, END = date(2022, 1, 1), date(2022, 7, 1), date(2023, 1, 1)

Event = Received[HouseholdData]


class _Undo(Exception):
    """Ends a transaction without keeping it."""


def day(number: int) -> date:
    return date(2021, 7, 1) + timedelta(days=30 * number)


@st.composite
def histories(draw: st.DrawFn, number: int) -> list[Event]:
    """Up to three versions of a household that changes class, moves, gains, loses and closes."""
    registered = day(draw(st.integers(0, 12)))
    events = []
    for version in range(1, draw(st.integers(1, 3)) + 1):
        bounds = sorted(draw(st.sets(st.integers(0, 24), max_size=5)))
        ends = [*bounds[1:], None][: len(bounds)]
        statuses = [
            (
                draw(st.sampled_from(list(StatusClass))),
                day(start),
                None if end is None else day(end),
            )
            for start, end in zip(bounds, ends, strict=True)
            if draw(st.booleans())
        ]
        members = []
        for place in range(draw(st.integers(0, 3))):
            joined = draw(st.integers(0, 20))
            left = draw(st.none() | st.integers(joined + 1, 24))
            until = None if left is None else day(left)
            members.append(a_member((number, place), day(joined), until))
        closed = draw(st.none() | st.none() | st.integers(14, 24))
        data = a_household(
            number,
            registered_on=registered,
            closed_on=None if closed is None else day(closed),
            area=an_area(draw(st.sampled_from([*INSIDE, *OUTSIDE])), day(draw(st.integers(0, 20)))),
            members=tuple(members),
            statuses=statuses,
        )
        events.append(received(data, version))
    return events


worlds = st.tuples(*(histories(number) for number in range(3))).map(
    lambda parts: [event for part in parts for event in part]
)


def as_known(events: Sequence[Event], version: int) -> list[Event]:
    """Each household's deciding event, where versions up to `version` were recorded."""
    latest: dict[Any, Event] = {}
    for event in events:
        if event.version <= version:
            known = latest.get(event.subject)
            latest[event.subject] = (
                event if known is None or known.version < event.version else known
            )
    return list(latest.values())


def lived(events: Sequence[Event], event: Event) -> list[Residence]:
    """The household's residences as known after this event."""
    own = [other for other in events if other.subject == event.subject]
    if len({other.data.area.commune for other in own}) == 1:
        area = event.data.area
        return [Residence(area.commune, area.from_day, first_day(event), event.data.closed_on)]
    said = [
        Said(
            other.version,
            other.data.area.commune,
            other.data.area.from_day,
            first_day(other),
            other.data.closed_on,
        )
        for other in own
    ]
    return residences_of(said)[event.version]


def first_day(event: Event) -> date:
    days = [event.data.registered_on, event.data.area.from_day]
    return min(days + [period.from_day for period in event.data.statuses])


def course(events: Sequence[Event], event: Event, start: date, end: date) -> Course:
    """What became of the household between the days, read off its periods one by one."""
    steps = class_steps((p.from_day, p.until, p.status) for p in event.data.statuses)
    places = [
        place
        for place in lived(events, event)
        if place.commune in INSIDE and (place.until is None or place.until > place.from_day)
    ]

    def standing(on: date) -> str | None:
        here = any(p.from_day <= on and (p.until is None or p.until > on) for p in places)
        return class_on(steps, on) if here else None

    def present(on: date) -> set[Any]:
        return {
            member.person_id
            for member in event.data.members
            if member.joined_on <= on and (member.left_on is None or member.left_on > on)
        }

    entries = [p.from_day for p in places if p.until is None or p.until > start]
    return Course(
        start=standing(start),
        end=standing(end),
        entry=class_on(steps, max(start, min(entries))) if entries else "",
        before=earlier_classes(steps, end),
        persons_start=len(present(start)),
        persons_end=len(present(end)),
        persons_both=len(present(start) & present(end)),
    )


def earlier_classes(steps: Steps, on: date) -> frozenset[str]:
    begun = [name for from_day, name in zip(*steps, strict=True) if from_day <= on]
    return frozenset(begun[:-1])


async def keep(tx: Transaction, batches: Sequence[Sequence[Event]]) -> None:
    for batch in batches:
        await on_household(batch, tx)


async def flows(
    tx: Transaction, start: date, end: date, version: int | None = None
) -> dict[str, FlowTable]:
    before = None if version is None else START + timedelta(hours=version, minutes=30)
    return await store.count_flows(tx, (RECORDS, RECORDS), STANDARD, (start, end), before)


@given(world=worlds, random=st.randoms(use_true_random=False), size=st.integers(1, 12))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_flows_are_the_classification_of_each_household(
    world: list[Event], random: Random, size: int, reporting: ServiceDatabase
) -> None:
    """The set query equals the pure law, in any order of arrival, as known then and now."""
    sent = [*world, *random.choices(world, k=3)]
    random.shuffle(sent)
    batches = [sent[at : at + size] for at in range(0, len(sent), size)]

    async def check(tx: Transaction) -> None:
        await keep(tx, batches)
        for version, known in ((None, as_known(world, 3)), (1, as_known(world, 1))):
            whole = await flows(tx, BEGIN, END, version)
            second = await flows(tx, MIDDLE, END, version)
            first = await flows(tx, BEGIN, MIDDLE, version)
            found = [course(world, event, BEGIN, END) for event in known]
            for target in (POOR, NEAR_POOR):
                assert whole[target] == flow_table(found, target)
                for row in ("households", "persons"):
                    one, two = getattr(first[target], row), getattr(second[target], row)
                    assert one.end == one.computed_end == two.start
                    assert two.end == two.computed_end == getattr(whole[target], row).end

    asyncio.run(_in_undone_transaction(reporting, check))


async def _in_undone_transaction(database: ServiceDatabase, check: Any) -> None:
    async with database.as_worker() as connections:
        try:
            async with connections.transaction() as tx:
                await check(tx)
                raise _Undo
        except _Undo:
            pass
