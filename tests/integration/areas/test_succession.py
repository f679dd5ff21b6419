"""Records of any day in the geography of any other day, on the units around Nghiên Loan."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio

from libs.common.areas import store
from libs.common.areas.domain import Divided, Open, Resolved
from libs.common.areas.narrowing import narrow
from libs.common.areas.scope import ScopeCache, expand
from libs.common.areas.succession import communes_of, present_units
from libs.common.database import Transaction
from libs.common.vocabulary import AreaLevel
from tests.conftest import MakeDatabase
from tests.support.areas import BEGINNING, REFORM, a_unit, area_id, pac_nam

OLD_DAY = date(2022, 1, 1)
LAST_OLD_DAY = REFORM - timedelta(days=1)
OLD_CODES = {"01864", "01873", "01876", "01882", "09999"}


@pytest_asyncio.fixture
async def tx(make_database: MakeDatabase) -> AsyncIterator[Transaction]:
    database = await make_database("reporting")
    async with database.as_worker() as connections, connections.transaction() as transaction:
        await store.keep(transaction, [(1, unit) for unit in pac_nam()])
        yield transaction


async def whole_and_part(tx: Transaction, code: str, day: date) -> tuple[set[str], set[str]]:
    """Codes with a mark for the geography they were recorded in: `01882` old, `01882*` new."""
    marked = {True: set[str](), False: set[str]()}
    for commune in await communes_of(tx, code, day):
        mark = "*" if commune.valid_from == REFORM else ""
        marked[commune.is_whole].add(commune.code + mark)
    return marked[True], marked[False]


async def test_a_record_of_an_absorbed_commune_lies_in_its_successor(tx: Transaction) -> None:
    found = await present_units(tx, [("01873", OLD_DAY), ("01882", OLD_DAY)], REFORM)
    for place in found.values():
        assert isinstance(place, Resolved)
        assert place.unit.area_id == area_id(AreaLevel.COMMUNE, "01882", REFORM)


async def test_a_record_of_a_divided_commune_waits_for_a_choice(tx: Transaction) -> None:
    found = await present_units(tx, [("09999", OLD_DAY)], REFORM)
    place = found["09999", OLD_DAY]
    assert isinstance(place, Divided)
    assert [choice.code for choice in place.choices] == ["01864", "01882"]


@pytest.mark.parametrize(
    ("code", "recorded_on", "case"),
    [
        ("00000", OLD_DAY, "no such code"),
        ("01873", REFORM, "the code had ended when it was recorded"),
        ("01882", REFORM, "recorded after the day asked for"),
    ],
)
async def test_open_records(tx: Transaction, code: str, recorded_on: date, case: str) -> None:
    found = await present_units(tx, [(code, recorded_on)], LAST_OLD_DAY)
    assert found[code, recorded_on] == Open(), case


async def test_on_its_own_day_a_record_lies_where_it_was_recorded(tx: Transaction) -> None:
    place = (await present_units(tx, [("01873", OLD_DAY)], LAST_OLD_DAY))["01873", OLD_DAY]
    assert isinstance(place, Resolved)
    assert place.unit.code == "01873"


@pytest.mark.parametrize(
    ("code", "day", "whole", "part"),
    [
        # The new commune: its own records, those of the three it took, a share of the divided one.
        ("01882", REFORM, {"01882*", "01882", "01873", "01876"}, {"09999"}),
        # The old commune of the same code: its own; a share of what the new one has recorded.
        ("01882", OLD_DAY, {"01882"}, {"01882*"}),
        ("01873", OLD_DAY, {"01873"}, {"01882*"}),
        ("09999", OLD_DAY, {"09999"}, {"01864*", "01882*"}),
        # The old district and province: the new communes are made of nothing else.
        ("060", OLD_DAY, OLD_CODES | {"01864*", "01882*"}, set()),
        ("06", OLD_DAY, OLD_CODES | {"01864*", "01882*"}, set()),
        ("19", REFORM, OLD_CODES | {"01864*", "01882*"}, set()),
        # No such unit on that day.
        ("060", REFORM, set(), set()),
        ("01873", REFORM, set(), set()),
    ],
)
async def test_which_records_count_to_an_area(
    tx: Transaction, code: str, day: date, whole: set[str], part: set[str]
) -> None:
    assert await whole_and_part(tx, code, day) == (whole, part)


@pytest.mark.parametrize(
    ("codes", "day", "scope"),
    [
        (["*"], OLD_DAY, "*"),
        (["01882", "*"], REFORM, "*"),
        ([], REFORM, ""),
        (["00000", "7", "abc"], REFORM, ""),
        # Before the reform: the own commune only, though its code lives on.
        (["01882"], OLD_DAY, "01882"),
        (["01873"], OLD_DAY, "01873"),
        # After: what the commune came from, the divided one included.
        (["01882"], REFORM, "01873,01876,01882,09999"),
        (["01864"], REFORM, "01864,09999"),
        # A code that has ended does not reach into the merger: others live there as well.
        (["01873"], REFORM, "01873"),
        (["09999"], REFORM, "09999"),
        # It does reach what is made of nothing else.
        (["060"], REFORM, "01864,01873,01876,01882,09999"),
        (["06"], OLD_DAY, "01864,01873,01876,01882,09999"),
        (["19"], REFORM, "01864,01873,01876,01882,09999"),
        # Old Thái Nguyên had none of these communes.
        (["19"], OLD_DAY, ""),
        (["01873", "01864"], OLD_DAY, "01864,01873"),
    ],
)
async def test_scope(tx: Transaction, codes: list[str], day: date, scope: str) -> None:
    assert await expand(tx, codes, day) == scope


@pytest.mark.parametrize(
    ("code", "day", "communes", "header"),
    [
        # A list of a commune that was merged shows the merger, and says that others live there.
        (
            "01873",
            REFORM,
            ("01873", "01882"),
            "01873; from=2004-07-08; until=2025-07-01; read=successors; in-part=01882",
        ),
        # An earlier day's map gives the same, as long as it is asked afterwards.
        (
            "01873",
            OLD_DAY,
            ("01873", "01882"),
            "01873; from=2004-07-08; until=2025-07-01; read=successors; in-part=01882",
        ),
        (
            "01882",
            REFORM,
            ("01873", "01876", "01882", "09999"),
            "01882; from=2025-07-01; read=successors; in-part=09999",
        ),
        (
            "060",
            REFORM,
            tuple(sorted(OLD_CODES)),
            "060; from=2004-07-08; until=2025-07-01; read=successors",
        ),
    ],
)
async def test_a_list_by_an_area_says_how_it_was_read(
    tx: Transaction, code: str, day: date, communes: tuple[str, ...], header: str
) -> None:
    found = await narrow(tx, code, day, REFORM)
    assert found is not None
    assert (found.communes, found.header("successors")) == (communes, header)


async def test_the_scope_cache_forgets_after_its_lifetime(tx: Transaction) -> None:
    cache = ScopeCache(lifetime=timedelta(seconds=10), largest=1)
    assert await cache.of_caller(tx, ["060"], OLD_DAY) == "01864,01873,01876,01882,09999"
    newcomer = a_unit(AreaLevel.COMMUNE, "01885", area_id(AreaLevel.DISTRICT, "060", BEGINNING))
    await store.keep(tx, [(1, newcomer)])

    assert "01885" not in await cache.of_caller(tx, ["060"], OLD_DAY)
    later = Transaction(tx.connection, tx.recorded_at + timedelta(seconds=10))
    assert "01885" in await cache.of_caller(later, ["060"], OLD_DAY)
    await cache.of_caller(later, ["01882"], OLD_DAY)
    assert "01885" in await cache.of_caller(tx, ["060"], OLD_DAY), "a full cache starts anew"


async def test_a_callers_commune_covers_its_rows_before_its_unit_is_known(tx: Transaction) -> None:
    cache = ScopeCache()
    assert await cache.of_caller(tx, ["00001", "01864"], REFORM) == "00001,01864,09999"
    assert await cache.of_caller(tx, ["99", "998"], REFORM) == ""
    assert await cache.of_caller(tx, ["99", "*"], REFORM) == "*"
