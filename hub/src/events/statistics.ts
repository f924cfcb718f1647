/** Statistics of events out of the kept counters: stages, where things get stuck, organisations, towns, matters, channels. */
import { sql } from 'kysely';
import { z } from 'zod';
import { cityDay } from '../platform/law/index.ts';
import type { EventPorts } from './ports.ts';

export const statisticsQuery = z.object({
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
});

const sums = [
  ...[
    'total',
    'registered',
    'filed',
    'dispatched',
    'handling',
    'paused',
    'handled',
    'closed',
    'dropped',
    'late_open',
    'closed_late',
  ],
  ...[
    'supervised',
    'returned',
    'transferred',
    'reworked',
    'reports',
    'rated',
    'stars',
    'filing_minutes',
    'dispatch_minutes',
    'accept_minutes',
  ],
  ...['handle_minutes', 'check_minutes', 'was_filed', 'was_dispatched', 'was_accepted', 'was_handled', 'was_checked'],
] as const;
type Sum = (typeof sums)[number];
type Sums = Record<Sum, number>;
const columns = sql.raw(sums.map((s) => `coalesce(sum(${s}), 0)::float8 AS ${s}`).join(', '));
const plain = sql.raw(sums.join(', '));

const rate = (part: number, whole: number): number | null => (whole ? part / whole : null);

/** One group as pages show it. Shares are 0 … 1, minutes are means; null where nothing is there to share. */
function shown(key: string, s: Sums) {
  return {
    ...{
      key,
      total: s.total,
      reports: s.reports,
      open: s.registered + s.filed + s.dispatched + s.handling + s.paused + s.handled,
    },
    ...{
      closed: s.closed,
      dropped: s.dropped,
      lateOpen: s.late_open,
      closedLate: s.closed_late,
      supervised: s.supervised,
    },
    ...{ returned: s.returned, transferred: s.transferred, reworked: s.reworked },
    onTime: rate(s.closed - s.closed_late, s.closed),
    rating: rate(s.stars, s.rated),
    rated: s.rated,
    handleMinutes: rate(s.handle_minutes, s.was_handled),
  };
}

/** Periods that are being summed up, by hub: who asks meanwhile for the same is answered with it. */
const underWay = new WeakMap<object, Map<string, ReturnType<typeof summed>>>();

/** Numbers of every stage of a period (by the day of the first report), and groups. */
export function statistics(ports: EventPorts, q: z.output<typeof statisticsQuery>): ReturnType<typeof summed> {
  const until = q.until ?? cityDay(ports.clock.now());
  const from = q.from ?? cityDay(new Date(ports.clock.now().getTime() - 29 * 86_400_000));
  const own = underWay.get(ports.db) ?? new Map<string, ReturnType<typeof summed>>();
  underWay.set(ports.db, own);
  const key = `${from} ${until}`;
  const known = own.get(key);
  if (known) return known;
  const made = summed(ports, from, until).finally(() => own.delete(key));
  own.set(key, made);
  return made;
}

const DAY = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * A period cut into whole months and the days before and behind them; days are `YYYY-MM-DD`, both ends included. `months`: first days of the first
 * and the last whole month, undefined without one.
 */
export function cut(from: string, until: string): { months?: [string, string]; days: [string, string][] } {
  if (from > until) return { days: [] };
  const after = dayOf(Date.parse(until) + DAY);
  const next = (day: string) => dayOf(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1));
  const first = from.endsWith('-01') ? from : next(from);
  // The first day that no whole month covers any more.
  const end = `${after.slice(0, 8)}01`;
  if (first >= end) return { days: [[from, until]] };
  const last = dayOf(Date.parse(end) - DAY);
  return {
    months: [first, `${last.slice(0, 8)}01`],
    days: [
      ...(from < first ? [[from, dayOf(Date.parse(first) - DAY)] as [string, string]] : []),
      ...(end <= until ? [[end, until] as [string, string]] : []),
    ],
  };
}

async function summed(ports: EventPorts, from: string, until: string) {
  const { months, days: edges } = cut(from, until);
  const parts = edges.map(
    ([a, b]) => sql`SELECT kind, key, ${plain} FROM events.tally WHERE day BETWEEN ${a}::date AND ${b}::date`,
  );
  if (months)
    parts.push(
      sql`SELECT kind, key, ${plain} FROM events.tally_month WHERE month BETWEEN ${months[0]}::date AND ${months[1]}::date`,
    );
  // All at once: with one connection they stand in its line one behind the other, and nobody's wait lies between them.
  const [rows, days, worst] = await Promise.all([
    parts.length
      ? sql<
          Sums & { kind: string; key: string }
        >`SELECT kind, key, ${columns} FROM (${sql.join(parts, sql` UNION ALL `)}) t
          GROUP BY kind, key`
          .execute(ports.db.kysely)
          .then((r) => r.rows)
      : [],
    sql<{
      day: string;
      total: number;
      closed: number;
      late: number;
    }>`SELECT day::text AS day, total, closed, closed_late + late_open AS late
      FROM events.tally WHERE kind = 'all' AND day BETWEEN ${from}::date AND ${until}::date ORDER BY day`.execute(
      ports.db.kysely,
    ),
    stuck(ports),
  ]);
  const of = (kind: string) =>
    rows
      .filter((r) => r.kind === kind && r.total > 0)
      .sort((a, b) => b.total - a.total)
      .map((r) => shown(r.key, r));
  const zero = Object.fromEntries(sums.map((s) => [s, 0])) as Sums;
  const all = rows.find((r) => r.kind === 'all') ?? zero;
  const open = [all.registered, all.filed, all.dispatched, all.handling + all.paused, all.handled];
  return {
    ...{ from, until, all: shown('', all) },
    // How many stand in each stage and have passed it, and how long it takes: where things get stuck.
    stages: [
      { stage: 1, standing: open[0]!, passed: all.was_filed, minutes: rate(all.filing_minutes, all.was_filed) },
      {
        stage: 2,
        standing: open[1]!,
        passed: all.was_dispatched,
        minutes: rate(all.dispatch_minutes, all.was_dispatched),
      },
      { stage: 3, standing: open[2]!, passed: all.was_accepted, minutes: rate(all.accept_minutes, all.was_accepted) },
      { stage: 4, standing: open[3]!, passed: all.was_handled, minutes: rate(all.handle_minutes, all.was_handled) },
      { stage: 5, standing: open[4]!, passed: all.was_checked, minutes: rate(all.check_minutes, all.was_checked) },
      { stage: 6, standing: all.closed - all.rated, passed: all.closed, minutes: null },
      { stage: 7, standing: 0, passed: all.rated, minutes: null },
    ],
    paused: all.paused,
    ...{
      organisations: of('organisation'),
      towns: of('town'),
      matters: of('matter'),
      channels: of('channel'),
      days: days.rows,
    },
    stuck: worst,
  };
}

/** Open events that stand longest in their state, the worst of each organisation first. */
async function stuck(ports: EventPorts) {
  const { rows } = await sql<{
    id: number;
    number: string;
    matter: string | null;
    organisation: string | null;
    state: string;
    due: Date | null;
    late_at: Date | null;
    since: Date;
  }>`
    SELECT id, number, matter, organisation, state, due, late_at,
      coalesce(handled_at, accepted_at, dispatched_at, filed_at, reported_at) AS since
    FROM events.event WHERE state NOT IN ('closed', 'void', 'merged') AND due IS NOT NULL ORDER BY due LIMIT 12`.execute(
    ports.db.kysely,
  );
  return rows.map((r) => ({
    ...{
      id: r.id,
      number: r.number,
      matter: r.matter,
      organisation: r.organisation,
      state: r.state,
      late: r.late_at !== null,
    },
    ...{ due: r.due?.toISOString() ?? null, since: r.since.toISOString() },
  }));
}
