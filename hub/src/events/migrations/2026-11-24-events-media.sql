-- What stands at media_url is told and not fetched: its sender's address may lead anywhere.
DROP INDEX events.report_media;
ALTER TABLE events.report DROP COLUMN media_state, DROP COLUMN media_reason;
