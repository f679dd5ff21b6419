"""Inbox, version cursor and natural keys: each alone keeps a repeat from having a second effect.

Every test first shows, with all three away, that the second effect does happen. What a defence does
not promise is said beside it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date

import asyncpg
import pytest
import pytest_asyncio

from libs.common.areas.handlers import areas_consumer
from libs.common.contracts.area import AreaDesignation
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.referral import LoanTerms, ReferralData
from libs.common.ids import new_id
from libs.common.messaging.consumer import Shape
from libs.common.vocabulary import AreaLevel, Designation, ReferralState, StatusClass
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.support import areas, eligibility, reporting
from tests.support.defences import NONE, Defences, Event, Ground, drop_keys, see_nothing
from tests.support.land import CONSUMERS
from tests.support.servers import ServiceDatabase, clone_database, drop_database

LAW_DAY = date(2022, 6, 1)
INBOX, CURSOR, KEYS = Defences(inbox=True), Defences(cursor=True), Defences(keys=True)
ONCE = ((1,), (2,), (3,))
# In their own batches and beside others, at once and late; the old ones come last.
REPEATED = ((1,), (1,), (2, 2), (3, 1), (3,), (2,), (2, 1), (1,))
AREAS = {name: areas_consumer(name) for name in SUBSCRIPTIONS if name.endswith(".areas")}
ALL = {**CONSUMERS, **AREAS}
LATEST_WINS = [name for name, one in ALL.items() if one.shape is Shape.LATEST_WINS]
SET_INSERT = [name for name, one in ALL.items() if one.shape is Shape.SET_INSERT]
# Their tables remember the version that they stand on, so that they refuse an old one too.
REMEMBER = [name for name in LATEST_WINS if not name.endswith((".insurance", ".training"))]
FORGETFUL = ["eligibility.insurance", "eligibility.training"]

MakeGround = Callable[[str, bool], Awaitable[Ground]]


@pytest.fixture(scope="module")
def services() -> Iterator[dict[tuple[str, bool], ServiceDatabase]]:
    """Of each service a database with natural keys (True) and one without, for all tests here."""

    async def make() -> dict[tuple[str, bool], ServiceDatabase]:
        made = {}
        for service in sorted({name.partition(".")[0] for name in ALL}):
            for has_keys in (True, False):
                made[service, has_keys] = await clone_database(service)
            keeper = await asyncpg.connect(made[service, False].owner_dsn)
            await drop_keys(keeper)
            await keeper.close()
        return made

    async def drop() -> None:
        for database in made.values():
            await drop_database(database)

    made = asyncio.run(make())
    yield made
    asyncio.run(drop())


@pytest_asyncio.fixture
async def make_ground(
    services: dict[tuple[str, bool], ServiceDatabase],
) -> AsyncIterator[MakeGround]:
    """A consumer with its three events, on a database with or without natural keys."""
    async with AsyncExitStack() as stack:

        async def make(name: str, has_keys: bool) -> Ground:
            service = services[name.partition(".")[0], has_keys]
            keeper = await asyncpg.connect(service.owner_dsn)
            stack.push_async_callback(keeper.close)
            database = await stack.enter_async_context(service.as_worker())
            if service.service == "eligibility":
                async with database.transaction() as tx:
                    await set_law_day_if_absent(tx, LAW_DAY)
            return Ground(ALL[name], EVENTS[name.partition(".")[2]](), database, keeper, has_keys)

        yield make


# --- natural keys alone ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*REMEMBER, *SET_INSERT])
async def test_natural_keys_alone_refuse_repeats_and_old_versions(
    name: str, make_ground: MakeGround
) -> None:
    await check_second_effect(await make_ground(name, False))
    ground = await make_ground(name, True)

    once = await ground.outcome(KEYS, ONCE)
    assert await ground.outcome(KEYS, REPEATED) == once
    assert await ground.outcome(KEYS, REPEATED, under_new_ids=True) == once


@pytest.mark.parametrize("name", FORGETFUL)
async def test_natural_keys_alone_refuse_repeats_of_what_stands(
    name: str, make_ground: MakeGround
) -> None:
    """Roll and offers remember no version: an old one that comes late would be believed. A repeat
    of the newest changes nothing and says nothing."""
    bare, repeats = await make_ground(name, False), ((1,), (1,), (2, 2), (2,), (3,), (3, 3))
    assert await bare.outcome(NONE, repeats) != await bare.outcome(NONE, ONCE)
    ground = await make_ground(name, True)

    assert await ground.outcome(KEYS, repeats) == await ground.outcome(KEYS, ONCE)


@pytest.mark.parametrize("name", LATEST_WINS)
async def test_with_natural_keys_alone_the_newest_in_each_batch_decides(
    name: str, make_ground: MakeGround
) -> None:
    ground = await make_ground(name, True)
    shuffled = ((2, 1), (2,), (1, 3, 2), (3,))
    assert await ground.outcome(KEYS, shuffled) == await ground.outcome(KEYS, ((2,), (3,)))


@pytest.mark.parametrize("name", SET_INSERT)
async def test_with_natural_keys_alone_no_order_matters_to_a_set(
    name: str, make_ground: MakeGround
) -> None:
    ground = await make_ground(name, True)
    shuffled = ((3, 1), (1,), (3, 3), (2, 1))
    assert await ground.outcome(KEYS, shuffled) == await ground.outcome(KEYS, ONCE)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("eligibility.entitlements", asyncpg.ExclusionViolationError),
        ("eligibility.insurance", asyncpg.ExclusionViolationError),
        ("eligibility.training", asyncpg.ExclusionViolationError),
        ("credit.referrals", asyncpg.UniqueViolationError),
    ],
)
async def test_a_key_refuses_what_a_handler_writes_that_does_not_see_what_stands(
    name: str, refusal: type[Exception], make_ground: MakeGround
) -> None:
    ground = await make_ground(name, True)
    before = await ground.outcome(KEYS, ((1,),))
    await ground.forget_versions()
    with pytest.MonkeyPatch.context() as patch:
        see_nothing(patch)
        with pytest.raises(refusal):
            await ground.deliver([replace(ground.events[0], event_id=ground.events[1].event_id)])

    after = await ground.look()
    assert after.said == before.said
    assert len(after.rows) == len(before.rows)


# --- inbox alone ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
async def test_the_inbox_alone_lets_each_event_take_effect_once(
    name: str, make_ground: MakeGround
) -> None:
    ground = await make_ground(name, False)
    await check_second_effect(ground)

    assert await ground.outcome(INBOX, REPEATED) == await ground.outcome(INBOX, ONCE)


# --- version cursor alone -------------------------------------------------------------------------


@pytest.mark.parametrize("name", LATEST_WINS)
async def test_the_cursor_alone_lets_each_version_take_effect_once(
    name: str, make_ground: MakeGround
) -> None:
    """Also where an old version comes as another event."""
    ground = await make_ground(name, False)
    await check_second_effect(ground)

    once = await ground.outcome(CURSOR, ONCE)
    assert await ground.outcome(CURSOR, REPEATED) == once
    assert await ground.outcome(CURSOR, REPEATED, under_new_ids=True) == once


@pytest.mark.parametrize("name", SET_INSERT)
async def test_the_cursor_alone_keeps_a_set_complete_but_not_single(
    name: str, make_ground: MakeGround
) -> None:
    """A set takes what is stale, so the cursor cannot keep repeats from it: inbox and keys do. What
    holds: nothing is missing, nothing that was never said is there, and the cursor stays."""
    ground = await make_ground(name, False)
    once = await ground.outcome(CURSOR, ONCE)
    cursors = "SELECT stream, subject, version FROM cursor ORDER BY 1, 2"
    stood = await ground.keeper.fetch(cursors)

    repeated = await ground.outcome(CURSOR, REPEATED)
    assert {_said_by(row) for row in repeated.rows} == {_said_by(row) for row in once.rows}
    assert len(repeated.rows) > len(once.rows)
    assert await ground.keeper.fetch(cursors) == stood


def _said_by(row: str) -> str:
    """A row of a set without the ends, which follow from its neighbours."""
    table, values, _ = json.loads(row)
    kept = {name: one for name, one in values.items() if name not in ("known_until", "replaced_on")}
    return json.dumps([table, kept], sort_keys=True)


async def check_second_effect(bare: Ground) -> None:
    """With all three away, repeats leave another state than one delivery."""
    assert await bare.outcome(NONE, REPEATED) != await bare.outcome(NONE, ONCE)


# --- three versions of one subject, each of which changes something -------------------------------


def _unit_versions() -> list[Event]:
    units = [
        areas.a_unit(AreaLevel.COMMUNE, "01882", name="xã Nghiên Loan"),
        areas.a_unit(AreaLevel.COMMUNE, "01882", name="xã Nghiên Loan", successors=_SUCCESSION),
        areas.a_unit(AreaLevel.COMMUNE, "01882", designations=_DIFFICULT),
    ]
    return [areas.received(unit, version) for version, unit in enumerate(units, 1)]


_SUCCESSION = (areas.to("01882"), areas.to("01864", is_divided=True))
_DIFFICULT = (
    AreaDesignation(
        designation=Designation.DIFFICULT,
        from_day=date(2021, 7, 1),
        until=None,
        source="test",
        is_confirmed=True,
    ),
)


def _household_versions() -> list[Event]:
    """Poor; without a class; near-poor in another commune."""
    plain = eligibility.a_household()
    poor = eligibility.with_facts(plain, statuses=(eligibility.a_status(StatusClass.POOR),))
    moved = eligibility.with_facts(
        plain,
        statuses=(eligibility.a_status(StatusClass.NEAR_POOR),),
        area=reporting.an_area("01864", date(2022, 3, 1)),
    )
    kind = "household.status_changed.v1"
    return [
        eligibility.received(data, version, kind=kind)
        for version, data in enumerate((poor, plain, moved), 1)
    ]


def _entitlement_versions() -> list[Event]:
    """Rights of a near-poor household, then of a poor one, then of one with another member."""
    household, (mother, child) = (
        eligibility.a_household(),
        (
            eligibility.a_member(date(1990, 3, 3)).person_id,
            eligibility.a_member(date(2016, 5, 10)).person_id,
        ),
    )
    right = eligibility.an_entitlement
    near_poor = [
        right("insurance.CN", mother),
        right("training.46.a", mother, amount=1),
        right("credit.19", household.household_id),
    ]
    poor = [
        right("insurance.HN", mother),
        right("training.46.a", mother, amount=2),
        right("credit.01", household.household_id),
    ]
    other = [
        right("insurance.HN", mother, date(2022, 2, 1)),
        right("insurance.TE", child),
        right("training.46.a", mother, date(2022, 2, 1), amount=2),
        right("credit.01", household.household_id, date(2022, 2, 1)),
    ]
    data = [
        eligibility.entitlements_of(household.household_id, *rights)
        for rights in (near_poor, poor, other)
    ]
    return [
        eligibility.received(
            one.model_copy(update={"as_of": LAW_DAY}), version, kind="entitlement.changed.v1"
        )
        for version, one in enumerate(data, 1)
    ]


def _effect_versions() -> list[Event]:
    """Rights, a referral, other rights."""
    first, _, last = _entitlement_versions()
    return [first, _a_referral(first.data), replace(last, version=2)]


def _a_referral(data: EntitlementData) -> Event:
    referral = ReferralData(
        referral_id=new_id(),
        household_id=data.household_id,
        area=data.area,
        programme="19",
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=LAW_DAY,
        changed_on=LAW_DAY,
        until=None,
        terms=LoanTerms(
            on=LAW_DAY,
            max_amount=None,
            max_months=None,
            yearly_rate_percent="7.92",
            overdue_rate_percent="10.296",
            document="test",
            is_confirmed=True,
        ),
        act="opened",
    )
    return eligibility.received(referral, subject=referral.referral_id, kind="referral.changed.v1")


def _timeline_versions() -> list[Event]:
    first, second, _ = _household_versions()
    return [first, second, _entitlement_versions()[0]]


EVENTS: dict[str, Callable[[], Sequence[Event]]] = {
    "areas": _unit_versions,
    "entitlements": _household_versions,
    "insurance": _entitlement_versions,
    "training": _entitlement_versions,
    "referrals": _entitlement_versions,
    "facts": _household_versions,
    "effects": _effect_versions,
    "timeline": _timeline_versions,
}
