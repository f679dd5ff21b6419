"""A producer that was restored goes on in the next generation: nobody waits for what it lost."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from libs.common.contracts.area import CHANGED
from libs.common.ids import new_id
from libs.common.messaging.decode import decode
from libs.common.messaging.generations import GENERATION, generation_of, is_owed, number_of
from libs.common.messaging.transport import Delivery
from libs.common.messaging.work import apply
from tests.support.bus import Bus, an_event, set_consumer

AGAIN, NEXT = GENERATION + 1, GENERATION + 2
# What was seen of the lost acts (2 of 3 here), then what the restored producer says.
SAID = (1, 3, AGAIN, NEXT)


def test_a_version_is_a_generation_and_a_number() -> None:
    assert (generation_of(7), number_of(7)) == (0, 7)
    assert (generation_of(AGAIN), number_of(AGAIN)) == (1, 1)
    assert [is_owed(head) for head in (0, 7, GENERATION, AGAIN)] == [False, False, True, False]


async def _gap_after(bus: Bus, batches: Sequence[Sequence[int]]) -> tuple[int, bool]:
    """The cursor's version, and whether a gap is counted."""
    subject = new_id()
    for batch in batches:
        body = b"[" + b",".join(an_event(subject, version) for version in batch) + b"]"
        events = decode(Delivery(CHANGED, body, 0, 0, {}, None)).events
        async with bus.consumer.transaction() as tx:
            await apply(tx, set_consumer(), events, received_at=tx.recorded_at)
    row = await bus.consumer.pool.fetchrow(
        "SELECT version, gap_since IS NOT NULL AS gap FROM cursor WHERE subject = $1", subject
    )
    assert row is not None
    return row["version"], row["gap"]


@pytest.mark.parametrize("bus", ["local"], indirect=True)
async def test_no_gap_is_left_in_whatever_order_the_generations_arrive(bus: Bus) -> None:
    for order in permutations(SAID):
        assert await _gap_after(bus, [[version] for version in order]) == (NEXT, False)
        assert await _gap_after(bus, [order[:2], order[2:]]) == (NEXT, False)
        assert await _gap_after(bus, [order]) == (NEXT, False)


@pytest.mark.parametrize("bus", ["local"], indirect=True)
async def test_a_version_missed_in_the_new_generation_is_a_gap(bus: Bus) -> None:
    for order in permutations((1, 2, 3, NEXT)):
        assert await _gap_after(bus, [[version] for version in order]) == (NEXT, True)
        assert await _gap_after(bus, [order]) == (NEXT, True)
