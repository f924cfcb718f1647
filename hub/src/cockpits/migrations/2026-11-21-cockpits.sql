-- Cockpits (驾驶舱): what single figures said, hour by hour for days and day by day for years, for changes and spark lines.
CREATE TABLE cockpits.kept (
  key text NOT NULL,
  -- 'h': the last value of an hour; 'd': the last value of a day of Asia/Shanghai.
  grain text NOT NULL CHECK (grain IN ('h', 'd')),
  -- Start of the hour or of the day.
  at timestamptz NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (key, grain, at)
);
