-- Electronic archives (电子档案): their metadata, files, checks, life-cycle steps and seals. Contents are in a store of their own.
CREATE TABLE archives.archive (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL DEFAULT 'draft'
    CHECK (state IN ('draft', 'submitted', 'failed', 'passed', 'archived', 'preserved', 'destroyed')),
  -- What its content is known to be like: unknown until it is sealed.
  condition text NOT NULL DEFAULT 'unknown' CHECK (condition IN ('unknown', 'sound', 'damaged')),
  -- Whose it is now, and who handed it in.
  organisation text NOT NULL,
  depositor text NOT NULL,
  depositor_id text NOT NULL,
  package boolean NOT NULL,
  metadata jsonb NOT NULL,
  -- Formed when it is handed in; never given twice.
  reference text UNIQUE,
  folder text,
  item integer,
  -- Marked by the checks: it seems to hold personal data.
  personal boolean NOT NULL DEFAULT false,
  controlled boolean NOT NULL DEFAULT false,
  -- What is searched: lower case, and its pairs of characters.
  haystack text NOT NULL DEFAULT '',
  tokens text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  archived_at timestamptz,
  verified_at timestamptz,
  destroyed_at timestamptz,
  -- Head of its life-cycle chain.
  steps integer NOT NULL DEFAULT 0,
  head bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);
CREATE INDEX archive_organisation ON archives.archive (organisation, state);
CREATE INDEX archive_folder ON archives.archive (folder, item);
CREATE INDEX archive_verified ON archives.archive (verified_at) WHERE state IN ('archived', 'preserved');
CREATE INDEX archive_tokens ON archives.archive USING gin (tokens);

CREATE TABLE archives.file (
  archive integer NOT NULL REFERENCES archives.archive (id) ON DELETE CASCADE,
  no integer NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('main', 'attachment')),
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  -- What its maker said of it.
  declared_sha256 text,
  declared_bytes bigint,
  software text,
  -- By its content; null until it was looked at.
  format text,
  removed boolean NOT NULL DEFAULT false,
  PRIMARY KEY (archive, no)
);
CREATE INDEX file_content ON archives.file (sha256);

CREATE TABLE archives.examination (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  archive integer NOT NULL REFERENCES archives.archive (id) ON DELETE CASCADE,
  phase text NOT NULL CHECK (phase IN ('archiving', 'transfer', 'preservation')),
  at timestamptz NOT NULL,
  by_login text,
  outcome text NOT NULL CHECK (outcome IN ('passed', 'warned', 'failed')),
  items jsonb NOT NULL,
  -- Warnings that somebody accepted, with the ground.
  grounds jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX examination_archive ON archives.examination (archive, id);

-- Seals made anew when an algorithm ages stand beside the old ones.
CREATE TABLE archives.generation (
  archive integer NOT NULL REFERENCES archives.archive (id) ON DELETE CASCADE,
  no integer NOT NULL,
  seal integer NOT NULL,
  algorithm integer NOT NULL,
  -- Imprints of the leaves in hexadecimal: metadata, files by number, the signature before.
  leaves jsonb NOT NULL,
  -- The text whose imprint is the first leaf.
  metadata text NOT NULL,
  level integer NOT NULL,
  root text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (archive, no)
);

CREATE TABLE archives.batch (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seal integer NOT NULL,
  steps integer NOT NULL,
  at timestamptz NOT NULL
);
CREATE TABLE archives.step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  archive integer NOT NULL,
  seq integer NOT NULL,
  action text NOT NULL,
  at timestamptz NOT NULL,
  -- The whole step as it is hashed: RFC 8785 JSON with the hash before it.
  record text NOT NULL,
  hash bytea NOT NULL,
  batch integer REFERENCES archives.batch (id),
  UNIQUE (archive, seq)
);
CREATE INDEX step_open ON archives.step (id) WHERE batch IS NULL;
CREATE INDEX step_batch ON archives.step (batch, id);

CREATE TABLE archives.borrowing (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  archive integer NOT NULL REFERENCES archives.archive (id),
  user_id text NOT NULL,
  login text NOT NULL,
  organisation text,
  kind text NOT NULL CHECK (kind IN ('view', 'download')),
  purpose text NOT NULL,
  days integer NOT NULL,
  state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'lent', 'refused', 'returned')),
  at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  reason text,
  until timestamptz,
  returned_at timestamptz
);
CREATE INDEX borrowing_archive ON archives.borrowing (archive, state);
CREATE INDEX borrowing_user ON archives.borrowing (user_id, id);

CREATE TABLE archives.transfer (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_organisation text NOT NULL,
  to_organisation text NOT NULL,
  archives integer[] NOT NULL,
  ground text NOT NULL,
  state text NOT NULL DEFAULT 'checking' CHECK (state IN ('checking', 'offered', 'failed', 'accepted', 'refused')),
  by_login text NOT NULL,
  at timestamptz NOT NULL,
  -- Which of them failed the second check.
  failed integer[] NOT NULL DEFAULT '{}',
  decided_by text,
  decided_at timestamptz,
  reason text,
  -- What both sides hold: list of codes and roots, and who gave and took it.
  receipt jsonb
);

CREATE TABLE archives.appraisal (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  archive integer NOT NULL REFERENCES archives.archive (id),
  verdict text NOT NULL CHECK (verdict IN ('destroy', 'keep')),
  ground text NOT NULL,
  by_id text NOT NULL,
  by_login text NOT NULL,
  at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  second_id text,
  second_login text,
  second_at timestamptz,
  reason text,
  -- A kept archive comes up again after this day.
  again date
);
CREATE UNIQUE INDEX appraisal_open ON archives.appraisal (archive) WHERE state = 'proposed';

-- Runs of re-verification.
CREATE TABLE archives.run (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  ended timestamptz,
  archives integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  -- [{archive, reference, items: [code]}] of those that did not pass.
  findings jsonb NOT NULL DEFAULT '[]'
);
