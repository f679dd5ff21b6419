"""`ansinh audit verify`: is every service's audit trail still what was sealed?

Reads each service's worker database: the one that `ANSINH_WORKER_DSN` names, else all four of the
embedded platform that ran last.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from ansinh.embedded.last_run import last_home, last_run
from ansinh.services import NAMES
from ansinh.setup import with_login
from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.database.provision import worker_role
from libs.common.security.audit import Verdict, verify
from libs.common.settings import PREFIX, Settings


async def verify_audit(base: Path, service: str | None) -> int:
    """Check and print; 1 where anything was tampered with, 2 where there is nothing to check.

    Args:
        base: folder of the embedded platforms' data.
        service: only this one; None: all that can be found.
    """
    named = _of_process(service)
    if named is not None:
        return await verify_trails(named)
    home = last_home(base)
    if home is None:
        print("Chưa có dữ liệu nào / no platform has run here, and no ANSINH_WORKER_DSN is set.")
        return 2
    async with embedded_dsns(home) as dsns:
        return await verify_trails(
            {name: dsn for name, dsn in dsns.items() if service in (None, name)}
        )


async def verify_trails(dsns: Mapping[str, str]) -> int:
    """Check the trail of each service, on its worker role; 1 where any is not what was sealed."""
    faults = 0
    for name, dsn in dsns.items():
        database = await Database.connect(dsn, SystemClock(), application="ansinh-audit", largest=1)
        async with database, database.transaction() as tx:
            verdict = await verify(tx)
        for line in _lines(name, verdict):
            print(line)
        faults += len(verdict.faults)
    return 1 if faults else 0


@asynccontextmanager
async def embedded_dsns(home: Path) -> AsyncIterator[dict[str, str]]:
    """The worker databases of a platform, running or not; its server runs for that long."""
    async with last_run(home) as run:
        yield {
            name: with_login(
                run.owner_dsn, run.prefix + name, f"{worker_role(name)}:{run.password}"
            )
            for name in NAMES
        }


def _of_process(service: str | None) -> dict[str, str] | None:
    """The one database that this process's settings name, as in a container."""
    if not os.environ.get(f"{PREFIX}MODE"):
        return None
    settings = Settings.load()
    if settings.worker_dsn is None:
        return None
    name = settings.service or service or "?"
    return {name: settings.worker_dsn.get_secret_value()}


def _lines(name: str, verdict: Verdict) -> list[str]:
    faults = [
        f"{name}: SAI LỆCH / FAULT {fault.kind}: khối / block {fault.block_id}"
        + (f", dòng / line {fault.line_id}" if fault.line_id is not None else "")
        for fault in verdict.faults
    ]
    tail = f"chưa niêm phong / unsealed {verdict.unsealed:,}"
    if verdict.unsealed_since is not None:
        tail += f" (từ / since {verdict.unsealed_since:%Y-%m-%d %H:%M:%S} UTC)"
    state = "KHÔNG TOÀN VẸN / NOT INTACT" if faults else "toàn vẹn / intact"
    return [
        *faults,
        f"{name}: {state}, {verdict.blocks:,} khối / blocks, {verdict.lines:,} dòng / lines, "
        f"đầu chuỗi / head {verdict.head}, {tail}",
    ]
