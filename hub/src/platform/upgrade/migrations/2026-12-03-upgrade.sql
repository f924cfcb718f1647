-- Which program brought the stores to which form, and how far backfills of data are.
CREATE TABLE upgrade.release (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version text NOT NULL,
  lake_form integer NOT NULL,
  -- Migrations that it applied, and the form that it found in the lake (null: a new one).
  migrations integer NOT NULL,
  lake_from integer,
  at timestamptz NOT NULL
);

CREATE TABLE upgrade.backfill (
  room text NOT NULL,
  name text NOT NULL,
  -- Where the next batch begins; what was done so far.
  cursor jsonb,
  rows bigint NOT NULL DEFAULT 0,
  declared_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (room, name)
);
