CREATE TABLE IF NOT EXISTS inbox (
  place INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL UNIQUE, body BLOB
);
CREATE INDEX IF NOT EXISTS inbox_to_do ON inbox (place) WHERE body IS NOT NULL;
CREATE TABLE IF NOT EXISTS household (
  household_id TEXT PRIMARY KEY, version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS line (
  household_id TEXT NOT NULL, person_id TEXT NOT NULL, grp TEXT NOT NULL, from_day TEXT NOT NULL,
  until TEXT, PRIMARY KEY (household_id, person_id, grp, from_day)
);
CREATE TABLE IF NOT EXISTS answer (
  answer_id INTEGER PRIMARY KEY,
  household_id TEXT NOT NULL, person_id TEXT NOT NULL, grp TEXT NOT NULL, from_day TEXT NOT NULL,
  number INTEGER NOT NULL, until TEXT, roll_version INTEGER NOT NULL, state TEXT NOT NULL,
  reason TEXT, reference TEXT, benefit_level INTEGER, valid_from TEXT, valid_until TEXT,
  answered_on TEXT NOT NULL,
  told TEXT NOT NULL DEFAULT 'promised' CHECK (told IN ('promised', 'told', 'void')),
  UNIQUE (household_id, person_id, grp, from_day, number)
);
CREATE INDEX IF NOT EXISTS answer_to_tell ON answer (answer_id) WHERE told = 'promised';
