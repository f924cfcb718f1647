-- Corrections (核实): what a list and a library disagree on, as a matter for the owner of the source whose value stands.
CREATE TABLE libraries.correction (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Where it was found: a row of a verification, or a member of a comparison list.
  verification integer REFERENCES libraries.verification (id),
  row integer,
  list text,
  subject text NOT NULL CHECK (subject IN ('person', 'legal-person')),
  -- Null: the library has nobody.
  entity bigint,
  -- What is in doubt: number, name, birth …, status, or record (whether there is such a record at all).
  field text NOT NULL,
  outcome text,
  -- Whose value stands, and the department that answers for it.
  source text,
  owner text,
  fact bigint,
  raised_by text NOT NULL,
  raised_organisation text,
  raised_at timestamptz NOT NULL,
  due date NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'source-wrong', 'list-wrong', 'settled')),
  comment text,
  by_login text NOT NULL,
  at timestamptz NOT NULL,
  CHECK ((verification IS NULL) = (row IS NULL) AND (verification IS NULL) <> (list IS NULL))
);
CREATE UNIQUE INDEX correction_row ON libraries.correction (verification, row, field) WHERE verification IS NOT NULL;
CREATE UNIQUE INDEX correction_member ON libraries.correction (list, entity, field) WHERE list IS NOT NULL AND state <> 'settled';
CREATE INDEX correction_owner ON libraries.correction (owner, state, due);
CREATE INDEX correction_raised ON libraries.correction (raised_organisation, state, due);
CREATE TABLE libraries.correction_entry (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  correction integer NOT NULL REFERENCES libraries.correction (id),
  state text NOT NULL,
  comment text,
  by_login text NOT NULL,
  organisation text,
  at timestamptz NOT NULL
);
CREATE INDEX correction_entry_of ON libraries.correction_entry (correction, seq);
