"""`ansinh audit verify`: silent success is none; tampering has a name and an exit code."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from ansinh.cli import cli
from libs.common.clock import SystemClock
from libs.common.ids import new_id
from libs.common.security.audit import SEALER, AuditLine, verify, write_line
from tests.support.servers import ServiceDatabase


async def run(*arguments: str) -> tuple[int, str]:
    """The command as a user runs it: in an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, cli, ["audit", "verify", *arguments])
    return result.exit_code, result.output


async def write_sealed(database: ServiceDatabase, lines: int) -> None:
    async with database.as_worker() as connections:
        async with connections.transaction() as tx:
            for _ in range(lines):
                line = AuditLine("officer-1", "officer", "read", "a", None, (), None, new_id(), "")
                await write_line(tx, line)
        async with asyncio.timeout(90):
            while True:
                await SEALER.run(connections, SystemClock())
                async with connections.transaction() as tx:
                    if (await verify(tx)).lines == lines:
                        return
                await asyncio.sleep(0.05)


async def test_an_intact_trail_then_a_changed_line(
    database: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_MODE", "test")
    monkeypatch.setenv("ANSINH_SERVICE", "registry")
    monkeypatch.setenv("ANSINH_WORKER_DSN", database.worker_dsn)
    await write_sealed(database, 3)
    code, output = await run()
    assert code == 0, output
    assert "registry: toàn vẹn / intact" in output
    assert "3 dòng / lines" in output

    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute("UPDATE audit_line SET caller = 'nobody' WHERE line_id = 2")
    finally:
        await owner.close()
    code, output = await run()
    assert code == 1
    assert "registry: SAI LỆCH / FAULT changed: khối / block 1, dòng / line 2" in output
    assert "KHÔNG TOÀN VẸN / NOT INTACT" in output


async def test_nothing_to_check_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANSINH_MODE", raising=False)
    monkeypatch.setenv("ANSINH_DATA_FOLDER", str(tmp_path))
    code, _ = await run()
    assert code == 2
    code, output = await run("--service", "nobody")
    assert code == 2
    assert "registry" in output
