-- How members of comparison lists are followed up, one case per stay on a list (list, entity, since). `entry` is every word said
-- and never changes; `case` is where each stands.
CREATE TABLE libraries.list_case (
  list text NOT NULL,
  entity bigint NOT NULL,
  since date NOT NULL,
  division text,
  state text NOT NULL,
  comment text,
  by_login text NOT NULL,
  organisation text,
  at timestamptz NOT NULL,
  -- The day on which the member left the list; null while it is on it.
  ended_on date,
  PRIMARY KEY (list, entity, since)
);
CREATE INDEX list_case_state ON libraries.list_case (list, state) WHERE ended_on IS NULL;
CREATE TABLE libraries.list_entry (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list text NOT NULL,
  entity bigint NOT NULL,
  since date NOT NULL,
  state text NOT NULL,
  comment text,
  by_login text NOT NULL,
  organisation text,
  at timestamptz NOT NULL
);
CREATE INDEX list_entry_member ON libraries.list_entry (list, entity, seq);
