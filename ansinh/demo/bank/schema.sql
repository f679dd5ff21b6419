CREATE TABLE IF NOT EXISTS cursor (
  is_only INTEGER PRIMARY KEY CHECK (is_only = 1), value TEXT,
  is_rereading INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS referral (
  referral_id TEXT PRIMARY KEY, version INTEGER NOT NULL, programme TEXT NOT NULL,
  state TEXT NOT NULL, limit_amount INTEGER, limit_months INTEGER,
  need_id TEXT, stage TEXT, changed_on TEXT, amount INTEGER, months INTEGER, source TEXT
);
CREATE TABLE IF NOT EXISTS answer (
  case_id TEXT PRIMARY KEY, referral_id TEXT NOT NULL, need_id TEXT NOT NULL,
  received_on TEXT NOT NULL, answered_on TEXT NOT NULL, approved INTEGER NOT NULL,
  amount INTEGER, months INTEGER, source TEXT NOT NULL, reason TEXT,
  receipt_told INTEGER NOT NULL DEFAULT 0, told_version INTEGER NOT NULL DEFAULT 0,
  answer_told INTEGER NOT NULL DEFAULT 0, is_over INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_case ON answer (referral_id) WHERE is_over = 0;
CREATE TABLE IF NOT EXISTS payment (
  contract_number TEXT PRIMARY KEY, case_id TEXT NOT NULL UNIQUE REFERENCES answer,
  referral_id TEXT NOT NULL, need_id TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
  months INTEGER NOT NULL, source TEXT NOT NULL, paid_on TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'promised' CHECK (state IN ('promised', 'paid', 'void')),
  told INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS paid_once ON payment (need_id) WHERE state <> 'void';
CREATE TABLE IF NOT EXISTS loan (
  referral_id TEXT PRIMARY KEY, loan_id TEXT NOT NULL, version INTEGER NOT NULL,
  state TEXT NOT NULL, yearly_rate TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS statement (
  contract_number TEXT NOT NULL REFERENCES payment, month_end TEXT NOT NULL,
  loan_id TEXT NOT NULL, principal INTEGER NOT NULL, interest INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'promised' CHECK (state IN ('promised', 'told', 'refused')),
  PRIMARY KEY (contract_number, month_end)
);
