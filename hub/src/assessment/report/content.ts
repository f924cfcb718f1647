/** What a monthly report tells, gathered out of a result as it is kept; the same result always gives the same content. */
import type { Formula } from '../declaration.ts';
import type { ObjectionDeps } from '../objections.ts';
import { objections } from '../objections.ts';
import { type PointRow, pointsIn, recordsIn } from '../results.ts';
import { board, objectionViews, type Sight } from '../views.ts';

export type Language = 'zh' | 'en';
type Both = { zh: string; en: string };

export interface ReportUnit {
  unit: string;
  name: Both;
  score: number | null;
  rank: number | null;
  change: number | null;
  points: (PointRow & { title: Both; advice: Both })[];
  /** Where most points were lost, with the records that cost most. */
  lost: {
    title: Both;
    advice: Both;
    lost: number;
    records: { title: Both; note: Both | null; lost: number }[];
    more: number;
  }[];
}

export interface Report {
  city: Both;
  scheme: string;
  title: Both;
  note: Both;
  month: string;
  version: number;
  day: string;
  madeAt: Date;
  digest: string;
  seal: number | null;
  address: string | null;
  edition: string;
  validFrom: string;
  reason: Both | null;
  formula: Formula;
  mean: number | null;
  trend: { at: string; score: number | null }[];
  days: { at: string; score: number | null }[];
  lost: { title: Both; lost: number; units: number; share: number | null; absent: boolean }[];
  risen: { name: Both; change: number }[];
  units: ReportUnit[];
  objections: Awaited<ReturnType<typeof objectionViews>>;
}

/** Records named for each indicator of a unit. */
const NAMED = 4;

/** Gathers a report. `address`: where the hub is reached, for the code of the seal. */
export async function reportContent(
  deps: ObjectionDeps,
  sight: Sight,
  given: { city: Both; address: string },
): Promise<Report> {
  const { result, formula } = sight;
  const d = formula.declaration;
  const seen = await board(deps, { scheme: result.scheme, month: result.month, version: result.version });
  const all = await pointsIn(deps.db.kysely, result.id);
  const units: ReportUnit[] = [];
  for (const u of seen.units) {
    const own = d.indicators.map((i) => ({
      ...all.find((p) => p.unit === u.unit && p.indicator === i.id)!,
      ...{ title: i.title, advice: i.advice },
    }));
    const losing = own.filter((p) => p.weight > p.points).sort((a, b) => b.weight - b.points - (a.weight - a.points));
    const lost: ReportUnit['lost'] = [];
    for (const p of losing.slice(0, 5)) {
      const asked = { unit: u.unit, indicator: p.indicator, lost: true };
      const found = await recordsIn(deps.db.kysely, result.id, { ...asked, limit: 200 });
      lost.push({
        ...{ title: p.title, advice: p.advice, lost: (p.weight - p.points) / 100 },
        records: found.slice(0, NAMED).map((r) => ({ title: r.title, note: r.note, lost: r.lost / 100 })),
        more: Math.max(0, found.length - NAMED),
      });
    }
    units.push({ unit: u.unit, name: u.name, score: u.score, rank: u.rank, change: u.change, points: own, lost });
  }
  const raised = await objections(deps.db.kysely, { scheme: result.scheme, month: result.month });
  // Of a version only what had been decided when it was made: its report does not change by what comes later.
  const known = raised.filter((o) => result.version === 0 || (o.decided_at !== null && o.decided_at <= result.made_at));
  return {
    ...{ city: given.city, scheme: result.scheme, title: d.title, note: d.note, month: result.month },
    ...{ version: result.version, day: result.day, madeAt: result.made_at, digest: result.digest, seal: result.seal },
    address: result.seal !== null && given.address ? `${given.address}/trust/seals/${result.seal}` : null,
    ...{ edition: formula.edition, validFrom: formula.valid_from, reason: d.reason ?? null, formula: d },
    ...{ mean: seen.trend.at(-1)?.score ?? null, trend: seen.trend, days: seen.days, units },
    lost: d.indicators.map((i) => {
      const of = all.filter((p) => p.indicator === i.id && p.state === 'scored' && p.weight > 0);
      const { lost, units: n } = seen.lost.find((l) => l.indicator === i.id)!;
      const share = of.length ? of.reduce((sum, p) => sum + p.points / p.weight, 0) / of.length : null;
      return {
        title: i.title,
        lost,
        units: n,
        share,
        absent: all.some((p) => p.indicator === i.id && p.state === 'absent'),
      };
    }),
    risen: seen.units
      .filter((u) => u.change !== null && u.change > 0)
      .sort((a, b) => b.change! - a.change!)
      .slice(0, 3)
      .map((u) => ({ name: u.name, change: u.change! })),
    objections: await objectionViews(deps, known),
  };
}
