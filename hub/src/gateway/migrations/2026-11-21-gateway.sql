-- The gateway: clients of organisations, their secrets and tokens, and what providers set of a service.
CREATE TABLE gateway.client (
  id text PRIMARY KEY,
  organisation text NOT NULL,
  name text NOT NULL,
  -- What it is used for: the system and the duty behind it.
  purpose text NOT NULL,
  -- A client of the sandbox gets synthetic rows only, and no other client gets them.
  sandbox boolean NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled', 'ended')),
  -- client_secret_basic and client_secret_post, or private_key_jwt.
  method text NOT NULL CHECK (method IN ('secret', 'jwt')),
  -- Public keys (JWK set) of private_key_jwt.
  keys jsonb NOT NULL,
  -- Scopes that it may ask for at most; empty: every service of its organisation.
  scope jsonb NOT NULL,
  -- Networks (CIDR) from which it may come; empty: any.
  networks jsonb NOT NULL,
  -- Limits narrower than the service's; null: none of its own.
  per_second integer CHECK (per_second > 0),
  concurrent integer CHECK (concurrent > 0),
  expires_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX client_organisation ON gateway.client (organisation, state);
-- Secrets are 256 random bits: their SHA-256 is kept, which nobody can search backwards.
CREATE TABLE gateway.secret (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client text NOT NULL REFERENCES gateway.client (id),
  hash bytea NOT NULL UNIQUE,
  -- Last four characters, to tell two secrets apart.
  hint text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX secret_client ON gateway.secret (client) WHERE ended_at IS NULL;
-- Access tokens: opaque, ten minutes, by their SHA-256; removed when their time is over.
CREATE TABLE gateway.token (
  hash bytea PRIMARY KEY,
  client text NOT NULL REFERENCES gateway.client (id),
  scope jsonb NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX token_client ON gateway.token (client);
-- Assertions that were used, until they would have expired by themselves: none is taken twice.
CREATE TABLE gateway.assertion (
  client text NOT NULL REFERENCES gateway.client (id),
  jti text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client, jti)
);
-- What the provider of a grant sets of its service; a grant without a row has the defaults.
CREATE TABLE gateway.service (
  share integer PRIMARY KEY,
  per_second integer NOT NULL CHECK (per_second > 0),
  burst integer NOT NULL CHECK (burst > 0),
  per_day integer CHECK (per_day > 0),
  per_month integer CHECK (per_month > 0),
  concurrent integer NOT NULL CHECK (concurrent > 0),
  cache boolean NOT NULL,
  version integer NOT NULL DEFAULT 1,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL
);
