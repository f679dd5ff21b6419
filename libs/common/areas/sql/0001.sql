CREATE TABLE area_unit (
  area_id uuid PRIMARY KEY,
  level text NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  parent_id uuid,
  valid_from date NOT NULL,
  valid_until date,
  version bigint NOT NULL DEFAULT 0,
  UNIQUE (level, code, valid_from)
);
CREATE INDEX area_unit_parent ON area_unit (parent_id);
CREATE TABLE area_link (
  predecessor_id uuid NOT NULL,
  successor_id uuid NOT NULL,
  is_divided boolean NOT NULL,
  PRIMARY KEY (predecessor_id, successor_id)
);
CREATE INDEX area_link_successor ON area_link (successor_id);
CREATE TABLE area_count (
  area_id uuid NOT NULL,
  year integer NOT NULL,
  households integer NOT NULL,
  persons integer,
  source text NOT NULL,
  is_confirmed boolean NOT NULL,
  PRIMARY KEY (area_id, year)
);
CREATE TABLE area_designation (
  area_id uuid NOT NULL,
  designation text NOT NULL,
  from_day date NOT NULL,
  until date,
  source text NOT NULL,
  is_confirmed boolean NOT NULL,
  PRIMARY KEY (area_id, designation, from_day)
);
