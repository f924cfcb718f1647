-- Organisations that change, people who move and leave, and the yearly review of roles. What stands here is never taken out.
CREATE TABLE people.act (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('found', 'rename', 'merge', 'split', 'end')),
  -- The first day on which it holds.
  day date NOT NULL,
  -- Number of the document that decided it, or its reason.
  ground text NOT NULL,
  -- {ends, heir, founds, rename, moves}: see register.ts.
  spec jsonb NOT NULL,
  state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'done', 'withdrawn')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  confirmed_by text,
  confirmed_at timestamptz,
  withdrawn_by text,
  done_at timestamptz,
  -- What it did: who was handed where, what stayed under a former code.
  effects jsonb,
  -- Why it could not be put in force on its day: {code, title}.
  fault jsonb,
  CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by)
);
CREATE INDEX act_due ON people.act (day) WHERE state = 'confirmed';
-- Moves and ends of accounts on a day.
CREATE TABLE people.change (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('move', 'leave')),
  day date NOT NULL,
  -- Where to; null: to none.
  organisation text,
  reason text NOT NULL,
  state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done', 'cancelled')),
  by_login text NOT NULL,
  made_at timestamptz NOT NULL,
  done_at timestamptz,
  -- Roles that were taken away, and what was still held.
  effects jsonb
);
CREATE UNIQUE INDEX change_planned ON people.change (account) WHERE state = 'planned';
CREATE INDEX change_account ON people.change (account, id);
CREATE TABLE people.campaign (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  year integer NOT NULL,
  started_at timestamptz NOT NULL,
  started_day date NOT NULL,
  -- Null: by itself, on the declared day.
  started_by text,
  due date NOT NULL,
  suspends boolean NOT NULL,
  closed_at timestamptz
);
CREATE UNIQUE INDEX campaign_open ON people.campaign ((true)) WHERE closed_at IS NULL;
CREATE TABLE people.certification (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign integer NOT NULL REFERENCES people.campaign (id),
  account uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  -- As they were when the campaign began: results outlive later changes.
  login text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  organisation text,
  -- The organisation that the account belonged to.
  of_organisation text,
  reviewer text NOT NULL CHECK (reviewer IN ('head', 'security-admin', 'audit-admin')),
  state text NOT NULL DEFAULT 'open'
    CHECK (state IN ('open', 'confirmed', 'withdrawn', 'suspended', 'unanswered', 'lapsed', 'restored')),
  decided_by text,
  decided_at timestamptz,
  comment text,
  UNIQUE (campaign, account, role)
);
CREATE INDEX certification_open ON people.certification (campaign, reviewer, of_organisation) WHERE state = 'open';
