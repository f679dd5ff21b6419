"""The road of an act through the services, each message in the hands of the test.

Registry, eligibility, credit and reporting have their own databases; every handler, cursor, inbox
and ledger is the real one. Only the bus is missing: what is said lies in one bag per consumer, and
the test takes it out when and as often as it likes.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import asyncpg

from libs.common.contracts.catalogue import SUBSCRIPTIONS, subscribers
from libs.common.contracts.envelope import Received
from libs.common.database import Database
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.decode import decode
from libs.common.messaging.transport import Delivery
from libs.common.messaging.work import apply
from services.credit.app import build as build_credit
from services.credit.referrals.pricing import current_price
from services.credit.sweeps.sweeping import sweep_to as sweep_credit_to
from services.eligibility.app import build as build_eligibility
from services.eligibility.catalogue.domain import catalogue
from services.eligibility.sweeps.store import set_law_day_if_absent
from services.eligibility.sweeps.sweeping import sweep_to as sweep_eligibility_to
from services.reporting.app import build as build_reporting
from tests.support.servers import ServiceDatabase, clone_database, drop_database

Event = Received[Any]

CONSUMERS: dict[str, Consumer] = {
    consumer.name: consumer
    for service in (build_eligibility(), build_credit(), build_reporting())
    for consumer in service.consumers
    if not consumer.name.endswith(".areas")
}
LISTENERS = ("eligibility", "credit", "reporting")
_SAID = "SELECT seq, type, body FROM event_log WHERE seq > $1 ORDER BY seq"
# Everything that an act or an event writes; the map and the schema's own version stay.
_WRITTEN = """
SELECT format('DELETE FROM %I', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT LIKE 'area\\_%'
  AND tablename NOT IN ('law_day', 'alembic_version')
"""
FIRST_LAW_DAY = {
    "eligibility": "UPDATE law_day SET day = $1, rules = ''",
    "credit": "UPDATE law_day SET day = $1",
}


class Shuffle(Protocol):
    """What the end of a run needs of a source of chance."""

    def shuffle(self, items: list[Any]) -> None: ...

    def choice(self, items: Sequence[Any]) -> Any: ...

    def randint(self, least: int, most: int) -> int: ...


@dataclass
class Mouth:
    """A service's ledger, read on from where the last look stopped, as its relay would."""

    database: Database
    last_seq: int = 0

    async def listen(self) -> list[Event]:
        """What was said since the last time, by subject and version: always in the same order,
        where the ledger's depends on how the database read a set."""
        rows = await self.database.pool.fetch(_SAID, self.last_seq)
        if rows:
            self.last_seq = rows[-1]["seq"]
        said = [
            event
            for row in rows
            for event in decode(Delivery(row["type"], row["body"], 0, 0, {}, None)).events
        ]
        return sorted(said, key=lambda event: (event.stream, event.subject, event.version))


@dataclass
class Road:
    """The three services that listen, and what is under way to them.

    Attributes:
        databases: by service, on the worker's role.
        bags: by consumer, what was said and has not arrived yet.
        said: everything that was ever put on the road, in order.
    """

    databases: dict[str, Database]
    mouths: dict[str, Mouth]
    bags: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    said: list[Event] = field(default_factory=list)

    def put(self, events: Sequence[Event]) -> None:
        """Say events to whom the contract names."""
        for event in events:
            self.said.append(event)
            for subscription in subscribers(event.type):
                if subscription.consumer in CONSUMERS:
                    self.bags[subscription.consumer].append(event)

    def heard_by(self, consumer: str) -> list[Event]:
        """All that was said to a consumer so far, arrived or not."""
        return [event for event in self.said if SUBSCRIPTIONS[consumer].reads(event.type)]

    def take(self, consumer: str, places: Sequence[int]) -> list[Event]:
        """Take messages out of a consumer's bag, in the order of the places."""
        bag = self.bags[consumer]
        taken = [bag[place] for place in places]
        self.bags[consumer] = [one for place, one in enumerate(bag) if place not in set(places)]
        return taken

    async def deliver(
        self, consumer: str, events: Sequence[Event], *, is_snapshot: bool = False
    ) -> None:
        """One micro-batch: one transaction of the library's own algorithm."""
        service = consumer.partition(".")[0]
        database = self.databases[service]
        async with database.transaction() as tx:
            await apply(
                tx,
                CONSUMERS[consumer],
                events,
                received_at=database.clock.now(),
                is_snapshot=is_snapshot,
            )
        await self._listen(service)

    async def sweep(self, service: str, day: date) -> None:
        """The daily sweep of eligibility or credit, to a day."""
        if service == "eligibility":
            await sweep_eligibility_to(self.databases[service], day, catalogue())
        else:
            await sweep_credit_to(self.databases[service], day, current_price())
        await self._listen(service)

    async def purge(self, consumer: str) -> None:
        """Forget which events have been received, as after ninety days."""
        pool = self.databases[consumer.partition(".")[0]].pool
        await pool.execute("DELETE FROM inbox WHERE consumer = $1", consumer)

    async def flow(self) -> None:
        """Deliver in order, message by message, until nothing is under way."""
        while any(self.bags.values()):
            for consumer in CONSUMERS:
                for event in self.take(consumer, range(len(self.bags[consumer]))):
                    await self.deliver(consumer, [event])

    async def arrive(self, chance: Shuffle) -> None:
        """Deliver what is left in any order and any batches, until nothing is under way."""
        while waiting := [consumer for consumer in CONSUMERS if self.bags[consumer]]:
            consumer = chance.choice(waiting)
            places = list(range(len(self.bags[consumer])))
            chance.shuffle(places)
            await self.deliver(
                consumer, self.take(consumer, places[: chance.randint(1, len(places))])
            )

    async def _listen(self, service: str) -> None:
        if service in self.mouths:
            self.put(await self.mouths[service].listen())


@dataclass
class Land:
    """A registry and two roads from it: one for any order, one for the order of the acts."""

    registry: Database
    mouth: Mouth
    any_order: dict[str, Database]
    in_order: dict[str, Database]
    owners: list[tuple[str, asyncpg.Connection, str]]

    async def begin(self, law_day: date) -> tuple[Road, Road]:
        """Forget every act and event; the law has come to `law_day` everywhere."""
        for service, owner, forget in self.owners:
            await owner.execute(forget)
            if service in FIRST_LAW_DAY:
                await owner.execute(FIRST_LAW_DAY[service], law_day)
        return _road(self.any_order), _road(self.in_order)


def _road(databases: dict[str, Database]) -> Road:
    speaking = ("eligibility", "credit")
    return Road(databases, {service: Mouth(databases[service]) for service in speaking})


@asynccontextmanager
async def open_land() -> AsyncIterator[Land]:
    """The land with its seven databases, dropped at the end."""
    async with AsyncExitStack() as stack:
        owners: list[tuple[str, asyncpg.Connection, str]] = []

        async def clone(service: str) -> ServiceDatabase:
            made = await clone_database(service)
            stack.push_async_callback(drop_database, made)
            # Without the order that foreign keys ask for.
            freely = {"session_replication_role": "replica"}
            owner = await asyncpg.connect(made.owner_dsn, server_settings=freely)
            stack.push_async_callback(owner.close)
            forget = ";".join(row[0] for row in await owner.fetch(_WRITTEN))
            # Nothing here dies, and a commit need not wait for the disk.
            await owner.execute(f'ALTER DATABASE "{made.name}" SET synchronous_commit TO off')
            owners.append((service, owner, forget))
            return made

        async def listeners() -> dict[str, Database]:
            opened = {}
            for service in LISTENERS:
                made = await clone(service)
                opened[service] = await stack.enter_async_context(made.as_worker())
            async with opened["eligibility"].transaction() as tx:
                await set_law_day_if_absent(tx, date.min)
            return opened

        made = await clone("registry")
        registry = await stack.enter_async_context(made.as_api())
        reader = await stack.enter_async_context(made.as_worker())
        yield Land(registry, Mouth(reader), await listeners(), await listeners(), owners)


def newest(events: Sequence[Event], like: Event) -> Event:
    """The highest version among these of the subject of `like`."""
    same = [e for e in events if (e.stream, e.subject) == (like.stream, like.subject)]
    return max(same, key=lambda event: event.version)
