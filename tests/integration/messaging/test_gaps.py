"""A gap is a version that is missing: parked ones are not, and what is counted twice hides none."""

from uuid import UUID

import pytest

from libs.common.contracts.area import CHANGED
from libs.common.ids import new_id
from libs.common.messaging.decode import decode
from libs.common.messaging.parking import parked_bad
from libs.common.messaging.transport import Delivery
from libs.common.messaging.work import apply
from tests.support.bus import Bus, an_event, set_consumer

pytestmark = pytest.mark.parametrize("bus", ["local"], indirect=True)


async def _comes(bus: Bus, subject: UUID, *versions: int, is_snapshot: bool = False) -> None:
    """Versions one by one; a negative one cannot be read."""
    for version in versions:
        body = an_event(subject, abs(version))
        if version < 0:
            body = body.replace(b'"level":"commune"', b'"level":7')
        read = decode(Delivery(CHANGED, b"[" + body + b"]", 0, 0, {}, None))
        assert len(read.bad) == (version < 0)
        async with bus.consumer.transaction() as tx:
            await apply(
                tx,
                set_consumer(),
                read.events,
                parked=[parked_bad(bad, read.delivery) for bad in read.bad],
                received_at=tx.recorded_at,
                is_snapshot=is_snapshot,
            )


async def _missing(bus: Bus) -> int:
    """How many versions of the one subject are missing."""
    row = await bus.consumer.pool.fetchrow("SELECT version - seen, gap_since FROM cursor")
    assert row is not None
    assert (row[1] is not None) == (row[0] > 0)
    return int(row[0])


async def test_a_parked_one_that_a_snapshot_stood_for_hides_no_gap(bus: Bus) -> None:
    subject = new_id()
    await _comes(bus, subject, 5, is_snapshot=True)
    await _comes(bus, subject, -3)
    assert await _missing(bus) == 0
    await _comes(bus, subject, 7)  # 6 is lost
    assert await _missing(bus) == 1
    await _comes(bus, subject, 6)
    assert await _missing(bus) == 0


@pytest.mark.parametrize(
    "versions",
    [(1, 2, -3, 4, 5), (-3, 1, 2, 4, 5), (1, 2, 5, -3, 4), (-5, -3, 1, 2, 4), (-5, 4, -3, 2, 1)],
)
async def test_a_parked_one_is_not_missing_whenever_it_comes(
    bus: Bus, versions: tuple[int, ...]
) -> None:
    subject = new_id()
    await _comes(bus, subject, *versions)
    assert await _missing(bus) <= 0
    await _comes(bus, subject, 7)
    assert await _missing(bus) == 1
