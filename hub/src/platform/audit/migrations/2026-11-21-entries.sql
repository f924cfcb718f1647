-- The audit: entries are added and never changed. The hash of each covers the hash before it (see audit/chain.ts).
CREATE TABLE audit.entry (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  at timestamptz NOT NULL,
  actor text,
  actor_id text,
  roles text[] NOT NULL,
  session_id text,
  action text NOT NULL,
  object text NOT NULL,
  purpose text,
  outcome text NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
  -- Canonical JSON (RFC 8785) as text: its bytes are what the hash covers.
  detail text NOT NULL,
  prev bytea NOT NULL CHECK (length(prev) = 32),
  hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX entry_at ON audit.entry (at);
CREATE INDEX entry_actor ON audit.entry (actor, seq);
CREATE INDEX entry_action ON audit.entry (action text_pattern_ops, seq);
CREATE INDEX entry_object ON audit.entry (object text_pattern_ops, seq);

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_immutable BEFORE UPDATE OR DELETE ON audit.entry
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER entry_not_truncated BEFORE TRUNCATE ON audit.entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
-- Also where a replica's role would skip ordinary triggers.
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_immutable;
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_not_truncated;
