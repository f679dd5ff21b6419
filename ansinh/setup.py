"""Make the databases, the roles and the schemas, and load the areas; safe to repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from ansinh.services import NAMES
from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.database.migrate import upgrade
from libs.common.database.provision import (
    api_role,
    provision_database,
    provision_roles,
    worker_role,
)
from libs.common.settings import Settings, required
from services.eligibility.sweeps.store import set_law_day_if_absent
from services.registry.areas.load import load_areas
from services.registry.areas.units import DATA, Gazetteer

Say = Callable[[str], None]


@dataclass(frozen=True)
class ServiceDsns:
    """How the two roles of a service reach its database."""

    api: str
    worker: str


def with_login(dsn: str, database: str, login: str) -> str:
    """The same server, another database and login (`role:password`)."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, f"{login}@{host}", f"/{database}", parts.query, ""))


async def prepare_databases(
    owner_dsn: str, password: str, prefix: str, say: Say
) -> dict[str, ServiceDsns]:
    """Every service's database at its newest schema, and its roles.

    Args:
        owner_dsn: a login that may create roles and databases; it owns the schemas.
        password: for the services' roles.
        prefix: of the databases' names.
        say: told what is being done.
    """
    owner = urlsplit(owner_dsn).netloc.rpartition("@")[0]
    admin = await asyncpg.connect(owner_dsn)
    try:
        for name in NAMES:
            await provision_roles(admin, name, password)
            await provision_database(admin, prefix + name)
    finally:
        await admin.close()
    prepared = {}
    for name in NAMES:
        say(f"{name}: bảng dữ liệu / schema")
        database = prefix + name
        # One after the other: Alembic's environment is the process's.
        await upgrade(name, with_login(owner_dsn, database, owner))
        prepared[name] = ServiceDsns(
            api=with_login(owner_dsn, database, f"{api_role(name)}:{password}"),
            worker=with_login(owner_dsn, database, f"{worker_role(name)}:{password}"),
        )
    return prepared


async def run_setup() -> None:
    """Prepare a server from the environment: `ANSINH_OWNER_DSN` and `ANSINH_ROLE_PASSWORD`."""
    settings = Settings.load()
    owner_dsn = required("owner_dsn", settings.owner_dsn)
    password = required("role_password", settings.role_password)
    dsns = await prepare_databases(owner_dsn, password, settings.database_prefix, print)
    async with await _connect(dsns["registry"].worker, settings.clock) as registry:
        await prepare_areas(registry, settings.clock, print)
    async with await _connect(dsns["eligibility"].worker, settings.clock) as eligibility:
        await prepare_law_day(eligibility, settings.clock.today())


async def prepare_law_day(eligibility: Database, day: date) -> None:
    """Name the first day of the law, up to which the first events are decided."""
    async with eligibility.transaction() as tx:
        await set_law_day_if_absent(tx, day)


async def prepare_areas(registry: Database, clock: Clock, say: Say, tables: Path = DATA) -> None:
    """Load the administrative units that the registry does not have yet, and say them."""
    said = await load_areas(registry, clock, units=Gazetteer(tables))
    if said:
        say(f"đơn vị hành chính / areas: {said:,}")


async def _connect(dsn: str, clock: Clock) -> Database:
    return await Database.connect(dsn, clock, application="ansinh-setup")
