"""A backup is whole, private and recognised; a restore takes its place whole or not at all."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import aio_pika
import asyncpg
import pytest
import pytest_asyncio

from ansinh.ops.backup import back_up, manifest_of, restore
from ansinh.ops.programs import find_program
from ansinh.ops.restored import bring_in_step, lines_about
from ansinh.ops.servers import OpsError, Server
from ansinh.services import NAMES
from ansinh.setup import with_login
from libs.common import faults
from libs.common.clock import SystemClock
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.provision import worker_role
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.generations import GENERATION
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import an_event, say
from tests.support.servers import (
    TEST_PASSWORD,
    admin_dsn,
    create_template,
    drop_run,
    repository,
    run_prefix,
)

SERVICE = "registry"


@dataclass(frozen=True)
class House:
    """Four empty databases, and a folder for copies."""

    server: Server
    file: Path

    async def say(self) -> None:
        """One more act of the registry."""
        async with await self.connected("test") as database, database.transaction() as tx:
            await say(tx, new_id())

    async def connected(self, application: str) -> Database:
        login = f"{worker_role(SERVICE)}:{TEST_PASSWORD}"
        dsn = with_login(admin_dsn(), self.server.database(SERVICE), login)
        return await Database.connect(dsn, SystemClock(), application=application)

    async def acts(self) -> int:
        async with await self.connected("test") as database:
            return int(await database.pool.fetchval("SELECT count(*) FROM event_log"))

    async def back_up(self) -> None:
        await back_up(self.server, SERVICE, self.file, lambda line: None)

    async def restore(self, service: str = SERVICE) -> None:
        await restore(
            self.server, service, self.file, lambda line: None, settle=timedelta(seconds=0)
        )


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[House]:
    """A house of which only the registry is there."""
    server = Server(admin_dsn(), f"{run_prefix()}{secrets.token_hex(4)}_")
    await _build(server, SERVICE)
    yield House(server, tmp_path / "registry.backup")
    await drop_run(server.prefix)


@pytest_asyncio.fixture
async def house(alone: House) -> House:
    """A whole house."""
    for name in NAMES:
        if name != SERVICE:
            await _build(alone.server, name)
    return alone


async def _build(server: Server, service: str) -> None:
    template = await create_template(service)
    await _as_admin(f'CREATE DATABASE "{server.database(service)}" TEMPLATE "{template}"')


async def _as_admin(statement: str) -> None:
    admin = await asyncpg.connect(admin_dsn())
    try:
        await admin.execute(statement)
    finally:
        await admin.close()


async def test_a_backup_is_for_its_owner_alone_and_overwrites_nothing(alone: House) -> None:
    await alone.say()
    await alone.back_up()
    for path in (alone.file, manifest_of(alone.file)):
        assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in alone.file.parent.iterdir()) == [
        "registry.backup",
        "registry.backup.manifest.json",
    ]
    with pytest.raises(OpsError, match="exists"):
        await alone.back_up()


async def test_a_restore_brings_back_what_was_there_and_keeps_what_it_replaces(
    house: House,
) -> None:
    await house.say()
    await house.back_up()
    await house.say()
    await house.restore()
    assert await house.acts() == 1
    await _as_admin(f'DROP DATABASE "{house.server.database(SERVICE)}_before_restore"')


async def test_a_restore_that_is_interrupted_leaves_the_old_database_whole(house: House) -> None:
    await house.back_up()
    await house.say()
    faults.arm("before_swap=raise")
    try:
        with pytest.raises(faults.Fault):
            await house.restore()
    finally:
        faults.arm("")
    assert await house.acts() == 1
    await house.restore()
    assert await house.acts() == 0


async def test_a_restore_names_who_is_still_connected(alone: House) -> None:
    await alone.back_up()
    async with await alone.connected("ansinh-registry-api"):
        with pytest.raises(OpsError, match="ansinh-registry-api"):
            await alone.restore()
        with pytest.raises(OpsError, match="ansinh-registry-api"):
            await bring_in_step(alone.server, SERVICE)


@pytest.mark.rabbitmq
async def test_what_lies_in_the_broker_counts_as_seen_and_stays_there(house: House) -> None:
    prefix = house.server.prefix
    server = replace(house.server, amqp_url=broker_url(), bus_prefix=prefix)
    # A broker without our queues has nothing on the road.
    assert (await bring_in_step(server, SERVICE)).generation is None
    await topology.apply(broker_url(), prefix, tuple(SUBSCRIPTIONS.values()))
    try:
        lost, queue = new_id(), f"{prefix}credit.areas.v1"
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            for body in (b"[" + an_event(lost, 3) + b"]", b"no event"):
                await channel.default_exchange.publish(aio_pika.Message(body), queue)
            for generation in (1, 2):  # whoever asks again is told again, until it is said
                renewal = await bring_in_step(server, SERVICE)
                assert (renewal.generation, renewal.owed) == (generation, [("area", lost)])
            found = await channel.declare_queue(queue, passive=True)
            assert found.declaration_result.message_count == 2
    finally:
        await delete_prefix(prefix)


async def test_a_lost_referral_that_is_still_on_the_road_is_withdrawn(house: House) -> None:
    sample = "libs/common/contracts/generated/samples/referral.changed.v1.json"
    event, *_ = json.loads((repository() / sample).read_text("utf-8"))
    reporting = await asyncpg.connect(house.server.dsn(house.server.database("reporting")))
    await reporting.execute(
        "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, 1, $3)",
        "reporting.effects", event["type"], json.dumps([event]).encode(),
    )  # fmt: skip
    await reporting.close()

    await bring_in_step(house.server, "credit")
    credit = await asyncpg.connect(house.server.dsn(house.server.database("credit")))
    [row] = await credit.fetch("SELECT referral_id, state, version FROM referral")
    [said] = await credit.fetch("SELECT version, body FROM event_log")
    await credit.close()
    assert tuple(row) == (UUID(event["subject"]), "withdrawn", GENERATION + 1)
    assert said["version"] == GENERATION + 1
    assert json.loads(said["body"])["data"]["household_id"] == event["data"]["household_id"]


async def test_the_commands_find_the_server_that_the_settings_name(house: House) -> None:
    await house.say()

    async def ops(*words: str) -> tuple[int, str]:
        return await asyncio.to_thread(_ops, house.server, *words)

    assert (await ops("backup", SERVICE, str(house.file)))[0] == 0
    await house.say()
    code, said = await ops("restore", SERVICE, str(house.file))
    assert (code, "in place" in said) == (0, True), said
    assert await house.acts() == 1
    code, said = await ops("restored", SERVICE, "--all", "--since", "2026-01-01")
    assert (code, "generation of versions 1" in said) == (0, True), said
    code, said = await ops("backup", SERVICE, str(house.file))
    assert (code, "the file exists" in said) == (1, True), said


def _ops(server: Server, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ansinh", "ops", *words],
        cwd=repository(),
        env={
            **os.environ,
            "ANSINH_MODE": "test",
            "ANSINH_OWNER_DSN": server.owner_dsn,
            "ANSINH_DATABASE_PREFIX": server.prefix,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _lose_manifest(file: Path) -> None:
    manifest_of(file).unlink()


def _of_another_schema(file: Path) -> None:
    manifest = json.loads(manifest_of(file).read_text("utf-8"))
    manifest_of(file).write_text(json.dumps({**manifest, "revision": "0000"}), "utf-8")


def _of_another_service(file: Path) -> None:
    manifest = json.loads(manifest_of(file).read_text("utf-8"))
    manifest_of(file).write_text(json.dumps({**manifest, "service": "credit"}), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damage, "damaged"),
        (_lose_manifest, "not a whole backup"),
        (_of_another_schema, "schema 0000"),
        (_of_another_service, "a backup of credit"),
    ],
)
async def test_a_restore_refuses_what_does_not_fit(
    alone: House, spoil: Callable[[Path], None], said: str
) -> None:
    await alone.say()
    await alone.back_up()
    spoil(alone.file)
    with pytest.raises(OpsError, match=said):
        await alone.restore()
    assert await alone.acts() == 1


def test_a_program_older_than_the_server_is_not_used() -> None:
    with pytest.raises(OpsError, match="pg_dump 99"):
        find_program("pg_dump", 99)


async def test_everything_can_be_said_again_and_again(house: House) -> None:
    await house.say()
    for generation in (1, 2):
        renewal = await bring_in_step(house.server, SERVICE, everything=True)
        assert (renewal.generation, renewal.said, renewal.owed) == (generation, {"area": 1}, [])
        assert "area" in lines_about(SERVICE, renewal)[1]
    async with await house.connected("test") as database:
        rows = await database.pool.fetch("SELECT version, body FROM event_log ORDER BY seq")
    assert [row["version"] for row in rows] == [1, GENERATION + 1, 2 * GENERATION + 1]
    first, *again = [json.loads(row["body"]) for row in rows]
    assert all(event["data"] == first["data"] for event in again)
    assert [int(event["sequence"]) for event in again] == [GENERATION + 1, 2 * GENERATION + 1]
    assert len({event["id"] for event in (first, *again)}) == 3
