"""Run a service's migrations. Forward only; a lock makes it safe to start from several places.

A service's `migrations/env.py` is one line: `run_environment(service, metadata)`.
"""

import asyncio
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import create_async_engine

_SERVICES = Path(__file__).parents[3] / "services"
_COMMON_SQL = Path(__file__).parents[1]


def alembic_config(service: str, dsn: str) -> Config:
    """The Alembic configuration of a service's migrations against a database."""
    config = Config()
    config.set_main_option("script_location", str(_SERVICES / service / "migrations"))
    config.attributes["dsn"] = dsn
    return config


async def upgrade(service: str, dsn: str) -> None:
    """Bring the service's database to the newest schema, as its owner."""
    await asyncio.to_thread(command.upgrade, alembic_config(service, dsn), "head")


def check(service: str, dsn: str) -> None:
    """Raise when the declared tables and the migrated schema differ."""
    with warnings.catch_warnings():
        # Reflection meets xid8 and our range types, which SQLAlchemy has no class for.
        warnings.filterwarnings("ignore", "Did not recognize type", SAWarning)
        command.check(alembic_config(service, dsn))


def common_sql(name: str) -> str:
    """The text of an SQL file that `libs/common` ships, e.g. `messaging/sql/0001.sql`."""
    return (_COMMON_SQL / name).read_text(encoding="utf-8")


def run_environment(service: str, metadata: MetaData) -> None:
    """The body of a service's `migrations/env.py`; the rooms' `tables.py` fill the metadata."""
    for room in sorted((_SERVICES / service).glob("*/tables.py")):
        import_module(f"services.{service}.{room.parent.name}.tables")
    dsn = str(context.config.attributes["dsn"]).replace("postgresql://", "postgresql+asyncpg://")
    asyncio.run(_run(dsn, metadata))


async def _run(dsn: str, metadata: MetaData) -> None:
    engine = create_async_engine(dsn, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
            await connection.commit()
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ansinh.migrate'))"))

    def ours(name: str | None, kind: str, parents: Any) -> bool:
        # Tables that libs/common ships as SQL are not this service's to compare.
        return not (kind == "table" and name in COMMON_TABLES)

    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        # Readiness asks for the revision under the roles that own nothing.
        if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar():
            connection.execute(text("GRANT SELECT ON alembic_version TO PUBLIC"))


# Shipped by libs/common as SQL: messaging, partners, security and areas.
COMMON_TABLES = frozenset(
    "event_log stream_head outbox inbox inbox_batch cursor parked_message suspect local_queue "
    "replay idempotency_key audit_line audit_block audit_subject audit_indexed "
    "area_unit area_link area_count area_designation "
    "partner_registration partner_reading ledger_horizon webhook_endpoint webhook_cursor "
    "webhook_delivery partner_page partner_act partner_dci dci_message "
    "reconciliation_list reconciliation reconciliation_page reconciliation_line "
    "reconciliation_chunk reconciliation_difference".split()
) | {f"reconciliation_line_{part}" for part in range(16)}


def run_script(bind: Connection, script: str) -> None:
    """Run several SQL statements as one script inside the migration's transaction."""
    if not script.strip():
        return
    adapter: Any = bind.connection.dbapi_connection
    adapter.run_async(lambda raw: raw.execute(script))
