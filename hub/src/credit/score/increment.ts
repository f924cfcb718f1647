/**
 * A scoring that asks only of those of whom something changed: whose records, relations or registration differ from what the
 * last run stood on, who came or went, or of whom a row crossed a date that an indicator compares with the day. Indicators
 * that look at the whole city, or use the day in a way that moves everybody, are asked of all and only differences are
 * written. The answer is the same as that of a run of everyone, which a property test holds.
 */

import { type ClassFields, recordSelect, recordView } from '../../libraries/index.ts';
import { type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import { keepBasis, markSql, type Reads, standOn } from './basis.ts';
import type { Model } from './model.ts';
import { type Flip, flipCondition, flipSql, type Moves, movesAll, movesOf } from './moves.ts';
import {
  FOUND_COLUMNS,
  insertValues,
  lastPoints,
  type Numbered,
  nowPoints,
  sliceBounds,
  sliced,
  stage,
  writePoints,
  writeSums,
} from './slice.ts';
import { withDay } from './sql-check.ts';

/** When more than this part of all changed, asking everyone is cheaper. */
const MOST = 0.3;

/** What a run is about. */
export interface Increment {
  model: Model;
  version: number;
  run: number;
  day: string;
  /** Indicators that can be asked. */
  asked: readonly Numbered[];
  used: readonly ClassFields[];
  asks: (field: string) => boolean;
  reads: Reads;
  basis: string;
  sliceFacts: number;
  signal?: AbortSignal | undefined;
}

/** What was done: enterprises asked, of all; rows of points written. */
export interface Incremented {
  asked: number;
  points: number;
}

/** Makes the sums of a run out of the run before; null when everyone has to be asked, and then nothing was written. */
export async function increment(lake: Lake, s: LakeSession, o: Increment): Promise<Incremented | null> {
  const { model, version, run, day } = o;
  const base = await standOn(s, model, version, o.basis);
  if (!base) return null;
  const moves = new Map<number, Moves>();
  const wide = new Set(o.asked.filter((i) => i.scope === 'city').map((i) => i.number));
  for (const i of o.asked) {
    if (wide.has(i.number)) continue;
    const found = await movesOf(s, model.sql.get(i.id)!);
    moves.set(i.number, found);
    if (await movesAll(s, found, base.day, day)) wide.add(i.number);
  }
  const narrow = o.asked.filter((i) => !wide.has(i.number));
  const flips = narrow.flatMap((i) => moves.get(i.number)!.flips);
  const classes = o.used.map((c) => c.class).join(', ') || '0';
  await s.run(
    `CREATE TEMP TABLE everyone AS SELECT DISTINCT entity FROM (${withDay(model.populationSql, day).replace(/;\s*$/, '')}\n)`,
  );
  await s.run(
    `INSERT INTO cs.mark SELECT ${run}, * FROM (${markSql(
      {
        facts: 'v.legal_person_fact_v1',
        persons: 'v.legal_person_v1',
        relations: 'v.legal_person_relation_v1',
        within: `class IN (${classes})`,
      },
      o.reads,
    )}) ORDER BY entity`,
  );
  await s.run(`CREATE TEMP TABLE changed AS
    SELECT coalesce(m.entity, b.entity) AS entity FROM (FROM cs.mark WHERE run = ${run}) m
      FULL JOIN (FROM cs.mark WHERE run = ${base.run}) b ON b.entity = m.entity
      WHERE m.mark IS DISTINCT FROM b.mark
    UNION SELECT entity FROM everyone WHERE entity NOT IN (SELECT entity FROM cs.score WHERE run = ${base.run})
    UNION SELECT entity FROM cs.score WHERE run = ${base.run} AND entity NOT IN (SELECT entity FROM everyone)
    ${base.day === day ? '' : await crossed(s, flips, o, base.day, day)}`);
  const count = await s.first<{ changed: number; everyone: number }>(
    'SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM everyone) AS everyone',
  );
  if (count!.changed > MOST * count!.everyone) {
    await s.run(`DELETE FROM cs.mark WHERE run = ${run}`);
    return null;
  }
  await s.run(`CREATE TEMP TABLE found ${FOUND_COLUMNS}`);
  if (count!.changed > 0) {
    for (const [low, high] of await slices(lake, s, o.sliceFacts)) {
      o.signal?.throwIfAborted();
      await stage(s, o.used, o.asks, `entity IN (SELECT entity FROM changed WHERE entity BETWEEN ${low} AND ${high})`);
      for (const i of narrow) await s.run(insertValues('found', i.number, sliced(withDay(model.sql.get(i.id)!, day))));
    }
  }
  for (const i of o.asked) {
    if (wide.has(i.number)) await s.run(insertValues('found', i.number, withDay(model.sql.get(i.id)!, day)));
  }
  await s.run('CREATE TEMP VIEW people AS FROM everyone');
  await s.run(nowPoints(model));
  const of = [...wide].join(', ') || '-1';
  await s.run(lastPoints(model, version, run, `(entity IN (SELECT entity FROM changed) OR indicator IN (${of}))`));
  const points = await writePoints(s, model, version, run);
  await s.run(`CREATE TEMP TABLE anew AS SELECT entity FROM everyone WHERE entity IN (SELECT entity FROM changed)
    OR entity IN (SELECT entity FROM cs.point WHERE run = ${run} AND model = ${literal(model.model)})`);
  await s.run(lastPoints(model, version, run + 1, 'entity IN (SELECT entity FROM anew)'));
  await s.run(`CREATE TEMP TABLE stands AS
    SELECT entity, indicator, p.value AS value, p.points AS points FROM last_point WHERE p.value IS NOT NULL`);
  await writeSums(s, model, run, 'stands', 'anew');
  await s.run(`INSERT INTO cs.raw SELECT ${run}, entity, score, sums, adjusted, cap, cap_points, scale_points FROM cs.score
    WHERE run = ${base.run} AND entity IN (SELECT entity FROM everyone) AND entity NOT IN (SELECT entity FROM anew)`);
  await keepBasis(s, model, run, o.basis);
  return { asked: count!.changed, points };
}

/** UNION parts: enterprises of which a row crossed a date between two days. */
async function crossed(
  s: LakeSession,
  flips: readonly Flip[],
  { used, asks }: Pick<Increment, 'used' | 'asks'>,
  from: string,
  to: string,
): Promise<string> {
  const classes = new Map(used.map((c) => [recordView(c.source), c]));
  const byDay = new Set<string>();
  const byField = new Map<string, Flip[]>();
  for (const flip of flips) {
    const cls = classes.get(flip.view);
    // A record's day is a column of the fact: all such classes are read in one pass that takes no payload apart.
    const day = cls ? flip.conditions.filter((c) => c.dayOnly) : [];
    const rest = flip.conditions.filter((c) => !day.includes(c));
    if (day.length > 0) {
      byDay.add(`(class = ${cls!.class} AND (${flipCondition({ ...flip, alias: 'f', conditions: day }, from, to)}))`);
    }
    if (rest.length > 0) byField.set(flip.view, [...(byField.get(flip.view) ?? []), { ...flip, conditions: rest }]);
  }
  const parts: string[] = [];
  if (byDay.size > 0) {
    parts.push(`UNION SELECT entity FROM v.legal_person_fact_v1 f WHERE entity > 0 AND (${[...byDay].join(' OR ')})`);
  }
  // Classes of which other dates decide are put aside in one pass, each then taken apart by itself.
  const dated = [...byField.keys()].flatMap((view) => classes.get(view) ?? []);
  await s.run(`CREATE TEMP TABLE dated_fact AS SELECT entity, class, day, fact, run, payload
    FROM v.legal_person_fact_v1 WHERE entity > 0 AND class IN (${dated.map((c) => c.class).join(', ') || '0'}) ORDER BY class`);
  for (const [view, of] of byField) {
    const cls = classes.get(view);
    const source = cls ? `(${recordSelect(cls, 'temp.dated_fact', asks)})` : `v.${view}`;
    for (const flip of of) parts.push(`UNION ${flipSql(flip, source, from, to)}`);
  }
  return [...new Set(parts)].join(' ');
}

/** Ranges of changed enterprises with about as many facts each. */
async function slices(lake: Lake, s: LakeSession, facts: number): Promise<[number, number][]> {
  const all = await s.first<{ n: number }>(
    'SELECT coalesce(sum(p.facts), 0)::BIGINT AS n FROM v.legal_person_v1 p WHERE p.entity IN (SELECT entity FROM changed)',
  );
  const whole = await s.first<{ low: number; high: number }>(
    'SELECT min(entity) AS low, max(entity) AS high FROM changed',
  );
  if (all!.n <= facts) return [[whole!.low, whole!.high]];
  const bounds = await sliceBounds(lake, facts);
  // The last range is open: an enterprise may have gone from the library.
  return bounds.map(([low, high], n) => [low, n === bounds.length - 1 ? Math.max(high, whole!.high) : high]);
}
