"""Of records that are known to be one person's, the search finds nearly all; of others, none."""

from collections import Counter

import asyncpg

from services.registry.duplicates.work import compare_next
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR
from tests.support.alike import ALL_KINDS, Writer, record
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

OF_EACH = 12
LEAST_RECALL = 0.95


async def test_who_was_written_twice_is_found_and_others_are_not(registry: ServiceDatabase) -> None:
    couples = list(Writer([COMMUNE, NEIGHBOUR]).couples(OF_EACH))
    async with registry.as_api() as api:
        ids = await record(api, (one for each in couples for one in (each.one, each.other)))
    async with registry.as_worker() as worker:
        async with worker.transaction() as tx:
            assert await compare_next(tx, VAULT) == len(ids)
        rows = await worker.pool.fetch("SELECT one, other FROM duplicate_pair")
        # Who was recorded before there were keys is found by the sweep, once.
        owner = await asyncpg.connect(registry.owner_dsn)
        await owner.execute(
            "DELETE FROM duplicate_pair; DELETE FROM duplicate_key; "
            "UPDATE duplicate_sweep SET after = '00000000-0000-0000-0000-000000000000'"
        )
        await owner.close()
        for compared in (len(ids), 0):
            async with worker.transaction() as tx:
                assert await compare_next(tx, VAULT) == compared
        again = await worker.pool.fetch("SELECT one, other FROM duplicate_pair")
    assert {tuple(row) for row in again} == {tuple(row) for row in rows}
    pairs = {frozenset((row["one"], row["other"])) for row in rows}
    found = Counter(
        each.kind for each in couples if frozenset((ids[each.one], ids[each.other])) in pairs
    )
    for kind, is_one_person, _ in ALL_KINDS:
        least, most = (LEAST_RECALL * OF_EACH, OF_EACH) if is_one_person else (0, 0)
        assert least <= found[kind] <= most, (kind, found[kind])
    assert len(pairs) == found.total(), "nobody else is suspected"
