-- Which lists partners can lay beside ours, and which of them they owe every month.
CREATE TABLE reconciliation_list (
  list text PRIMARY KEY,
  event_type text NOT NULL,
  is_monthly boolean NOT NULL
);

-- One list of one partner laid beside ours; what it could see is kept with it.
CREATE TABLE reconciliation (
  reconciliation_id uuid PRIMARY KEY,
  partner text NOT NULL,
  registration bigint NOT NULL,
  list text NOT NULL REFERENCES reconciliation_list,
  as_of date NOT NULL,
  columns text[] NOT NULL,
  programmes text,
  communes text[],
  is_whole boolean NOT NULL,
  state text NOT NULL DEFAULT 'open'
    CHECK (state IN ('open', 'closed', 'comparing', 'done', 'cancelled')),
  opened_at timestamptz NOT NULL,
  opened_by text NOT NULL,
  pages integer,
  lines bigint,
  known_at timestamptz,
  waits_for text[],
  ours bigint,
  agreed bigint,
  differences jsonb NOT NULL DEFAULT '{}',
  finished_at timestamptz,
  answered_on date,
  answer text,
  answered_by text,
  are_lines_kept boolean NOT NULL DEFAULT true
) WITH (fillfactor = 70);
CREATE INDEX reconciliation_partner ON reconciliation (partner, reconciliation_id);
CREATE INDEX reconciliation_at_work ON reconciliation (reconciliation_id)
  WHERE state IN ('closed', 'comparing');
CREATE INDEX reconciliation_to_forget ON reconciliation (reconciliation_id)
  WHERE are_lines_kept AND state IN ('done', 'cancelled');

CREATE TABLE reconciliation_page (
  reconciliation_id uuid NOT NULL REFERENCES reconciliation,
  page integer NOT NULL CHECK (page > 0),
  digest bytea NOT NULL,
  lines integer NOT NULL,
  unreadable integer NOT NULL,
  PRIMARY KEY (reconciliation_id, page)
);

-- Both sides' lines as canonical text until they are compared: a page's line as page * 100,000 +
-- line, ours as place 0. A line lies in one of sixteen parts by its key's hash, so that a part is
-- compared by reading it once from end to end, and the keys need no index. The API role adds to it
-- and reads none of it.
CREATE TABLE reconciliation_line (
  reconciliation_id uuid NOT NULL,
  place bigint NOT NULL,
  household_id uuid,
  key text COLLATE "C" NOT NULL,
  fields text COLLATE "C" NOT NULL
) PARTITION BY HASH (key);
CREATE INDEX reconciliation_line_of ON reconciliation_line (reconciliation_id);

-- A part of a reconciliation, the unit of the comparison: done once, by one worker.
CREATE TABLE reconciliation_chunk (
  reconciliation_id uuid NOT NULL,
  part smallint NOT NULL,
  keys bigint,
  agreed bigint,
  done_at timestamptz,
  PRIMARY KEY (reconciliation_id, part)
);

-- By key and, within it, the column's place in the list. Lines that could not be read have no key;
-- their place is that of the line. A chunk that is done twice would break the primary key.
CREATE TABLE reconciliation_difference (
  reconciliation_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('missing_here', 'missing_there', 'differs', 'duplicate',
                                     'unreadable', 'outside_scope')),
  acts text NOT NULL CHECK (acts IN ('partner', 'commune', 'us')),
  field text,
  theirs text,
  ours text,
  line bigint,
  household_id uuid,
  PRIMARY KEY (reconciliation_id, key, place)
);
