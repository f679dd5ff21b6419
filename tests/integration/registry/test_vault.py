"""Who persons are: recorded and read in sets, dated, sealed, and seen by whoever may."""

from datetime import date
from uuid import UUID

import pytest

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.security.encryption import KeyRing, Vault
from services.registry.vault import acts, rotation
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType, Identity
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, register
from tests.support.servers import ServiceDatabase
from tests.support.vault import NEWER, OLDER, VAULT

UIN, NIN = IdentifierType.UIN, IdentifierType.NIN
SPRING, SUMMER = date(2022, 3, 1), date(2022, 6, 1)


async def people(database: ServiceDatabase, households: int = 1) -> list[tuple[UUID, UUID]]:
    """Persons and their households, two in each."""
    ids = await register(database, households)
    async with database.as_worker() as worker:
        rows = await worker.pool.fetch(
            "SELECT person_id, household_id FROM member WHERE household_id = ANY($1) "
            "ORDER BY household_id, place",
            ids,
        )
    return [(row["person_id"], row["household_id"]) for row in rows]


async def keep(database: ServiceDatabase, *identities: PersonIdentity) -> None:
    async with database.as_api() as api, api.transaction(COMMUNE) as tx:
        await acts.record(tx, VAULT, identities)


async def test_a_set_is_recorded_and_read_whole(registry: ServiceDatabase) -> None:
    persons = await people(registry, 3)
    stated = [
        PersonIdentity(
            one, home, SPRING, f"Nông  Văn {place}A", {UIN: f"00618500000{place}"}, "Bản"
        )
        for place, (one, home) in enumerate(persons)
    ]
    await keep(registry, *stated)
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        found = await acts.read(tx, VAULT, [one for one, _ in persons])
    assert [found[one] for one, _ in persons] == [
        Identity(f"Nông Văn {place}A", {UIN: f"00618500000{place}"}, "Bản")
        for place in range(len(persons))
    ]


async def test_nothing_is_overwritten_and_a_repeat_changes_nothing(
    registry: ServiceDatabase,
) -> None:
    """As of any day, as known at any instant; what is not stated stays."""
    [(person, home), _] = await people(registry)
    await keep(registry, PersonIdentity(person, home, SPRING, "Lý Thị Mai", {NIN: "095123456"}))
    await keep(registry, PersonIdentity(person, home, SUMMER, "Lý Thị Mây"))
    before = await rows(registry)
    await keep(registry, PersonIdentity(person, home, SUMMER, " lý".title() + "  Thị Mây"))
    assert await rows(registry) == before
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        first = await tx.fetchval("SELECT min(lower(recorded)) FROM person_name")

        async def read(*when: object) -> Identity:
            return (await acts.read(tx, VAULT, [person], *when))[person]  # type: ignore[arg-type]

        assert await read() == Identity("Lý Thị Mây", {NIN: "095123456"})
        assert (await read(date(2022, 5, 31))).name == "Lý Thị Mai"
        assert (await read(SUMMER, first)).name == "Lý Thị Mai"
        assert await acts.read(tx, VAULT, [person], date(2022, 2, 28)) == {}


async def rows(database: ServiceDatabase) -> int:
    async with database.as_worker() as worker:
        count: int = await worker.pool.fetchval("SELECT count(*) FROM person_name")
        return count


async def test_a_number_has_one_bearer_and_all_or_none_is_recorded(
    registry: ServiceDatabase,
) -> None:
    [(one, home), (other, _)] = await people(registry)
    await keep(registry, PersonIdentity(one, home, SPRING, numbers={NIN: "095123456"}))
    with pytest.raises(Problem) as refused:
        await keep(registry, PersonIdentity(other, home, SPRING, "Lý A", {NIN: "095 123 456"}))
    assert (refused.value.status, refused.value.code) == (409, "identifier.taken")
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        assert await acts.read(tx, VAULT, [other]) == {}
        assert await acts.bearers_of(tx, VAULT, [(NIN, "095123456"), (NIN, "095999999")]) == {
            (NIN, "095123456"): one
        }


@pytest.mark.parametrize("scope", [NEIGHBOUR, ""])
async def test_another_commune_neither_reads_nor_records(
    registry: ServiceDatabase, scope: str
) -> None:
    [(person, home), _] = await people(registry)
    known = PersonIdentity(person, home, SPRING, "Lý Thị Mai", {NIN: "095123456"}, "Bản Nà Muồng")
    await keep(registry, known)

    async def seen(tx: Transaction) -> int:
        tables = ("person_name", "person_address", "identifier", "name_token")
        return sum([await tx.fetchval(f"SELECT count(*) FROM {table}") for table in tables])

    async with registry.as_api() as api, api.transaction(scope) as tx:
        assert await seen(tx) == 0
        assert await acts.read(tx, VAULT, [person]) == {}
        with pytest.raises(Problem) as refused:
            await acts.record(tx, VAULT, [known])
    assert refused.value.status == 404
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        assert await seen(tx) == 6
        with pytest.raises(Problem):
            await acts.record(tx, VAULT, [PersonIdentity(new_id(), home, SPRING, "Lý A")])


async def test_keys_change_while_in_use_and_the_old_one_is_dropped(
    registry: ServiceDatabase,
) -> None:
    """Every value of every day; what is written under the old key meanwhile moves as well."""
    people_ = await people(registry, 2)
    stated = [
        PersonIdentity(one, home, SPRING, "Lý Thị Mai", {NIN: f"09512345{place}"}, "Bản Nà Muồng")
        for place, (one, home) in enumerate(people_)
    ]
    await keep(registry, *stated)
    both, newer = KeyRing([NEWER, OLDER]), Vault(KeyRing([NEWER]), VAULT.hash_key)
    async with registry.as_worker() as worker:
        old = VAULT.keys.newest
        assert (await rotation.count_by_key(worker)).values == {old: 12}
        async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
            # Somebody is at work on one person: it is left for the next round, not waited for.
            await acts.record(tx, VAULT, [PersonIdentity(*people_[0], SUMMER, "Lý Thị Mây")])
            assert await rotation.rotate(worker, both) == 11
        assert await rotation.rotate(worker, both) == 3
        counts = await rotation.count_by_key(worker)
        assert counts.values == {both.newest: 14}
        assert rotation.unused(counts, both) == [old]
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        found = await acts.read(tx, newer, [one for one, _ in people_])
        assert found[people_[0][0]].name == "Lý Thị Mây"
        assert found[people_[1][0]].numbers == {NIN: "095123451"}
        with pytest.raises(Problem, match=r"vault\.key_missing"):
            await acts.read(tx, VAULT, [people_[0][0]])


async def test_at_the_end_of_retention_nothing_leads_from_the_id_to_the_person(
    registry: ServiceDatabase,
) -> None:
    (gone, home), (stays, _) = await people(registry)
    for person in (gone, stays):
        number = {NIN: "095123456" if person == gone else "095123457"}
        await keep(registry, PersonIdentity(person, home, SPRING, "Lý Thị Mai", number, "Bản"))
    await keep(registry, PersonIdentity(gone, home, SUMMER, "Lý Thị Mây"))
    async with registry.as_worker() as worker, worker.transaction() as tx:
        assert await acts.destroy(tx, [gone]) == 5
        for table in ("person_name", "person_address", "identifier", "name_token"):
            left = await tx.fetch(f"SELECT DISTINCT person_id FROM {table}")
            assert [row["person_id"] for row in left] == [stays], table
