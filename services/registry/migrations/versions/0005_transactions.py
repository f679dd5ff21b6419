"""DCI: requests that are answered later, subscriptions, messages of other registries."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE TABLE dci_request (
  request_id uuid PRIMARY KEY,
  partner text NOT NULL,
  action text NOT NULL CHECK (action IN ('search', 'subscribe', 'unsubscribe', 'txn-status')),
  transaction_id text NOT NULL,
  reference_ids text[] NOT NULL,
  areas text[] NOT NULL,
  reply_to text NOT NULL,
  asked jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('rcvd', 'pdng', 'succ', 'rjct')),
  outcome jsonb NOT NULL,
  attempts integer NOT NULL,
  received_at timestamptz NOT NULL,
  settled_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX dci_request_transaction ON dci_request (partner, transaction_id, received_at);
CREATE INDEX dci_request_settled ON dci_request (partner, settled_at);
CREATE INDEX dci_request_waiting ON dci_request (partner, received_at)
  WHERE state IN ('rcvd', 'pdng');

CREATE TABLE dci_origin (
  partner text NOT NULL,
  origin text NOT NULL,
  endpoint_id uuid NOT NULL,
  PRIMARY KEY (partner, origin)
);
CREATE UNIQUE INDEX dci_origin_endpoint ON dci_origin (endpoint_id);

CREATE TABLE dci_reply (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id uuid NOT NULL REFERENCES dci_request,
  endpoint_id uuid NOT NULL,
  path text NOT NULL
);
CREATE INDEX dci_reply_request ON dci_reply (request_id);

CREATE TABLE dci_subscription (
  code text PRIMARY KEY,
  partner text NOT NULL,
  endpoint_id uuid NOT NULL,
  areas text[] NOT NULL,
  kinds text[] NOT NULL,
  criteria jsonb NOT NULL,
  starts_at timestamptz,
  ends_at timestamptz,
  subscribed_at timestamptz NOT NULL,
  unsubscribed_at timestamptz
);
CREATE UNIQUE INDEX dci_subscription_endpoint ON dci_subscription (endpoint_id);
CREATE INDEX dci_subscription_partner ON dci_subscription (partner);

CREATE TABLE dci_received (
  partner text NOT NULL,
  action text NOT NULL,
  key text NOT NULL,
  message_id text NOT NULL,
  header jsonb NOT NULL,
  message jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (partner, action, key)
);
CREATE INDEX dci_received_at ON dci_received USING brin (received_at);
"""
_SEEN = (
    "request_id, partner, action, transaction_id, reference_ids, reply_to, state, outcome, attempts, "
    "received_at, settled_at"
)
GRANTS = (
    # What was asked for may name persons: whoever wrote it cannot read it again.
    ("dci_request", f"INSERT, SELECT ({_SEEN})", "SELECT, UPDATE, DELETE"),
    ("dci_origin", "SELECT", "SELECT, INSERT, UPDATE"),
    ("dci_reply", "", "SELECT, INSERT, DELETE"),
    ("dci_subscription", "SELECT", "SELECT, INSERT, UPDATE"),
    ("dci_received", "INSERT, SELECT (partner, action, key)", "SELECT, DELETE"),
    # The job makes the endpoints of callbacks and subscriptions.
    ("webhook_endpoint", "", "INSERT"),
    ("webhook_cursor", "", "INSERT"),
)


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    run_script(bind, "".join(grant("registry", name, api=a, worker=w) for name, a, w in GRANTS))
