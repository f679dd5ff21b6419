"""Row-level security by commune, as SQL for migrations.

The API role sees a row when the transaction's `ansinh.scope` names its commune (or is `*`); empty
means nothing. The sub-selects make PostgreSQL read and split the setting once per statement, not
once per row (measured with 200 communes: 3.5 against 10.5 µs a row).
"""

from libs.common.database.provision import api_role, worker_role


def protect_by_commune(service: str, table: str, column: str = "commune") -> str:
    """The statements that switch on, force and define the table's policies."""
    scope = "(SELECT current_setting('ansinh.scope', true))"
    codes = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))"
    visible = f"{scope} = '*' OR {column} = ANY ({codes}::text[])"
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_commune ON {table} TO {api_role(service)} USING ({visible}) WITH CHECK ({visible});
CREATE POLICY worker ON {table} TO {worker_role(service)} USING (true) WITH CHECK (true);
"""


def grant(service: str, table: str, *, api: str, worker: str) -> str:
    """Grants of one table, e.g. `grant("registry", "household", api="SELECT", worker="INSERT")`."""
    lines = []
    if api:
        lines.append(f"GRANT {api} ON {table} TO {api_role(service)};")
    if worker:
        lines.append(f"GRANT {worker} ON {table} TO {worker_role(service)};")
    return "\n".join(lines) + "\n"
