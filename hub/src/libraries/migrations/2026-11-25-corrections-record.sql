-- A correction may be asked for on a record as it is shown: `library` is legal-person or the name of a declared library.
ALTER TABLE libraries.correction ADD COLUMN library text;
ALTER TABLE libraries.correction DROP CONSTRAINT correction_origin;
ALTER TABLE libraries.correction ADD CONSTRAINT correction_origin CHECK (
  (verification IS NULL) = (row IS NULL)
  AND (verification IS NOT NULL)::int + (list IS NOT NULL)::int + (delivery IS NOT NULL)::int + (library IS NOT NULL)::int = 1);
ALTER TABLE libraries.correction DROP CONSTRAINT correction_subject_check;
ALTER TABLE libraries.correction ADD CONSTRAINT correction_subject_check CHECK (subject IN ('person', 'legal-person', 'other'));
CREATE UNIQUE INDEX correction_record ON libraries.correction (fact, field) WHERE library IS NOT NULL AND state <> 'settled';
CREATE INDEX correction_fact ON libraries.correction (fact) WHERE fact IS NOT NULL AND state <> 'settled';
