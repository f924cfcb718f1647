/** A declared scoring model: its schema, and reading it from a folder with everything that can be wrong named. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import type { LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import * as problem from './problems.ts';
import { checkColumns, viewsRead } from './sql-check.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower case letters, digits and - / 应为小写字母、数字和 -');
const title = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
const points = z.number().min(-10_000).max(10_000);

/** model.yaml; what each key means is told at the head of scoring/enterprise-credit/model.yaml. */
export const modelSchema = z.strictObject({
  model: id,
  title,
  /** The authors' own name of this state; the hub numbers versions by content. */
  edition: z.string().min(1).max(40),
  population: z.string().regex(/^[a-z0-9-]+\.sql$/),
  scale: z.strictObject({ min: points, max: points, base: points }),
  grades: z
    .array(z.strictObject({ grade: z.string().min(1).max(8), from: points, title }))
    .min(2)
    .max(12),
  dimensions: z
    .array(z.strictObject({ id, title, floor: points, ceiling: points }))
    .min(1)
    .max(30),
  caps: z.array(z.strictObject({ id, indicator: id, from: z.number(), max: points, title })).default([]),
  indicators: z
    .array(
      z.strictObject({
        id,
        dimension: id,
        title,
        unit: z.string().max(20),
        direction: z.enum(['higher', 'lower']),
        weight: z.number().positive().max(1000),
        missing: z.enum(['neutral', 'zero', 'worst']),
        shape: z.enum(['linear', 'step']).default('linear'),
        /** `entity`: looks at one legal person at a time, so that it may be run slice by slice; `city`: at all. */
        scope: z.enum(['entity', 'city']).default('entity'),
        curve: z
          .array(z.tuple([z.number(), z.number().min(-1).max(1)]))
          .min(2)
          .max(20),
      }),
    )
    .min(1)
    .max(200),
});
export type ModelDeclaration = z.output<typeof modelSchema>;
export type Indicator = ModelDeclaration['indicators'][number];

/** A model as it was read, its SQL beside it. */
export interface Model extends ModelDeclaration {
  populationSql: string;
  /** SQL by indicator. */
  sql: Map<string, string>;
  /** SHA-256 of everything that decides a score, as hex: the content's version. */
  hash: string;
}

/** What an indicator's SQL answers. */
export const INDICATOR_COLUMNS = ['entity', 'value', 'facts', 'n'] as const;

/** A model with its mistakes; `model` is null when it cannot be used. */
export interface LoadedModel {
  model: Model | null;
  problems: Problem[];
}

/** Reads one model's folder; `shown` is the folder as people name it. */
export function readModel(folder: string, shown: string): LoadedModel {
  const file = `${shown}/model.yaml`;
  const read = readYaml(join(folder, 'model.yaml'), file, modelSchema);
  if (!read.value) return { model: null, problems: read.problems };
  const declared = read.value;
  const problems = logicProblems(declared, file, read.line);
  const sql = new Map<string, string>();
  const text = (name: string, path: readonly PropertyKey[]): string => {
    const place = join(folder, name);
    if (existsSync(place)) return readFileSync(place, 'utf8').replaceAll('\r\n', '\n');
    problems.push(new Problem(problem.sqlMissing, {}, { file: `${shown}/${name}`, line: read.line(path) }));
    return '';
  };
  for (const [n, i] of declared.indicators.entries())
    sql.set(i.id, text(`indicators/${i.id}.sql`, ['indicators', n, 'id']));
  const populationSql = text(declared.population, ['population']);
  if (problems.length > 0) return { model: null, problems };
  const hash = createHash('sha256')
    .update(JSON.stringify([declared, populationSql, [...sql]]))
    .digest('hex');
  return { model: { ...declared, populationSql, sql, hash }, problems: [] };
}

/** Every model below a folder (each a folder with a model.yaml). */
export function readModels(folder: string): LoadedModel[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((d) => d.isDirectory() && existsSync(join(folder, d.name, 'model.yaml')))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((d) => readModel(join(folder, d.name), `scoring/${d.name}`));
}

/** What the schema alone cannot say. */
function logicProblems(m: ModelDeclaration, file: string, line: (path: readonly PropertyKey[]) => number): Problem[] {
  const found: Problem[] = [];
  const say = (kind: Problem['kind'], params: Record<string, unknown>, path: PropertyKey[]) =>
    found.push(new Problem(kind, params, { file, line: line(path), pointer: `/${path.map(String).join('/')}` }));
  for (const list of ['dimensions', 'indicators', 'caps'] as const) {
    const seen = new Set<string>();
    m[list].forEach((one, n) => {
      if (seen.has(one.id)) say(problem.duplicateId, { id: one.id }, [list, n, 'id']);
      seen.add(one.id);
    });
  }
  const dimensions = new Set(m.dimensions.map((d) => d.id));
  const indicators = new Set(m.indicators.map((i) => i.id));
  m.caps.forEach((c, n) => {
    if (!indicators.has(c.indicator)) say(problem.unknownId, { id: c.indicator }, ['caps', n, 'indicator']);
  });
  m.indicators.forEach((i, n) => {
    if (!dimensions.has(i.dimension)) say(problem.unknownId, { id: i.dimension }, ['indicators', n, 'dimension']);
    const rises = i.direction === 'higher';
    for (let k = 1; k < i.curve.length; k++) {
      const [x0, y0] = i.curve[k - 1]!;
      const [x1, y1] = i.curve[k]!;
      if (x1 <= x0) say(problem.curveNotRising, {}, ['indicators', n, 'curve', k]);
      if (rises ? y1 < y0 : y1 > y0) {
        const words = rises ? { zh: '增大', en: 'grow' } : { zh: '减小', en: 'fall' };
        say(problem.curveAgainstDirection, { direction: i.direction, ...words }, ['indicators', n, 'curve', k]);
      }
    }
  });
  const falls = m.grades.every((g, n) => n === 0 || g.from < m.grades[n - 1]!.from);
  if (!falls || m.grades.at(-1)!.from !== m.scale.min) say(problem.gradesNotFalling, {}, ['grades']);
  return found;
}

/**
 * Checks a model's SQL against the lake. Answers which indicators cannot be asked here because a view that they read does
 * not exist (a city without that class): they count as missing everywhere. Everything else wrong is a Problem.
 */
export async function checkModelSql(
  s: LakeSession,
  model: Model,
): Promise<{ unavailable: Set<string>; reads: Map<string, Set<string>> }> {
  const known = new Set(
    (await s.query<{ view_name: string }>(`SELECT view_name FROM duckdb_views() WHERE schema_name = 'v'`)).map(
      (r) => r.view_name,
    ),
  );
  const folder = `scoring/${model.model}`;
  const unavailable = new Set<string>();
  const reads = new Map<string, Set<string>>();
  for (const indicator of model.indicators) {
    const place = { file: `${folder}/indicators/${indicator.id}.sql` };
    const sql = model.sql.get(indicator.id)!;
    const views = await viewsRead(s, sql, place);
    reads.set(indicator.id, views);
    if ([...views].some((v) => v.startsWith('record_') && !known.has(v))) unavailable.add(indicator.id);
    else await checkColumns(s, sql, INDICATOR_COLUMNS, place);
  }
  const place = { file: `${folder}/${model.population}` };
  await viewsRead(s, model.populationSql, place);
  await checkColumns(s, model.populationSql, ['entity'], place);
  return { unavailable, reads };
}
