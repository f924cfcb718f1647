-- Assessment (考核): formulas as they were registered, results by month and version, their points and records, objections.
CREATE TABLE assessment.formula (
  scheme text NOT NULL,
  version integer NOT NULL,
  -- The authors' own name of it: the file's name.
  edition text NOT NULL,
  -- First month that it holds for: '2026-11'.
  valid_from text NOT NULL CHECK (valid_from ~ '^\d{4}-\d\d$'),
  hash text NOT NULL,
  declaration jsonb NOT NULL,
  file text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (scheme, version),
  UNIQUE (scheme, edition)
);
-- A formula never changes.
CREATE FUNCTION assessment.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'registered formulas and closed results do not change: % is refused', TG_OP;
END $$;
CREATE TRIGGER formula_immutable BEFORE UPDATE OR DELETE ON assessment.formula
  FOR EACH ROW EXECUTE FUNCTION assessment.refuse_change();

-- Version 0 is provisional and computed anew; 1 is the month as it was closed, later ones are corrections.
CREATE TABLE assessment.result (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scheme text NOT NULL,
  month text NOT NULL CHECK (month ~ '^\d{4}-\d\d$'),
  version integer NOT NULL CHECK (version >= 0),
  formula integer NOT NULL,
  -- Last day that counts.
  day date NOT NULL,
  made_at timestamptz NOT NULL,
  -- The objection from which a correction follows.
  objection integer,
  -- SHA-256 of everything below, canonical; its seal once it is closed.
  digest text NOT NULL,
  seal integer,
  UNIQUE (scheme, month, version),
  FOREIGN KEY (scheme, formula) REFERENCES assessment.formula (scheme, version)
);
CREATE TRIGGER result_immutable BEFORE UPDATE OR DELETE ON assessment.result
  FOR EACH ROW WHEN (OLD.version > 0) EXECUTE FUNCTION assessment.refuse_change();

-- Scores, weights and points are in hundredths.
CREATE TABLE assessment.unit_score (
  result integer NOT NULL REFERENCES assessment.result (id) ON DELETE CASCADE,
  unit text NOT NULL,
  name jsonb NOT NULL,
  -- Null: nothing of it could be measured.
  score integer,
  -- Null: too little of it could be measured to be compared.
  rank integer,
  -- Declared weight of what applied.
  weight integer NOT NULL,
  PRIMARY KEY (result, unit)
);
CREATE TABLE assessment.point (
  result integer NOT NULL REFERENCES assessment.result (id) ON DELETE CASCADE,
  unit text NOT NULL,
  indicator text NOT NULL,
  -- scored, none (no or too few cases), absent (the hub has no such records), waived (after an objection)
  state text NOT NULL CHECK (state IN ('scored', 'none', 'absent', 'waived')),
  weight integer NOT NULL,
  points integer NOT NULL,
  base double precision NOT NULL,
  value double precision NOT NULL,
  measure double precision,
  cases integer NOT NULL,
  PRIMARY KEY (result, unit, indicator)
);
CREATE TABLE assessment.record (
  result integer NOT NULL REFERENCES assessment.result (id) ON DELETE CASCADE,
  unit text NOT NULL,
  indicator text NOT NULL,
  seq integer NOT NULL,
  kind text NOT NULL,
  ref text NOT NULL,
  title jsonb NOT NULL,
  note jsonb,
  base double precision NOT NULL,
  value double precision NOT NULL,
  lost integer NOT NULL,
  -- Objection by which it does not count.
  objection integer,
  PRIMARY KEY (result, unit, indicator, seq)
);
-- What a provisional score was on each day, for the trend within a month.
CREATE TABLE assessment.daily (
  scheme text NOT NULL,
  day date NOT NULL,
  unit text NOT NULL,
  score integer,
  rank integer,
  PRIMARY KEY (scheme, day, unit)
);

CREATE TABLE assessment.objection (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scheme text NOT NULL,
  month text NOT NULL,
  -- Version that it is about.
  version integer NOT NULL,
  unit text NOT NULL,
  indicator text NOT NULL,
  -- Null: the whole indicator.
  kind text,
  ref text,
  -- Points at stake when it was raised, in hundredths.
  lost integer NOT NULL,
  reason text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'withdrawn')),
  raised_by text NOT NULL,
  raised_at timestamptz NOT NULL,
  decision text,
  decided_by text,
  decided_at timestamptz,
  -- What came of it: the month's version made by it, score before and after, in hundredths.
  made_version integer,
  score_before integer,
  score_after integer,
  CHECK ((kind IS NULL) = (ref IS NULL)),
  CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX objection_open ON assessment.objection (scheme, month, unit, indicator, coalesce(kind, ''), coalesce(ref, ''))
  WHERE state = 'open';
CREATE INDEX objection_unit ON assessment.objection (unit, id);

-- Reports of closed months as they were made: the file is in the store under its SHA-256.
CREATE TABLE assessment.report (
  scheme text NOT NULL,
  month text NOT NULL,
  version integer NOT NULL,
  language text NOT NULL CHECK (language IN ('zh', 'en')),
  sha256 text NOT NULL,
  bytes integer NOT NULL,
  seal integer NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (scheme, month, version, language)
);
