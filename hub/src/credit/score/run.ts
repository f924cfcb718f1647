/**
 * One scoring of one model over every enterprise, in the engine. Enterprises are taken in slices of neighbouring numbers:
 * facts are sorted by entity, so each fact is read once, a slice fits in memory, and a killed run goes on with the first
 * slice that has no mark. Indicators that look at the whole city are asked once, before the slices.
 */
import { type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import { checkModelSql, type Model } from './model.ts';
import { gradeSql, indicatorValues, pointsCase, totalsSql } from './points.ts';
import { type ClassFields, defineRecordViews, recordSelect, recordView } from './record-views.ts';
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
  slices: number;
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
  const started = performance.now();
  const version = await recordModel(lake, model, options.now());
  const classes = await lake.session((s) => defineRecordViews(s));
  const { unavailable, reads } = await lake.session((s) => checkModelSql(s, model));
  const bounds = await sliceBounds(lake, options.sliceFacts ?? SLICE_FACTS);
  const run = await begin(options, version, bounds.length, [...unavailable]);
  await options.onRun?.(run.number);
  const asked = model.indicators.map((i, n) => ({ ...i, number: n })).filter((i) => !unavailable.has(i.id));
  const city = asked.filter((i) => i.scope === 'city');
  const each = asked.filter((i) => i.scope === 'entity');
  const views = new Set(each.flatMap((i) => [...reads.get(i.id)!]));
  const used = classes.filter((c) => views.has(recordView(c.source)));
  const words = new Set(each.flatMap((i) => model.sql.get(i.id)!.match(/\w+/g) ?? []));
  const asks = (field: string) => words.has(field);
  const done = new Set(
    (await lake.query<{ slice: number }>('SELECT slice FROM cs.slice WHERE run = $run', { run: run.number })).map(
      (r) => r.slice,
    ),
  );
  const cityTable = `cs.city_${run.number}`;
  if (done.size < bounds.length) {
    await lake.write(SCORE_LANE, async (s) => {
      await s.run(
        `CREATE OR REPLACE TABLE ${cityTable} (indicator SMALLINT, entity INTEGER, value DOUBLE, n INTEGER, facts BIGINT[])`,
      );
      for (const i of city) await s.run(insertValues(cityTable, i.number, withDay(model.sql.get(i.id)!, day)));
    });
  }
  for (const [slice, [low, high]] of bounds.entries()) {
    if (done.has(slice)) continue;
    options.signal?.throwIfAborted();
    await lake.write(SCORE_LANE, async (s) => {
      const began = performance.now();
      await stage(s, used, asks, low, high);
      await s.run(
        'CREATE TEMP TABLE found (indicator SMALLINT, entity INTEGER, value DOUBLE, n INTEGER, facts BIGINT[])',
      );
      for (const i of each) await s.run(insertValues('found', i.number, sliced(withDay(model.sql.get(i.id)!, day))));
      await s.run(`INSERT INTO found SELECT * FROM ${cityTable} WHERE entity BETWEEN ${low} AND ${high}`);
      await s.run(
        `CREATE TEMP TABLE people AS SELECT DISTINCT entity FROM (${sliced(withDay(model.populationSql, day))})`,
      );
      const points = await keep(s, model, version, run.number);
      await s.run(`INSERT INTO cs.slice VALUES ($run, $slice, $points, $ms)`, {
        run: run.number,
        slice,
        points,
        ms: performance.now() - began,
      });
    });
    options.onSlice?.(slice + 1, bounds.length);
  }
  const entities = await finish(options, run, cityTable, performance.now() - started);
  const points = await lake.first<{ n: number }>(
    'SELECT coalesce(sum(points), 0)::BIGINT AS n FROM cs.slice WHERE run = $run',
    {
      run: run.number,
    },
  );
  return {
    run: run.number,
    model: model.model,
    version,
    day,
    entities,
    slices: bounds.length,
    points: points!.n,
    unavailable: [...unavailable],
  };
}

/** Neighbouring enterprises with about as many facts each slice. */
async function sliceBounds(lake: Lake, facts: number): Promise<[number, number][]> {
  const rows = await lake.query<{ low: number; high: number }>(
    `SELECT min(entity) AS low, max(entity) AS high FROM (
       SELECT entity, ((sum(coalesce(facts, 0) + 1) OVER (ORDER BY entity)) // ${facts})::INTEGER AS slice FROM v.legal_person_v1)
     GROUP BY slice ORDER BY 1`,
  );
  // Gaps between slices belong to the later one, so that nobody who comes meanwhile falls between.
  return rows.map((r, n) => [n === 0 ? 1 : rows[n - 1]!.high + 1, r.high]);
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
      for (const table of ['cs.point', 'cs.raw', 'cs.slice', 'cs.run']) {
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

const insertValues = (into: string, indicator: number, sql: string): string =>
  `INSERT INTO ${into} SELECT ${indicator}, entity, value::DOUBLE, n::INTEGER, list_sort(facts, 'DESC')[:12]
   FROM (${sql.replace(/;\s*$/, '')}\n) WHERE entity > 0 AND value IS NOT NULL AND isfinite(value::DOUBLE)`;

/** Views that are staged for a slice; the rest of `v.*` is read as it is. */
const STAGED = /\bv\.(record_\w+_v1|legal_person_v1|legal_person_relation_v1)\b/g;
const sliced = (sql: string): string => sql.replace(STAGED, 'temp.$1');

/**
 * Puts one slice's facts, enterprises and relations where the declared SQL will look for them: each class as a table of its
 * own, so that a fact is taken apart once however many indicators ask for its class.
 */
async function stage(
  s: LakeSession,
  used: readonly ClassFields[],
  asks: (field: string) => boolean,
  low: number,
  high: number,
): Promise<void> {
  const within = `entity BETWEEN ${low} AND ${high}`;
  const list = used.map((c) => c.class).join(', ') || '0';
  // In order of class, so that each class reads its own blocks only.
  await s.run(`CREATE TEMP TABLE slice_fact AS SELECT entity, class, day, fact, run, payload
    FROM v.legal_person_fact_v1 WHERE ${within} AND class IN (${list}) ORDER BY class`);
  for (const c of used) {
    await s.run(`CREATE TEMP TABLE ${recordView(c.source)} AS ${recordSelect(c, 'temp.slice_fact', asks)}`);
  }
  await s.run('DROP TABLE temp.slice_fact');
  for (const view of ['legal_person_v1', 'legal_person_relation_v1']) {
    await s.run(`CREATE TEMP TABLE ${view} AS SELECT * FROM v.${view} WHERE ${within}`);
  }
}

/** Points and sums of a slice: what differs from what stood before is written, and the sums of everyone. */
async function keep(s: LakeSession, model: Model, version: number, run: number): Promise<number> {
  await s.run(`CREATE TEMP TABLE now_point AS
    SELECT f.entity, f.indicator, f.value, ${pointsCase(model)} AS points, f.n, f.facts
    FROM found f WHERE f.entity IN (SELECT entity FROM people)`);
  await s.run(`CREATE TEMP TABLE sums AS
    SELECT p.entity, i.dimension, sum(coalesce(x.points, i.missing)) AS points
    FROM people p CROSS JOIN ${indicatorValues(model)}
    LEFT JOIN now_point x ON x.entity = p.entity AND x.indicator = i.indicator
    GROUP BY p.entity, i.dimension`);
  const caps = model.caps.map((c) => {
    const n = model.indicators.findIndex((i) => i.id === c.indicator);
    return `SELECT entity, ${literal(c.id)} AS cap, ${c.max}::DECIMAL(7,1) AS max FROM now_point WHERE indicator = ${n} AND value >= ${c.from}`;
  });
  const fired = caps.length
    ? caps.join(' UNION ALL ')
    : `SELECT 0 AS entity, '' AS cap, 0::DECIMAL(7,1) AS max WHERE false`;
  await s.run(`CREATE TEMP TABLE fired AS ${fired}`);
  await s.run(`INSERT INTO cs.raw SELECT ${run}, * FROM (${totalsSql(model)}) ORDER BY entity`);
  const where = `model = ${literal(model.model)} AND version = ${version}`;
  await s.run(`CREATE TEMP TABLE last_point AS
    SELECT entity, indicator, arg_max(struct_pack(value := value, points := points, n := n, facts := facts), run) AS p
    FROM cs.point WHERE ${where} AND run < ${run}
      AND entity BETWEEN (SELECT min(entity) FROM people) AND (SELECT max(entity) FROM people)
    GROUP BY entity, indicator`);
  return s.run(`INSERT INTO cs.point
    SELECT ${literal(model.model)}, ${version}, ${run}, coalesce(x.entity, l.entity), coalesce(x.indicator, l.indicator),
      x.value, x.points, x.n, x.facts
    FROM now_point x FULL JOIN last_point l ON l.entity = x.entity AND l.indicator = x.indicator
    WHERE (l.entity IS NULL OR x.value IS DISTINCT FROM l.p.value OR x.points IS DISTINCT FROM l.p.points
      OR x.n IS DISTINCT FROM l.p.n OR x.facts IS DISTINCT FROM l.p.facts)
    ORDER BY 4, 5`);
}

/** Grades, ranks and changes of the whole run; afterwards it is finished. */
async function finish(
  options: RunOptions,
  run: { number: number; before: number | null },
  cityTable: string,
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
    await s.run(`DROP TABLE IF EXISTS ${cityTable}`);
    await s.run('UPDATE cs.run SET finished = $now, entities = $entities, ms = $ms WHERE run = $run', {
      now: options.now(),
      entities,
      ms,
      run: run.number,
    });
    return entities;
  });
}

/** Ranges of two-digit divisions by section of GB/T 4754—2017. */
const SECTIONS: readonly [string, number, number][] = [
  ['A', 1, 5],
  ['B', 6, 12],
  ['C', 13, 43],
  ['D', 44, 46],
  ['E', 47, 50],
  ['F', 51, 52],
  ['G', 53, 60],
  ['H', 61, 62],
  ['I', 63, 65],
  ['J', 66, 69],
  ['K', 70, 70],
  ['L', 71, 72],
  ['M', 73, 75],
  ['N', 76, 79],
  ['O', 80, 82],
  ['P', 83, 83],
  ['Q', 84, 85],
  ['R', 86, 90],
  ['S', 91, 96],
  ['T', 97, 97],
];

/** Section letter (门类) of an industry code with or without its letter; NULL when it says none. */
export function sectionSql(code: string): string {
  const division = `try_cast(regexp_extract(${code}, '^[A-T]?([0-9]{2})', 1) AS INTEGER)`;
  const cases = SECTIONS.map(([letter, low, high]) => `WHEN ${division} BETWEEN ${low} AND ${high} THEN '${letter}'`);
  return `CASE WHEN regexp_matches(${code}, '^[A-T]') THEN left(${code}, 1) ${cases.join(' ')} END`;
}
