-- The schedule of publications asks for the first and the last signing time every few seconds.
CREATE INDEX seal_signed ON seal.seal (signed_at);
