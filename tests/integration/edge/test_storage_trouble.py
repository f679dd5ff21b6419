"""A full, read-only or absent database: a clear refusal at the edge, nothing half done, and the
same request later succeeds once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import aio_pika
import asyncpg
import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.contracts.area import CHANGED
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.replay import run_replays
from libs.common.messaging.settings import BackoffSettings, ReplaySettings
from libs.common.messaging.transport import Message
from libs.common.messaging.transports.rabbitmq import RabbitTransport
from libs.common.security.roles import Role
from services.registry.app import build
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import (
    TODAY,
    a_household,
    count,
    events,
    load_communes,
)
from tests.support.broker import broker_url
from tests.support.bus import CONSUME, CONSUMER, SUBSCRIPTION, Bus, a_consumer, an_event, eventually
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase, admin_dsn

# The sequence counts across rollbacks.
_FULL = """
CREATE SEQUENCE refusals; GRANT ALL ON refusals TO PUBLIC;
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM nextval('refusals');
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
"""
_END_SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def _as_owner(dsn: str, *statements: str) -> None:
    owner = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await owner.execute(statement)
    finally:
        await owner.close()


@asynccontextmanager
async def full(dsn: str, *tables: str) -> AsyncIterator[None]:
    """Within, whoever writes these tables meets a full disk."""
    triggers = [
        f"CREATE TRIGGER no_space BEFORE INSERT ON {table} EXECUTE FUNCTION no_space()"
        for table in tables
    ]
    await _as_owner(dsn, _FULL, *triggers)
    yield
    await _as_owner(dsn, "DROP FUNCTION no_space CASCADE", "DROP SEQUENCE refusals")


@asynccontextmanager
async def read_only(dsn: str, *_: str) -> AsyncIterator[None]:
    """Within, new sessions may only read; the old ones are ended."""
    database = dsn.rpartition("/")[2]
    setting = f'ALTER DATABASE "{database}" SET default_transaction_read_only'
    await _as_owner(dsn, f"{setting} = on", _END_SESSIONS)
    yield
    await _as_owner(admin_dsn(), f'ALTER DATABASE "{database}" RESET default_transaction_read_only')
    await _as_owner(dsn, _END_SESSIONS)


Trouble = Callable[..., AbstractAsyncContextManager[None]]
TROUBLES = [
    # The last statement of an act is the answer kept under its key; the first is the heads' lock.
    pytest.param(full, "audit_line", "database.full", id="full-at-the-end"),
    pytest.param(full, "event_log", "database.full", id="full-in-the-middle"),
    pytest.param(read_only, "", "database.read_only", id="read-only"),
]


@dataclass(frozen=True)
class Registry:
    database: ServiceDatabase
    client: httpx.AsyncClient

    async def register(self, body: object, key: str) -> httpx.Response:
        headers = {**bearer(Role.OFFICER, areas=["01882"]), "Idempotency-Key": key}
        return await self.client.post("/v1/households", json=body, headers=headers)

    async def works(self) -> bool:
        """Whether the sessions that were ended have been replaced: a read without an audit line."""
        answer = await self.client.get("/v1/areas", headers=bearer(Role.OFFICER))
        return answer.status_code == 200


@pytest_asyncio.fixture
async def registry(make_database: MakeDatabase) -> AsyncIterator[Registry]:
    database = await make_database("registry")
    await load_communes(database)
    service = on_common_floor(build())
    async with open_client(service, database, clock=FixedDayClock(TODAY)) as client:
        yield Registry(database, client)


@pytest.mark.parametrize(("trouble", "table", "code"), TROUBLES)
async def test_a_write_is_refused_whole_and_succeeds_once_later(
    registry: Registry, trouble: Trouble, table: str, code: str
) -> None:
    body, key = a_household(), str(uuid4())
    async with trouble(registry.database.owner_dsn, table):
        await eventually(registry.works)
        answer = await registry.register(body, key)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "60"
        document = answer.json()
        assert document["code"] == code
        assert document["title"] != document["title_en"]
        assert "Idempotency-Key" in document["errors"][0]["fix"]["en"]
        for kept in ("household", "event_log", "outbox", "idempotency_key", "audit_line"):
            assert await count(registry.database, kept) == 0, kept

    await eventually(registry.works)
    answers = [await registry.register(body, key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len(await events(registry.database, body["household_id"])) == 1


async def test_a_database_that_is_gone_is_no_error_of_ours(registry: Registry) -> None:
    name = registry.database.name
    # Closed to newcomers first: the pool makes its connections again by itself.
    await _as_owner(admin_dsn(), f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await _as_owner(admin_dsn(), end, f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
    answer = await registry.register(a_household(), str(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (503, "database.gone")

    await _as_owner(
        admin_dsn(),
        f'ALTER DATABASE "{name}_away" RENAME TO "{name}"',
        f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true',
    )
    assert (await registry.register(a_household(), str(uuid4()))).status_code == 201


@pytest.mark.parametrize("trouble", [full, read_only])
async def test_a_consumer_waits_for_space_and_burns_nothing(
    bus: Bus, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    subjects = [new_id() for _ in range(20)]
    # One attempt burnt would park, and 20 deliveries would put a message aside.
    impatient = replace(CONSUME, rungs_seconds=(), backoff=BackoffSettings(0.01, 0.02))
    async with bus.running(a_consumer(), relays=0, settings=impatient):
        async with trouble(bus.consumer_dsn, "inbox"):
            await _send(bus, subjects)

            async def has_waited() -> bool:
                paused = "consumer pauses" in caplog.text
                return paused and (trouble is read_only or await _refusals(bus) > 40)

            await eventually(has_waited)
        await eventually(lambda: _reached(bus, subjects))
    assert await bus.parked() == []


async def test_a_relay_waits_while_its_database_is_read_only(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    subjects = [new_id() for _ in range(20)]
    await bus.say(*subjects)
    async with read_only(bus.producer_dsn), bus.running(a_consumer()):

        async def has_waited() -> bool:
            return "backs off: ReadOnly" in caplog.text

        await eventually(has_waited)
    async with bus.running(a_consumer()):
        await eventually(lambda: _reached(bus, subjects))
    assert await bus.consumer.pool.fetchval("SELECT bool_and(times = 1) FROM scratch_latest")


async def _send(bus: Bus, subjects: Sequence[UUID]) -> None:
    """One message each; into the local queue although its database may be read-only."""
    bodies = [an_event(subject, 1) for subject in subjects]
    if bus.kind != "local":
        for body in bodies:
            await bus.send(body)
        return
    settings = {"default_transaction_read_only": "off"}
    sender = await asyncpg.connect(bus.consumer_dsn, server_settings=settings)
    for body in bodies:
        await sender.execute(
            "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, 1, $3)",
            CONSUMER, CHANGED, b"[" + body + b"]",
        )  # fmt: skip
    await sender.close()


async def _refusals(bus: Bus) -> int:
    owner = await asyncpg.connect(bus.consumer_dsn)
    try:
        return int(await owner.fetchval("SELECT last_value FROM refusals"))
    finally:
        await owner.close()


async def _reached(bus: Bus, subjects: Sequence[UUID]) -> bool:
    try:
        return await bus.latest() == dict.fromkeys(subjects, 1)
    except Exception as error:
        if not is_infrastructure(error):  # the test's own session was ended
            raise
        return False


@pytest.mark.parametrize(
    "bus", [pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)], indirect=True
)
async def test_dead_letters_stay_untouched_while_they_cannot_be_kept(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    """Each fetching in vain is one of the few returns that a broker allows a message."""
    queue = f"{bus.prefix}{SUBSCRIPTION.queue}.dlq"
    assert isinstance(bus.transport, RabbitTransport)
    stop, pace = asyncio.Event(), BackoffSettings(0.02, 0.05)
    settings = ReplaySettings(poll_seconds=0.02, backoff=pace)

    async def back_off() -> bool:
        return caplog.text.count("back off") >= 8

    async with read_only(bus.consumer_dsn), asyncio.TaskGroup() as group:
        await bus.transport.send_direct(queue, [Message(CHANGED, an_event(new_id(), 1)[:-40], 1)])
        group.create_task(run_replays(bus.consumer, bus.transport, "eligibility", stop, settings))
        await eventually(back_off)
        stop.set()
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        message = await (await channel.get_queue(queue, ensure=False)).get()
    assert message is not None
    assert not message.redelivered
