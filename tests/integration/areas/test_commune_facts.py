"""What the registry knows of a commune by the code and the day of a record."""

from datetime import date

from libs.common.areas import store as areas
from libs.common.vocabulary import AreaKind, Designation
from services.registry.areas import store
from tests.conftest import MakeDatabase
from tests.support.areas import BEGINNING, REFORM, pac_nam

OLD_DAY = date(2022, 1, 1)


async def test_facts_follow_the_day_of_the_record(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    async with database.as_worker() as connections:
        async with connections.transaction() as tx:
            await areas.keep(tx, [(1, unit) for unit in pac_nam()])
        async with connections.transaction() as tx:
            before = await store.commune_facts(tx, ["01882", "01873", "00000"], OLD_DAY)
            after = await store.commune_facts(tx, ["01882", "01873"], REFORM)

    assert set(before) == {"01882", "01873"}
    old, new = before["01882"], after["01882"]
    assert (old.district, old.province, old.kind) == ("060", "06", AreaKind.RURAL_COMMUNE)
    assert (old.valid_from, old.valid_until) == (BEGINNING, REFORM)
    assert [period.designation for period in old.designations] == [Designation.POOR_DISTRICT]
    assert set(after) == {"01882"}, "Xuân La (01873) ended with the reform"
    assert (new.district, new.province, new.designations) == (None, "19", ())
    assert new.area_id != old.area_id


async def test_a_commune_that_does_not_exist_that_day_is_none(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    async with database.as_worker() as connections, connections.transaction() as tx:
        await areas.keep(tx, [(1, unit) for unit in pac_nam()])
        assert await store.find_commune(tx, "01873", OLD_DAY) is not None
        assert await store.find_commune(tx, "01873", REFORM) is None
