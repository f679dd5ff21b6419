"""Audit and idempotency tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql
from libs.common.security.rls import grant


def install(service: str) -> str:
    """The SQL that a service's first migration runs."""
    return common_sql("security/sql/0001.sql") + "".join(
        (
            grant(
                service, "idempotency_key", api="SELECT, INSERT, UPDATE", worker="SELECT, DELETE"
            ),
            # Lines and blocks are never changed or deleted by any role that runs.
            grant(service, "audit_line", api="INSERT", worker="SELECT, INSERT"),
            grant(service, "audit_block", api="", worker="SELECT, INSERT"),
        )
    )
