-- Other hubs: who they are, what they have, and what passes between them and this one.
CREATE TABLE peers.peer (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL,
  level text NOT NULL CHECK (level IN ('province', 'city', 'county', 'sideways', 'other')),
  -- jingwei: a hub of this kind; dcat, ckan: a foreign catalogue that is only read.
  kind text NOT NULL CHECK (kind IN ('jingwei', 'dcat', 'ckan')),
  url text NOT NULL,
  state text NOT NULL CHECK (state IN ('invited', 'introduced', 'active', 'suspended')),
  -- Identifier (fingerprint of the key) and public key (SPKI, base64) of the other hub.
  hub text UNIQUE,
  public_key text,
  -- Hash of the invitation's token, until it is used or over.
  invitation text,
  invited_until timestamptz,
  -- Hash of the key by which a foreign harvester reads our catalogue; until when it holds.
  reader_key text UNIQUE,
  reader_until timestamptz,
  -- Inside networks (CIDR) that calls to it may reach.
  networks jsonb NOT NULL DEFAULT '[]',
  -- Whether we read its catalogue, and whether it may read ours beyond what is open.
  harvest_in boolean NOT NULL DEFAULT true,
  harvest_out boolean NOT NULL DEFAULT true,
  -- Whether its departments may ask here, and ours there.
  requests boolean NOT NULL DEFAULT true,
  every_hours integer NOT NULL DEFAULT 24 CHECK (every_hours BETWEEN 1 AND 720),
  -- Divisions (GB/T 2260) that are its own: what it is handed is narrowed to them.
  divisions jsonb NOT NULL DEFAULT '[]',
  -- Root certificate of its keyless signatures (PEM) and e-mail of their publisher, as believed at the introduction.
  root text,
  publisher_email text,
  last_contact timestamptz,
  last_problem jsonb,
  next_harvest timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL
);
-- Nonces of signed calls: none is taken twice within the time for which a call holds.
CREATE TABLE peers.nonce (
  hub text NOT NULL,
  nonce text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (hub, nonce)
);
CREATE INDEX nonce_at ON peers.nonce (at);
CREATE TABLE peers.harvest (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  peer integer NOT NULL REFERENCES peers.peer (id),
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  pages integer NOT NULL DEFAULT 0,
  seen integer NOT NULL DEFAULT 0,
  added integer NOT NULL DEFAULT 0,
  changed integer NOT NULL DEFAULT 0,
  gone integer NOT NULL DEFAULT 0,
  -- Told twice by the other side; of our own origin and come back.
  twice integer NOT NULL DEFAULT 0,
  own integer NOT NULL DEFAULT 0,
  problem jsonb,
  started_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX harvest_peer ON peers.harvest (peer, id);
-- Entries of other hubs' catalogues, kept apart from our own: searched here, never told on.
CREATE TABLE peers.remote_entry (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  peer integer NOT NULL REFERENCES peers.peer (id),
  uri text NOT NULL,
  -- SHA-256 of what it says: how a change is known.
  digest text NOT NULL,
  content jsonb NOT NULL,
  words text NOT NULL,
  first_seen timestamptz NOT NULL,
  last_harvest integer NOT NULL,
  changed_at timestamptz,
  -- Names of what changed the last time.
  changed jsonb NOT NULL DEFAULT '[]',
  gone_at timestamptz,
  UNIQUE (peer, uri)
);
CREATE INDEX remote_entry_peer ON peers.remote_entry (peer, gone_at);
-- What one side asks of the other: our departments' requests to them (out), theirs to us (in).
CREATE TABLE peers.matter (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The same on both sides.
  uid text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('out', 'in')),
  peer integer NOT NULL REFERENCES peers.peer (id),
  -- Department here (out) or there (in), and what it is called.
  department text NOT NULL,
  department_name text NOT NULL,
  -- Entry at the hub that is asked, and its title.
  entry text NOT NULL,
  title text NOT NULL,
  remote_entry integer REFERENCES peers.remote_entry (id),
  state text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  content jsonb NOT NULL,
  -- What the other side told (out): missing, refusal, clocks, grant.
  told jsonb NOT NULL DEFAULT '{}',
  -- Request of sharing that it became here (in), and what of it was told last.
  request integer,
  digest text,
  created_by text NOT NULL,
  proposed_by text,
  created_at timestamptz NOT NULL,
  passed_at timestamptz,
  ended_at timestamptz,
  UNIQUE (direction, peer, uid)
);
CREATE INDEX matter_state ON peers.matter (direction, state);
CREATE TABLE peers.step (
  seq integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matter integer NOT NULL REFERENCES peers.matter (id),
  action text NOT NULL,
  to_state text NOT NULL,
  -- here, there or hub; login only of people here.
  side text NOT NULL,
  login text,
  comment text,
  detail jsonb,
  at timestamptz NOT NULL
);
CREATE INDEX step_matter ON peers.step (matter, seq);
-- Messages to other hubs, in order for each, sent until they are taken; and those that were taken here, each once.
CREATE TABLE peers.outbox (
  seq integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  peer integer NOT NULL REFERENCES peers.peer (id),
  kind text NOT NULL,
  body jsonb NOT NULL,
  at timestamptz NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  next_try timestamptz NOT NULL,
  problem jsonb,
  sent_at timestamptz
);
CREATE INDEX outbox_waiting ON peers.outbox (peer, seq) WHERE sent_at IS NULL;
CREATE TABLE peers.received (
  peer integer NOT NULL REFERENCES peers.peer (id),
  id text NOT NULL,
  kind text NOT NULL,
  answer jsonb NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (peer, id)
);
-- Data handed over: announced by the other side, fetched, verified, laid into the inbox of the declared source.
CREATE TABLE peers.delivery (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matter integer NOT NULL REFERENCES peers.matter (id),
  -- Number of the delivery at the hub that makes it.
  number integer NOT NULL,
  direction text NOT NULL CHECK (direction IN ('out', 'in')),
  state text NOT NULL CHECK (state IN ('announced', 'fetched', 'laid', 'confirmed', 'refused')),
  manifest text NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  rows bigint NOT NULL,
  -- Signing time that its seal proves; the source that it was laid into.
  signed_at timestamptz,
  -- Signatures over file and manifest, base64, as the other side gave them.
  seals jsonb,
  source text,
  problem jsonb,
  at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (matter, number)
);
