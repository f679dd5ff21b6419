"""`ansinh ops backup` and `ansinh ops restore`: one service's database, by pg_dump and pg_restore.

A backup is a file in PostgreSQL's custom format and a manifest beside it; both hold or lead to
personal data, so only their owner may read them. A restore fills a database beside the one in use,
brings it in step with the other services and then takes its place by renaming: whatever interrupts
it leaves the old one whole.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from ansinh.ops.programs import complaint_of, connection_of, find_program
from ansinh.ops.restored import (
    bring_in_step,
    refuse_while_connected,
    refuse_while_listening,
)
from ansinh.ops.servers import OpsError, Server, connected, keep_account
from libs.common import faults
from libs.common.database import Transaction
from libs.common.database.provision import provision_database
from libs.common.database.revision import newest_revision
from libs.common.files import write_whole
from libs.common.messaging.restoring import Renewal

FORMAT = 1
_LOOK_SECONDS = 1.0
_KNOWN = "SELECT 1 FROM pg_database WHERE datname = $1"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What a backup is: enough to refuse one that does not fit.

    Attributes:
        revision: of the database's schema.
        taken_at: when its one snapshot was taken, at the latest.
        postgres: the major version of pg_dump, which no older pg_restore can read.
        sha256: of the file.
    """

    format: int
    service: str
    revision: str
    taken_at: str
    postgres: int
    size: int
    sha256: str


def manifest_of(file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return file.with_name(file.name + ".manifest.json")


async def back_up(server: Server, service: str, file: Path, say: Say) -> Manifest:
    """Write a consistent copy of the service's database while it is in use.

    Args:
        server: where the databases are.
        service: whose.
        file: must not exist yet; the manifest comes beside it.
        say: told how large the copy is so far.

    Raises:
        OpsError: the file exists, no fitting pg_dump was found, or it failed.
    """
    if await asyncio.to_thread(file.exists):
        raise OpsError(f"Tệp đã có / the file exists: {file}")
    database = server.database(service)
    async with connected(server.dsn(database)) as owner:
        server_version = owner.get_server_version().major
        revision = str(await owner.fetchval("SELECT version_num FROM alembic_version"))
        async with owner.transaction():  # a copy holds personal data: also one that then fails
            await keep_account(Transaction(owner, datetime.now(UTC)), "read", "ops backup")
    program, version = find_program("pg_dump", server_version)
    half_done = file.with_name(file.name + ".part")
    half_done.unlink(missing_ok=True)
    half_done.touch(mode=0o600)
    taken_at = datetime.now(UTC)
    await _run(
        program,
        server,
        database,
        ("--format=custom", "--no-owner", "--no-password", f"--file={half_done}"),
        lambda: say(f"  {_megabytes(half_done)} MB"),
    )
    faults.at("before_backup_rename")
    manifest = Manifest(
        format=FORMAT,
        service=service,
        revision=revision,
        taken_at=taken_at.isoformat(),
        postgres=version,
        size=half_done.stat().st_size,
        sha256=await asyncio.to_thread(_sha256, half_done),
    )
    half_done.rename(file)
    write_whole(manifest_of(file), json.dumps(asdict(manifest), indent=2) + "\n")
    say(f"{file}: {service}, {_megabytes(file)} MB, sha256 {manifest.sha256}")
    return manifest


async def restore(
    server: Server,
    service: str,
    file: Path,
    say: Say,
    *,
    since: datetime | None = None,
) -> Renewal:
    """Put a backup in the place of the service's database and bring it in step with the others.

    The database that was there stays under the name `<database>_before_restore`.

    Raises:
        OpsError: the backup does not fit or is damaged, the database that an earlier restore
            replaced is still there, processes of the service are connected or others take from the
            queues of what it says, no fitting pg_restore was found, or it failed. The old database
            is whole.
    """
    manifest = await asyncio.to_thread(read_manifest, file)
    _refuse_other(manifest, service)
    database = server.database(service)
    beside, before = f"{database}_restoring", f"{database}_before_restore"
    async with connected(server.owner_dsn) as admin:
        await _refuse_second(admin, before)
        await refuse_while_connected(admin, database)
        await refuse_while_listening(server, service)
        program, _ = find_program(
            "pg_restore", max(manifest.postgres, admin.get_server_version().major)
        )
        await admin.execute(f'DROP DATABASE IF EXISTS "{beside}" WITH (FORCE)')
        await provision_database(admin, beside)
        say(f"{service}: nạp / loading {_megabytes(file)} MB ({manifest.taken_at})")
        await _run(
            program,
            server,
            beside,
            ("--no-owner", "--no-password", "--exit-on-error", "--single-transaction", str(file)),
            lambda: None,
        )
        async with connected(server.dsn(beside)) as owner:
            await owner.execute("ANALYZE")
        say(f"{service}: khớp lại với các dịch vụ khác / bringing it in step with the others")
        renewal = await bring_in_step(server, service, database=beside, since=since)
        faults.at("before_swap")
        await refuse_while_connected(admin, database)
        await _swap(admin, database, beside, before)
    say(f"{service}: đã thay / in place; bản cũ / the old one: {before}")
    return renewal


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup, once the file has been compared with it.

    Raises:
        OpsError: there is none (the backup never finished), or the file is not what it says.
    """
    try:
        manifest = Manifest(**json.loads(manifest_of(file).read_text("utf-8")))
        size = file.stat().st_size
    except (OSError, ValueError, TypeError) as error:
        raise OpsError(
            f"Bản sao không đủ / not a whole backup: {file} ({type(error).__name__})"
        ) from None
    if manifest.format != FORMAT or size != manifest.size or _sha256(file) != manifest.sha256:
        raise OpsError(f"Bản sao bị hỏng / the backup is damaged: {file}")
    return manifest


def _refuse_other(manifest: Manifest, service: str) -> None:
    if manifest.service != service:
        raise OpsError(f"Bản sao của / a backup of {manifest.service}, không phải / not {service}")
    ours = newest_revision(service)
    if manifest.revision != ours:
        raise OpsError(
            f"Lược đồ {manifest.revision}, phiên bản này cần {ours}: phục hồi bằng phiên bản đã "
            f"sao lưu / schema {manifest.revision}, this release has {ours}: restore with the "
            "release that made the backup"
        )


async def _swap(
    admin: "asyncpg.Connection[asyncpg.Record]", database: str, beside: str, before: str
) -> None:
    try:
        async with admin.transaction():
            if await admin.fetchval(_KNOWN, database):
                await admin.execute(f'ALTER DATABASE "{database}" RENAME TO "{before}"')
            await admin.execute(f'ALTER DATABASE "{beside}" RENAME TO "{database}"')
    except asyncpg.ObjectInUseError:
        raise OpsError(
            f"Có tiến trình vừa kết nối / a process has connected meanwhile: {database}"
        ) from None
    except asyncpg.DuplicateDatabaseError:  # it has come since we looked
        await _refuse_second(admin, before)
        raise


async def _refuse_second(admin: "asyncpg.Connection[asyncpg.Record]", before: str) -> None:
    """What an earlier restore replaced may be the only copy of real data: a person drops it."""
    if await admin.fetchval(_KNOWN, before):
        raise OpsError(
            f"Còn bản cũ của lần phục hồi trước: {before}. Khi không cần nữa, xoá bằng / the "
            "database that an earlier restore replaced is still there; when nobody needs it, drop "
            f"it with: psql -c 'DROP DATABASE \"{before}\"'"
        )


async def _run(
    program: Path,
    server: Server,
    database: str,
    arguments: tuple[str, ...],
    look: Callable[[], None],
) -> None:
    """Run a client program, looking once a second.

    Raises:
        OpsError: it failed. The server's words may quote rows, so only the program's are passed on.
    """
    where, environment = connection_of(server.owner_dsn, database)
    process = await asyncio.create_subprocess_exec(
        program,
        *where,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    ending = asyncio.create_task(process.communicate())
    try:
        while not (await asyncio.wait({ending}, timeout=_LOOK_SECONDS))[0]:
            look()
    finally:
        if process.returncode is None:
            process.kill()
        _, said = await ending
    if process.returncode:
        why = complaint_of(said.decode("utf-8", "replace"))
        raise OpsError(f"{program.name} thất bại / failed ({process.returncode}): {why}")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1_000_000:,.1f}"
