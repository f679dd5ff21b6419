"""Loading the committed units: each is said once, and again only when it changes."""

import json
from pathlib import Path
from shutil import copytree

from libs.common.areas import store
from libs.common.clock import SystemClock
from libs.common.contracts.area import CHANGED, AreaData
from libs.common.vocabulary import AreaLevel
from services.registry.areas.load import load_areas
from services.registry.areas.units import DATA, Gazetteer
from tests.conftest import MakeDatabase
from tests.support.areas import area_id

_SAID = """
SELECT subject, version, type, convert_from(body, 'UTF8') AS body
FROM event_log WHERE stream = 'area' ORDER BY seq
"""


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
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    folder = Path(copytree(DATA, tmp_path / "data"))
    counts = folder / "counts.csv"
    counts.write_text(counts.read_text() + "district,060,2022,7000,,1,published\n")
    changed = area_id(AreaLevel.DISTRICT, "060")
    database = await make_database("registry")
    async with database.as_worker() as connections:
        await load_areas(connections, SystemClock())
        assert await load_areas(connections, SystemClock(), units=Gazetteer(folder)) == 1
        async with connections.transaction() as tx:
            last = (await tx.fetch(_SAID))[-1]
            unit = (await store.read(tx, [changed]))[changed]
    assert (last["subject"], last["version"]) == (changed, 2)
    assert [count.households for count in unit.counts] == [7_000]
