"""Make a service's database and its two login roles; safe to repeat, safe side by side.

Per service: `ansinh_<service>_api` (row-level security by area) and `ansinh_<service>_worker`
(relay, consume, tick, send: policies of their own). Neither is owner, superuser or BYPASSRLS.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncpg

# In the order in which data runs.
SERVICES = ("registry", "eligibility", "credit", "reporting")


def api_role(service: str) -> str:
    return f"ansinh_{service}_api"


def worker_role(service: str) -> str:
    return f"ansinh_{service}_worker"


def is_worker_role(role: str) -> bool:
    """Whether it is some service's that works, and sees every row without a scope."""
    return role.endswith("_worker")


async def provision_roles(
    admin: asyncpg.Connection[asyncpg.Record], service: str, password: str | None
) -> None:
    """Create or update both roles of a service.

    Args:
        admin: a connection that may create roles.
        service: the service's name.
        password: for both roles; None leaves them without one (a server that trusts its host).
    """
    await admin.execute("SELECT pg_advisory_lock(hashtext('ansinh.provision'))")
    try:
        for role in (api_role(service), worker_role(service)):
            known = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if known else "CREATE"
            secret = f"PASSWORD {_literal(password)}" if password else ""
            await admin.execute(f"{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS {secret}")
    finally:
        await admin.execute("SELECT pg_advisory_unlock(hashtext('ansinh.provision'))")


async def provision_database(admin: asyncpg.Connection[asyncpg.Record], database: str) -> None:
    """Create the database where it does not exist."""
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await admin.execute(
            f"CREATE DATABASE \"{database}\" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"
        )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
