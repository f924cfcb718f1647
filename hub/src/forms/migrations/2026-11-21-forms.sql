-- Forms of departments: designs with their versions, records with their history, tasks, files, synchronisation, and what flows to the exchange.
-- Identity and telephone numbers stand here as tokens of the vault.
CREATE TABLE forms.form (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation text NOT NULL,
  -- The resource's part of the source: mzj.<name>.
  name text NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
  published integer,
  draft jsonb,
  -- Grows with every save of the draft, so that two people do not overwrite each other.
  revision integer NOT NULL DEFAULT 1,
  -- The source of the exchange; null until it was declared.
  source text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retired_at timestamptz,
  retired_reason text,
  UNIQUE (organisation, name)
);
-- A published version never changes.
CREATE TABLE forms.version (
  form integer NOT NULL REFERENCES forms.form (id),
  version integer NOT NULL,
  design jsonb NOT NULL,
  published_at timestamptz NOT NULL,
  published_by text NOT NULL,
  retired_at timestamptz,
  -- What became of open records of earlier versions.
  old text NOT NULL CHECK (old IN ('keep', 'carry')),
  note text,
  PRIMARY KEY (form, version)
);
CREATE TABLE forms.task (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form integer NOT NULL REFERENCES forms.form (id),
  title jsonb NOT NULL,
  note text,
  state text NOT NULL CHECK (state IN ('open', 'closed')),
  due date,
  created_by text NOT NULL,
  created_name text NOT NULL,
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  closed_reason text
);
CREATE INDEX task_form ON forms.task (form, id);
-- Order in which changes become visible to phones: given while the room's lock is held.
CREATE SEQUENCE forms.cursor;
CREATE TABLE forms.record (
  id uuid PRIMARY KEY,
  form integer NOT NULL REFERENCES forms.form (id),
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'submitted', 'checked', 'accepted', 'returned', 'withdrawn')),
  values jsonb NOT NULL,
  caption text NOT NULL,
  revision integer NOT NULL,
  cursor bigint NOT NULL,
  filled_by text NOT NULL,
  filled_name text NOT NULL,
  -- By the phone's clock, as it said.
  collected_at timestamptz,
  received_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  conflicts integer NOT NULL DEFAULT 0,
  due date,
  reason text,
  -- Whether a row of it stands in the exchange (accepted once and not withdrawn).
  known boolean NOT NULL DEFAULT false,
  FOREIGN KEY (form, version) REFERENCES forms.version (form, version)
);
CREATE INDEX record_form ON forms.record (form, updated_at DESC, id);
CREATE INDEX record_state ON forms.record (form, state);
CREATE INDEX record_filler ON forms.record (filled_by, cursor);
CREATE TABLE forms.target (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task integer NOT NULL REFERENCES forms.task (id),
  title text NOT NULL,
  division text,
  relation jsonb,
  values jsonb NOT NULL,
  assignee text,
  assignee_name text,
  record uuid REFERENCES forms.record (id)
);
CREATE INDEX target_task ON forms.target (task, id);
CREATE INDEX target_assignee ON forms.target (assignee, task);
CREATE INDEX target_record ON forms.target (record) WHERE record IS NOT NULL;
-- History: every change with the values after it. A conflicting one changed nothing until somebody settles it.
CREATE TABLE forms.change (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record uuid NOT NULL REFERENCES forms.record (id),
  revision integer NOT NULL,
  action text NOT NULL,
  by_login text NOT NULL,
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  device_at timestamptz,
  device uuid,
  operation uuid UNIQUE,
  from_state text,
  to_state text,
  reason text,
  version integer NOT NULL,
  values jsonb,
  base integer,
  conflict boolean NOT NULL DEFAULT false,
  settled_by text,
  settled_at timestamptz,
  settled_as text
);
CREATE INDEX change_record ON forms.change (record, seq);
-- Values of fields that may stand once in a form, as digests.
CREATE TABLE forms.unique_value (
  form integer NOT NULL REFERENCES forms.form (id),
  field text NOT NULL,
  digest text NOT NULL,
  record uuid NOT NULL REFERENCES forms.record (id),
  PRIMARY KEY (form, field, digest)
);
CREATE INDEX unique_value_record ON forms.unique_value (record);
-- Every operation that a phone sent, once, with the answer that it got.
CREATE TABLE forms.operation (
  key uuid PRIMARY KEY,
  login text NOT NULL,
  device uuid NOT NULL,
  digest text NOT NULL,
  record uuid NOT NULL,
  received_at timestamptz NOT NULL,
  device_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('applied', 'conflict', 'kept', 'refused')),
  answer jsonb NOT NULL,
  -- What it said, tokens for identity data; kept of refused ones, whose content stands nowhere else.
  content jsonb
);
CREATE INDEX operation_login ON forms.operation (login, received_at);
CREATE TABLE forms.file (
  id uuid PRIMARY KEY,
  form integer NOT NULL REFERENCES forms.form (id),
  field text NOT NULL,
  name text NOT NULL,
  bytes integer NOT NULL,
  sha256 text NOT NULL,
  received integer NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('open', 'complete', 'refused')),
  type text,
  -- Address of what is shown, and of what a picture said about where and with what it was taken.
  blob text,
  exif text,
  -- The record that it belongs to.
  record uuid REFERENCES forms.record (id),
  login text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX file_record ON forms.file (record);
CREATE TABLE forms.import (
  id uuid PRIMARY KEY,
  form integer NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  -- The workbook as it came (encrypted); it is read again for every step.
  blob text NOT NULL,
  state text NOT NULL CHECK (state IN ('checked', 'applied', 'refused')),
  result jsonb NOT NULL,
  applied integer NOT NULL DEFAULT 0,
  login text NOT NULL,
  at timestamptz NOT NULL
);
-- What accepted records say to the exchange: written with the acceptance, sent in batches that never change.
CREATE TABLE forms.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form integer NOT NULL REFERENCES forms.form (id),
  record uuid NOT NULL REFERENCES forms.record (id),
  op text NOT NULL CHECK (op IN ('I', 'U', 'D')),
  row jsonb NOT NULL,
  at timestamptz NOT NULL,
  batch uuid,
  run integer,
  sent_at timestamptz,
  problem jsonb
);
CREATE INDEX outbox_waiting ON forms.outbox (form, id) WHERE sent_at IS NULL;
CREATE INDEX outbox_record ON forms.outbox (record, id);
