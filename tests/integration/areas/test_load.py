"""Loading the committed units: each is said once, and again only when it changes."""

import json
from datetime import date
from pathlib import Path

import pytest

from libs.common.areas import store
from libs.common.areas.domain import Resolved
from libs.common.areas.scope import expand
from libs.common.areas.succession import communes_of, present_units
from libs.common.clock import SystemClock
from libs.common.contracts.area import CHANGED, AreaData
from libs.common.vocabulary import AreaKind, AreaLevel
from services.registry.areas.load import load_areas
from services.registry.areas.units import Gazetteer
from tests.conftest import MakeDatabase
from tests.support.areas import REFORM, area_id

_SAID = """
SELECT subject, version, type, convert_from(body, 'UTF8') AS body
FROM event_log WHERE stream = 'area' ORDER BY seq
"""
UNITS = "code,name,kind,parent,valid_from,valid_until"
# A corner of Đồng Nai, until and from 1/7/2025.
TABLES = {
    "provinces.csv": [
        UNITS,
        "75,Tỉnh Đồng Nai,province,,2004-07-08,2025-07-01",
        "75,Tỉnh Đồng Nai,province,,2025-07-01,",
    ],
    "districts.csv": [UNITS, "731,Thành phố Biên Hòa,district,75,2004-07-08,2025-07-01"],
    "communes.csv": [
        UNITS,
        "26200,Xã Một,rural_commune,731,2004-07-08,2025-07-01",
        "26203,Xã Hai,rural_commune,731,2004-07-08,2025-07-01",
        "26200,Xã Một,rural_commune,75,2025-07-01,",
    ],
    "succession.csv": [
        "level,predecessor,successor_level,successor,changed_on,is_divided",
        "province,75,province,75,2025-07-01,0",
        "commune,26200,commune,26200,2025-07-01,0",
        "commune,26203,commune,26200,2025-07-01,0",
    ],
    "counts.csv": ["level,code,year,households,persons,is_confirmed,source"],
    "designations.csv": ["level,code,designation,from_day,until,is_confirmed,source"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file, lines in TABLES.items():
        (tmp_path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def rewrite(path: Path, replace: dict[str, str], *lines: str) -> None:
    """Change words of a table and add lines to it."""
    text = path.read_text(encoding="utf-8")
    for old, new in replace.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")


async def test_every_unit_is_said_once(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    seen: list[tuple[int, int]] = []
    units = {unit.area_id: unit for unit in Gazetteer()}
    async with database.as_worker() as connections:
        said = await load_areas(connections, SystemClock(), lambda *step: seen.append(step))
        again = await load_areas(connections, SystemClock())
        async with connections.transaction() as tx:
            events = await tx.fetch(_SAID)
            kept = await store.read(tx, list(units))

    assert said == len(units)
    assert again == 0, "a second run says nothing"
    assert seen[-1] == (len(units), len(units))
    assert {(row["type"], row["version"]) for row in events} == {(CHANGED, 1)}
    assert {row["subject"] for row in events} == set(units)
    first = AreaData.model_validate(json.loads(events[0]["body"])["data"])
    assert first == units[first.area_id]
    assert kept == units


async def test_only_a_changed_unit_gets_a_new_version(
    make_database: MakeDatabase, folder: Path
) -> None:
    changed = area_id(AreaLevel.DISTRICT, "731")
    database = await make_database("registry")
    async with database.as_worker() as connections:
        assert await load_areas(connections, SystemClock(), units=Gazetteer(folder)) == 6
        rewrite(folder / "counts.csv", {}, "district,731,2022,7000,,1,published")
        assert await load_areas(connections, SystemClock(), units=Gazetteer(folder)) == 1
        async with connections.transaction() as tx:
            last = (await tx.fetch(_SAID))[-1]
            unit = (await store.read(tx, [changed]))[changed]
    assert (last["subject"], last["version"]) == (changed, 2)
    assert [count.households for count in unit.counts] == [7_000]


async def test_a_later_change_is_a_few_rows_more(make_database: MakeDatabase, folder: Path) -> None:
    """The province becomes a city and its commune a ward of the same code, on one day."""
    change, recorded_on = date(2026, 4, 30), date(2022, 1, 1)
    database = await make_database("registry")
    async with database.as_worker() as connections:
        await load_areas(connections, SystemClock(), units=Gazetteer(folder))
        ended = {"2025-07-01,\n": "2025-07-01,2026-04-30\n"}
        rewrite(folder / "provinces.csv", ended, "75,Thành phố Đồng Nai,city,,2026-04-30,")
        rewrite(folder / "communes.csv", ended, "26200,Phường Một,ward,75,2026-04-30,")
        rewrite(
            folder / "succession.csv",
            {},
            "province,75,province,75,2026-04-30,0",
            "commune,26200,commune,26200,2026-04-30,0",
        )
        assert await load_areas(connections, SystemClock(), units=Gazetteer(folder)) == 4
        async with connections.transaction() as tx:
            places = await present_units(tx, [("26203", recorded_on)], change)
            city = await communes_of(tx, "75", change)
            district = await communes_of(tx, "731", recorded_on)
            scope = await expand(tx, ["75"], change)
            ward = area_id(AreaLevel.COMMUNE, "26200", change)
            kind = (await store.read(tx, [ward]))[ward].kind

    place = places["26203", recorded_on]
    assert isinstance(place, Resolved)
    assert (place.unit.area_id, kind) == (ward, AreaKind.WARD)
    assert [(unit.code, unit.valid_from, unit.is_whole) for unit in city] == [
        ("26200", date(2004, 7, 8), True),
        ("26200", REFORM, True),
        ("26200", change, True),
        ("26203", date(2004, 7, 8), True),
    ]
    assert set(district) == set(city), "every record of the district is in the city, and no other"
    assert scope == "26200,26203"


@pytest.mark.parametrize(
    ("file", "line", "lacking"),
    [
        ("communes.csv", "26206,Xã Ba,rural_commune,732,2004-07-08,", "district 732"),
        ("succession.csv", "commune,26299,commune,26200,2025-07-01,0", "commune 26299"),
        ("counts.csv", "province,76,2021,1,,1,published", "province 76"),
    ],
)
def test_tables_that_name_an_unknown_unit_do_not_load(
    folder: Path, file: str, line: str, lacking: str
) -> None:
    rewrite(folder / file, {}, line)
    with pytest.raises(KeyError, match=lacking):
        list(Gazetteer(folder))
