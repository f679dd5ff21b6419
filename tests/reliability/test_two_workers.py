"""Two workers of one consumer at once: whatever falls to which of them, the highest version wins,
and an event that reaches both has one effect.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.area import CHANGED
from libs.common.contracts.envelope import Received
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.work import apply
from tests.support.bus import SCRATCH, a_consumer, an_area, set_consumer
from tests.support.defences import Defences, Event, standing
from tests.support.servers import clone_database, drop_database

# Whose subject, which version; a worker's batches, each with these.
EVENTS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=6)
WORK = st.lists(EVENTS, max_size=4)
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
Work = Sequence[Sequence[tuple[int, int]]]


@dataclass
class Desk:
    """A database at which two workers sit."""

    runner: asyncio.Runner
    database: Database

    def work(self, consumer: Consumer, *shares: Work) -> tuple[dict[UUID, int], list[UUID]]:
        """Let each worker do its share, all at once; answers the highest versions and the ids."""
        subjects = [new_id() for _ in range(3)]
        events = {
            (which, version): _event(subjects[which], version)
            for share in shares
            for batch in share
            for which, version in batch
        }
        self.runner.run(self._work(consumer, [[[events[one] for one in batch] for batch in share]
                                              for share in shares]))  # fmt: skip
        highest: dict[UUID, int] = {}
        for which, version in events:
            highest[subjects[which]] = max(version, highest.get(subjects[which], 0))
        return highest, [event.event_id for event in events.values()]

    async def _work(self, consumer: Consumer, shares: Sequence[Sequence[Sequence[Event]]]) -> None:
        await self.database.pool.execute(
            "DELETE FROM scratch_latest; DELETE FROM scratch_set; DELETE FROM cursor"
        )

        async def do(share: Sequence[Sequence[Event]]) -> None:
            for batch in share:
                async with self.database.transaction() as tx:
                    await apply(tx, consumer, batch, received_at=datetime.now(UTC))

        await asyncio.gather(*map(do, shares))

    def read(self, statement: str) -> list[tuple[UUID, int]]:
        rows = self.runner.run(self.database.pool.fetch(statement))
        return [(row[0], row[1]) for row in rows]


def _event(subject: UUID, version: int) -> Event:
    now = datetime.now(UTC)
    return Received(
        event_id=new_id(),
        type=CHANGED,
        stream="area",
        subject=subject,
        version=version,
        time=now,
        recorded_at=now,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=an_area(),
    )


@asynccontextmanager
async def _open_database() -> AsyncIterator[Database]:
    service = await clone_database("eligibility")
    owner = await asyncpg.connect(service.owner_dsn)
    await owner.execute(SCRATCH)
    await owner.close()
    async with service.as_worker() as database:
        yield database
    await drop_database(service)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        opened = _open_database()
        yield Desk(runner, runner.run(opened.__aenter__()))
        runner.run(opened.__aexit__(None, None, None))


@pytest.mark.parametrize(
    "defences",
    [Defences(inbox=True, cursor=True, keys=True), Defences(cursor=True, keys=True)],
    ids=["inbox and cursor", "cursor alone"],
)
def test_the_highest_version_wins_whoever_works_it(desk: Desk, defences: Defences) -> None:
    @FEW
    @given(WORK, WORK)
    def any_shares(one: Work, other: Work) -> None:
        with standing(defences):
            highest, _ = desk.work(a_consumer(), one, other)
        assert dict(desk.read("SELECT subject, version FROM scratch_latest")) == highest

    any_shares()


def test_an_event_that_reaches_both_has_one_effect(desk: Desk) -> None:
    @FEW
    @given(WORK, WORK)
    def any_shares(one: Work, other: Work) -> None:
        with standing(Defences(inbox=True, keys=True)):
            _, ids = desk.work(set_consumer(), [*one, *other], [*other, *one])
        kept = desk.read("SELECT subject, times FROM scratch_set")
        assert [times for _, times in kept] == [1] * len(ids)

    any_shares()
