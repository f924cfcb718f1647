-- Open data: what departments propose to open, the checks before it, editions, and what the public says and asks.
CREATE TABLE publishing.dataset (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Its name in addresses and in the API; stays the same for ever.
  slug text NOT NULL UNIQUE,
  entry text NOT NULL,
  provider text NOT NULL,
  state text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  -- Grows when the plan changes: a check speaks of one revision.
  revision integer NOT NULL DEFAULT 1,
  title jsonb NOT NULL,
  abstract jsonb NOT NULL,
  plan jsonb NOT NULL,
  edition integer,
  next_day date,
  -- Why it was returned, withdrawn, suspended, or why its renewal is held: {zh, en}.
  reason jsonb,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  agreed_by text,
  opened_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX dataset_state ON publishing.dataset (state, id);
CREATE INDEX dataset_entry ON publishing.dataset (entry);
CREATE TABLE publishing.step (
  seq integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  action text NOT NULL,
  from_state text,
  to_state text NOT NULL,
  -- null: the hub itself.
  login text,
  organisation text,
  comment text,
  at timestamptz NOT NULL
);
CREATE INDEX step_dataset ON publishing.step (dataset, seq);
CREATE TABLE publishing.check_run (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  revision integer NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  -- Whether it was the check of an edition that was being made.
  renewal boolean NOT NULL,
  findings jsonb NOT NULL DEFAULT '[]',
  facts jsonb NOT NULL DEFAULT '{}',
  problem jsonb,
  asked_by text,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX check_dataset ON publishing.check_run (dataset, id);
-- A finding that the authority lets pass, on a ground of law, up to as many places as it saw.
CREATE TABLE publishing.overrule (
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  finding text NOT NULL,
  places integer NOT NULL,
  ground text NOT NULL,
  login text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (dataset, finding)
);
CREATE TABLE publishing.edition (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  number integer NOT NULL,
  state text NOT NULL CHECK (state IN ('making', 'open', 'held', 'failed')),
  rows integer,
  fields jsonb NOT NULL DEFAULT '[]',
  -- [{format, sha256, bytes, seal}]
  files jsonb NOT NULL DEFAULT '[]',
  -- {added, removed} against the edition before; null for the first.
  changes jsonb,
  check_run integer,
  made_at timestamptz NOT NULL,
  opened_at timestamptz,
  UNIQUE (dataset, number)
);
CREATE TABLE publishing.rating (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  -- Hash of the visitor's token and the dataset: one voice, and no way to join voices.
  visitor text NOT NULL,
  stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
  words text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('waiting', 'shown', 'hidden')),
  at timestamptz NOT NULL,
  moderated_by text,
  UNIQUE (dataset, visitor)
);
CREATE TABLE publishing.message (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('request', 'error')),
  -- Hash of the receipt number that the visitor was given.
  receipt text NOT NULL UNIQUE,
  dataset integer REFERENCES publishing.dataset (id),
  organisation text,
  title text NOT NULL,
  body text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'answered')),
  outcome text,
  answer text,
  answered_by text,
  -- Last working day for the answer; null where no calendar covers it yet.
  due date,
  at timestamptz NOT NULL,
  answered_at timestamptz
);
CREATE INDEX message_desk ON publishing.message (state, organisation, id);
CREATE TABLE publishing.api_key (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash text NOT NULL UNIQUE,
  name text NOT NULL,
  made_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by text
);
CREATE TABLE publishing.key_use (
  key integer NOT NULL REFERENCES publishing.api_key (id),
  day date NOT NULL,
  calls integer NOT NULL,
  PRIMARY KEY (key, day)
);
-- How often each dataset was looked at, downloaded and called, by day; nothing of who.
CREATE TABLE publishing.use (
  dataset integer NOT NULL REFERENCES publishing.dataset (id),
  day date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('view', 'download', 'call')),
  times integer NOT NULL,
  PRIMARY KEY (dataset, day, kind)
);
