"""The messaging tables of one service's database, with the grants of its two roles.

The API role writes acts (ledger, outbox) and reads what operators may see: envelopes, reasons and
field names, never a body.
"""

from libs.common.database.migrate import common_sql
from libs.common.database.provision import api_role
from libs.common.security.rls import grant

_EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
_LEDGER = (
    "seq, event_id, stream, subject, version, type, occurred_at, recorded_at, correlation_id, "
    "causation_id, traceparent, xact"
)
_PARKED = (
    "parked_id, consumer, event_id, type, stream, subject, version, correlation_id, reason, "
    "fields, error, attempt, headers, parked_at, state, settled_at, settled_by, settled_reason"
)


def install(service: str) -> str:
    """The SQL that a service's first migration runs."""
    grants = (
        ("event_log", f"INSERT, SELECT ({_LEDGER})", "SELECT, INSERT"),
        ("stream_head", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
        ("outbox", "SELECT, INSERT", _EVERYTHING),
        ("inbox", "SELECT", "SELECT, INSERT, DELETE"),
        ("inbox_batch", "SELECT", "SELECT, INSERT, DELETE"),
        ("cursor", "SELECT", _EVERYTHING),
        (
            "parked_message",
            f"SELECT ({_PARKED}), UPDATE (state, settled_at, settled_by, settled_reason)",
            _EVERYTHING,
        ),
        ("suspect", "SELECT", _EVERYTHING),
        (
            "local_queue",
            "SELECT (message_id, consumer, is_replay, type, events, attempt, available_at)",
            _EVERYTHING,
        ),
        ("replay", "SELECT, INSERT, UPDATE", _EVERYTHING),
    )
    return common_sql("messaging/sql/0001.sql") + "".join(
        grant(service, table, api=api, worker=worker) for table, api, worker in grants
    )


def install_operations(service: str) -> str:
    """The SQL that a service's second migration runs: what an operator sees and mends."""
    return (
        common_sql("messaging/sql/0002.sql")
        + grant(service, "outbox", api="UPDATE (held, attempts, next_attempt_at)", worker="")
        + f"GRANT EXECUTE ON FUNCTION parked_body(uuid) TO {api_role(service)};\n"
    )
