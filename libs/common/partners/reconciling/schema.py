"""The reconciliations' tables of one service's database, with grants and row-level security."""

from collections.abc import Sequence

from libs.common.database.migrate import common_sql
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

# Whoever may see all communes of a reconciliation sees its differences.
_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
_SEEN = f"""EXISTS (
  SELECT FROM reconciliation AS whole
  WHERE whole.reconciliation_id = reconciliation_difference.reconciliation_id
    AND ({_SCOPE} = '*' OR whole.communes <@ string_to_array({_SCOPE}, ',')))"""
PARTS = 16
_GRANTS = (
    ("reconciliation_list", "SELECT", "SELECT"),
    ("reconciliation", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
    ("reconciliation_page", "SELECT, INSERT", "SELECT, DELETE"),
    ("reconciliation_line", "INSERT", "INSERT"),
    *((f"reconciliation_line_{part}", "", "SELECT, DELETE") for part in range(PARTS)),
    ("reconciliation_chunk", "SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    ("reconciliation_difference", "SELECT, INSERT", "SELECT, INSERT"),
)


def install(service: str, lists: Sequence[tuple[str, str, bool]]) -> str:
    """The SQL that a migration of a service with partners runs.

    Args:
        lists: name, event type and whether it is owed every month, of each list of the service.
    """
    values = ", ".join(
        f"('{name}', '{kind}', {str(is_monthly).lower()})" for name, kind, is_monthly in lists
    )
    return (
        common_sql("partners/reconciling/sql/0001.sql")
        + "".join(
            f"CREATE TABLE reconciliation_line_{part} PARTITION OF reconciliation_line "
            f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part});\n"
            for part in range(PARTS)
        )
        + f"INSERT INTO reconciliation_list VALUES {values};\n"
        + "ALTER TABLE reconciliation_difference ENABLE ROW LEVEL SECURITY;\n"
        + "ALTER TABLE reconciliation_difference FORCE ROW LEVEL SECURITY;\n"
        + f"CREATE POLICY by_scope ON reconciliation_difference TO {api_role(service)} "
        + f"USING ({_SEEN}) WITH CHECK ({_SEEN});\n"
        + f"CREATE POLICY worker ON reconciliation_difference TO {worker_role(service)} "
        + "USING (true) WITH CHECK (true);\n"
        + "".join(grant(service, table, api=api, worker=worker) for table, api, worker in _GRANTS)
    )
