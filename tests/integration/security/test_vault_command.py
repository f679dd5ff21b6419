"""`ansinh vault`: which keys are in use, how one is changed, and which may be dropped."""

import asyncio
from datetime import date

import pytest
from typer.testing import CliRunner

from ansinh.cli import cli
from libs.common.ids import new_id
from libs.common.security.encryption import KeyRing, name_of
from services.registry.vault import acts
from services.registry.vault.acts import PersonIdentity
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import COMMUNE, load_communes, register
from tests.support.servers import ServiceDatabase
from tests.support.vault import NEWER, OLDER, VAULT

DAY = date(2022, 1, 5)


async def run(command: str) -> tuple[int, str]:
    """The command as a user runs it: in an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, cli, ["vault", command])
    return result.exit_code, result.output


async def send_a_part(database: ServiceDatabase) -> None:
    """Of an import that nobody has closed, as a process with the older key sealed it."""
    async with database.as_api() as api, api.transaction(COMMUNE) as tx:
        await tx.execute(
            "INSERT INTO import_file (import_id, caller, roles, areas, communes, correlation_id, "
            "digest, effective_on, state, opened_at) VALUES ($1, 'a', 'officer', $2, $2, $1, $3, "
            "$4, 'sending', $5)",
            (import_id := new_id()),
            [COMMUNE],
            bytes(32),
            DAY,
            tx.recorded_at,
        )
        await tx.execute(
            "INSERT INTO import_part (import_id, part, digest, sealed) VALUES ($1, 1, $2, $3)",
            import_id,
            bytes(32),
            VAULT.keys.seal_bytes(b"Ma", f"{import_id}/part/1"),
        )


async def test_a_key_is_changed_and_the_old_one_named_for_dropping(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await make_database("registry")
    await load_communes(database)
    [home] = await register(database, 1)
    async with database.as_api() as api, api.transaction(COMMUNE) as tx:
        person = await tx.fetchval("SELECT person_id FROM member LIMIT 1")
        await acts.record(tx, VAULT, [PersonIdentity(person, home, DAY, "Lý A", {}, "Bản")])
    for name, value in {
        "MODE": "test",
        "WORKER_DSN": database.worker_dsn,
        "IDENTIFIER_KEY": "i" * 32,
        "VAULT_KEYS": f"{NEWER},{OLDER}",
    }.items():
        monkeypatch.setenv(f"ANSINH_{name}", value)
    old, new = (name_of(KeyRing([key]).newest) for key in (OLDER, NEWER))
    code, output = await run("keys")
    assert code == 0, output
    assert f"{old}: 2 (khóa cũ, đang chuyển / older, being moved)" in output
    code, output = await run("rotate")
    assert code == 0, output
    assert "đã chuyển / moved: 2" in output
    assert f"{new}: 2 (khóa mới nhất / the newest)" in output
    assert f"{old}: 0 (không còn dùng, có thể bỏ / no longer used, may be dropped)" in output
    await send_a_part(database)
    code, output = await run("keys")
    assert f"{old}: 1 (khóa cũ, còn tệp nhập / older, imports are still under it)" in output
    monkeypatch.setenv("ANSINH_VAULT_KEYS", OLDER)
    code, output = await run("keys")
    assert code == 1
    assert f"{new}: 2 (KHÔNG CÓ KHÓA / THE KEY IS NOT SET)" in output
