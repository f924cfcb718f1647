-- Seals: what is to be proven later, and its keyless signature once it has one. A row is asked for in the transaction of the thing itself.
CREATE TABLE seal.seal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- 128 random bits by which a printed certificate names its seal to strangers.
  reference text NOT NULL UNIQUE,
  kind text NOT NULL,
  subject text NOT NULL,
  title_zh text NOT NULL,
  title_en text NOT NULL,
  organisation text,
  imprint bytea NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 255),
  facts json NOT NULL,
  requested_at timestamptz NOT NULL,
  -- Signing time that the signature proves.
  signed_at timestamptz,
  -- Time of the publication to which the signature was extended.
  published_at timestamptz,
  signature bytea,
  UNIQUE (kind, subject, imprint),
  CHECK ((signature IS NULL) = (signed_at IS NULL)),
  CHECK (published_at IS NULL OR signed_at IS NOT NULL)
);
CREATE INDEX seal_pending ON seal.seal (id) WHERE signature IS NULL;
CREATE INDEX seal_not_extended ON seal.seal (signed_at) WHERE signature IS NOT NULL AND published_at IS NULL;
CREATE INDEX seal_imprint ON seal.seal (imprint);

-- What is signed stays as it is: a seal loses neither its subject nor its signature; extending replaces the signature's end only.
CREATE FUNCTION seal.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.kind, OLD.subject, OLD.imprint, OLD.level, OLD.reference)
    IS DISTINCT FROM (NEW.kind, NEW.subject, NEW.imprint, NEW.level, NEW.reference)
    OR (OLD.signature IS NOT NULL AND (NEW.signature IS NULL OR NEW.signed_at IS DISTINCT FROM OLD.signed_at)) THEN
    RAISE EXCEPTION 'a seal is kept as it is: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER seal_kept BEFORE UPDATE OR DELETE ON seal.seal FOR EACH ROW EXECUTE FUNCTION seal.keep();
ALTER TABLE seal.seal ENABLE ALWAYS TRIGGER seal_kept;

-- Outside clients of the signing service. The key is sealed as other secrets of accounts are.
CREATE TABLE seal.client (
  login text PRIMARY KEY,
  organisation text,
  algorithm text NOT NULL,
  key_salt bytea NOT NULL,
  key_secret bytea NOT NULL,
  per_second integer NOT NULL CHECK (per_second > 0),
  disabled boolean NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  changed_at timestamptz NOT NULL
);

-- What was published, as the publications file tells it; kept for lists and counts.
CREATE TABLE seal.publication (
  time timestamptz PRIMARY KEY,
  root bytea NOT NULL,
  printed text NOT NULL,
  seals bigint NOT NULL
);
