-- Notices. A matter is what is told, once for every key; a notice is a matter in one person's inbox; a delivery is a way out of the
-- hub (mail, a declared webhook) for one notice, or for a digest of several.
CREATE TABLE notices.matter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  kind text NOT NULL,
  about text NOT NULL,
  urgency text NOT NULL CHECK (urgency IN ('info', 'normal', 'urgent')),
  recipients jsonb NOT NULL,
  title jsonb NOT NULL,
  text jsonb NOT NULL,
  -- Where the notice leads, by the permission that this needs; the first that a person holds is theirs.
  links jsonb NOT NULL,
  escalation jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  expires_at timestamptz,
  -- The outbox: told anew is a revision more, dispatched is the revision that was.
  revision integer NOT NULL DEFAULT 1,
  dispatched integer NOT NULL DEFAULT 0,
  -- Nobody was found: looked for again then.
  again_at timestamptz,
  settled_at timestamptz,
  -- Steps of the escalation that were taken, since when the present one runs and when it ends (null: not known or over).
  level integer NOT NULL DEFAULT 0,
  level_from timestamptz,
  level_due timestamptz,
  -- The calendar did not cover its end: asked again then.
  level_ask timestamptz
);
CREATE INDEX matter_waiting ON notices.matter (id) WHERE dispatched < revision AND settled_at IS NULL;
CREATE INDEX matter_again ON notices.matter (again_at) WHERE again_at IS NOT NULL AND settled_at IS NULL;
CREATE INDEX matter_escalates ON notices.matter (level_due) WHERE level_from IS NOT NULL AND settled_at IS NULL;
CREATE INDEX matter_expires ON notices.matter (expires_at) WHERE expires_at IS NOT NULL AND settled_at IS NULL;
CREATE INDEX matter_about ON notices.matter (kind, about) WHERE settled_at IS NULL;

CREATE TABLE notices.notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matter bigint NOT NULL REFERENCES notices.matter (id),
  account uuid NOT NULL REFERENCES auth.account (id),
  -- Why this person: told directly, as somebody's deputy, or because it was heard by nobody before.
  because text NOT NULL CHECK (because IN ('direct', 'deputy', 'escalation')),
  for_account uuid REFERENCES auth.account (id),
  level integer NOT NULL,
  kind text NOT NULL,
  urgency text NOT NULL,
  title jsonb NOT NULL,
  text jsonb NOT NULL,
  link text NOT NULL,
  arrived_at timestamptz NOT NULL,
  read_at timestamptz,
  acknowledged_at timestamptz,
  settled_at timestamptz,
  -- Once for ever: the same thing is never told twice to the same person.
  UNIQUE (matter, account)
);
CREATE INDEX notice_inbox ON notices.notice (account, id DESC);
CREATE INDEX notice_unread ON notices.notice (account) WHERE read_at IS NULL AND settled_at IS NULL;

CREATE TABLE notices.delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account uuid NOT NULL REFERENCES auth.account (id),
  channel text NOT NULL,
  -- Of one notice, or of a digest.
  notice bigint REFERENCES notices.notice (id),
  digest text,
  within bigint REFERENCES notices.delivery (id),
  state text NOT NULL CHECK (state IN ('waiting', 'digest', 'bundled', 'sending', 'sent', 'dead', 'cancelled')),
  -- What is sent, as it stood when it was first tried: a second try says the same.
  content jsonb,
  attempts integer NOT NULL DEFAULT 0,
  -- Tries before somebody asked for it to be tried again: the bound counts from there.
  tries_from integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  worker text,
  -- While it is being sent: whether the receiver may have taken it already.
  handed boolean NOT NULL DEFAULT false,
  -- Tries of which nobody can say whether they arrived.
  uncertain integer NOT NULL DEFAULT 0,
  problem jsonb,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (notice, channel),
  UNIQUE (account, channel, digest),
  CHECK ((notice IS NULL) <> (digest IS NULL))
);
CREATE INDEX delivery_due ON notices.delivery (channel, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_digest ON notices.delivery (due_at) WHERE state = 'digest';
CREATE INDEX delivery_sending ON notices.delivery (worker) WHERE state = 'sending';
CREATE INDEX delivery_within ON notices.delivery (within) WHERE within IS NOT NULL;
CREATE INDEX delivery_dead ON notices.delivery (channel, id DESC) WHERE state = 'dead';

-- Every try, written before it is made.
CREATE TABLE notices.attempt (
  delivery bigint NOT NULL REFERENCES notices.delivery (id),
  n integer NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('sent', 'failed', 'interrupted', 'uncertain')),
  problem jsonb,
  PRIMARY KEY (delivery, n)
);

-- What a person wants. Addresses are sealed: `mail` and `handle` here, telephone numbers in the vault (a token here).
CREATE TABLE notices.preference (
  account uuid PRIMARY KEY REFERENCES auth.account (id),
  settings jsonb NOT NULL,
  mail_salt bytea,
  mail_sealed bytea,
  handle_salt bytea,
  handle_sealed bytea,
  phone_token text,
  changed_at timestamptz NOT NULL
);

CREATE TABLE notices.leave (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account uuid NOT NULL REFERENCES auth.account (id),
  deputy uuid NOT NULL REFERENCES auth.account (id),
  from_day date NOT NULL,
  to_day date NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  CHECK (from_day <= to_day AND account <> deputy)
);
CREATE INDEX leave_account ON notices.leave (account, to_day) WHERE ended_at IS NULL;
