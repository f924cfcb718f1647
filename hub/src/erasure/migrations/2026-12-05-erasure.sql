-- Erasure of persons (docs/erasure.md). No number and no name stands here: a person is the token of the number's normal form.
CREATE TABLE erasure.matter (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('entered', 'proposed', 'running', 'executed', 'closed', 'refusing', 'refused', 'withdrawn')),
  ground text NOT NULL CHECK (ground IN ('request', 'consent-withdrawn', 'purpose-ended', 'unlawful')),
  -- Number of the document by which it came.
  document text NOT NULL,
  norm text NOT NULL,
  -- For people to know the matter by while it is open; gone when it is carried out.
  mask text,
  digest text NOT NULL,
  received date NOT NULL,
  -- Last day for the answer; null where the city's calendar does not reach it.
  due date,
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL,
  looked_at timestamptz,
  proposed_by text,
  proposed_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  -- {reason, ground}: what is answered where it is refused.
  refusal jsonb,
  job text,
  problem jsonb,
  executed_at timestamptz,
  closed_at timestamptz,
  -- The matter came back with a backup that was older than it.
  restored boolean NOT NULL DEFAULT false,
  CHECK (decided_by IS NULL OR decided_by <> proposed_by)
);
-- One open matter a person.
CREATE UNIQUE INDEX matter_open ON erasure.matter (norm) WHERE state IN ('entered', 'proposed', 'running', 'refusing');
CREATE TABLE erasure.holding (
  matter integer NOT NULL REFERENCES erasure.matter (id),
  room text NOT NULL,
  place text NOT NULL,
  title jsonb NOT NULL,
  count integer NOT NULL,
  action text NOT NULL CHECK (action IN ('delete', 'blank', 'keep', 'none')),
  ground jsonb,
  link text,
  source text,
  PRIMARY KEY (matter, room, place)
);
-- What an officer decided of a class otherwise than its declaration says.
CREATE TABLE erasure.decision (
  matter integer NOT NULL REFERENCES erasure.matter (id),
  source text NOT NULL,
  action text NOT NULL CHECK (action IN ('delete', 'keep')),
  reason text NOT NULL,
  PRIMARY KEY (matter, source)
);
-- Finished steps, with what each did.
CREATE TABLE erasure.mark (
  matter integer NOT NULL REFERENCES erasure.matter (id),
  step text NOT NULL,
  at timestamptz NOT NULL,
  detail jsonb NOT NULL,
  PRIMARY KEY (matter, step)
);
CREATE TABLE erasure.entry (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matter integer NOT NULL REFERENCES erasure.matter (id),
  action text NOT NULL,
  login text,
  comment text,
  at timestamptz NOT NULL
);
CREATE INDEX entry_matter ON erasure.entry (matter, seq);
CREATE TABLE erasure.certificate (
  matter integer NOT NULL REFERENCES erasure.matter (id),
  revision integer NOT NULL,
  text text NOT NULL,
  sha256 text NOT NULL,
  seal integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (matter, revision)
);
