-- Accounts, roles, sessions. Passwords are kept as scrypt, session and recovery codes as SHA-256, TOTP secrets sealed.
CREATE TABLE auth.account (
  id uuid PRIMARY KEY,
  login text NOT NULL UNIQUE CHECK (login = lower(login)),
  name text NOT NULL,
  organisation text,
  password_hash text NOT NULL,
  password_set_at timestamptz NOT NULL,
  must_change boolean NOT NULL,
  disabled boolean NOT NULL DEFAULT false,
  -- Made by the first start; `demo` ones work in demo mode only.
  built_in boolean NOT NULL DEFAULT false,
  demo boolean NOT NULL DEFAULT false,
  totp_salt bytea,
  totp_secret bytea,
  totp_confirmed boolean NOT NULL DEFAULT false,
  -- Time step of the last code taken: a code works once (RFC 6238, 5.2).
  totp_step bigint NOT NULL DEFAULT 0,
  oidc_subject text UNIQUE,
  created_at timestamptz NOT NULL,
  last_sign_in timestamptz
);

CREATE TABLE auth.role_grant (
  account uuid NOT NULL REFERENCES auth.account (id),
  role text NOT NULL,
  organisation text,
  granted_at timestamptz NOT NULL,
  granted_by text,
  PRIMARY KEY (account, role)
);

CREATE TABLE auth.password_history (
  account uuid NOT NULL REFERENCES auth.account (id),
  password_hash text NOT NULL,
  set_at timestamptz NOT NULL
);
CREATE INDEX password_history_account ON auth.password_history (account, set_at);

CREATE TABLE auth.recovery_code (
  account uuid NOT NULL REFERENCES auth.account (id),
  code_hash bytea NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (account, code_hash)
);

CREATE TABLE auth.session (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  account uuid NOT NULL REFERENCES auth.account (id),
  method text NOT NULL CHECK (method IN ('password', 'oidc')),
  address text NOT NULL,
  agent text NOT NULL,
  started_at timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  ended_at timestamptz,
  purpose jsonb
);
CREATE INDEX session_account ON auth.session (account, ended_at);

-- Failed sign-ins by account and by address, as hashes: what is typed into a login field may be a password.
CREATE TABLE auth.failure (
  subject bytea PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz
);

-- Sign-ins under way at the other provider.
CREATE TABLE auth.oidc_flow (
  state_hash bytea PRIMARY KEY,
  nonce text NOT NULL,
  verifier text NOT NULL,
  redirect_uri text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Separation of duties holds in the store itself, whoever writes to it: an administrator's role stands alone.
CREATE FUNCTION auth.separate_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM auth.account WHERE id = NEW.account FOR UPDATE;
  IF EXISTS (
    SELECT 1 FROM auth.role_grant AS g
    WHERE g.account = NEW.account AND g.role <> NEW.role AND (g.role LIKE '%-admin' OR NEW.role LIKE '%-admin')
  ) THEN
    RAISE EXCEPTION 'separation of duties: an administrator holds no other role' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER role_grant_separate BEFORE INSERT OR UPDATE ON auth.role_grant
  FOR EACH ROW EXECUTE FUNCTION auth.separate_duties();
