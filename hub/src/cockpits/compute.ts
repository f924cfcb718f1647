/** Computes one figure: its statement with limits of time and rows, small cells left out, guarded columns masked. */
import { isToken, mask, veil } from '../platform/auth/protection.ts';
import type { Lake, LakeRow, LakeSession } from '../platform/lake/index.ts';
import { withoutValues } from '../platform/log/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Column, Kind } from './declaration.ts';
import { REMEMBERED } from './exercises.ts';
import type { Newest } from './live.ts';
import { fold } from './live.ts';
import type { Measure } from './load.ts';
import * as k from './problems.ts';
import { pending, type Result, type Row, type Scalar, shown } from './result.ts';
import { atMoment, type Statement } from './statement.ts';

/** Most rows of an answer by kind. */
export const ROWS: Record<Kind, number> = { value: 1, trend: 2000, parts: 200, list: 200, towns: 500, points: 3000 };

/** What computing needs of the hub. */
export interface ComputeContext {
  lake: Lake;
  now: Date;
  /** Fewest persons or enterprises behind a figure that is told. */
  leastCell: number;
  newest: Newest | undefined;
  /** Name of a division by its code. */
  division(code: string): string | undefined;
  /** Of when a view's data is (ISO), where it is known. */
  freshness(views: readonly string[]): string | null;
  /** Whether one of the topics was part of an exercise since an instant (ms UTC). */
  exercised(topics: readonly string[], since: number): boolean;
}

/** Runs a statement with its limits; a Problem says which one it passed. */
export async function run(
  lake: Lake,
  statement: Pick<Statement, 'sql'>,
  now: Date,
  limits: { rows: number; seconds: number; where?: { sql: string; params: Record<string, string> }; offset?: number },
): Promise<LakeRow[]> {
  return lake.session(async (session) => {
    let slow = false;
    const timer = setTimeout(() => {
      slow = true;
      session.interrupt();
    }, limits.seconds * 1000);
    try {
      const where = limits.where ? `WHERE ${limits.where.sql}` : '';
      const sql = `SELECT * FROM (${atMoment(statement.sql, now)}\n) AS answer ${where} LIMIT ${limits.rows + 1} OFFSET ${limits.offset ?? 0}`;
      return await session.query(sql, limits.where?.params);
    } catch (error) {
      if (slow) throw new Problem(k.tooSlow, { seconds: limits.seconds });
      if (error instanceof Problem) throw error;
      throw new Problem(k.failed, { message: withoutValues((error as Error).message.split('\n')[0]!).slice(0, 200) });
    } finally {
      clearTimeout(timer);
    }
  });
}

/** The plan of a statement, as the engine tells it. */
export async function planOf(session: LakeSession, sql: string, now: Date): Promise<string> {
  const rows = await session.query<{ explain_value?: string }>(`EXPLAIN ${atMoment(sql, now)}`);
  return rows.map((r) => String(r.explain_value ?? '')).join('\n');
}

/** Computes; what goes wrong stands in the result, beside what was known before. */
export async function compute(measure: Measure, before: Result | undefined, context: ComputeContext): Promise<Result> {
  const began = performance.now();
  const base = { ...(before ?? pending(measure.key)), at: context.now.toISOString() };
  try {
    const said = measure.declared.live ? folded(measure, context) : await asked(measure, context);
    return { ...base, problem: null, ...said, ms: performance.now() - began };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const state = error.kind === k.waiting ? 'waiting' : 'failed';
    // The time stays that of the last success: a figure that fails grows old before everybody's eyes.
    return { ...base, at: before?.at ?? null, state, problem: shown(error), ms: performance.now() - began };
  }
}

type Said = Pick<Result, 'state' | 'value' | 'target' | 'before' | 'rows' | 'suppressed' | 'asOf' | 'exercise'>;
const nothing: Said = {
  ...{ state: 'empty', value: null, target: null, before: null },
  ...{ rows: [], suppressed: 0, asOf: null, exercise: false },
};

function folded(measure: Measure, { newest, now, exercised }: ComputeContext): Said {
  if (!newest) throw new Problem(k.waiting, { views: measure.depends.join(', ') });
  const said = fold(measure.declared.live!, newest, now.getTime());
  if (said.value === null) return { ...nothing, asOf: said.at === null ? null : new Date(said.at).toISOString() };
  const { topic, over, fresh } = measure.declared.live!;
  const exercise = exercised(over ? [topic, over] : [topic], now.getTime() - Math.min(fresh * 1000, REMEMBERED.newest));
  return { ...nothing, state: 'ready', value: said.value, asOf: new Date(said.at!).toISOString(), exercise };
}

async function asked(measure: Measure, context: ComputeContext): Promise<Said> {
  const { declared: d, statement } = measure;
  if (statement!.missing.length) throw new Problem(k.waiting, { views: statement!.missing.join(', ') });
  const limit = ROWS[d.kind];
  const rows = await run(context.lake, statement!, context.now, { rows: limit, seconds: d.seconds });
  if (rows.length > limit) throw new Problem(k.tooMany, { rows: limit });
  const newestRow =
    rows
      .map((r) => instantOf(r.as_of))
      .filter(Boolean)
      .sort()
      .at(-1) ?? null;
  const asOf = newestRow ?? context.freshness(statement!.views);
  const oldest = context.now.getTime() - REMEMBERED[d.kind === 'trend' ? 'trend' : 'newest'];
  const exercise = rows.some((r) => r.exercise === true) || context.exercised(measure.depends, oldest);
  if (d.kind === 'value') return { ...value(measure, rows[0], context), asOf, exercise };
  if (!rows.length) return { ...nothing, asOf };
  if (d.kind === 'list' && d.towns)
    return { ...nothing, state: 'ready', ...townRows(rows, d.columns, context), asOf, exercise };
  if (d.kind === 'list')
    return { ...nothing, state: 'ready', rows: rows.map((r) => listRow(r, d.columns)), asOf, exercise };
  const words = d.words;
  const cells = rows.map((r): Row => {
    const own: Row = { value: number(r.value, 'value') };
    if (d.kind === 'trend') {
      own.at = instantOf(r.at) ?? String(r.at);
      if (r.series !== undefined) own.series = text(r.series);
    } else if (d.kind === 'points') {
      Object.assign(own, { lon: number(r.lon, 'lon'), lat: number(r.lat, 'lat'), label: text(r.label) });
      if (r.key !== undefined) own.key = text(r.key);
    } else {
      const code = text(d.kind === 'towns' ? r.division : r.label);
      own.key = r.key === undefined ? code : text(r.key);
      own.label = words[code ?? '']?.zh ?? context.division(code ?? '') ?? code;
      own.label_en = words[code ?? '']?.en ?? text(r.label_en) ?? own.label;
      if (r.target !== undefined) own.target = number(r.target, 'target');
    }
    if (measure.guarded) own.n = r.n === undefined ? own.value! : number(r.n, 'n');
    return own;
  });
  const suppressed = measure.guarded ? leaveOut(cells, context.leastCell) : 0;
  return { ...nothing, state: 'ready', rows: cells, suppressed, asOf, exercise };
}

function value(measure: Measure, row: LakeRow | undefined, context: ComputeContext): Said {
  const own = row ? number(row.value, 'value') : null;
  if (own === null) return nothing;
  const n = row!.n === undefined ? own : number(row!.n, 'n');
  const target = row!.target === undefined ? null : number(row!.target, 'target');
  const before = row!.before === undefined ? null : number(row!.before, 'before');
  if (measure.guarded && n !== null && n > 0 && n < context.leastCell)
    return { ...nothing, state: 'ready', suppressed: 1, target };
  return { ...nothing, state: 'ready', value: own, target, before };
}

/**
 * Leaves out cells with fewer than `least` persons behind them; where that is a single one, the next smallest too, since the whole is
 * told elsewhere and one missing cell is a subtraction. Answers how many were left out; `n` leaves the rows.
 */
export function leaveOut(cells: Row[], least: number): number {
  const small = cells.filter((c) => typeof c.n === 'number' && c.n > 0 && c.n < least);
  if (small.length === 1) {
    const next = cells
      .filter((c) => typeof c.n === 'number' && c.n >= least)
      .sort((a, b) => (a.n as number) - (b.n as number))[0];
    if (next) small.push(next);
  }
  for (const c of small) {
    c.value = null;
    if ('target' in c) c.target = null;
  }
  for (const c of cells) delete c.n;
  return small.length;
}

/** Rows of a list of towns: names of towns that the city has and counts, small ones left out column by column; nothing else gets through. */
function townRows(rows: readonly LakeRow[], columns: readonly Column[], context: ComputeContext) {
  const own = rows.flatMap((row) => {
    const town = context.division(text(row.division) ?? '');
    return town === undefined ? [] : [{ town, row }];
  });
  const out: Row[] = own.map(({ town }) => ({ town }));
  let suppressed = 0;
  for (const { name } of columns.slice(1)) {
    const cells = own.map(({ row }): Row => {
      const value = number(row[name], name);
      return { value, n: value };
    });
    suppressed += leaveOut(cells, context.leastCell);
    cells.forEach((cell, i) => {
      out[i]![name] = cell.value!;
    });
  }
  return { rows: out, suppressed };
}

/** A row of a list as all viewers of the panel see it: personal values masked, sensitive ones hidden. */
function listRow(row: LakeRow, columns: readonly Column[]): Row {
  const out: Row = {};
  for (const c of columns) out[c.name] = guard(c, scalar(row[c.name]));
  // What links and keys need, where the declaration names it.
  for (const c of columns)
    for (const found of c.link?.matchAll(/\{([a-z0-9_]+)\}/g) ?? []) out[found[1]!] ??= scalar(row[found[1]!]);
  return out;
}

function guard(column: Column, own: Scalar): Scalar {
  if (own === null) return null;
  if (column.protection === 'sensitive') return veil;
  if (typeof own === 'string' && isToken(own)) return veil;
  return column.protection === 'personal' ? mask(column.format, String(own)) : own;
}

/** A value of the engine as a panel draws it. */
export function scalar(value: unknown): Scalar {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  return JSON.stringify(value);
}

const text = (value: unknown): string | null => {
  const own = scalar(value);
  return own === null ? null : String(own);
};

/** A number of the engine (decimals come as texts); a Problem names the column that is none. */
export function number(value: unknown, column: string): number | null {
  if (value === null || value === undefined) return null;
  const own = Number(value);
  if (!Number.isFinite(own) || typeof value === 'boolean') throw new Problem(k.notNumber, { column });
  return own;
}

/** An instant or a day as the engine gives it; undefined for what is none. */
function instantOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^\d{4}-\d\d-\d\d/.test(value) ? value : undefined;
}
