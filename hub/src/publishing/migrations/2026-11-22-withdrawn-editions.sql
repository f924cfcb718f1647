-- Editions of what was withdrawn or suspended are had by nobody, also when the dataset is opened again; new ones are still held against them.
ALTER TABLE publishing.edition DROP CONSTRAINT edition_state_check;
ALTER TABLE publishing.edition ADD CONSTRAINT edition_state_check
  CHECK (state IN ('making', 'open', 'held', 'failed', 'withdrawn'));
