"""The messaging tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql
from libs.common.security.rls import grant


def install(service: str) -> str:
    """The SQL that a service's first migration runs."""
    return common_sql("messaging/sql/0001.sql") + "".join(
        (
            grant(
                service,
                "event_log",
                api="INSERT, SELECT (seq, event_id)",
                worker="SELECT, INSERT",
            ),
            grant(
                service,
                "stream_head",
                api="SELECT, INSERT, UPDATE",
                worker="SELECT, INSERT, UPDATE",
            ),
            grant(service, "outbox", api="INSERT", worker="SELECT, INSERT, UPDATE, DELETE"),
        )
    )
