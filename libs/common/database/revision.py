"""Whether a database has the schema that this code was written for."""

import functools

import asyncpg
from alembic.script import ScriptDirectory

from libs.common.database.migrate import alembic_config
from libs.common.database.pool import Database

_VERSION = "SELECT version_num FROM alembic_version"


async def is_migrated(database: Database, service: str) -> bool:
    """Whether the newest migration has run, or a newer one than this code knows.

    A newer schema is good: migrations expand first, so the running version works on the next one.
    """
    try:
        version = await database.pool.fetchval(_VERSION)
    except asyncpg.UndefinedTableError:
        return False
    return version is not None and version not in _superseded(service)


@functools.cache
def _superseded(service: str) -> frozenset[str]:
    script = ScriptDirectory.from_config(alembic_config(service, ""))
    return frozenset(one.revision for one in script.walk_revisions()) - set(script.get_heads())


def newest_revision(service: str) -> str:
    """The revision of the newest schema that this code knows."""
    head = ScriptDirectory.from_config(alembic_config(service, "")).get_current_head()
    return str(head)
