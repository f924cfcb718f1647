-- A person in it was erased everywhere else (个人信息删除): kept by law, found by its code only, and others do not see even its title.
ALTER TABLE archives.archive ADD COLUMN restricted boolean NOT NULL DEFAULT false;
