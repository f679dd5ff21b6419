"""A file over what is known: it adds and corrects, and nothing that it does not say goes away."""

from dataclasses import replace
from datetime import date
from typing import cast
from uuid import UUID

from libs.common.ids import new_id
from services.registry.households import acts
from services.registry.households.acts import Stated
from services.registry.households.events import facts_of
from services.registry.households.store import read_households
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    events,
    stated,
)
from tests.integration.registry.importing import Office, an_office
from tests.support.servers import ServiceDatabase

MOVED_ON = date(2022, 3, 1)


async def a_moved_household(database: ServiceDatabase) -> UUID:
    """It lived in the neighbouring commune from 2005 and in a village of this one since March."""
    body = stated(a_household(commune=NEIGHBOUR))
    household_id = body.facts.household_id
    async with database.as_api() as connections:
        async with connections.transaction(NEIGHBOUR) as tx:
            await acts.register(tx, [body], TODAY)
        async with connections.transaction(f"{COMMUNE},{NEIGHBOUR}") as tx:
            [before] = await read_households(tx, [household_id])
            home = {"commune": COMMUNE, "lives_there_from": MOVED_ON, "village": "Khuổi Ún"}
            moved = Stated(replace(facts_of(before), **home), "", b"", new_id())  # type: ignore[arg-type]
            await acts.correct(tx, moved, MOVED_ON, TODAY, lambda _: None)
    return household_id


async def village(office: Office, household_id: UUID) -> str:
    known = await office.ask("GET", f"/households/{household_id}")
    return cast(str, known["residence"]["village"])


async def test_a_village_leaves_comes_back_corrected_and_stays_where_no_cell_says_it(
    registry: ServiceDatabase,
) -> None:
    household_id = await a_moved_household(registry)
    async with an_office(registry) as office:
        sheet = await office.export()
        silent = sheet.replace("Khuổi Ún", "").replace("Không đi học", "Tiểu học")
        await office.take(silent.encode())
        assert await village(office, household_id) == "Khuổi Ún"
        await office.take(sheet.replace("Khuổi Ún", "Nà  Phầy").encode())
        assert await village(office, household_id) == "Nà Phầy"


async def test_a_file_keeps_where_a_household_lived_before(registry: ServiceDatabase) -> None:
    household_id = await a_moved_household(registry)
    async with an_office(registry) as office:
        sheet = await office.export()
        _, done = await office.take(sheet.replace("Không đi học", "Tiểu học").encode())
        assert done["counts"]["corrected"] == 2
        told = (await events(registry, household_id))[-1]["data"]
        assert [area["commune"] for area in told["earlier_areas"]] == [NEIGHBOUR]
