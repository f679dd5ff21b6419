"""The partners' tables of one service's database, with the grants of its two roles."""

from libs.common.database.migrate import common_sql
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

_FUNCTIONS = (
    "partner_events(bigint, bigint, text[], integer)",
    "partner_events_before(text[], uuid[], bigint[])",
)


def install(service: str) -> str:
    """The SQL that a migration of a service with partners runs."""
    # The placeholder that the webhooks take the place of; nothing ever filled it.
    dropped = "DROP TABLE IF EXISTS outbound_request;\n"
    grants = (
        ("partner_registration", "SELECT, INSERT", "SELECT"),
        ("partner_reading", "SELECT, INSERT, UPDATE", "SELECT"),
        ("ledger_horizon", "SELECT, UPDATE", "SELECT, UPDATE"),
        ("webhook_endpoint", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
        ("webhook_cursor", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
        ("webhook_delivery", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"),
    )
    both = f"{api_role(service)}, {worker_role(service)}"
    return (
        dropped
        + common_sql("partners/sql/0001.sql")
        + "".join(grant(service, table, api=api, worker=worker) for table, api, worker in grants)
        + "".join(f"GRANT EXECUTE ON FUNCTION {one} TO {both};\n" for one in _FUNCTIONS)
    )


def install_dci(service: str) -> str:
    """The same for a service that answers by the DCI standard."""
    return (
        common_sql("partners/sql/0002.sql")
        + grant(service, "partner_dci", api="SELECT, INSERT", worker="SELECT")
        + grant(service, "dci_message", api="SELECT, INSERT, UPDATE", worker="SELECT, DELETE")
    )
