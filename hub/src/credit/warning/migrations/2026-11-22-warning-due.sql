-- 预警的处置期限与复发次数 / Until when a warning is to be handled, and how often it came back after it had ended.
ALTER TABLE credit.warning ADD COLUMN due_on date;
ALTER TABLE credit.warning ADD COLUMN times integer NOT NULL DEFAULT 1;
CREATE INDEX warning_due ON credit.warning (due_on) WHERE state IN ('new', 'confirmed');
