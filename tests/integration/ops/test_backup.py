"""A backup is whole, private and recognised; a restore takes its place whole or not at all."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ansinh.ops.backup import manifest_of
from ansinh.ops.programs import find_program
from ansinh.ops.restored import bring_in_step
from ansinh.ops.servers import OpsError, Server
from libs.common import faults
from tests.support.houses import SERVICE, House, as_admin
from tests.support.servers import repository


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
    assert await alone.accounts() == [("read", "ops backup")]


async def test_a_restore_brings_back_what_was_there_and_keeps_what_it_replaces(
    house: House,
) -> None:
    await house.say()
    await house.back_up()
    await house.say()
    await house.restore()
    assert await house.acts() == 1
    assert await house.accounts() == [("read", "ops backup"), ("write", "ops restored")]
    # It may be the only copy of real data: only a person drops it.
    await house.say()
    with pytest.raises(OpsError, match="DROP DATABASE"):
        await house.restore()
    assert await house.acts() == 2
    await as_admin(f'DROP DATABASE "{house.server.database(SERVICE)}_before_restore"')
    await house.restore()
    assert await house.acts() == 1


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
