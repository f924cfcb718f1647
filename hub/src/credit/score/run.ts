/**
 * One scoring of one model, in the engine. When the run before may be stood on, only those are asked of whom something
 * changed (increment.ts). Otherwise everyone: enterprises are taken in slices of neighbouring numbers; facts are sorted by
 * entity, so each fact is read once, a slice fits in memory, and a killed run goes on with the first slice that has no mark.
 * Indicators that look at the whole city are asked once, before the slices.
 */

import { defineRecordViews, recordView } from '../../libraries/index.ts';
import type { Lake, LakeSession } from '../../platform/lake/index.ts';
import { basisOf, forgetBases, keepBasis, markSql, readsOf } from './basis.ts';
import { increment } from './increment.ts';
import { checkModelSql, type Model } from './model.ts';
import { gradeSql } from './points.ts';
import { sectionSql } from './sections.ts';
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

/** The lane in which everything of scoring is written. */
export const SCORE_LANE = 'credit-score';
/** Facts of one slice, about. */
export const SLICE_FACTS = 3_000_000;

/** What a run needs and whom it tells. */
export interface RunOptions {
  lake: Lake;
  model: Model;
  /** The day that is scored, `YYYY-MM-DD`. */
  day: string;
  now(): Date;
  /** Everyone is asked, whatever may be known. */
  whole?: boolean;
  /** A run to go on with. */
  resume?: number | undefined;
  signal?: AbortSignal;
  sliceFacts?: number;
  onRun?: (run: number) => Promise<void>;
  onSlice?: (done: number, total: number) => void;
}

/** What a run did. Milliseconds are wall clock. */
export interface RunResult {
  run: number;
  model: string;
  version: number;
  day: string;
  entities: number;
  /** Slices of a run of everyone; 0 when only those were asked of whom something changed. */
  slices: number;
  /** Enterprises that were asked. */
  asked: number;
  /** Rows of points written: all of them the first time, later what changed. */
  points: number;
  unavailable: string[];
}

/** Records the model's content if it is new and answers its version. */
export function recordModel(lake: Lake, model: Model, now: Date): Promise<number> {
  return lake.write(SCORE_LANE, async (s) => {
    const rows = await s.query<{ version: number; hash: string }>(
      'SELECT version, hash FROM cs.model WHERE model = $model ORDER BY version DESC',
      { model: model.model },
    );
    const known = rows.find((r) => r.hash === model.hash);
    if (known) return known.version;
    const version = (rows[0]?.version ?? 0) + 1;
    const { populationSql, sql, hash, ...declared } = model;
    await s.run('INSERT INTO cs.model VALUES ($model, $version, $hash, $edition, $declaration, $now)', {
      model: model.model,
      version,
      hash,
      edition: model.edition,
      declaration: JSON.stringify({ ...declared, populationSql, sql: Object.fromEntries(sql) }),
      now,
    });
    return version;
  });
}

/** Runs a model; answers when ranks are on disk. */
export async function scoreRun(options: RunOptions): Promise<RunResult> {
  const { lake, model, day } = options;
  const sliceFacts = options.sliceFacts ?? SLICE_FACTS;
  const started = performance.now();
  const version = await recordModel(lake, model, options.now());
  const classes = await lake.session((s) => defineRecordViews(s));
  const { unavailable, reads } = await lake.session((s) => checkModelSql(s, model));
  const asked: Numbered[] = model.indicators
    .map((i, number) => ({ ...i, number }))
    .filter((i) => !unavailable.has(i.id));
  const city = asked.filter((i) => i.scope === 'city');
  const each = asked.filter((i) => i.scope === 'entity');
  const views = new Set(each.flatMap((i) => [...reads.get(i.id)!]));
  const used = classes.filter((c) => views.has(recordView(c.source)));
  const texts = each.map((i) => model.sql.get(i.id)!);
  const words = new Set(texts.flatMap((t) => t.match(/\w+/g) ?? []));
  const asks = (field: string) => words.has(field);
  const own = await lake.session((s) => readsOf(s, [...texts, model.populationSql]));
  const basis = basisOf(used, own, unavailable);
  const result = { model: model.model, version, day, unavailable: [...unavailable] };
  if (!options.whole && options.resume === undefined) {
    const run = await begin(options, version, 0, [...unavailable]);
    const done = await lake.write(SCORE_LANE, async (s) => {
      const began = performance.now();
      const o = { model, version, run: run.number, day, asked, used, asks, reads: own, basis, sliceFacts };
      const answer = await increment(lake, s, { ...o, signal: options.signal });
      if (answer) await markSlice(s, run.number, 0, answer.points, performance.now() - began);
      return answer;
    });
    if (done) {
      const entities = await finish(options, run, null, performance.now() - started);
      return { ...result, run: run.number, entities, slices: 0, asked: done.asked, points: done.points };
    }
  }
  const bounds = await sliceBounds(lake, sliceFacts);
  const run = await begin(options, version, bounds.length, [...unavailable]);
  await options.onRun?.(run.number);
  const done = new Set(
    (await lake.query<{ slice: number }>('SELECT slice FROM cs.slice WHERE run = $run', { run: run.number })).map(
      (r) => r.slice,
    ),
  );
  const cityTable = `cs.city_${run.number}`;
  if (done.size < bounds.length) {
    await lake.write(SCORE_LANE, async (s) => {
      // Of before the first slice: a run that is cleaned anew meanwhile is seen as changed by the next scoring.
      if (done.size === 0) await keepBasis(s, model, run.number, basis);
      await s.run(`CREATE OR REPLACE TABLE ${cityTable} ${FOUND_COLUMNS}`);
      for (const i of city) await s.run(insertValues(cityTable, i.number, withDay(model.sql.get(i.id)!, day)));
    });
  }
  for (const [slice, [low, high]] of bounds.entries()) {
    if (done.has(slice)) continue;
    options.signal?.throwIfAborted();
    await lake.write(SCORE_LANE, async (s) => {
      const began = performance.now();
      await stage(s, used, asks, `entity BETWEEN ${low} AND ${high}`);
      const sources = {
        facts: 'temp.slice_fact',
        persons: 'temp.legal_person_v1',
        relations: 'temp.legal_person_relation_v1',
        within: 'true',
      };
      await s.run(`INSERT INTO cs.mark SELECT ${run.number}, * FROM (${markSql(sources, own)}) ORDER BY entity`);
      await s.run('DROP TABLE temp.slice_fact');
      await s.run(`CREATE TEMP TABLE found ${FOUND_COLUMNS}`);
      for (const i of each) await s.run(insertValues('found', i.number, sliced(withDay(model.sql.get(i.id)!, day))));
      await s.run(`INSERT INTO found SELECT * FROM ${cityTable} WHERE entity BETWEEN ${low} AND ${high}`);
      await s.run(
        `CREATE TEMP TABLE people AS SELECT DISTINCT entity FROM (${sliced(withDay(model.populationSql, day)).replace(/;\s*$/, '')}\n)`,
      );
      await s.run(nowPoints(model));
      await writeSums(s, model, run.number, 'now_point', 'people');
      await s.run(lastPoints(model, version, run.number, `entity BETWEEN ${low} AND ${high}`));
      const points = await writePoints(s, model, version, run.number);
      await markSlice(s, run.number, slice, points, performance.now() - began);
    });
    options.onSlice?.(slice + 1, bounds.length);
  }
  const entities = await finish(options, run, cityTable, performance.now() - started);
  const points = await lake.first<{ n: number }>(
    'SELECT coalesce(sum(points), 0)::BIGINT AS n FROM cs.slice WHERE run = $run',
    { run: run.number },
  );
  return { ...result, run: run.number, entities, slices: bounds.length, asked: entities, points: points!.n };
}

async function markSlice(s: LakeSession, run: number, slice: number, points: number, ms: number): Promise<void> {
  await s.run('INSERT INTO cs.slice VALUES ($run, $slice, $points, $ms)', { run, slice, points, ms });
}

/** Writes the run's row, or takes the one to go on with when it is of the same content and slices. */
async function begin(
  options: RunOptions,
  version: number,
  slices: number,
  unavailable: string[],
): Promise<{ number: number; before: number | null; version: number }> {
  const { lake, model, day, resume } = options;
  return lake.write(SCORE_LANE, async (s) => {
    if (resume !== undefined) {
      const found = await s.first<{ before_run: number | null }>(
        `SELECT before_run FROM cs.run WHERE run = $resume AND version = $version AND slices = $slices
           AND day = $day::DATE AND finished IS NULL`,
        { resume, version, slices, day },
      );
      if (found) return { number: resume, before: found.before_run, version };
    }
    // What an unfinished run left is not a score: nobody has seen it, and changes are told against whole runs.
    const dead = await s.query<{ run: number }>('SELECT run FROM cs.run WHERE finished IS NULL AND model = $model', {
      model: model.model,
    });
    for (const { run } of dead) {
      for (const table of ['cs.point', 'cs.raw', 'cs.slice', 'cs.mark', 'cs.basis', 'cs.run']) {
        await s.run(`DELETE FROM ${table} WHERE run = ${run}`);
      }
      await s.run(`DROP TABLE IF EXISTS cs.city_${run}`);
    }
    const before = await s.first<{ run: number }>(
      'SELECT max(run) AS run FROM cs.run WHERE model = $model AND finished IS NOT NULL',
      { model: model.model },
    );
    const row = await s.first<{ run: number }>("SELECT nextval('cs.run_number')::INTEGER AS run");
    await s.run(
      `INSERT INTO cs.run SELECT $run, $model, $version, $day::DATE, $now, NULL, NULL, $before, $slices, $unavailable, NULL`,
      {
        run: row!.run,
        model: model.model,
        version,
        day,
        now: options.now(),
        before: before?.run ?? null,
        slices,
        unavailable: unavailable.join(','),
      },
    );
    return { number: row!.run, before: before?.run ?? null, version };
  });
}

/** Grades, ranks and changes of the whole run; afterwards it is finished. */
async function finish(
  options: RunOptions,
  run: { number: number; before: number | null },
  cityTable: string | null,
  ms: number,
): Promise<number> {
  const { lake, model } = options;
  return lake.write(SCORE_LANE, async (s) => {
    const rank = (part: string) =>
      `rank() OVER (${part} ORDER BY r.score DESC)::INTEGER, count(*) OVER (${part})::INTEGER`;
    const entities = await s.run(`INSERT INTO cs.score
      SELECT r.run, r.entity, r.score, ${gradeSql(model, 'r.score')}, e.division, e.section,
        ${rank('')}, ${rank('PARTITION BY e.division')}, ${rank('PARTITION BY e.section')},
        r.score - b.score, b.grade, r.sums, r.adjusted, r.cap, r.cap_points, r.scale_points
      FROM cs.raw r
      LEFT JOIN (SELECT entity, division, ${sectionSql('industry')} AS section FROM v.legal_person_v1) e ON e.entity = r.entity
      LEFT JOIN cs.score b ON b.entity = r.entity AND b.run = ${run.before ?? -1}
      WHERE r.run = ${run.number} ORDER BY r.entity`);
    await s.run(`DELETE FROM cs.raw WHERE run = ${run.number}`);
    if (cityTable) await s.run(`DROP TABLE IF EXISTS ${cityTable}`);
    await forgetBases(s, model, run.number);
    await s.run('UPDATE cs.run SET finished = $now, entities = $entities, ms = $ms WHERE run = $run', {
      now: options.now(),
      entities,
      ms,
      run: run.number,
    });
    return entities;
  });
}
