-- Events (案卷): what was reported once or several times, whose it is, and how far it has come.
CREATE TABLE events.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What people call it: day and serial, 20261121-00042.
  number text NOT NULL UNIQUE,
  matter text,
  "group" text,
  -- Why this matter: 'declared' by the channel, 'words' of the text, 'person'.
  matter_by text NOT NULL DEFAULT 'declared',
  urgency text NOT NULL DEFAULT 'normal',
  text text NOT NULL,
  address text,
  lon double precision,
  lat double precision,
  -- Where the place comes from: 'given', 'picture', 'address', 'person'; null without one.
  place_by text,
  town text,
  grid text,
  channel text NOT NULL,
  state text NOT NULL,
  organisation text,
  joint text[] NOT NULL DEFAULT '{}',
  officer text,
  supervised smallint NOT NULL DEFAULT 0,
  -- What the handler asks for: transfer, delay or pause, with its ground.
  asked jsonb,
  reports int NOT NULL DEFAULT 1,
  pictures int NOT NULL DEFAULT 0,
  returned int NOT NULL DEFAULT 0,
  transferred int NOT NULL DEFAULT 0,
  reworked int NOT NULL DEFAULT 0,
  -- The next limit that runs; null while none does or while it waits for a year of holidays.
  due timestamptz,
  late_at timestamptz,
  occurred_at timestamptz NOT NULL,
  reported_at timestamptz NOT NULL,
  filed_at timestamptz,
  dispatched_at timestamptz,
  accepted_at timestamptz,
  handled_at timestamptz,
  closed_at timestamptz,
  rating smallint,
  merged_into bigint REFERENCES events.event (id),
  catalogue int NOT NULL,
  version int NOT NULL DEFAULT 1,
  -- The last step's number: whoever follows changes asks from here.
  changed bigint NOT NULL DEFAULT 0,
  -- The day of the first report in the city: what counters count by.
  day date NOT NULL
);
-- Lists go newest first by id, which is in order of filing; each filter has its index, open events have a small one of their own.
CREATE INDEX event_state ON events.event (state, id DESC);
CREATE INDEX event_open ON events.event (id DESC) WHERE state NOT IN ('closed', 'void', 'merged');
CREATE INDEX event_due ON events.event (due) WHERE state NOT IN ('closed', 'void', 'merged');
CREATE INDEX event_organisation ON events.event (organisation, matter, id DESC);
CREATE INDEX event_organisation_id ON events.event (organisation, id DESC);
CREATE INDEX event_matter ON events.event (matter, id DESC);
CREATE INDEX event_town ON events.event (town, matter, id DESC);
CREATE INDEX event_town_id ON events.event (town, id DESC);
CREATE INDEX event_channel ON events.event (channel, id DESC);
CREATE INDEX event_late ON events.event (id DESC) WHERE late_at IS NOT NULL;
CREATE INDEX event_supervised ON events.event (id DESC) WHERE supervised > 0;
CREATE INDEX event_day ON events.event (day, id DESC);
CREATE INDEX event_officer ON events.event (officer) WHERE officer IS NOT NULL AND state NOT IN ('closed', 'void', 'merged');

-- Serial numbers of a day.
CREATE TABLE events.serial (day date PRIMARY KEY, last int NOT NULL);

-- One message of a channel (上报). What it says never changes; which event it belongs to may.
CREATE TABLE events.report (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event bigint NOT NULL REFERENCES events.event (id),
  channel text NOT NULL,
  -- The sender's own key in its channel: the same message twice is one report.
  key text NOT NULL,
  client text,
  matter text,
  text text NOT NULL,
  address text,
  lon double precision,
  lat double precision,
  place_by text,
  occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- The vault's token of the reporter's telephone; never the number.
  phone text,
  login text,
  organisation text,
  -- SHA-256 of what the reporter asks by (Open311 token).
  token text,
  -- 1: it began the event; otherwise how sure it is that both are one, and why.
  probability double precision,
  why jsonb,
  -- 'first', 'machine' or the login of who joined or parted it.
  joined_by text NOT NULL DEFAULT 'first',
  pictures int NOT NULL DEFAULT 0,
  UNIQUE (channel, key)
);
CREATE INDEX report_event ON events.report (event);
CREATE INDEX report_received ON events.report (received_at);
CREATE INDEX report_client ON events.report (client, received_at) WHERE client IS NOT NULL;
CREATE INDEX report_login ON events.report (login, id DESC) WHERE login IS NOT NULL;

-- Everything that was done, in order; never changed.
CREATE TABLE events.step (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event bigint NOT NULL REFERENCES events.event (id),
  action text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  stage smallint NOT NULL,
  actor text NOT NULL,
  login text,
  organisation text,
  comment text,
  detail jsonb,
  at timestamptz NOT NULL
);
CREATE INDEX step_event ON events.step (event, seq);

-- Limits of an event. `left_minutes`: what was left when it was paused, in the unit's own time (working or not).
CREATE TABLE events.clock (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event bigint NOT NULL REFERENCES events.event (id),
  name text NOT NULL,
  title jsonb NOT NULL,
  organisation text NOT NULL,
  amount int NOT NULL,
  unit text NOT NULL,
  started_at timestamptz NOT NULL,
  due timestamptz,
  missing_year int,
  state text NOT NULL DEFAULT 'running',
  left_minutes double precision,
  late_at timestamptz,
  ended_at timestamptz,
  ground text
);
CREATE INDEX clock_event ON events.clock (event);
CREATE INDEX clock_running ON events.clock (due) WHERE state = 'running';
CREATE INDEX clock_unknown ON events.clock (id) WHERE state = 'running' AND due IS NULL;

CREATE TABLE events.picture (
  id uuid PRIMARY KEY,
  event bigint REFERENCES events.event (id),
  report bigint,
  step bigint,
  -- 'scene' when reported, 'done' when handled.
  kind text NOT NULL,
  blob text NOT NULL,
  thumb text,
  bytes int NOT NULL,
  type text NOT NULL,
  lon double precision,
  lat double precision,
  taken_at timestamptz,
  login text,
  client text,
  added_at timestamptz NOT NULL
);
CREATE INDEX picture_event ON events.picture (event);
CREATE INDEX picture_loose ON events.picture (added_at) WHERE event IS NULL;

-- What a phone asked for, each key once: the same answer is given again.
CREATE TABLE events.operation (
  key uuid PRIMARY KEY,
  login text NOT NULL,
  digest text NOT NULL,
  answer jsonb NOT NULL,
  at timestamptz NOT NULL
);

-- Systems and applications that report over the interface (Open311 and departments): only the digest of their keys.
CREATE TABLE events.client (
  id text PRIMARY KEY,
  title text NOT NULL,
  channel text NOT NULL,
  key text NOT NULL UNIQUE,
  active boolean NOT NULL DEFAULT true,
  per_minute int NOT NULL DEFAULT 60,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL
);

-- Versions of the declared matters: an event is held against the one it was filed under.
CREATE TABLE events.catalogue (
  version int PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  content jsonb NOT NULL,
  taken_at timestamptz NOT NULL
);

-- How far alerts were taken over.
CREATE TABLE events.cursor (name text PRIMARY KEY, at text NOT NULL);

-- Counters kept with every change of an event: sums of these few rows answer statistics over any number of events.
-- `kind`: all, town, organisation, matter, channel. Cohorts by the day of the first report.
CREATE TABLE events.tally (
  kind text NOT NULL,
  key text NOT NULL,
  day date NOT NULL,
  total int NOT NULL DEFAULT 0,
  registered int NOT NULL DEFAULT 0,
  filed int NOT NULL DEFAULT 0,
  dispatched int NOT NULL DEFAULT 0,
  handling int NOT NULL DEFAULT 0,
  paused int NOT NULL DEFAULT 0,
  handled int NOT NULL DEFAULT 0,
  closed int NOT NULL DEFAULT 0,
  dropped int NOT NULL DEFAULT 0,
  late_open int NOT NULL DEFAULT 0,
  closed_late int NOT NULL DEFAULT 0,
  supervised int NOT NULL DEFAULT 0,
  returned int NOT NULL DEFAULT 0,
  transferred int NOT NULL DEFAULT 0,
  reworked int NOT NULL DEFAULT 0,
  reports int NOT NULL DEFAULT 0,
  rated int NOT NULL DEFAULT 0,
  stars int NOT NULL DEFAULT 0,
  -- Sums of minutes of those that have passed: report to filing, filing to dispatch, dispatch to acceptance, to feedback, to closing.
  filing_minutes double precision NOT NULL DEFAULT 0,
  dispatch_minutes double precision NOT NULL DEFAULT 0,
  accept_minutes double precision NOT NULL DEFAULT 0,
  handle_minutes double precision NOT NULL DEFAULT 0,
  check_minutes double precision NOT NULL DEFAULT 0,
  was_filed int NOT NULL DEFAULT 0,
  was_dispatched int NOT NULL DEFAULT 0,
  was_accepted int NOT NULL DEFAULT 0,
  was_handled int NOT NULL DEFAULT 0,
  was_checked int NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, key, day)
);

-- Adds what a statement changed, in the same transaction. Merged events count nowhere: their reports stand with the event that they
-- belong to. Rows are taken in one order, so that two transactions wait for each other and never in a circle.
CREATE FUNCTION events.count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT 1 AS sign, a.* FROM after a'
    WHEN 'DELETE' THEN 'SELECT -1 AS sign, b.* FROM before b'
    ELSE 'SELECT 1 AS sign, a.* FROM after a UNION ALL SELECT -1, b.* FROM before b' END;
BEGIN
  EXECUTE '
    INSERT INTO events.tally AS t (kind, key, day,
      total, registered, filed, dispatched, handling, paused, handled, closed, dropped,
      late_open, closed_late, supervised, returned, transferred, reworked, reports, rated, stars,
      filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes, was_filed, was_dispatched, was_accepted, was_handled,
      was_checked)
    SELECT k.kind, k.key, e.day,
      sum(e.sign * 1), sum(e.sign * (e.state = ''registered'')::int),
      sum(e.sign * (e.state = ''filed'')::int), sum(e.sign * (e.state = ''dispatched'')::int),
      sum(e.sign * (e.state = ''handling'')::int), sum(e.sign * (e.state = ''paused'')::int),
      sum(e.sign * (e.state = ''handled'')::int), sum(e.sign * (e.state = ''closed'')::int),
      sum(e.sign * (e.state = ''void'')::int), sum(e.sign * (e.late_at IS NOT NULL AND e.state NOT IN (''closed'', ''void''))::int),
      sum(e.sign * (e.late_at IS NOT NULL AND e.state = ''closed'')::int), sum(e.sign * (e.supervised > 0)::int),
      sum(e.sign * e.returned), sum(e.sign * e.transferred),
      sum(e.sign * e.reworked), sum(e.sign * e.reports),
      sum(e.sign * (e.rating IS NOT NULL)::int), sum(e.sign * coalesce(e.rating, 0)::int),
      sum(e.sign * coalesce(extract(epoch FROM e.filed_at - e.reported_at) / 60, 0)::float8), sum(e.sign * coalesce(extract(epoch FROM e.dispatched_at - e.filed_at) / 60, 0)::float8),
      sum(e.sign * coalesce(extract(epoch FROM e.accepted_at - e.dispatched_at) / 60, 0)::float8), sum(e.sign * coalesce(extract(epoch FROM e.handled_at - e.accepted_at) / 60, 0)::float8),
      sum(e.sign * coalesce(extract(epoch FROM e.closed_at - e.handled_at) / 60, 0)::float8), sum(e.sign * (e.filed_at IS NOT NULL)::int),
      sum(e.sign * (e.dispatched_at IS NOT NULL)::int), sum(e.sign * (e.accepted_at IS NOT NULL)::int),
      sum(e.sign * (e.handled_at IS NOT NULL)::int), sum(e.sign * (e.closed_at IS NOT NULL AND e.handled_at IS NOT NULL)::int)
    FROM (' || changed || ') e
      CROSS JOIN LATERAL (VALUES (''all'', ''''), (''town'', coalesce(e.town, '''')), (''organisation'', coalesce(e.organisation, '''')),
        (''matter'', coalesce(e.matter, '''')), (''channel'', e.channel)) k(kind, key)
    WHERE e.state <> ''merged''
    GROUP BY k.kind, k.key, e.day
    ORDER BY k.kind, k.key, e.day
    ON CONFLICT (kind, key, day) DO UPDATE SET
      total = t.total + excluded.total, registered = t.registered + excluded.registered, filed = t.filed + excluded.filed, dispatched = t.dispatched + excluded.dispatched,
      handling = t.handling + excluded.handling, paused = t.paused + excluded.paused, handled = t.handled + excluded.handled, closed = t.closed + excluded.closed,
      dropped = t.dropped + excluded.dropped, late_open = t.late_open + excluded.late_open, closed_late = t.closed_late + excluded.closed_late, supervised = t.supervised + excluded.supervised,
      returned = t.returned + excluded.returned, transferred = t.transferred + excluded.transferred, reworked = t.reworked + excluded.reworked, reports = t.reports + excluded.reports,
      rated = t.rated + excluded.rated, stars = t.stars + excluded.stars, filing_minutes = t.filing_minutes + excluded.filing_minutes, dispatch_minutes = t.dispatch_minutes + excluded.dispatch_minutes,
      accept_minutes = t.accept_minutes + excluded.accept_minutes, handle_minutes = t.handle_minutes + excluded.handle_minutes, check_minutes = t.check_minutes + excluded.check_minutes, was_filed = t.was_filed + excluded.was_filed,
      was_dispatched = t.was_dispatched + excluded.was_dispatched, was_accepted = t.was_accepted + excluded.was_accepted, was_handled = t.was_handled + excluded.was_handled, was_checked = t.was_checked + excluded.was_checked';
  RETURN NULL;
END $$;
CREATE TRIGGER count_insert AFTER INSERT ON events.event REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION events.count();
CREATE TRIGGER count_update AFTER UPDATE ON events.event REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION events.count();
CREATE TRIGGER count_delete AFTER DELETE ON events.event REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION events.count();
