"""Audit and idempotency tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql


def install(service: str) -> str:
    """The SQL that a service's first migration runs."""
    return common_sql("security/sql/0001.sql")
