-- Who belonged where and held which role from when to when: rows are closed, never taken out while the account is there.
CREATE TABLE auth.membership (
  account uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  organisation text,
  disabled boolean NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz
);
CREATE UNIQUE INDEX membership_open ON auth.membership (account) WHERE to_at IS NULL;
CREATE INDEX membership_organisation ON auth.membership (organisation, from_at);
CREATE TABLE auth.role_history (
  account uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  role text NOT NULL,
  organisation text,
  given_by text,
  from_at timestamptz NOT NULL,
  to_at timestamptz
);
CREATE UNIQUE INDEX role_history_open ON auth.role_history (account, role) WHERE to_at IS NULL;
INSERT INTO auth.membership (account, organisation, disabled, from_at)
  SELECT id, organisation, disabled, created_at FROM auth.account;
INSERT INTO auth.role_history (account, role, organisation, given_by, from_at)
  SELECT account, role, organisation, granted_by, granted_at FROM auth.role_grant;

-- A role lent to a colleague from one day to another (both included). It counts only while its owner holds it.
CREATE TABLE auth.delegation (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  delegate uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role NOT LIKE '%-admin'),
  organisation text,
  from_day date NOT NULL,
  to_day date NOT NULL CHECK (to_day >= from_day),
  reason text NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by text,
  CHECK (owner <> delegate)
);
CREATE INDEX delegation_delegate ON auth.delegation (delegate) WHERE ended_at IS NULL;
CREATE INDEX delegation_owner ON auth.delegation (owner) WHERE ended_at IS NULL;

-- Organisations that are no more, and the present one that answers for what still bears their code; null: nobody does.
CREATE TABLE auth.succession (
  former text PRIMARY KEY,
  heir text CHECK (heir <> former),
  since date NOT NULL
);
-- The former organisation that a session stands for; null: the account's own.
ALTER TABLE auth.session ADD COLUMN stands_for text;
