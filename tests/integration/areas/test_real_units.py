"""Succession and scopes on the real units, in a service that heard of them."""

from datetime import date
from uuid import UUID

from libs.common.areas import store
from libs.common.areas.domain import Divided
from libs.common.areas.handlers import areas_consumer
from libs.common.areas.scope import expand
from libs.common.areas.succession import communes_of, present_units
from libs.common.database import Database
from libs.common.vocabulary import AreaKind, AreaLevel
from services.registry.areas.units import Gazetteer
from tests.conftest import MakeDatabase
from tests.support.areas import REFORM, received

OLD_DAY = date(2022, 1, 1)


async def loaded(connections: Database) -> dict[UUID, AreaLevel]:
    """All real units as another service hears of them."""
    units = list(Gazetteer())
    consumer = areas_consumer("reporting.areas")
    async with connections.transaction() as tx:
        await consumer.handler([received(unit) for unit in units], tx)
    return {unit.area_id: unit.level for unit in units}


async def test_bac_kan_lives_on_in_thai_nguyen(make_database: MakeDatabase) -> None:
    database = await make_database("reporting")
    async with database.as_worker() as connections:
        units = await loaded(connections)
        async with connections.transaction() as tx:
            bac_kan = await communes_of(tx, "06", OLD_DAY)
            thai_nguyen = await communes_of(tx, "19", REFORM)
            nghien_loan = await communes_of(tx, "01882", REFORM)
            con_dao = await communes_of(tx, "755", OLD_DAY)
            everything = await store.read(tx, list(units))
            old_scope = await expand(tx, ["06"], OLD_DAY)
            new_scope = await expand(tx, ["19"], REFORM)

    recorded_in_2022 = {commune.code for commune in bac_kan if commune.valid_from <= OLD_DAY}
    assert len(recorded_in_2022) == 108, "the communes of Bắc Kạn after 2020"
    assert set(old_scope.split(",")) == recorded_in_2022
    assert all(commune.is_whole for commune in bac_kan), "no new commune crosses the old border"
    assert {commune.area_id for commune in bac_kan} < {commune.area_id for commune in thai_nguyen}
    assert set(new_scope.split(",")) == {commune.code for commune in thai_nguyen}
    assert [(c.code, c.valid_from == REFORM, c.is_whole) for c in nghien_loan] == [
        ("01873", False, True),
        ("01876", False, True),
        ("01882", False, True),
        ("01882", True, True),
    ]
    (zone,) = con_dao
    assert everything[zone.area_id].kind is AreaKind.SPECIAL_ZONE
    assert zone.is_whole, "an island district became a special zone as it was"


async def test_every_old_commune_has_a_present_one(make_database: MakeDatabase) -> None:
    database = await make_database("reporting")
    codes = [
        unit.code for unit in Gazetteer() if unit.level is AreaLevel.COMMUNE and unit.valid_until
    ]
    async with database.as_worker() as connections:
        await loaded(connections)
        async with connections.transaction() as tx:
            found = await present_units(tx, [(code, OLD_DAY) for code in codes], REFORM)
    divided = [place for place in found.values() if isinstance(place, Divided)]
    assert len(found) == 10_035
    assert len(divided) == 471
    assert {len(place.choices) for place in divided} == {2, 3, 4, 5}
