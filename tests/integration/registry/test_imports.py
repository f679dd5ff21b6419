"""A file of households: checked first, confirmed by a person, taken once; what is wrong comes back
in the same form.
"""

from tests.integration.registry.builders import count
from tests.integration.registry.importing import a_file, a_household, an_office
from tests.support.servers import ServiceDatabase


def counts(**known: int) -> dict[str, int]:
    return {"registered": 0, "corrected": 0, "unchanged": 0, "refused": 0} | known


async def test_nothing_is_written_before_a_person_confirms(registry: ServiceDatabase) -> None:
    file = a_file(a_household("H1", UIN="006080000001"), a_household("H2", "Hoàng Văn Sình"))
    async with an_office(registry) as office:
        path, checked = await office.check(file)
        assert (checked["state"], checked["counts"]) == ("checked", counts(registered=4))
        assert await count(registry, "household") == 0
        await office.ask("POST", f"{path}/confirm")
        await office.work()
        done = await office.ask("GET", path)
        assert (done["state"], done["counts"]) == ("done", counts(registered=4))
        assert await count(registry, "event_log WHERE type = 'household.registered.v1'") == 2
        assert await count(registry, "person_name") == 4
        assert await count(registry, "import_page WHERE sealed IS NOT NULL") == 0


async def test_the_same_file_again_changes_nothing(registry: ServiceDatabase) -> None:
    file = a_file(a_household("H1", UIN="006080000001"), a_household("H2", "Hoàng Văn Sình"))
    async with an_office(registry) as office:
        await office.take(file)
        said = await count(registry, "event_log")
        _, done = await office.take(file)
        assert done["counts"] == counts(unchanged=4)
        assert await count(registry, "event_log") == said
        assert await count(registry, "person_name") == 4
