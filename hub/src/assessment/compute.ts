/**
 * Computing a month: records are staged and measured in one transaction of the lake, points follow from them and are kept with
 * every record that counted. Until its closing day a month is provisional and computed anew; then it is closed once, sealed,
 * and changes only by accepted objections, each of which makes a version of its own.
 */
import type { WorkingCalendar } from '@jingwei/codes';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import type { Formula } from './declaration.ts';
import { type FormulaVersion, formulas, inForce } from './formula.ts';
import { firstMonth, gather, type Unit, unitsOf } from './gather.ts';
import { type Measured, measure } from './measure.ts';
import { closeDay, daysOf, monthsBetween } from './period.ts';
import { digestOf, type ResultContent, type ResultRow, resultsOf, writeResult } from './results.ts';
import { type Counted, type Found, ranks, scoreUnit } from './score.ts';
import { type Staged, stage } from './staged.ts';

/** What computing stands on. */
export type ComputeDeps = Pick<Deps, 'db' | 'lake' | 'clock' | 'folders' | 'config' | 'audit' | 'seal' | 'log'> & {
  calendar(): WorkingCalendar;
};

/** An accepted objection: what it takes out of the reckoning. */
export interface Exemption {
  objection: number;
  unit: string;
  indicator: string;
  kind: string | null;
  ref: string | null;
}

/** Writers of the stages wait for each other. */
const LANE = 'assessment';

/** Which of the city's units a scheme assesses. */
export function unitsFor(units: readonly Unit[], formula: Formula, county: string): Unit[] {
  const { units: asked } = formula;
  if ('organisations' in asked) return units.filter((u) => asked.organisations.includes(u.kind));
  return units.filter((u) => u.kind === 'division' && u.parent === county);
}

/** What was accepted of a month. */
export async function exemptions(db: Kysely<AnyTables>, scheme: string, month: string): Promise<Exemption[]> {
  const found = await sql<Exemption>`SELECT id AS objection, unit, indicator, kind, ref FROM assessment.objection
    WHERE scheme = ${scheme} AND month = ${month} AND state = 'accepted' ORDER BY id`.execute(db);
  return found.rows;
}

/** Points and records of every unit. Pure. */
export function reckon(
  formula: Formula,
  units: readonly Pick<Unit, 'id' | 'name'>[],
  measured: readonly Pick<Measured, 'indicator' | 'absent' | 'records'>[],
  exempt: readonly Exemption[],
): ResultContent {
  const out: ResultContent = { units: [], points: [], records: [] };
  const scored = units.map((unit) => {
    const own = exempt.filter((e) => e.unit === unit.id);
    const found = new Map<string, Found>();
    for (const m of measured) {
      const of = own.filter((e) => e.indicator === m.indicator);
      const records = (m.records.get(unit.id) ?? []).map((r): Counted => {
        const by = of.find((e) => e.kind === r.kind && e.ref === r.ref);
        return by ? { ...r, objection: by.objection } : r;
      });
      found.set(m.indicator, { absent: m.absent.length > 0, waived: of.some((e) => e.kind === null), records });
    }
    return { unit, found, score: scoreUnit(formula, found) };
  });
  const places = ranks(
    scored.map((s) => s.score),
    formula.leastWeight,
  );
  scored.forEach(({ unit, found, score }, n) => {
    out.units.push({ unit: unit.id, name: unit.name, score: score.score, rank: places[n]!, weight: score.weight });
    for (const { lost, ...p } of score.points) {
      out.points.push({ unit: unit.id, ...p });
      (found.get(p.indicator)?.records ?? []).forEach((r, seq) => {
        out.records.push({ unit: unit.id, indicator: p.indicator, seq, ...r, lost: lost[seq]! });
      });
    }
  });
  return out;
}

/** Writes a result; a closed one with its seal, in the same transaction. */
export async function keep(
  deps: Pick<Deps, 'seal' | 'clock'>,
  trx: Kysely<AnyTables>,
  formula: FormulaVersion,
  head: Pick<ResultRow, 'month' | 'version' | 'day' | 'objection'>,
  content: ResultContent,
): Promise<ResultRow> {
  const { scheme } = formula;
  const digest = digestOf({ scheme, ...head, formulaHash: formula.hash }, content);
  const { title } = formula.declaration;
  const seal =
    head.version === 0
      ? null
      : await deps.seal.request(
          {
            kind: 'file',
            subject: `assessment/${scheme}/${head.month}/${head.version}`,
            title: {
              zh: `${title.zh} ${head.month} 第 ${head.version} 版结果`,
              en: `${title.en}, ${head.month}, result version ${head.version}`,
            },
            organisation: null,
            imprint: Uint8Array.of(1, ...Buffer.from(digest, 'hex')),
            facts: { month: head.month, version: head.version, formula: formula.edition, units: content.units.length },
          },
          trx,
        );
  const made_at = deps.clock.now();
  const row = { scheme, formula: formula.version, made_at, digest, seal, ...head };
  return { id: await writeResult(trx, row, content), ...row };
}

/** What a computing did. */
export interface Computed {
  scheme: string;
  month: string;
  version: number;
  /** The year that is not announced, where a month could not be closed for it. */
  waits: number | null;
}

async function computeMonth(
  deps: ComputeDeps,
  formula: FormulaVersion,
  month: string,
  staged: Staged,
  close: boolean,
): Promise<ResultRow> {
  const today = cityDay(deps.clock.now());
  const { to } = daysOf(month);
  const day = to < today ? to : today;
  const measured = await deps.lake.write(LANE, async (s) => {
    await stage(s, staged);
    return measure(s, formula, day);
  });
  const units = unitsFor(unitsOf(deps), formula.declaration, await countyOf(deps));
  return deps.db.tx(async (trx) => {
    const content = reckon(formula.declaration, units, measured, await exemptions(trx, formula.scheme, month));
    const result = await keep(deps, trx, formula, { month, version: close ? 1 : 0, day, objection: null }, content);
    const daily = content.units.map((u) => ({ unit: u.unit, score: u.score, rank: u.rank }));
    await sql`INSERT INTO assessment.daily (scheme, day, unit, score, rank)
      SELECT ${formula.scheme}, ${day}::date, unit, score, rank
      FROM jsonb_to_recordset(${JSON.stringify(daily)}::jsonb) AS r(unit text, score int, rank int)
      ON CONFLICT (scheme, day, unit) DO UPDATE SET score = excluded.score, rank = excluded.rank`.execute(trx);
    if (close)
      await deps.audit.append(
        {
          ...{
            actor: null,
            action: 'assessment.close',
            object: `assessment/${formula.scheme}/${month}`,
            outcome: 'ok',
          },
          detail: { formula: formula.edition, digest: result.digest, seal: result.seal, units: content.units.length },
        },
        trx,
      );
    return result;
  });
}

/** The code of the city's county: what its towns lie in. */
async function countyOf(deps: Pick<Deps, 'folders' | 'config' | 'lake'>): Promise<string> {
  const towns = unitsOf(deps).filter((u) => u.kind === 'division');
  const codes = new Set(towns.map((t) => t.id));
  // The division that others lie in and that lies in none of the list.
  return towns.find((t) => t.parent !== null && !codes.has(t.parent))?.id ?? '';
}

/**
 * Computes every month that is not closed, from the first of which this hub has records to the running one; closes those whose
 * closing day has come.
 */
export async function computeDue(
  deps: ComputeDeps,
  onMonth?: (done: number, total: number) => void,
): Promise<Computed[]> {
  const versions = await formulas(deps.db.kysely);
  const today = cityDay(deps.clock.now());
  const first = firstMonth(deps);
  if (first === null) return [];
  const out: Computed[] = [];
  const schemes = [...new Set(versions.map((v) => v.scheme))];
  const months = monthsBetween(first, today.slice(0, 7));
  const work: { scheme: string; month: string }[] = [];
  for (const scheme of schemes) {
    const closed = new Set((await resultsOf(deps.db.kysely, scheme)).filter((r) => r.version > 0).map((r) => r.month));
    for (const month of months) if (!closed.has(month)) work.push({ scheme, month });
  }
  const gathered = new Map<string, Staged>();
  for (const [n, { scheme, month }] of work.entries()) {
    onMonth?.(n, work.length);
    const formula = inForce(versions, scheme, month);
    if (!formula) continue;
    const { from, to } = daysOf(month);
    const due = closeDay(deps.calendar(), month, formula.declaration.close);
    const close = due.due !== null && due.due <= today;
    if (!gathered.has(month)) gathered.set(month, await gather(deps, from, to < today ? to : today));
    const result = await computeMonth(deps, formula, month, gathered.get(month)!, close);
    out.push({ scheme, month, version: result.version, waits: due.due === null ? due.missingYear : null });
  }
  return out;
}
