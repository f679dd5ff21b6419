"""Databases of a platform in which every service knows the areas already: made once a run, copied
for each platform.
"""

import tempfile
from datetime import date
from pathlib import Path

import asyncpg

from ansinh.embedded.platform import PlatformSettings, running
from ansinh.services import NAMES
from ansinh.watch import wait_for_effects
from libs.common.clock import FixedDayClock
from tests.support.doors import free_port
from tests.support.servers import BY_FILE, admin_dsn, run_prefix, share_password
from tests.support.small_land import write_small_land

DAY = date(2022, 1, 4)  # the first day of the law in these databases
_IS_WHOLE = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"


async def copy_settled(prefix: str) -> None:
    """Give a platform of this prefix its databases, as they stand on `DAY` before any household."""
    template = f"{run_prefix()}settled_"
    admin = await asyncpg.connect(admin_dsn())
    try:
        # Workers of one run race for it: the first makes it, the others wait.
        await admin.execute("SELECT pg_advisory_lock(hashtext($1))", template)
        if not await admin.fetchval(_IS_WHOLE, f"{template}{NAMES[-1]}"):
            await _make(template)
            await admin.execute(f"COMMENT ON DATABASE \"{template}{NAMES[-1]}\" IS 'whole'")
        for name in NAMES:
            await admin.execute(
                f'CREATE DATABASE "{prefix}{name}" TEMPLATE "{template}{name}" {BY_FILE}'
            )
    finally:
        await admin.close()


async def _make(prefix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        share_password(home)
        settings = PlatformSettings(
            home=home,
            port=free_port(),
            postgres_url=admin_dsn(),
            prefix=prefix,
            pool_size=5,
            areas=write_small_land(home / "areas"),
        )
        async with running(settings, FixedDayClock(DAY)) as platform:
            await wait_for_effects(platform.workers)
