-- The query workbench: what everybody asked lately (their own), and queries that were saved.
CREATE TABLE workbench.history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account uuid NOT NULL REFERENCES auth.account (id),
  at timestamptz NOT NULL,
  statement text NOT NULL,
  parameters jsonb NOT NULL,
  -- Null: it was answered; else the code of what was wrong.
  problem text,
  rows integer,
  ms integer NOT NULL,
  views text[] NOT NULL
);
CREATE INDEX history_own ON workbench.history (account, id DESC);
CREATE INDEX history_at ON workbench.history (at);

CREATE TABLE workbench.saved (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL,
  statement text NOT NULL,
  parameters jsonb NOT NULL,
  chart jsonb,
  author uuid NOT NULL REFERENCES auth.account (id),
  -- The author's when it was saved: it stays with the organisation when they leave.
  organisation text,
  shared text NOT NULL CHECK (shared IN ('own', 'organisation', 'roles')),
  roles text[] NOT NULL,
  version integer NOT NULL DEFAULT 1,
  made_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CHECK (shared <> 'organisation' OR organisation IS NOT NULL)
);
CREATE INDEX saved_author ON workbench.saved (author);
CREATE INDEX saved_organisation ON workbench.saved (organisation) WHERE shared = 'organisation';
