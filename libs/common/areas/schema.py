"""The area tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql
from libs.common.security.rls import grant


def install(service: str) -> str:
    """The SQL that a service's first migration runs."""
    return common_sql("areas/sql/0001.sql") + "".join(
        grant(service, table, api="SELECT", worker="SELECT, INSERT, UPDATE, DELETE")
        for table in ("area_unit", "area_link", "area_count", "area_designation")
    )
