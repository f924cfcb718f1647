-- Where the tenth working day lies in a year whose holidays nobody announced there is no due day yet.
ALTER TABLE libraries.correction ALTER COLUMN due DROP NOT NULL;
ALTER TABLE libraries.correction ADD COLUMN missing_year integer;
