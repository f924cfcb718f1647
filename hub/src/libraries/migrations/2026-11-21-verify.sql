-- Verifications (数据校核): a department's list held against a library, and how what differs is handled.
CREATE TABLE libraries.verification (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL,
  subject text NOT NULL CHECK (subject IN ('person', 'legal-person')),
  -- The organisation whose list it is; null: of a data steward.
  organisation text,
  by_login text NOT NULL,
  purpose text,
  at timestamptz NOT NULL,
  -- An uploaded file, or a run of a source.
  file_name text,
  format text,
  blob text,
  source text,
  run integer,
  -- Which column says what: { number: '身份证号', name: '姓名' }.
  columns jsonb NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
  job text,
  problem jsonb,
  -- received and the number of rows by outcome.
  counts jsonb,
  finished timestamptz
);
CREATE INDEX verification_organisation ON libraries.verification (organisation, id);
-- Rows that people have taken up; all others that do not agree are open.
CREATE TABLE libraries.verification_case (
  verification integer NOT NULL REFERENCES libraries.verification (id),
  row integer NOT NULL,
  outcome text NOT NULL,
  entity bigint,
  state text NOT NULL,
  comment text,
  by_login text NOT NULL,
  organisation text,
  at timestamptz NOT NULL,
  PRIMARY KEY (verification, row)
);
CREATE INDEX verification_case_state ON libraries.verification_case (state, at);
