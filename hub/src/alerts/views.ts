/** What people see of alerts: the board, lists, one alert with all that belongs to it. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { Problem } from '../platform/problem.ts';
import type * as api from './api.ts';
import type { WarningRow } from './cap/warnings.ts';
import { type AlertRow, brief } from './live/alert.ts';
import { forecastOf } from './live/evidence.ts';
import type { AlertPorts } from './ports.ts';
import * as k from './problems.ts';
import { colours, type Rule, ruleSchema, threshold } from './pure/index.ts';

const BOARD = 1_000;
const CHART = 2_000;
const LEARN = 3_000;
const HOUR = 3_600_000;

/** Everything that is open. */
export async function board(ports: AlertPorts): Promise<z.input<typeof api.board>> {
  const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert WHERE closed_at IS NULL
    ORDER BY level DESC, opened_at DESC, id DESC LIMIT ${BOARD + 1}`.execute(ports.db.kysely);
  const counted = await sql<{ level: number; n: number; free: number; silent: number; quiet: number; held: number }>`
    SELECT level, count(*) AS n, count(*) FILTER (WHERE acknowledged_at IS NULL) AS free,
      count(*) FILTER (WHERE state = 'no-data') AS silent, count(*) FILTER (WHERE silenced IS NOT NULL) AS quiet,
      count(*) FILTER (WHERE inhibited IS NOT NULL) AS held
    FROM alerts.alert WHERE closed_at IS NULL GROUP BY level`.execute(ports.db.kysely);
  const sum = (of: 'n' | 'free' | 'silent' | 'quiet' | 'held') => counted.rows.reduce((s, r) => s + r[of], 0);
  const evaluator = ports.evaluator();
  return {
    alerts: rows.slice(0, BOARD).map(brief),
    counts: {
      ...{
        open: sum('n'),
        unacknowledged: sum('free'),
        noData: sum('silent'),
        silenced: sum('quiet'),
        inhibited: sum('held'),
      },
      levels: [0, 1, 2, 3, 4].map((level) => counted.rows.find((r) => r.level === level)?.n ?? 0),
    },
    more: rows.length > BOARD,
    listening: evaluator !== undefined,
    evaluated: evaluator?.engine.counts.evaluated ?? 0,
    folded: evaluator?.manager.folded ?? 0,
    gap: evaluator?.gap ?? null,
  };
}

/** Alerts of any state, the newest first. */
export async function list(ports: AlertPorts, q: z.output<typeof api.listQuery>): Promise<z.input<typeof api.list>> {
  const where = sql`WHERE (${q.state} = 'all' OR (closed_at IS NULL) = (${q.state} = 'open'))
    AND (${q.level ?? null}::integer IS NULL OR peak = ${q.level ?? null}::integer)
    AND (${q.rule ?? null}::text IS NULL OR rule = ${q.rule ?? null}::text)
    AND (${q.entity ?? null}::text IS NULL OR entity = ${q.entity ?? null}::text)
    AND (${q.from ?? null}::timestamptz IS NULL OR opened_at >= ${q.from ?? null}::timestamptz)
    AND (${q.to ?? null}::timestamptz IS NULL OR opened_at < ${q.to ?? null}::timestamptz)`;
  const rows = await sql<AlertRow>`SELECT * FROM alerts.alert ${where} ORDER BY opened_at DESC, id DESC
    LIMIT ${q.limit} OFFSET ${q.offset}`.execute(ports.db.kysely);
  const total = await sql<{ n: number }>`SELECT count(*) AS n FROM alerts.alert ${where}`.execute(ports.db.kysely);
  return { alerts: rows.rows.map(brief), total: total.rows[0]!.n };
}

/** The rule by which an alert opened, as it was then. */
async function ruleOf(ports: AlertPorts, a: AlertRow): Promise<Rule | null> {
  if (a.source !== 'rule') return null;
  const { rows } = await sql<{ body: unknown }>`SELECT body FROM alerts.rule_version WHERE rule = ${a.rule}
    AND version = ${a.version}`.execute(ports.db.kysely);
  return rows[0] ? ruleSchema.parse(rows[0].body) : null;
}

async function alertOf(ports: AlertPorts, id: number): Promise<AlertRow> {
  const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert WHERE id = ${id}`.execute(ports.db.kysely);
  if (!rows[0]) throw new Problem(k.unknownAlert, { id });
  return rows[0];
}

/** One alert. */
export async function detail(ports: AlertPorts, id: number): Promise<z.input<typeof api.detail>> {
  const a = await alertOf(ports, id);
  const db = ports.db.kysely;
  const rule = await ruleOf(ports, a);
  const members = await sql<Record<string, never>>`SELECT * FROM alerts.member WHERE alert = ${id}
    ORDER BY level DESC, series LIMIT 200`.execute(db);
  const steps = await sql<Record<string, never>>`SELECT * FROM (SELECT * FROM alerts.step WHERE alert = ${id}
    ORDER BY id DESC LIMIT 500) s ORDER BY at, id`.execute(db);
  const warnings =
    await sql<WarningRow>`SELECT * FROM alerts.warning WHERE alert = ${id} AND state <> 'dropped' ORDER BY id`.execute(
      db,
    );
  const message = await sql<{
    id: number;
    identifier: string;
  }>`SELECT id, identifier FROM alerts.incoming WHERE alert = ${id}
    ORDER BY id DESC LIMIT 1`.execute(db);
  return {
    alert: brief(a),
    rule: rule && {
      ...{ name: a.rule, version: a.version, title: rule.title, text: rule.text, measure: rule.measure },
      ...{ direction: rule.direction, hysteresis: rule.hysteresis, pending: rule.pending, keep: rule.keep },
      window: rule.window ?? null,
      levels: levelsOf(rule),
    },
    members: members.rows.map((m: Record<string, unknown>) => ({
      ...(m as { series: number; entity: string; property: string; label: { zh: string; en: string }; level: number }),
      ...{
        noData: m.no_data as boolean,
        since: iso(m.since)!,
        changedAt: iso(m.changed_at)!,
        endedAt: iso(m.ended_at),
      },
      ...{ value: m.value as number | null, measure: m.measure as number | null },
    })),
    steps: steps.rows.map((s: Record<string, unknown>) => ({
      ...{ id: s.id as number, at: iso(s.at)!, kind: s.kind as string, level: s.level as number },
      ...{
        name: s.who_name as string | null,
        note: s.note as string | null,
        detail: s.detail as Record<string, unknown> | null,
      },
    })),
    evidence: a.evidence as never,
    warnings: await Promise.all(warnings.rows.map((w) => warningView(ports, w))),
    message: message.rows[0] ?? null,
  };
}

const iso = (at: unknown): string | null => (at instanceof Date ? at.toISOString() : null);

/** Thresholds of a rule by level. */
export const levelsOf = (rule: Rule): { level: number; threshold: number }[] =>
  colours.flatMap((colour, n) => {
    const given = rule.levels[colour];
    return given === undefined ? [] : [{ level: n + 1, threshold: threshold(given, rule.measure) }];
  });

/** Readings around an alert and what is to be expected, out of what is kept now. */
export async function chart(
  ports: AlertPorts,
  id: number,
  q: z.output<typeof api.chartQuery>,
): Promise<z.input<typeof api.chart>> {
  const a = await alertOf(ports, id);
  const sensing = ports.sensing();
  const named = q.series ?? (a.evidence as { series?: number } | null)?.series ?? null;
  const known = named === null ? undefined : sensing?.book.get(named);
  const until = a.closed_at
    ? Math.min(a.closed_at.getTime() + HOUR, ports.clock.now().getTime())
    : ports.clock.now().getTime();
  const from = Math.min(a.opened_at.getTime(), until) - q.hours * HOUR;
  const none = { series: null, unit: null, label: null, from, to: until, readings: [], forecast: null };
  if (!sensing || !known) return none;
  // Only series of the alert: this is no way to every sensor.
  const mine = await sql`SELECT 1 FROM alerts.member WHERE alert = ${id} AND series = ${known.number}`.execute(
    ports.db.kysely,
  );
  if (!mine.rows.length) return none;
  const points = await sensing.history(known.number, from, until + 1, CHART);
  const rule = (await ruleOf(ports, a)) ?? undefined;
  const learn = a.closed_at ? [] : await sensing.history(known.number, until - 14 * 24 * HOUR, until + 1, LEARN);
  return {
    ...{ series: known.number, unit: known.unit, label: known.label, from, to: until },
    readings: points.map((p): [number, number] => [p.at, p.value]),
    forecast: a.closed_at ? null : forecastOf(learn, rule),
  };
}

/** A warning to the public as lists show it. */
export async function warningView(ports: AlertPorts, w: WarningRow): Promise<z.input<typeof api.warning>> {
  const seal = w.identifier ? (await ports.seal.of('file', `cap/${w.identifier}`))[0] : undefined;
  return {
    ...{ id: w.id, chain: w.chain, alert: w.alert, previous: w.previous, msgType: w.msg_type, status: w.status },
    ...{
      scope: w.scope,
      state: w.state,
      colour: w.content.colour,
      event: w.content.event,
      headline: w.content.headline,
    },
    ...{ identifier: w.identifier, sent: w.sent?.toISOString() ?? null, expires: w.expires.toISOString() },
    ...{ revision: w.revision, madeBy: w.made_name, madeAt: w.made_at.toISOString(), releasedBy: w.released_name },
    ...{ supersededBy: w.superseded_by, seal: seal?.id ?? null },
  };
}
