-- Subscriptions: who is pushed what where, how far each stream is, every attempt, what was used, and what was sealed.
CREATE TABLE subscriptions.subscription (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  share integer NOT NULL,
  -- Recipient and provider, as the grant has them.
  organisation text NOT NULL,
  provider text NOT NULL,
  entry text NOT NULL,
  source text NOT NULL,
  title text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('webhook', 'mqtt', 'pull')),
  -- Where to, without what is secret.
  target jsonb NOT NULL,
  -- Items out of the grant's; null: all of them.
  items jsonb,
  changes jsonb NOT NULL,
  batch integer NOT NULL CHECK (batch BETWEEN 1 AND 500),
  partitions integer NOT NULL CHECK (partitions IN (1, 2, 4, 8, 16)),
  state text NOT NULL CHECK (state IN ('active', 'paused', 'ended')),
  -- Why it is paused, as a stable code, and since when.
  reason text,
  reason_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX subscription_share ON subscriptions.subscription (share);
CREATE INDEX subscription_organisation ON subscriptions.subscription (organisation, state);
-- How far each partition is. `generation` counts replays: what was on its way before one no longer moves the cursor.
CREATE TABLE subscriptions.cursor (
  subscription integer NOT NULL REFERENCES subscriptions.subscription (id),
  partition integer NOT NULL,
  generation integer NOT NULL DEFAULT 0,
  phase text NOT NULL DEFAULT 'live' CHECK (phase IN ('live', 'gap', 'start', 'snapshot', 'end')),
  seq bigint NOT NULL,
  -- Sequence of the last event that was sent, for the chain; null at a beginning.
  previous bigint,
  -- Record after which a snapshot goes on.
  after text,
  -- Last sequence of a message that failed: it is tried again as it was.
  pending bigint,
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  told_at timestamptz,
  next_at timestamptz,
  problem text,
  status integer,
  last_success timestamptz,
  last_attempt timestamptz,
  -- Of subscriptions that are fetched: what was handed out last and waits to be confirmed, with the place behind it.
  issued text,
  issued_to jsonb,
  confirmed text,
  PRIMARY KEY (subscription, partition)
);
-- Signing secrets (two while rotating) and passwords, sealed; tokens of those who fetch as their SHA-256. None is ever shown again.
CREATE TABLE subscriptions.secret (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription integer NOT NULL REFERENCES subscriptions.subscription (id),
  kind text NOT NULL CHECK (kind IN ('signing', 'password', 'token')),
  token text NOT NULL UNIQUE,
  salt bytea NOT NULL,
  ciphertext bytea NOT NULL,
  hint text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz
);
CREATE INDEX secret_subscription ON subscriptions.secret (subscription, kind);
-- Every attempt. What was delivered stands in the day's log, which is sealed; these lines are kept for as long as a replay is possible.
CREATE TABLE subscriptions.attempt (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription integer NOT NULL,
  partition integer NOT NULL,
  message text NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  events integer NOT NULL,
  bytes integer NOT NULL,
  sha256 text NOT NULL,
  ok boolean NOT NULL,
  status integer,
  problem text,
  ms integer NOT NULL,
  at timestamptz NOT NULL,
  day date NOT NULL
);
CREATE INDEX attempt_subscription ON subscriptions.attempt (subscription, seq);
CREATE INDEX attempt_day ON subscriptions.attempt (day, subscription) WHERE ok;
-- Use by day, kept for three years.
CREATE TABLE subscriptions.usage (
  subscription integer NOT NULL,
  day date NOT NULL,
  messages bigint NOT NULL DEFAULT 0,
  events bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  failures bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (subscription, day)
);
-- The sealed log of a day: one line per delivered message with the fingerprint of its body.
CREATE TABLE subscriptions.daylog (
  subscription integer NOT NULL,
  day date NOT NULL,
  messages integer NOT NULL,
  events bigint NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  seal integer NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (subscription, day)
);
-- What the retention dropped of a source's changes.
CREATE TABLE subscriptions.retention (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  upto bigint NOT NULL,
  changes bigint NOT NULL,
  at timestamptz NOT NULL
);
