-- The outbox of mirrors: keys of rows that changed, written by triggers in the transaction that changed them. What is said of
-- a row is read when the outbox is drained, so that order between transactions plays no part and a repeat changes nothing.
CREATE TABLE mirror.change (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mirror text NOT NULL,
  -- Null: every row may have changed (TRUNCATE).
  key text
);

-- Which tables carry triggers for which mirror: what a changed declaration leaves behind is taken away.
CREATE TABLE mirror.watched (
  mirror text NOT NULL,
  relation text NOT NULL,
  key text NOT NULL,
  PRIMARY KEY (mirror, relation)
);

-- Arguments of the triggers: the mirror's name and the key as an expression over the changed table.
CREATE FUNCTION mirror.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO mirror.change (mirror, key) VALUES (TG_ARGV[0], NULL);
  ELSIF TG_OP = 'UPDATE' THEN
    EXECUTE format('INSERT INTO mirror.change (mirror, key) SELECT %L, k FROM (
      SELECT (%s)::text AS k FROM changed UNION SELECT (%s)::text FROM before) c WHERE k IS NOT NULL',
      TG_ARGV[0], TG_ARGV[1], TG_ARGV[1]);
  ELSE
    EXECUTE format('INSERT INTO mirror.change (mirror, key) SELECT %L, k FROM (
      SELECT DISTINCT (%s)::text AS k FROM changed) c WHERE k IS NOT NULL', TG_ARGV[0], TG_ARGV[1]);
  END IF;
  RETURN NULL;
END $$;
