"""Which kind of failure an exception is: the road it takes depends on nothing else."""

import asyncpg

from libs.common.messaging.transport import TransportDown

_SERIALISATION = ("40001", "40P01")
# Connections, resources (also a full disk), shutdown, a database that has become read-only.
_INFRASTRUCTURE = ("08", "53", "57P", "58", "25006")


def is_serialisation(error: BaseException) -> bool:
    """Two transactions met: run the same again."""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in _SERIALISATION


def is_infrastructure(error: BaseException) -> bool:
    """Nothing is wrong with the events: wait until the database or the bus answers again."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_INFRASTRUCTURE)
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing"
    # The last: a session that was ended while idle, asked before its socket closes.
    return isinstance(error, TransportDown | OSError | TimeoutError | asyncpg.InternalClientError)


def describe(error: BaseException) -> str:
    """A text without values: PostgreSQL's messages quote rows, so only its names are kept."""
    if isinstance(error, asyncpg.PostgresError):
        names = (
            getattr(error, name, None) for name in ("table_name", "column_name", "constraint_name")
        )
        return " ".join(filter(None, (type(error).__name__, error.sqlstate, *names)))
    reason = getattr(error, "reason", None)
    return f"{type(error).__name__} {reason}" if isinstance(reason, str) else type(error).__name__
