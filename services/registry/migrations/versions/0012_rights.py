"""What persons ask about their own data, and the limits that follow."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant, protect

revision = "0012"
down_revision = "0011"

# Who sees the household that asked, or the person as a member today, sees the request: the rule
# follows both from commune to commune by itself.
_REQUEST = """EXISTS (
    SELECT FROM household WHERE household.household_id = data_request.household_id OFFSET 0)
  OR EXISTS (SELECT FROM member WHERE member.person_id = data_request.person_id
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)"""
_OF_REQUEST = """EXISTS (
    SELECT FROM data_request AS seen WHERE seen.request_id = {table}.request_id OFFSET 0)"""

TABLES = """
CREATE TABLE data_request (
  request_id uuid PRIMARY KEY,
  household_id uuid NOT NULL REFERENCES household,
  person_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('access', 'correction', 'restriction', 'objection')),
  asked_by text NOT NULL CHECK (asked_by IN ('self', 'representative')),
  received_on date NOT NULL,
  purpose text,
  evidence text NOT NULL,
  with_others boolean NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX data_request_by_person ON data_request (person_id);

CREATE TABLE data_request_step (
  request_id uuid NOT NULL REFERENCES data_request,
  place integer NOT NULL,
  step text NOT NULL,
  on_day date NOT NULL,
  reason text,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (request_id, place)
);

CREATE TABLE processing_limit (
  request_id uuid NOT NULL REFERENCES data_request,
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  person_id uuid NOT NULL,
  purpose text,
  effective daterange NOT NULL CHECK (NOT isempty(effective)),
  PRIMARY KEY (request_id, recorded)
);
CREATE INDEX processing_limit_by_person ON processing_limit (person_id) WHERE upper_inf(recorded);
""" + "".join(
    protect(
        "registry",
        table,
        f"(SELECT current_setting('ansinh.scope', true)) = '*' OR {visible.format(table=table)}",
    )
    + grant("registry", table, api=api, worker="SELECT")
    for table, visible, api in (
        ("data_request", _REQUEST, "SELECT, INSERT, UPDATE (with_others)"),
        ("data_request_step", _OF_REQUEST, "SELECT, INSERT"),
        ("processing_limit", _OF_REQUEST, "SELECT, INSERT, UPDATE"),
    )
)


# The end of retention forgets what change requests keep of values.
_FORGETS = grant("registry", "change_request", api="", worker="UPDATE (changes)")


def upgrade() -> None:
    run_script(op.get_bind(), TABLES + _FORGETS)
