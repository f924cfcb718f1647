-- Counters as before, made by one statement whose plan is kept: reading a long statement anew for every change cost more than the change.
CREATE FUNCTION events.add_counts(now_there events.event[], no_more events.event[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events.tally AS t (kind, key, day,
      total, registered, filed, dispatched, handling, paused, handled, closed, dropped,
      late_open, closed_late, supervised, returned, transferred, reworked, reports, rated, stars,
      filing_minutes, dispatch_minutes, accept_minutes, handle_minutes, check_minutes, was_filed, was_dispatched, was_accepted, was_handled,
      was_checked)
    SELECT k.kind, k.key, e.day,
      sum(e.sign * 1), sum(e.sign * (e.state = 'registered')::int),
      sum(e.sign * (e.state = 'filed')::int), sum(e.sign * (e.state = 'dispatched')::int),
      sum(e.sign * (e.state = 'handling')::int), sum(e.sign * (e.state = 'paused')::int),
      sum(e.sign * (e.state = 'handled')::int), sum(e.sign * (e.state = 'closed')::int),
      sum(e.sign * (e.state = 'void')::int), sum(e.sign * (e.late_at IS NOT NULL AND e.state NOT IN ('closed', 'void'))::int),
      sum(e.sign * (e.late_at IS NOT NULL AND e.state = 'closed')::int), sum(e.sign * (e.supervised > 0)::int),
      sum(e.sign * e.returned), sum(e.sign * e.transferred),
      sum(e.sign * e.reworked), sum(e.sign * e.reports),
      sum(e.sign * (e.rating IS NOT NULL)::int), sum(e.sign * coalesce(e.rating, 0)::int),
      sum(e.sign * coalesce(extract(epoch FROM e.filed_at - e.reported_at) / 60, 0)::float8), sum(e.sign * coalesce(extract(epoch FROM e.dispatched_at - e.filed_at) / 60, 0)::float8),
      sum(e.sign * coalesce(extract(epoch FROM e.accepted_at - e.dispatched_at) / 60, 0)::float8), sum(e.sign * coalesce(extract(epoch FROM e.handled_at - e.accepted_at) / 60, 0)::float8),
      sum(e.sign * coalesce(extract(epoch FROM e.closed_at - e.handled_at) / 60, 0)::float8), sum(e.sign * (e.filed_at IS NOT NULL)::int),
      sum(e.sign * (e.dispatched_at IS NOT NULL)::int), sum(e.sign * (e.accepted_at IS NOT NULL)::int),
      sum(e.sign * (e.handled_at IS NOT NULL)::int), sum(e.sign * (e.closed_at IS NOT NULL AND e.handled_at IS NOT NULL)::int)
    FROM (SELECT 1 AS sign, a.* FROM unnest(now_there) a UNION ALL SELECT -1, b.* FROM unnest(no_more) b) e
      CROSS JOIN LATERAL (VALUES ('all', ''), ('town', coalesce(e.town, '')), ('organisation', coalesce(e.organisation, '')),
        ('matter', coalesce(e.matter, '')), ('channel', e.channel)) k(kind, key)
    WHERE e.state <> 'merged'
    GROUP BY k.kind, k.key, e.day
    ORDER BY k.kind, k.key, e.day
    ON CONFLICT (kind, key, day) DO UPDATE SET
      total = t.total + excluded.total, registered = t.registered + excluded.registered, filed = t.filed + excluded.filed, dispatched = t.dispatched + excluded.dispatched,
      handling = t.handling + excluded.handling, paused = t.paused + excluded.paused, handled = t.handled + excluded.handled, closed = t.closed + excluded.closed,
      dropped = t.dropped + excluded.dropped, late_open = t.late_open + excluded.late_open, closed_late = t.closed_late + excluded.closed_late, supervised = t.supervised + excluded.supervised,
      returned = t.returned + excluded.returned, transferred = t.transferred + excluded.transferred, reworked = t.reworked + excluded.reworked, reports = t.reports + excluded.reports,
      rated = t.rated + excluded.rated, stars = t.stars + excluded.stars, filing_minutes = t.filing_minutes + excluded.filing_minutes, dispatch_minutes = t.dispatch_minutes + excluded.dispatch_minutes,
      accept_minutes = t.accept_minutes + excluded.accept_minutes, handle_minutes = t.handle_minutes + excluded.handle_minutes, check_minutes = t.check_minutes + excluded.check_minutes, was_filed = t.was_filed + excluded.was_filed,
      was_dispatched = t.was_dispatched + excluded.was_dispatched, was_accepted = t.was_accepted + excluded.was_accepted, was_handled = t.was_handled + excluded.was_handled, was_checked = t.was_checked + excluded.was_checked;
END $$;

CREATE OR REPLACE FUNCTION events.count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM events.add_counts((SELECT array_agg(ROW(a.*)::events.event) FROM after a), NULL);
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM events.add_counts(NULL, (SELECT array_agg(ROW(b.*)::events.event) FROM before b));
  -- Most changes of an event (its next limit, the number of its last step) are not counted by: then there is nothing to add.
  ELSIF EXISTS (
    SELECT 1 FROM after a JOIN before b ON b.id = a.id
    WHERE (a.day, a.state, a.town, a.organisation, a.matter, a.channel, a.late_at IS NULL, a.supervised > 0, a.returned, a.transferred, a.reworked,
        a.reports, a.rating, a.reported_at, a.filed_at, a.dispatched_at, a.accepted_at, a.handled_at, a.closed_at)
      IS DISTINCT FROM (b.day, b.state, b.town, b.organisation, b.matter, b.channel, b.late_at IS NULL, b.supervised > 0, b.returned, b.transferred,
        b.reworked, b.reports, b.rating, b.reported_at, b.filed_at, b.dispatched_at, b.accepted_at, b.handled_at, b.closed_at))
  THEN
    PERFORM events.add_counts((SELECT array_agg(ROW(a.*)::events.event) FROM after a), (SELECT array_agg(ROW(b.*)::events.event) FROM before b));
  END IF;
  RETURN NULL;
END $$;
