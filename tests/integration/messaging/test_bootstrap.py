"""A new consumer: the registry's snapshot, live writes and a replay end in what the ledger says."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import httpx
import pytest

from ansinh.bootstrap import bootstrap
from ansinh.services import build
from libs.common.areas import store as areas
from libs.common.clock import SystemClock
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.messaging import topology
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.relay import run_relay
from libs.common.messaging.replay import run_replays
from libs.common.messaging.settings import ReplaySettings
from libs.common.messaging.transports import local
from libs.common.messaging.wishes import Wish, insert_wish
from libs.common.roles import serve
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from libs.common.web import create_app
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import decide, load_communes, register
from tests.support.areas import pac_nam
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import CONSUME, RELAY, eventually
from tests.support.doors import free_port
from tests.support.edge import a_token, bearer, open_client, verifier
from tests.support.servers import ServiceDatabase, repository

NAME = "eligibility.entitlements"
_RIGHTS = """
SELECT household_id, programme, subject_id, from_day, until FROM entitlement
WHERE superseded_at IS NULL ORDER BY 1, 2, 3, 4
"""


def _consumer(name: str) -> Consumer:
    return next(one for one in build(name.partition(".")[0]).consumers if one.name == name)


@asynccontextmanager
async def _an_eligibility(database: ServiceDatabase) -> AsyncIterator[Database]:
    async with database.as_worker() as opened:
        async with opened.transaction() as tx:
            await areas.keep(tx, ((1, unit) for unit in pac_nam()))
            await set_law_day_if_absent(tx, date(2022, 6, 1))
        yield opened


@asynccontextmanager
async def _running(registry: Database, eligibility: ServiceDatabase) -> AsyncIterator[None]:
    """The registry's relay and replays, and the consumer, over the local transport."""
    dsns = {"registry": registry.dsn, "eligibility": eligibility.worker_dsn}
    transport, stop = local.connect(dsns), asyncio.Event()
    replays = ReplaySettings(poll_seconds=0.05)
    async with eligibility.as_worker() as worker, asyncio.TaskGroup() as group:
        group.create_task(run_relay(registry, transport, "registry", stop, RELAY))
        group.create_task(run_replays(registry, transport, "registry", stop, replays))
        group.create_task(run_consumer(worker, transport, _consumer(NAME), stop, CONSUME))
        try:
            yield
        finally:
            stop.set()
    await transport.close()


async def _has_all(registry: Database, eligibility: Database) -> bool:
    said = "SELECT count(*), sum(version) FROM stream_head WHERE stream = 'household'"
    known = f"SELECT count(*), sum(version) FROM cursor WHERE consumer = '{NAME}'"
    return bool(await registry.pool.fetchrow(said) == await eligibility.pool.fetchrow(known))


async def _replay(registry: Database) -> None:
    async with registry.transaction() as tx:
        wish = Wish(
            producer="registry",
            consumer=NAME,
            reason="test",
            requested_by="test",
            requested_at=tx.recorded_at,
        )
        await insert_wish(tx, wish)

    async def done() -> bool:
        states = await registry.pool.fetch("SELECT state FROM replay")
        return {row["state"] for row in states} == {"done"}

    await eventually(done)


@asynccontextmanager
async def _operator(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build("registry"), registry) as client:
        client.headers.update(bearer(Role.OPERATOR))
        yield client


async def test_a_new_consumer_equals_one_that_was_always_there(make_database: MakeDatabase) -> None:
    registry, new, old = [
        await make_database(name) for name in ("registry", "eligibility", "eligibility")
    ]
    await load_communes(registry)
    households = await register(registry, 6)
    await decide(registry, [(one, StatusClass.POOR) for one in households[:4]])
    async with (
        registry.as_worker() as said,
        _an_eligibility(new) as here,
        _an_eligibility(old) as there,
        _operator(registry) as client,
    ):
        await said.pool.execute("DELETE FROM outbox")  # said before the consumer existed
        households += await register(registry, 2)  # live, before the snapshot
        assert await bootstrap(_consumer(NAME), here, client) == len(households)
        async with _running(said, new):
            await decide(registry, [(one, StatusClass.NEAR_POOR) for one in households[4:]])
            await eventually(lambda: _has_all(said, here))
            rights = await here.pool.fetch(_RIGHTS)
            assert {row["household_id"] for row in rights} == set(households)
            events = await here.pool.fetchval("SELECT count(*) FROM event_log")

            assert await bootstrap(_consumer(NAME), here, client) == len(households)
            await _replay(said)
            await eventually(lambda: _is_quiet(here))
        assert await here.pool.fetch(_RIGHTS) == rights
        assert await here.pool.fetchval("SELECT count(*) FROM event_log") == events

        async with _running(said, old):  # the whole ledger, from its first line
            await _replay(said)
            await eventually(lambda: _has_all(said, there))
        assert await there.pool.fetch(_RIGHTS) == rights


async def _is_quiet(database: Database) -> bool:
    return not await database.pool.fetchval("SELECT count(*) FROM local_queue")


async def test_what_needs_every_version_starts_from_the_ledger(make_database: MakeDatabase) -> None:
    """A set-insert consumer gets no snapshot, whose version would stand in an event's place."""
    registry, reporting = await make_database("registry"), await make_database("reporting")
    async with reporting.as_worker() as database, _operator(registry) as client:
        assert await bootstrap(_consumer("reporting.timeline"), database, client) == 0
        wishes = await database.pool.fetch("SELECT producer, types FROM replay ORDER BY producer")
    assert [row["producer"] for row in wishes] == ["credit", "eligibility", "registry"]
    assert all(kind.startswith("household.") for kind in wishes[-1]["types"])


@pytest.mark.rabbitmq
async def test_the_command_declares_the_queue_before_it_reads(make_database: MakeDatabase) -> None:
    registry, eligibility = await make_database("registry"), await make_database("eligibility")
    await load_communes(registry)
    await register(registry, 3)
    prefix, port, stop = f"test_{secrets.token_hex(6)}.", free_port(), asyncio.Event()
    async with registry.as_api() as api, _an_eligibility(eligibility) as database:
        app = create_app(build("registry"), api, clock=SystemClock(), auth=verifier())
        serving = asyncio.create_task(serve(app, "127.0.0.1", port, stop))
        environment = {
            "PATH": os.environ["PATH"],
            "ANSINH_MODE": "test",
            "ANSINH_WORKER_DSN": eligibility.worker_dsn,
            "ANSINH_AMQP_URL": broker_url(),
            "ANSINH_BUS_PREFIX": prefix,
            "ANSINH_REGISTRY_URL": f"http://127.0.0.1:{port}",
            "ANSINH_TOKEN": a_token(Role.OPERATOR),
        }
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ansinh", "bootstrap", NAME),
            cwd=repository(),
            env=environment,
        )
        assert await command.wait() == 0
        stop.set()
        await serving
        assert await topology.missing(broker_url(), prefix, [SUBSCRIPTIONS[NAME]]) == []
        assert await database.pool.fetchval("SELECT count(*) FROM cursor") == 3
    await delete_prefix(prefix)
