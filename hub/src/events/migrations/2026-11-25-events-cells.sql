-- Lists and their counts without scans. A cell is everything that lists narrow by, but days and words: events that are alike in all of it
-- stand in one cell, which counts them. How many fit a filter is a sum over cells; what fits few is read cell by cell, what fits many from the
-- newest on.
CREATE TABLE events.cell (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL,
  -- '' where an event has none.
  matter text NOT NULL,
  "group" text NOT NULL,
  town text NOT NULL,
  organisation text NOT NULL,
  joint text[] NOT NULL,
  channel text NOT NULL,
  urgency text NOT NULL,
  late boolean NOT NULL,
  supervised boolean NOT NULL,
  asked boolean NOT NULL,
  -- Events that stand in it now, and the highest id that ever did.
  n int NOT NULL DEFAULT 0,
  last bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX cell_all ON events.cell
  (matter, town, state, channel, organisation, late, supervised, asked, urgency, "group", joint);
CREATE INDEX cell_open ON events.cell (state) WHERE state NOT IN ('closed', 'void', 'merged');

-- The cell of an event; made where there is none yet.
CREATE FUNCTION events.cell_of(is_state text, is_matter text, is_group text, is_town text, is_organisation text, is_joint text[], is_channel text,
    is_urgency text, is_late boolean, is_supervised boolean, is_asked boolean) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  found_id int;
BEGIN
  LOOP
    SELECT id INTO found_id FROM events.cell WHERE matter = coalesce(is_matter, '') AND town = coalesce(is_town, '') AND state = is_state
      AND channel = is_channel AND organisation = coalesce(is_organisation, '') AND late = is_late AND supervised = is_supervised
      AND asked = is_asked AND urgency = is_urgency AND "group" = coalesce(is_group, '') AND joint = is_joint;
    IF FOUND THEN
      RETURN found_id;
    END IF;
    INSERT INTO events.cell (state, matter, "group", town, organisation, joint, channel, urgency, late, supervised, asked)
      VALUES (is_state, coalesce(is_matter, ''), coalesce(is_group, ''), coalesce(is_town, ''), coalesce(is_organisation, ''), is_joint, is_channel,
        is_urgency, is_late, is_supervised, is_asked)
      ON CONFLICT DO NOTHING RETURNING id INTO found_id;
    IF found_id IS NOT NULL THEN
      RETURN found_id;
    END IF;
  END LOOP;
END $$;

-- What lists of before stood on: every filter now stands on cells.
DROP INDEX events.event_state, events.event_organisation, events.event_organisation_id, events.event_matter, events.event_town,
  events.event_town_id, events.event_channel, events.event_late, events.event_supervised, events.event_day;

-- Events that are there get their cell as the table is written anew: no trigger sees a change, since nothing that anybody reads changes.
ALTER TABLE events.event ADD COLUMN cell int;
ALTER TABLE events.event ALTER COLUMN cell TYPE int USING events.cell_of(state, matter, "group", town, organisation, joint, channel, urgency,
  late_at IS NOT NULL, supervised > 0, asked IS NOT NULL);
ALTER TABLE events.event ALTER COLUMN cell SET NOT NULL;
CREATE INDEX event_cell ON events.event (cell, day, id);
CREATE INDEX event_returned ON events.event (returned) WHERE supervised = 0 AND state NOT IN ('closed', 'void', 'merged') AND returned > 0;
UPDATE events.cell c SET n = e.n, last = e.last
  FROM (SELECT cell, count(*) AS n, max(id) AS last FROM events.event GROUP BY cell) e WHERE c.id = e.cell;

CREATE FUNCTION events.set_cell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.cell := events.cell_of(NEW.state, NEW.matter, NEW."group", NEW.town, NEW.organisation, NEW.joint, NEW.channel, NEW.urgency,
    NEW.late_at IS NOT NULL, NEW.supervised > 0, NEW.asked IS NOT NULL);
  RETURN NEW;
END $$;
CREATE TRIGGER set_cell BEFORE INSERT OR UPDATE OF cell, state, matter, "group", town, organisation, joint, channel, urgency, late_at, supervised, asked
  ON events.event FOR EACH ROW EXECUTE FUNCTION events.set_cell();

-- Ids between which the events of a day lie. They only widen: what is looked for lies within, not everything within is of that day.
CREATE TABLE events.day (day date PRIMARY KEY, first bigint NOT NULL, last bigint NOT NULL) WITH (fillfactor = 70);
INSERT INTO events.day SELECT day, min(id), max(id) FROM events.event GROUP BY day;

-- Words of what is open, side by side: among a million closed ones they lie far apart.
CREATE TABLE events.said (
  id bigint PRIMARY KEY,
  cell int NOT NULL,
  day date NOT NULL,
  text text NOT NULL,
  address text
) WITH (fillfactor = 80);
INSERT INTO events.said SELECT id, cell, day, text, address FROM events.event WHERE state NOT IN ('closed', 'void', 'merged') ORDER BY id;

-- What a statement changed of cells, days and words, in the same transaction. Cells are taken in one order.
CREATE FUNCTION events.add_cells(now_there events.event[], no_more events.event[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM events.cell WHERE id IN (SELECT cell FROM unnest(now_there) UNION SELECT cell FROM unnest(no_more)) ORDER BY id FOR UPDATE;
  UPDATE events.cell c SET n = c.n + d.n, last = greatest(c.last, d.last)
    FROM (SELECT cell, sum(sign)::int AS n, coalesce(max(id) FILTER (WHERE sign > 0), 0) AS last
      FROM (SELECT 1 AS sign, cell, id FROM unnest(now_there) UNION ALL SELECT -1, cell, id FROM unnest(no_more)) x GROUP BY cell) d
    WHERE c.id = d.cell AND (d.n <> 0 OR d.last > c.last);
  INSERT INTO events.day AS d (day, first, last) SELECT day, min(id), max(id) FROM unnest(now_there) GROUP BY day ORDER BY day
    ON CONFLICT (day) DO UPDATE SET first = least(d.first, excluded.first), last = greatest(d.last, excluded.last)
      WHERE d.first > excluded.first OR d.last < excluded.last;
  DELETE FROM events.said s USING unnest(no_more) b
    WHERE s.id = b.id AND NOT EXISTS (SELECT 1 FROM unnest(now_there) a WHERE a.id = b.id AND a.state NOT IN ('closed', 'void', 'merged'));
  INSERT INTO events.said (id, cell, day, text, address)
    SELECT id, cell, day, text, address FROM unnest(now_there) WHERE state NOT IN ('closed', 'void', 'merged')
    ON CONFLICT (id) DO UPDATE SET cell = excluded.cell, day = excluded.day, text = excluded.text, address = excluded.address;
END $$;

-- Counters of whole months beside those of days: a year is summed up from a dozen rows of each group instead of from 365.
CREATE TABLE events.tally_month (LIKE events.tally INCLUDING DEFAULTS);
ALTER TABLE events.tally_month RENAME COLUMN day TO month;
ALTER TABLE events.tally_month ADD PRIMARY KEY (kind, key, month);
CREATE INDEX tally_day ON events.tally (day);
CREATE INDEX tally_month_month ON events.tally_month (month);
INSERT INTO events.tally_month (kind, key, month,
    total, registered, filed, dispatched, handling, paused, handled, closed, dropped, late_open, closed_late, supervised, returned,
    transferred, reworked, reports, rated, stars, filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes,
    was_filed, was_dispatched, was_accepted, was_handled, was_checked)
  SELECT kind, key, date_trunc('month', day)::date,
    sum(total), sum(registered), sum(filed), sum(dispatched), sum(handling), sum(paused), sum(handled), sum(closed), sum(dropped),
    sum(late_open), sum(closed_late), sum(supervised), sum(returned), sum(transferred), sum(reworked), sum(reports), sum(rated),
    sum(stars), sum(filing_minutes), sum(dispatch_minutes), sum(accept_minutes), sum(handle_minutes), sum(check_minutes), sum(was_filed),
    sum(was_dispatched), sum(was_accepted), sum(was_handled), sum(was_checked)
  FROM events.tally GROUP BY 1, 2, 3;

-- Counters as before, and those of months with them: what is summed up for days is kept first and added to both.
CREATE OR REPLACE FUNCTION events.add_counts(now_there events.event[], no_more events.event[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH changed AS MATERIALIZED (
    SELECT k.kind, k.key, e.day,
      sum(e.sign * 1) AS total, sum(e.sign * (e.state = 'registered')::int) AS registered, sum(e.sign * (e.state = 'filed')::int) AS filed,
      sum(e.sign * (e.state = 'dispatched')::int) AS dispatched, sum(e.sign * (e.state = 'handling')::int) AS handling,
      sum(e.sign * (e.state = 'paused')::int) AS paused, sum(e.sign * (e.state = 'handled')::int) AS handled,
      sum(e.sign * (e.state = 'closed')::int) AS closed, sum(e.sign * (e.state = 'void')::int) AS dropped,
      sum(e.sign * (e.late_at IS NOT NULL AND e.state NOT IN ('closed', 'void'))::int) AS late_open,
      sum(e.sign * (e.late_at IS NOT NULL AND e.state = 'closed')::int) AS closed_late, sum(e.sign * (e.supervised > 0)::int) AS supervised,
      sum(e.sign * e.returned) AS returned, sum(e.sign * e.transferred) AS transferred, sum(e.sign * e.reworked) AS reworked,
      sum(e.sign * e.reports) AS reports, sum(e.sign * (e.rating IS NOT NULL)::int) AS rated, sum(e.sign * coalesce(e.rating, 0)::int) AS stars,
      sum(e.sign * coalesce(extract(epoch FROM e.filed_at - e.reported_at) / 60, 0)::float8) AS filing_minutes,
      sum(e.sign * coalesce(extract(epoch FROM e.dispatched_at - e.filed_at) / 60, 0)::float8) AS dispatch_minutes,
      sum(e.sign * coalesce(extract(epoch FROM e.accepted_at - e.dispatched_at) / 60, 0)::float8) AS accept_minutes,
      sum(e.sign * coalesce(extract(epoch FROM e.handled_at - e.accepted_at) / 60, 0)::float8) AS handle_minutes,
      sum(e.sign * coalesce(extract(epoch FROM e.closed_at - e.handled_at) / 60, 0)::float8) AS check_minutes,
      sum(e.sign * (e.filed_at IS NOT NULL)::int) AS was_filed, sum(e.sign * (e.dispatched_at IS NOT NULL)::int) AS was_dispatched,
      sum(e.sign * (e.accepted_at IS NOT NULL)::int) AS was_accepted, sum(e.sign * (e.handled_at IS NOT NULL)::int) AS was_handled,
      sum(e.sign * (e.closed_at IS NOT NULL AND e.handled_at IS NOT NULL)::int) AS was_checked
    FROM (SELECT 1 AS sign, a.* FROM unnest(now_there) a UNION ALL SELECT -1, b.* FROM unnest(no_more) b) e
      CROSS JOIN LATERAL (VALUES ('all', ''), ('town', coalesce(e.town, '')), ('organisation', coalesce(e.organisation, '')),
        ('matter', coalesce(e.matter, '')), ('channel', e.channel)) k(kind, key)
    WHERE e.state <> 'merged'
    GROUP BY k.kind, k.key, e.day
  ), days AS (
    INSERT INTO events.tally AS t (kind, key, day,
        total, registered, filed, dispatched, handling, paused, handled, closed, dropped, late_open, closed_late, supervised, returned,
        transferred, reworked, reports, rated, stars, filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes,
        was_filed, was_dispatched, was_accepted, was_handled, was_checked)
      SELECT kind, key, day,
        total, registered, filed, dispatched, handling, paused, handled, closed, dropped, late_open, closed_late, supervised, returned,
        transferred, reworked, reports, rated, stars, filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes,
        was_filed, was_dispatched, was_accepted, was_handled, was_checked
      FROM changed ORDER BY kind, key, day
      ON CONFLICT (kind, key, day) DO UPDATE SET
        total = t.total + excluded.total, registered = t.registered + excluded.registered, filed = t.filed + excluded.filed,
        dispatched = t.dispatched + excluded.dispatched, handling = t.handling + excluded.handling, paused = t.paused + excluded.paused,
        handled = t.handled + excluded.handled, closed = t.closed + excluded.closed, dropped = t.dropped + excluded.dropped,
        late_open = t.late_open + excluded.late_open, closed_late = t.closed_late + excluded.closed_late,
        supervised = t.supervised + excluded.supervised, returned = t.returned + excluded.returned,
        transferred = t.transferred + excluded.transferred, reworked = t.reworked + excluded.reworked, reports = t.reports + excluded.reports,
        rated = t.rated + excluded.rated, stars = t.stars + excluded.stars, filing_minutes = t.filing_minutes + excluded.filing_minutes,
        dispatch_minutes = t.dispatch_minutes + excluded.dispatch_minutes, accept_minutes = t.accept_minutes + excluded.accept_minutes,
        handle_minutes = t.handle_minutes + excluded.handle_minutes, check_minutes = t.check_minutes + excluded.check_minutes,
        was_filed = t.was_filed + excluded.was_filed, was_dispatched = t.was_dispatched + excluded.was_dispatched,
        was_accepted = t.was_accepted + excluded.was_accepted, was_handled = t.was_handled + excluded.was_handled,
        was_checked = t.was_checked + excluded.was_checked
  )
  INSERT INTO events.tally_month AS t (kind, key, month,
        total, registered, filed, dispatched, handling, paused, handled, closed, dropped, late_open, closed_late, supervised, returned,
        transferred, reworked, reports, rated, stars, filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes,
        was_filed, was_dispatched, was_accepted, was_handled, was_checked)
      SELECT kind, key, date_trunc('month', day)::date,
        sum(total), sum(registered), sum(filed), sum(dispatched), sum(handling), sum(paused), sum(handled), sum(closed), sum(dropped),
        sum(late_open), sum(closed_late), sum(supervised), sum(returned), sum(transferred), sum(reworked), sum(reports), sum(rated),
        sum(stars), sum(filing_minutes), sum(dispatch_minutes), sum(accept_minutes), sum(handle_minutes), sum(check_minutes),
        sum(was_filed), sum(was_dispatched), sum(was_accepted), sum(was_handled), sum(was_checked)
      FROM changed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (kind, key, month) DO UPDATE SET
        total = t.total + excluded.total, registered = t.registered + excluded.registered, filed = t.filed + excluded.filed,
        dispatched = t.dispatched + excluded.dispatched, handling = t.handling + excluded.handling, paused = t.paused + excluded.paused,
        handled = t.handled + excluded.handled, closed = t.closed + excluded.closed, dropped = t.dropped + excluded.dropped,
        late_open = t.late_open + excluded.late_open, closed_late = t.closed_late + excluded.closed_late,
        supervised = t.supervised + excluded.supervised, returned = t.returned + excluded.returned,
        transferred = t.transferred + excluded.transferred, reworked = t.reworked + excluded.reworked, reports = t.reports + excluded.reports,
        rated = t.rated + excluded.rated, stars = t.stars + excluded.stars, filing_minutes = t.filing_minutes + excluded.filing_minutes,
        dispatch_minutes = t.dispatch_minutes + excluded.dispatch_minutes, accept_minutes = t.accept_minutes + excluded.accept_minutes,
        handle_minutes = t.handle_minutes + excluded.handle_minutes, check_minutes = t.check_minutes + excluded.check_minutes,
        was_filed = t.was_filed + excluded.was_filed, was_dispatched = t.was_dispatched + excluded.was_dispatched,
        was_accepted = t.was_accepted + excluded.was_accepted, was_handled = t.was_handled + excluded.was_handled,
        was_checked = t.was_checked + excluded.was_checked;
END $$;

-- Most changes of an event (its next limit, the number of its last step) are neither counted nor listed by: then there is nothing to add.
CREATE OR REPLACE FUNCTION events.count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_there events.event[];
  no_more events.event[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    now_there := (SELECT array_agg(ROW(a.*)::events.event) FROM after a);
  ELSIF TG_OP = 'DELETE' THEN
    no_more := (SELECT array_agg(ROW(b.*)::events.event) FROM before b);
  END IF;
  IF TG_OP <> 'UPDATE' THEN
    PERFORM events.add_cells(now_there, no_more);
    PERFORM events.add_counts(now_there, no_more);
    RETURN NULL;
  END IF;
  SELECT array_agg(ROW(a.*)::events.event), array_agg(ROW(b.*)::events.event) INTO now_there, no_more
    FROM after a JOIN before b ON b.id = a.id
    WHERE (a.cell, a.day, a.text, a.address) IS DISTINCT FROM (b.cell, b.day, b.text, b.address);
  IF now_there IS NOT NULL THEN
    PERFORM events.add_cells(now_there, no_more);
  END IF;
  SELECT array_agg(ROW(a.*)::events.event), array_agg(ROW(b.*)::events.event) INTO now_there, no_more
    FROM after a JOIN before b ON b.id = a.id
    WHERE (a.day, a.state, a.town, a.organisation, a.matter, a.channel, a.late_at IS NULL, a.supervised > 0, a.returned, a.transferred, a.reworked,
        a.reports, a.rating, a.reported_at, a.filed_at, a.dispatched_at, a.accepted_at, a.handled_at, a.closed_at)
      IS DISTINCT FROM (b.day, b.state, b.town, b.organisation, b.matter, b.channel, b.late_at IS NULL, b.supervised > 0, b.returned, b.transferred,
        b.reworked, b.reports, b.rating, b.reported_at, b.filed_at, b.dispatched_at, b.accepted_at, b.handled_at, b.closed_at);
  IF now_there IS NOT NULL THEN
    PERFORM events.add_counts(now_there, no_more);
  END IF;
  RETURN NULL;
END $$;
ANALYZE events.event, events.cell, events.said, events.tally, events.tally_month;
