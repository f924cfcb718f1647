-- Where a recipient wants batches to be brought: a database, an S3-compatible store or a folder of the hub.
CREATE TABLE sharing.target (
  share integer PRIMARY KEY REFERENCES sharing.share (id),
  kind text NOT NULL CHECK (kind IN ('database', 's3', 'folder')),
  -- What both sides may see: host, database, table; endpoint, bucket, prefix. Never a secret.
  shown jsonb NOT NULL,
  -- Everything that is needed to get there, sealed under a key of the hub.
  token text NOT NULL,
  salt bytea NOT NULL,
  ciphertext bytea NOT NULL,
  -- Rises with every change: what was brought to an earlier target does not count for this one.
  version integer NOT NULL DEFAULT 1,
  login text NOT NULL,
  at timestamptz NOT NULL
);
-- A delivery on its way to the target of its grant.
CREATE TABLE sharing.transmission (
  delivery integer PRIMARY KEY REFERENCES sharing.delivery (id),
  share integer NOT NULL REFERENCES sharing.share (id),
  target integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  -- From where an upload goes on: its id and the parts that the store has.
  resume jsonb,
  problem jsonb,
  next_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  sent_at timestamptz
);
CREATE INDEX transmission_open ON sharing.transmission (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX transmission_share ON sharing.transmission (share, delivery);
