-- 预警及其处置 / Early warnings and how they were handled.
CREATE TABLE credit.warning (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,
  entity integer NOT NULL,
  matter text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('high', 'medium', 'low')),
  -- The day of the evidence; when it was first and last found; when it was no longer found while open.
  day date,
  found_on date NOT NULL,
  seen_on date NOT NULL,
  lapsed_on date,
  value double precision,
  facts text[] NOT NULL DEFAULT '{}',
  town text,
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'confirmed', 'dismissed', 'done')),
  handled_at timestamptz,
  handled_by text,
  reason text
);
CREATE UNIQUE INDEX warning_matter ON credit.warning (rule, entity, matter);
CREATE UNIQUE INDEX warning_open ON credit.warning (rule, entity) WHERE state IN ('new', 'confirmed');
CREATE INDEX warning_entity ON credit.warning (entity);
CREATE INDEX warning_list ON credit.warning (state, severity, found_on);

CREATE TABLE credit.warning_step (
  warning bigint NOT NULL REFERENCES credit.warning (id),
  at timestamptz NOT NULL,
  by_user text NOT NULL,
  by_name text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  reason text
);
CREATE INDEX warning_step_warning ON credit.warning_step (warning);
