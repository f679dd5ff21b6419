"""DCI: partners and their keys, messages taken once, identifiers by which persons are found."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.periods import no_overlap
from libs.common.database.provision import api_role, worker_role
from libs.common.partners import schema as partners
from libs.common.security.rls import grant

revision = "0004"
down_revision = "0003"

# Who sees a person as a member today sees by which numbers it is found: the rule follows the person
# from commune to commune by itself.
IDENTIFIERS = f"""
CREATE TABLE identifier (
  person_id uuid NOT NULL,
  type text NOT NULL,
  effective daterange NOT NULL CHECK (NOT isempty(effective)),
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (person_id, type, effective, recorded),
  {no_overlap(
      "identifier_no_overlap",
      "effective",
      uuids=["person_id"],
      texts=["type"],
      where="upper_inf(recorded)",
  )}
);
CREATE UNIQUE INDEX identifier_in_force ON identifier (hash)
  WHERE upper_inf(recorded) AND upper_inf(effective);
ALTER TABLE identifier ENABLE ROW LEVEL SECURITY;
ALTER TABLE identifier FORCE ROW LEVEL SECURITY;
CREATE POLICY by_member ON identifier TO {api_role("registry")}
  USING ((SELECT current_setting('ansinh.scope', true)) = '*' OR EXISTS (
    SELECT FROM member WHERE member.person_id = identifier.person_id
      AND upper_inf(member.recorded) AND member.left_on IS NULL));
CREATE POLICY worker ON identifier TO {worker_role("registry")} USING (true) WITH CHECK (true);
""" + grant("registry", "identifier", api="SELECT, INSERT, UPDATE", worker="SELECT")


def upgrade() -> None:
    bind = op.get_bind()
    for script in (partners.install("registry"), partners.install_dci("registry"), IDENTIFIERS):
        run_script(bind, script)
