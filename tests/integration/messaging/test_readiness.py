"""What a process asks before it says that it is ready: each check by its name."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import asyncpg
import httpx
import pytest

from ansinh.readiness import (
    database_checks,
    issuer_check,
    queues_check,
    running_check,
    starting_checks,
)
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database.revision import is_migrated
from libs.common.messaging import topology
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.tokens import IssuerKeys
from libs.common.settings import Mode
from libs.common.web.health import failing
from tests.conftest import MakeDatabase
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import eventually
from tests.support.compose import Process
from tests.support.doors import free_port
from tests.support.servers import ServiceDatabase

ISSUER = "http://issuer.test"


@asynccontextmanager
async def _keys(app: object | None) -> AsyncIterator[IssuerKeys]:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    transport: httpx.AsyncBaseTransport = (
        httpx.MockTransport(refuse) if app is None else httpx.ASGITransport(app)  # type: ignore[arg-type]
    )
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield IssuerKeys(ISSUER, client)


async def _failing(
    made: ServiceDatabase,
    *,
    issuer_answers: bool = True,
    stopping: bool = False,
    prefix: str | None = None,
) -> list[str]:
    stop = asyncio.Event()
    if stopping:
        stop.set()
    issuer = DevelopmentIssuer(ISSUER, "ansinh", None, Mode.TEST).app()
    async with _keys(issuer if issuer_answers else None) as keys, made.as_api() as database:
        return await failing(
            {
                **running_check(stop),
                **database_checks(made.service, database),
                **queues_check(None if prefix is None else broker_url(), prefix or ""),
                **issuer_check(keys),
            }
        )


async def test_nothing_fails_when_all_answer(make_database: MakeDatabase) -> None:
    assert await _failing(await make_database("credit")) == []


async def test_an_issuer_without_keys_is_named(make_database: MakeDatabase) -> None:
    assert await _failing(await make_database("credit"), issuer_answers=False) == ["issuer"]


async def test_a_stopping_process_takes_no_more_requests(make_database: MakeDatabase) -> None:
    assert await _failing(await make_database("credit"), stopping=True) == ["running"]


async def test_a_database_without_the_newest_schema_is_named(make_database: MakeDatabase) -> None:
    made = await make_database("credit")
    owner = await asyncpg.connect(made.owner_dsn)
    await owner.execute("DELETE FROM alembic_version")
    assert await _failing(made) == ["schema"]
    await owner.execute("INSERT INTO alembic_version VALUES ('9999')")  # a newer release's
    await owner.close()
    async with made.as_api() as database:
        assert await is_migrated(database, "credit")


@pytest.mark.rabbitmq
async def test_one_missing_queue_is_enough(make_database: MakeDatabase) -> None:
    made = await make_database("credit")
    prefix = f"ansinh_test_{secrets.token_hex(4)}_"
    subscriptions = tuple(SUBSCRIPTIONS.values())
    try:
        assert await _failing(made, prefix=prefix) == ["queues"]
        await topology.apply(broker_url(), prefix, subscriptions[1:])
        absent = await topology.missing(broker_url(), prefix, subscriptions)
        assert absent == list(topology.queues(prefix + subscriptions[0].queue))
        assert await _failing(made, prefix=prefix) == ["queues"]
        await topology.apply(broker_url(), prefix, subscriptions[:1])
        assert await _failing(made, prefix=prefix) == []
    finally:
        await delete_prefix(prefix)


@pytest.mark.rabbitmq
@pytest.mark.slow  # a yes is believed for half a minute
async def test_a_running_relay_says_that_a_queue_is_gone_and_an_api_does_not_care(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    made = await make_database("credit")
    prefix = f"ansinh_test_{secrets.token_hex(4)}_"
    queue = prefix + SUBSCRIPTIONS["reporting.timeline"].queue
    relay, api = (_process(role, made, prefix, tmp_path) for role in ("relay", "api"))
    try:
        async with httpx.AsyncClient() as http:
            await topology.apply(broker_url(), prefix, tuple(SUBSCRIPTIONS.values()))
            for process in (relay, api):
                process.start()
            ready = f"{relay.management}/health/ready"
            assert (await _once(http, ready, [])).status_code == 200
            connection = await aio_pika.connect(broker_url())
            async with connection, connection.channel() as channel:
                await channel.queue_delete(queue)
            assert (await _once(http, ready, ["queues"])).status_code == 503
            # The issuer is nobody here; the broker is not asked for.
            answer = await http.get(f"{api.management}/health/ready")
            assert answer.json()["checks"] == ["running", "database", "schema", "issuer"]
            assert answer.json()["failing"] == ["issuer"]
    finally:
        for process in (relay, api):
            process.kill()
        await delete_prefix(prefix)


def _process(role: str, made: ServiceDatabase, prefix: str, folder: Path) -> Process:
    management_port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "ANSINH_MODE": "test",
        "ANSINH_API_DSN": made.api_dsn,
        "ANSINH_WORKER_DSN": made.worker_dsn,
        "ANSINH_AMQP_URL": broker_url(),
        "ANSINH_BUS_PREFIX": prefix,
        "ANSINH_ISSUER_URL": f"http://127.0.0.1:{free_port()}",
        "ANSINH_PORT": str(free_port()),
        "ANSINH_MANAGEMENT_PORT": str(management_port),
    }
    command = ["run", "credit", role]
    return Process(f"credit-{role}", command, environment, folder, None, management_port)


async def _once(http: httpx.AsyncClient, url: str, wanted: list[str]) -> httpx.Response:
    """The answer once exactly this fails."""
    answers: list[httpx.Response] = []

    async def fails() -> bool:
        with contextlib.suppress(httpx.TransportError):  # it still starts
            answers.append(await http.get(url))
        return bool(answers) and answers[-1].json()["failing"] == wanted

    await eventually(fails)
    return answers[-1]


async def test_a_process_that_still_starts_is_not_ready() -> None:
    assert await failing(starting_checks(asyncio.Event())) == ["started"]
