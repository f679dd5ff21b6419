"""The embedded server: made once, shared, taken over after a kill, stopped when asked."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from ansinh.embedded.postgres import EmbeddedPostgres


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(tmp_path / "home")
    await embedded.start()
    yield embedded
    await embedded.destroy()


async def test_serves_only_whoever_knows_the_password(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn())
    assert await connection.fetchval("SHOW server_version_num") >= "180000"
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.close()
    wrong = server.dsn().replace(server.password, "guess")
    try:
        await asyncpg.connect(wrong)
    except asyncpg.InvalidPasswordError:
        return
    raise AssertionError("a wrong password was accepted")


async def test_second_start_takes_over_the_running_server(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    again = EmbeddedPostgres(tmp_path / "home")
    await again.start()
    assert (again.port, again.password) == (server.port, server.password)


async def test_starts_again_after_a_kill_with_what_was_committed(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(server.dsn())
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    folder = await connection.fetchval("SHOW data_directory")
    await connection.close()
    pid = int((Path(folder) / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    again = EmbeddedPostgres(tmp_path / "home")
    await again.start()
    connection = await asyncpg.connect(again.dsn())
    assert await connection.fetchval("SELECT n FROM kept") == 7
    await connection.close()
