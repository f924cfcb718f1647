/** What the assessment's pages show: the board, a unit, its records; everything out of the results as they are kept. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import type * as api from './api.ts';
import { type FormulaVersion, formulas } from './formula.ts';
import { type ObjectionDeps, type ObjectionRow, objections, objectionTime } from './objections.ts';
import { addMonths, closeDay } from './period.ts';
import * as k from './problems.ts';
import {
  countRecords,
  type PointRow,
  pointsIn,
  type RecordRow,
  type ResultRow,
  recordsIn,
  resultOf,
  resultsOf,
  type UnitRow,
  unitsIn,
} from './results.ts';

/** Points as people read them. */
export const points = (hundredths: number): number => hundredths / 100;
const orNull = (hundredths: number | null): number | null => (hundredths === null ? null : hundredths / 100);

/** Months of a trend. */
export const TREND = 12;

/** What is read again and again of a month. */
export interface Sight {
  formula: FormulaVersion;
  result: ResultRow;
}

/** The scheme asked for, or the first; the month asked for, or the newest. Undefined: nothing was computed. */
export async function sightOf(
  deps: Pick<ObjectionDeps, 'db'>,
  asked: { scheme?: string | undefined; month?: string | undefined; version?: number | undefined },
): Promise<Sight | undefined> {
  const all = await formulas(deps.db.kysely);
  const scheme = asked.scheme ?? all[0]?.scheme;
  if (asked.scheme && !all.some((f) => f.scheme === asked.scheme))
    throw new Problem(k.unknownScheme, { scheme: asked.scheme });
  if (!scheme) return undefined;
  const month = asked.month ?? (await resultsOf(deps.db.kysely, scheme)).at(-1)?.month;
  const result = month && (await resultOf(deps.db.kysely, scheme, month, asked.version));
  if (!result) {
    if (asked.month) throw new Problem(k.unknownMonth, { month: asked.month });
    return undefined;
  }
  return { result, formula: all.find((f) => f.scheme === scheme && f.version === result.formula)! };
}

/** As `sightOf`, but it must be there. */
export async function mustSee(...[deps, asked]: Parameters<typeof sightOf>): Promise<Sight> {
  const sight = await sightOf(deps, asked);
  if (!sight) throw new Problem(k.unknownMonth, { month: asked.month ?? '' });
  return sight;
}

export async function headOf(deps: ObjectionDeps, { result, formula }: Sight): Promise<z.input<typeof api.resultHead>> {
  const d = formula.declaration;
  const closes = closeDay(deps.calendar(), result.month, d.close);
  const waiting = await objections(deps.db.kysely, { scheme: result.scheme, month: result.month, state: 'open' });
  return {
    ...{ scheme: result.scheme, month: result.month, version: result.version, day: result.day },
    ...{ madeAt: result.made_at.toISOString(), digest: result.digest, seal: result.seal },
    formula: { version: formula.version, edition: formula.edition, title: d.title, note: d.note },
    closes: { due: closes.due, missingYear: closes.missingYear },
    objections: await objectionTime(deps, formula, result),
    waiting: waiting.length,
  };
}

type Head = z.input<typeof api.boardAnswer>['indicators'][number];
const headsOf = (formula: FormulaVersion, all: readonly PointRow[]): Head[] =>
  formula.declaration.indicators.map((i) => ({
    ...{
      id: i.id,
      title: i.title,
      weight: i.weight,
      measure: i.measure,
      direction: i.direction,
      full: i.full,
      zero: i.zero,
    },
    ...{ without: i.without, text: i.text, ground: i.ground, advice: i.advice },
    absent: all.some((p) => p.indicator === i.id && p.state === 'absent'),
  }));

/** The newest result of each month up to one, at most twelve; the one looked at among them. */
async function newest(deps: Pick<ObjectionDeps, 'db'>, sight: Sight): Promise<ResultRow[]> {
  const all = await resultsOf(deps.db.kysely, sight.result.scheme);
  const first = addMonths(sight.result.month, 1 - TREND);
  const byMonth = new Map(
    all.filter((r) => r.month >= first && r.month <= sight.result.month).map((r) => [r.month, r]),
  );
  byMonth.set(sight.result.month, sight.result);
  return [...byMonth.values()];
}

type TrendPoint = z.input<typeof api.boardAnswer>['trend'][number];

async function trends(deps: Pick<ObjectionDeps, 'db'>, sight: Sight) {
  const results = await newest(deps, sight);
  const rows = await unitsIn(
    deps.db.kysely,
    results.map((r) => r.id),
  );
  const byResult = new Map(results.map((r) => [r.id, r.month]));
  const before = results.find((r) => r.month === addMonths(sight.result.month, -1));
  const trend = (unit: string): TrendPoint[] =>
    rows
      .filter((r) => r.unit === unit)
      .map((r) => ({ at: byResult.get(r.result)!, score: orNull(r.score), rank: r.rank }))
      .sort((a, b) => a.at.localeCompare(b.at));
  const mean = results
    .map((r) => ({ at: r.month, score: meanOf(rows.filter((u) => u.result === r.id)), rank: null }))
    .sort((a, b) => a.at.localeCompare(b.at));
  return { trend, mean, before: before ? rows.filter((r) => r.result === before.id) : [] };
}

const meanOf = (units: readonly Pick<UnitRow, 'score'>[]): number | null => {
  const scores = units.flatMap((u) => (u.score === null ? [] : [u.score]));
  return scores.length ? Math.round(scores.reduce((a, b) => a + b, 0) / scores.length) / 100 : null;
};

/** Days of the month of a result as they were computed; of one unit or the mean of all. */
async function daily(deps: Pick<ObjectionDeps, 'db'>, { result }: Sight, unit?: string): Promise<TrendPoint[]> {
  const found = await sql<{ at: string; score: number | null; rank: number | null }>`
    SELECT day::text AS at, round(avg(score))::int AS score, ${unit === undefined ? sql`NULL::int` : sql`min(rank)`} AS rank
    FROM assessment.daily WHERE scheme = ${result.scheme} AND to_char(day, 'YYYY-MM') = ${result.month} AND day <= ${result.day}::date
      AND ${unit === undefined ? sql`true` : sql`unit = ${unit}`} GROUP BY day ORDER BY day`.execute(deps.db.kysely);
  return found.rows.map((r) => ({ at: r.at, score: orNull(r.score), rank: r.rank }));
}

/** Schemes with the months that were computed. */
export async function schemesOf(deps: Pick<ObjectionDeps, 'db'>) {
  const all = await formulas(deps.db.kysely);
  const out: z.input<typeof api.boardAnswer>['schemes'] = [];
  for (const scheme of new Set(all.map((f) => f.scheme))) {
    const months = (await resultsOf(deps.db.kysely, scheme)).map((r) => r.month);
    out.push({
      scheme,
      title: all.filter((f) => f.scheme === scheme).at(-1)!.declaration.title,
      months: [...new Set(months)],
    });
  }
  return out;
}

/** The board of a month. */
export async function board(
  deps: ObjectionDeps,
  asked: { scheme?: string | undefined; month?: string | undefined; version?: number | undefined },
): Promise<Omit<z.input<typeof api.boardAnswer>, 'faults'>> {
  const schemes = await schemesOf(deps);
  const sight = await sightOf(deps, asked);
  if (!sight) return { schemes, result: null, indicators: [], units: [], trend: [], days: [], lost: [] };
  const [units, all, t] = await Promise.all([
    unitsIn(deps.db.kysely, [sight.result.id]),
    pointsIn(deps.db.kysely, sight.result.id),
    trends(deps, sight),
  ]);
  const shown = units.map((u) => {
    const before = t.before.find((b) => b.unit === u.unit);
    const own = all.filter((p) => p.unit === u.unit);
    return {
      ...{ unit: u.unit, name: u.name, score: orNull(u.score), rank: u.rank, weight: points(u.weight) },
      change: before?.score == null || u.score === null ? null : points(u.score - before.score),
      rankBefore: before?.rank ?? null,
      cells: sight.formula.declaration.indicators.map((i) => {
        const p = own.find((x) => x.indicator === i.id)!;
        return { indicator: i.id, state: p.state, weight: points(p.weight), points: points(p.points) };
      }),
      trend: t.trend(u.unit),
    };
  });
  shown.sort(
    (a, b) => (a.rank ?? 1e9) - (b.rank ?? 1e9) || (b.score ?? -1) - (a.score ?? -1) || a.unit.localeCompare(b.unit),
  );
  return {
    ...{ schemes, result: await headOf(deps, sight), indicators: headsOf(sight.formula, all), units: shown },
    ...{ trend: t.mean, days: await daily(deps, sight) },
    lost: sight.formula.declaration.indicators.map((i) => {
      const losing = all.filter((p) => p.indicator === i.id && p.weight > p.points);
      return {
        indicator: i.id,
        lost: points(losing.reduce((n, p) => n + p.weight - p.points, 0)),
        units: losing.length,
      };
    }),
  };
}

const recordView = (r: RecordRow) => ({
  ...{ unit: r.unit, indicator: r.indicator, kind: r.kind, ref: r.ref, title: r.title, note: r.note },
  ...{ base: r.base, value: r.value, lost: points(r.lost), objection: r.objection },
});

/** Records of a month, those that cost most first. */
export async function records(
  deps: ObjectionDeps,
  q: z.output<typeof api.recordsQuery>,
): Promise<z.input<typeof api.recordsAnswer>> {
  const { result } = await mustSee(deps, q);
  const asked = { ...q, lost: q.lost === 'true' };
  const items = await recordsIn(deps.db.kysely, result.id, asked);
  return { items: items.map(recordView), total: await countRecords(deps.db.kysely, result.id, asked) };
}

/** Objections as they are shown, with names and the records that they are about. */
export async function objectionViews(
  deps: Pick<ObjectionDeps, 'db'>,
  rows: readonly ObjectionRow[],
): Promise<z.input<typeof api.objection>[]> {
  const all = await formulas(deps.db.kysely);
  return Promise.all(
    rows.map(async (o) => {
      const result = await resultOf(deps.db.kysely, o.scheme, o.month);
      const unit = result && (await unitsIn(deps.db.kysely, [result.id])).find((u) => u.unit === o.unit);
      const formula = all.find((f) => f.scheme === o.scheme && f.version === result?.formula);
      const title = formula?.declaration.indicators.find((i) => i.id === o.indicator)?.title;
      const record =
        o.kind === null || !result
          ? undefined
          : (await recordsIn(deps.db.kysely, result.id, { unit: o.unit, indicator: o.indicator })).find(
              (r) => r.kind === o.kind && r.ref === o.ref,
            );
      return {
        ...{ id: o.id, scheme: o.scheme, month: o.month, version: o.version, state: o.state, reason: o.reason },
        unit: { id: o.unit, name: unit?.name ?? { zh: o.unit, en: o.unit } },
        indicator: { id: o.indicator, title: title ?? { zh: o.indicator, en: o.indicator } },
        record:
          o.kind === null
            ? null
            : { kind: o.kind, ref: o.ref!, title: record?.title ?? null, note: record?.note ?? null },
        ...{ lost: points(o.lost), raisedBy: o.raised_by, raisedAt: o.raised_at.toISOString() },
        ...{ decision: o.decision, decidedBy: o.decided_by, decidedAt: o.decided_at?.toISOString() ?? null },
        effect:
          o.made_version === null
            ? null
            : { version: o.made_version, before: orNull(o.score_before), after: orNull(o.score_after) },
      };
    }),
  );
}

/** A unit in a month: its indicators, what to do next, its trend, its objections. */
export async function unitView(
  deps: ObjectionDeps,
  unit: string,
  asked: { scheme?: string | undefined; month?: string | undefined },
  p: Principal,
): Promise<z.input<typeof api.unitAnswer>> {
  const sight = await mustSee(deps, asked);
  const { result, formula } = sight;
  const units = await unitsIn(deps.db.kysely, [result.id]);
  const own = units.find((u) => u.unit === unit);
  if (!own) throw new Problem(k.unknownUnit, { unit });
  const [all, t, head] = await Promise.all([
    pointsIn(deps.db.kysely, result.id),
    trends(deps, sight),
    headOf(deps, sight),
  ]);
  const before = t.before.find((b) => b.unit === unit);
  const indicators = headsOf(formula, all).map((i) => {
    const of = all.find((x) => x.indicator === i.id && x.unit === unit)!;
    const applying = all.filter((x) => x.indicator === i.id && x.state === 'scored' && x.weight > 0);
    const mean = applying.length ? applying.reduce((n, x) => n + x.points / x.weight, 0) / applying.length : null;
    return {
      ...i,
      ...{ state: of.state, effective: points(of.weight), points: points(of.points), base: of.base, value: of.value },
      ...{ measured: of.measure, cases: of.cases, mean },
    };
  });
  const losing = indicators
    .filter((i) => i.effective > i.points)
    .sort((a, b) => b.effective - b.points - (a.effective - a.points));
  const steps = await Promise.all(
    losing.slice(0, 5).map(async (i) => ({
      ...{ indicator: i.id, title: i.title, advice: i.advice, lost: Math.round((i.effective - i.points) * 100) / 100 },
      records: (await recordsIn(deps.db.kysely, result.id, { unit, indicator: i.id, lost: true, limit: 5 })).map(
        recordView,
      ),
    })),
  );
  const raised = await objections(deps.db.kysely, { scheme: result.scheme, month: result.month, unit });
  const mine = p.organisation === unit;
  return {
    result: head,
    unit: {
      ...{ unit, name: own.name, score: orNull(own.score), rank: own.rank, weight: points(own.weight), own: mine },
      of: units.filter((u) => u.rank !== null).length,
      change: before?.score == null || own.score === null ? null : points(own.score - before.score),
    },
    ...{ indicators, steps, trend: t.trend(unit), days: await daily(deps, sight, unit) },
    objections: await objectionViews(deps, raised),
    mayObject: mine && p.permissions.has('assessment.object') && head.objections.open,
  };
}
