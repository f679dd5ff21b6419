-- What the DCI standard needs of a partner beside its registration: who it is there, how it signs, where
-- it listens. A change is a new version; the highest counts.
CREATE TABLE partner_dci (
  partner text NOT NULL,
  version bigint NOT NULL,
  sender_id text NOT NULL,
  profile text NOT NULL
    CHECK (profile IN ('http-sig-utf8', 'http-sig-ascii', 'detached-jws', 'unsigned')),
  keys text NOT NULL,
  scopes text[] NOT NULL,
  record_types text[] NOT NULL,
  callback_urls text[] NOT NULL,
  notify_url text,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  PRIMARY KEY (partner, version)
);
CREATE INDEX partner_dci_sender ON partner_dci (sender_id);

-- Messages that were taken, for as long as a copy's signature would still hold: a copy is refused.
CREATE TABLE dci_message (
  sender_id text NOT NULL,
  message_id text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (sender_id, message_id)
);
CREATE INDEX dci_message_until ON dci_message USING brin (until);
