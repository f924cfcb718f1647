-- A correction may be asked for on a record that was delivered to another department.
ALTER TABLE libraries.correction ADD COLUMN delivery integer;
ALTER TABLE libraries.correction DROP CONSTRAINT correction_check;
ALTER TABLE libraries.correction ADD CONSTRAINT correction_origin CHECK (
  (verification IS NULL) = (row IS NULL)
  AND (verification IS NOT NULL)::int + (list IS NOT NULL)::int + (delivery IS NOT NULL)::int = 1);
CREATE UNIQUE INDEX correction_delivered ON libraries.correction (delivery, fact, field)
  WHERE delivery IS NOT NULL AND state <> 'settled';
