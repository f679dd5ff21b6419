"""What other registries sent: operators see that it came, and one message's values for a purpose."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role

revision = "0014"
down_revision = "0013"

_ROLE = api_role("registry")
# The one way for the API role to what was sent: one part at a time. The edge asks for a purpose and
# leaves the audit line in the same transaction.
RECEIVED = f"""
GRANT SELECT (message_id, received_at) ON dci_received TO {_ROLE};
CREATE FUNCTION dci_received_values(of_partner text, of_action text, of_key text)
RETURNS TABLE (header jsonb, message jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT one.header, one.message FROM public.dci_received AS one
  WHERE one.partner = of_partner AND one.action = of_action AND one.key = of_key;
END;
REVOKE ALL ON FUNCTION dci_received_values(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dci_received_values(text, text, text) TO {_ROLE};
"""


def upgrade() -> None:
    run_script(op.get_bind(), RECEIVED)
