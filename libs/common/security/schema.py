"""Audit and idempotency tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

# Who, what and why; not whom: that is `audit_subject`, which row-level security cuts.
_LINE = "line_id, recorded_at, caller, roles, kind, act, subject_kind, purpose, correlation_id"


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


def install_subjects(service: str, visible: str = "false") -> str:
    """Let the trail be read by whose data it is about.

    Args:
        service: whose database it is.
        visible: SQL that says whether a caller within areas may see `audit_subject.subject`;
            callers of every area see each.
    """
    everywhere = "(SELECT current_setting('ansinh.scope', true)) = '*'"
    return common_sql("security/sql/0002.sql") + "".join(
        (
            f"CREATE POLICY by_subject ON audit_subject TO {api_role(service)} "
            f"USING ({everywhere} OR {visible});\n",
            f"CREATE POLICY worker ON audit_subject TO {worker_role(service)} "
            "USING (true) WITH CHECK (true);\n",
            grant(service, "audit_subject", api="SELECT", worker="SELECT, INSERT"),
            grant(service, "audit_indexed", api="", worker="SELECT, UPDATE"),
            grant(service, "audit_line", api=f"SELECT ({_LINE})", worker=""),
        )
    )


def show_subjects(visible: str) -> str:
    """From now on callers within areas see those subjects for whom `visible` holds.

    Args:
        visible: as of `install_subjects`.
    """
    everywhere = "(SELECT current_setting('ansinh.scope', true)) = '*'"
    return f"ALTER POLICY by_subject ON audit_subject USING ({everywhere} OR {visible});"
