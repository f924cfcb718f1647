-- Sources that the hub itself declares (forms of departments): they stand here and in no folder. Numbers are never used again.
CREATE TABLE catalogue.declared_source (
  id text PRIMARY KEY,
  number integer NOT NULL UNIQUE,
  declaration jsonb NOT NULL,
  sha256 text NOT NULL,
  declared_by text NOT NULL,
  declared_at timestamptz NOT NULL
);
