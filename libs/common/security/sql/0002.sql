-- Whose data each sealed line of the trail is about. The trail itself is never searched by person:
-- behind row-level security only equality keeps its index.
CREATE TABLE audit_subject (
  subject uuid NOT NULL,
  line_id bigint NOT NULL,
  PRIMARY KEY (subject, line_id)
);
-- Up to where that is done: whole blocks, and lines of the next one.
CREATE TABLE audit_indexed (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  block_id bigint NOT NULL,
  lines integer NOT NULL
);
INSERT INTO audit_indexed (block_id, lines) VALUES (0, 0);
ALTER TABLE audit_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_subject FORCE ROW LEVEL SECURITY;
