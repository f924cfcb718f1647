-- Entries of the resource catalogue (政务数据目录): what each version says, and every step that it took.
CREATE TABLE catalogue.entry (
  -- Of a collected resource the id of its source (`owner.resource`), of any other `owner.n` and its sequence number.
  id text PRIMARY KEY,
  provider text NOT NULL,
  -- Sequence code (顺序码); with a source the source's number, which is never used again.
  sequence integer NOT NULL UNIQUE,
  -- Id of the source declaration that it came from; null for a dataset that is not collected.
  source text UNIQUE,
  -- Version in force; null until the first is published.
  published integer,
  retired_at timestamptz,
  created_at timestamptz NOT NULL
);
-- Sequence numbers of entries without a source begin behind every number that a declaration can have.
CREATE SEQUENCE catalogue.entry_sequence START 100001;
CREATE TABLE catalogue.entry_version (
  entry text NOT NULL REFERENCES catalogue.entry (id),
  version integer NOT NULL,
  -- change: says something; retire: asks that the entry be taken out.
  kind text NOT NULL DEFAULT 'change' CHECK (kind IN ('change', 'retire')),
  state text NOT NULL CHECK (state IN ('draft', 'submitted', 'reviewing', 'returned', 'published', 'withdrawn')),
  -- Grows with every change, so that two people who edit one draft cannot overwrite each other.
  revision integer NOT NULL DEFAULT 1,
  content jsonb NOT NULL,
  origin text NOT NULL CHECK (origin IN ('declaration', 'form', 'file')),
  -- Version of the source declaration that it was made from.
  declaration integer,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  -- When the authority received it: the legal days of review begin on the next day.
  received_at timestamptz,
  decided_at timestamptz,
  overdue_at timestamptz,
  PRIMARY KEY (entry, version)
);
CREATE UNIQUE INDEX entry_version_open ON catalogue.entry_version (entry)
  WHERE state IN ('draft', 'submitted', 'reviewing', 'returned');
CREATE INDEX entry_version_state ON catalogue.entry_version (state);
CREATE TABLE catalogue.entry_step (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry text NOT NULL REFERENCES catalogue.entry (id),
  version integer NOT NULL,
  step text NOT NULL,
  by_login text,
  organisation text,
  at timestamptz NOT NULL,
  -- Reasons of a return, findings at a submission.
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX entry_step_of ON catalogue.entry_step (entry, seq);

-- Duties to update the catalogue (decree 809, article 17): ten working days from the change of law or functions.
CREATE TABLE catalogue.duty (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  entry text REFERENCES catalogue.entry (id),
  -- The law, decision or change of functions from which it follows.
  ground text NOT NULL,
  occurred date NOT NULL,
  raised_by text NOT NULL,
  raised_at timestamptz NOT NULL,
  -- Consent of the authority to five days more.
  extended_days integer NOT NULL DEFAULT 0 CHECK (extended_days BETWEEN 0 AND 5),
  extended_ground text,
  extended_by text,
  extended_at timestamptz,
  -- Done when the update reached the authority; stopped with the ground for it.
  done_at timestamptz,
  done_version integer,
  stopped_at timestamptz,
  stopped_by text,
  stopped_ground text,
  overdue_at timestamptz,
  CHECK ((extended_days = 0) = (extended_ground IS NULL)),
  CHECK ((stopped_at IS NULL) = (stopped_ground IS NULL))
);
CREATE INDEX duty_open ON catalogue.duty (provider) WHERE done_at IS NULL AND stopped_at IS NULL;

-- The one department that collects an item for all (数源部门; decree 809, article 19), as the authority decided it.
CREATE TABLE catalogue.source_department (
  subject text NOT NULL,
  -- Normalised name of the item.
  item text NOT NULL,
  organisation text NOT NULL,
  ground text NOT NULL,
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (subject, item)
);
-- What the authority decided of two entries that seem to collect the same twice.
CREATE TABLE catalogue.repeat_decision (
  one text NOT NULL REFERENCES catalogue.entry (id),
  other text NOT NULL REFERENCES catalogue.entry (id),
  outcome text NOT NULL CHECK (outcome IN ('distinct', 'keep-one', 'keep-other')),
  ground text NOT NULL,
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (one, other),
  CHECK (one < other)
);
