-- What was done to the keys beside the running hub (custody begun, a token set before them, a loss accepted), once it is in the audit.
CREATE SCHEMA IF NOT EXISTS keys;
CREATE TABLE keys.noted (
  what text PRIMARY KEY,
  at timestamptz NOT NULL
);
