-- Sharing of data between departments: requests, what was granted, deliveries, and the record of every step.
CREATE TABLE sharing.request (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  requester text NOT NULL,
  provider text NOT NULL,
  -- Id of the catalogue's entry, and how it was shared when the request was made.
  entry text NOT NULL,
  sharing text NOT NULL CHECK (sharing IN ('unconditional', 'conditional')),
  state text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  -- What is asked for: ground, scene, scope, mode, until, items, necessity of personal items, filter, frequency, format.
  content jsonb NOT NULL,
  -- What the provider's officer advises: {share, comment}; null before.
  advice jsonb,
  -- Reason and legal ground of a refusal.
  refusal jsonb,
  -- What the provider told to be missing, once.
  missing jsonb,
  created_by text NOT NULL,
  proposed_by text,
  created_at timestamptz NOT NULL,
  submitted_at timestamptz,
  decided_at timestamptz
);
CREATE INDEX request_requester ON sharing.request (requester, state, id);
CREATE INDEX request_provider ON sharing.request (provider, state, id);
-- What was agreed to. `pending` is a change or a renewal that waits for the other side.
CREATE TABLE sharing.share (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request integer NOT NULL UNIQUE REFERENCES sharing.request (id),
  requester text NOT NULL,
  provider text NOT NULL,
  entry text NOT NULL,
  state text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  mode text NOT NULL CHECK (mode IN ('service', 'batch', 'file')),
  items jsonb NOT NULL,
  -- Items whose personal values are covered: granted one by one with their necessity.
  plain jsonb NOT NULL,
  filter jsonb NOT NULL,
  frequency text NOT NULL,
  format text NOT NULL,
  -- Record numbers and their order are made with it: different for every recipient.
  mark text NOT NULL,
  since date NOT NULL,
  until date NOT NULL,
  next_delivery date,
  mend_by date,
  mended boolean NOT NULL DEFAULT false,
  pending jsonb,
  renewal jsonb,
  disposal jsonb,
  created_at timestamptz NOT NULL,
  reminded_at timestamptz
);
CREATE INDEX share_requester ON sharing.share (requester, state);
CREATE INDEX share_provider ON sharing.share (provider, state);
CREATE TABLE sharing.dispute (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request integer NOT NULL REFERENCES sharing.request (id),
  requester text NOT NULL,
  provider text NOT NULL,
  raised_by_side text NOT NULL CHECK (raised_by_side IN ('requester', 'provider')),
  state text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  reason text NOT NULL,
  -- share, keep or other; the text of the proposal or decision; its number.
  outcome text,
  words text,
  document text,
  -- Side that offered the settlement that waits.
  offered_by text,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX dispute_open ON sharing.dispute (request) WHERE ended_at IS NULL;
-- Every step of every matter, never changed: who did what in which capacity, under which article.
CREATE TABLE sharing.step (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request integer NOT NULL REFERENCES sharing.request (id),
  matter text NOT NULL CHECK (matter IN ('request', 'share', 'dispute', 'delivery', 'clock')),
  id integer NOT NULL,
  action text NOT NULL,
  from_state text,
  to_state text,
  -- Capacity: requester-officer … authority, hub.
  actor text NOT NULL,
  login text,
  organisation text,
  -- Login of the head for whom a deputy acted.
  deputy_for text,
  article integer,
  comment text,
  detail jsonb,
  at timestamptz NOT NULL
);
CREATE INDEX step_request ON sharing.step (request, seq);
-- Clocks of working days. `due` null: the holidays of `missing_year` are not announced.
CREATE TABLE sharing.clock (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deadline text NOT NULL,
  request integer NOT NULL REFERENCES sharing.request (id),
  -- Whom it binds.
  organisation text NOT NULL,
  start_day date NOT NULL,
  days integer NOT NULL,
  extension integer NOT NULL DEFAULT 0,
  due date,
  missing_year integer,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'met', 'stopped')),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- Why it was stopped before it was met, with its legal ground.
  ground text,
  warned_at timestamptz,
  overdue_at timestamptz
);
CREATE UNIQUE INDEX clock_running ON sharing.clock (request, deadline) WHERE state = 'running';
CREATE INDEX clock_state ON sharing.clock (state, due);
CREATE TABLE sharing.extension (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  clock integer NOT NULL UNIQUE REFERENCES sharing.clock (id),
  days integer NOT NULL CHECK (days > 0),
  reason text NOT NULL,
  state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'consented', 'declined', 'lapsed')),
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  comment text
);
CREATE TABLE sharing.delivery (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  share integer NOT NULL REFERENCES sharing.share (id),
  sequence integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('full', 'changes')),
  format text NOT NULL CHECK (format IN ('csv', 'parquet', 'xlsx')),
  state text NOT NULL CHECK (state IN ('making', 'ready', 'failed')),
  rows bigint,
  removed bigint,
  bytes bigint,
  -- SHA-256 of the file: its address in the store and the fingerprint that the recipient confirms.
  sha256 text,
  manifest jsonb,
  manifest_text text,
  seal integer,
  manifest_seal integer,
  problem jsonb,
  asked_by text,
  asked_at timestamptz NOT NULL,
  ready_at timestamptz,
  UNIQUE (share, sequence)
);
CREATE TABLE sharing.download (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery integer NOT NULL REFERENCES sharing.delivery (id),
  login text NOT NULL,
  organisation text NOT NULL,
  purpose text NOT NULL,
  at timestamptz NOT NULL
);
CREATE TABLE sharing.receipt (
  delivery integer PRIMARY KEY REFERENCES sharing.delivery (id),
  -- As the recipient computed it over what it has.
  fingerprint text NOT NULL,
  matches boolean NOT NULL,
  login text NOT NULL,
  at timestamptz NOT NULL
);
-- Records of use (article 29), kept for three years at least: there is no statement that deletes them.
CREATE TABLE sharing.use_record (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  share integer NOT NULL REFERENCES sharing.share (id),
  kind text NOT NULL CHECK (kind IN ('scene', 'process', 'result', 'storage', 'destruction')),
  day date NOT NULL,
  text text NOT NULL,
  login text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX use_record_share ON sharing.use_record (share, seq);
CREATE TABLE sharing.deputy (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation text NOT NULL,
  head text NOT NULL,
  deputy text NOT NULL,
  from_day date NOT NULL,
  to_day date NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX deputy_organisation ON sharing.deputy (organisation, to_day);
-- What an organisation is told.
CREATE TABLE sharing.notice (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation text NOT NULL,
  kind text NOT NULL,
  request integer NOT NULL REFERENCES sharing.request (id),
  share integer REFERENCES sharing.share (id),
  detail jsonb NOT NULL,
  at timestamptz NOT NULL,
  seen_by text,
  seen_at timestamptz
);
CREATE INDEX notice_organisation ON sharing.notice (organisation, seq);
-- Corrections that recipients asked for on records that they were given, and up to which entry corrections were told on.
CREATE TABLE sharing.correction (
  correction integer PRIMARY KEY,
  delivery integer NOT NULL REFERENCES sharing.delivery (id),
  record text NOT NULL,
  item text NOT NULL
);
CREATE TABLE sharing.told (one boolean PRIMARY KEY DEFAULT true CHECK (one), entry bigint NOT NULL);
INSERT INTO sharing.told (entry) VALUES (0);
