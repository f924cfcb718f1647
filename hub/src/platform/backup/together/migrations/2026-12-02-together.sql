-- How far store and lake have come together: raised a few times a minute, in the lake first. `era` is another after they were found apart.
CREATE TABLE backup.mark (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  era uuid NOT NULL,
  n bigint NOT NULL,
  at timestamptz NOT NULL
);
-- Starts that found store and lake of different moments: what was compared, what was put right, what is left to people.
CREATE TABLE backup.turn (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  found_at timestamptz NOT NULL,
  -- Which is behind: the store (it was put back), the lake (so were lake and files), or not known.
  behind text NOT NULL CHECK (behind IN ('store', 'lake', 'unknown')),
  cause text NOT NULL,
  store_at timestamptz,
  lake_at timestamptz,
  steps jsonb NOT NULL DEFAULT '[]',
  done_at timestamptz,
  settled_at timestamptz,
  settled_by text
);
-- Signatures of seconds that are not in the calendar any more; their seals were signed again.
CREATE TABLE backup.seal_before (
  seal bigint NOT NULL,
  signature bytea NOT NULL,
  signed_at timestamptz,
  turn integer NOT NULL REFERENCES backup.turn (id)
);
