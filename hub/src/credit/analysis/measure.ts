/** The daily run of the measures: what every enterprise is and does, as one row of profile and one of values. */
import type { z } from 'zod';
import { defineRecordViews } from '../../libraries/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { ASSESS_LANE, cityDay, dayParams, scoringFolder } from '../score/job.ts';
import { SCORE_LANE } from '../score/run.ts';
import { sectionSql } from '../score/sections.ts';
import { checkColumns, viewsRead, withDay } from '../score/sql-check.ts';
import { type Declared, readAnalysis } from './declare.ts';

/** The kind of the run. */
export const MEASURE_JOB = 'credit.measures';

/**
 * - `cs.profile`  town, section, industry, kind and size of everyone in operation, of the newest run
 * - `cs.measure`  values by measure, of the newest run
 * - `cs.trend`    sums by measure, town and section of every day: what remains when the values are replaced
 */
export const analysisTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS cs',
  `CREATE TABLE IF NOT EXISTS cs.profile (
     entity INTEGER, day DATE, name VARCHAR, town VARCHAR, section VARCHAR, industry VARCHAR, kind VARCHAR, size VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS cs.measure (entity INTEGER, measure VARCHAR, value DOUBLE)',
  `CREATE TABLE IF NOT EXISTS cs.trend (day DATE, measure VARCHAR, town VARCHAR, section VARCHAR, entities INTEGER, value DOUBLE)`,
];

/** Months looked back to when a measure is new. */
const PAST_MONTHS = 12;

/** The last days of the months before a day, oldest first. */
export function monthEnds(day: string, months: number): string[] {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return Array.from({ length: months }, (_, n) =>
    new Date(Date.UTC(year, month - 1 - (months - 1 - n), 0)).toISOString().slice(0, 10),
  );
}

/** What a run did. */
export interface Measured {
  day: string;
  entities: number;
  values: number;
  unavailable: string[];
}

/** SQL that may be asked here: false when the city lacks a class that it reads; otherwise its columns are checked. */
async function askable(s: LakeSession, sql: string, columns: readonly string[], file: string): Promise<boolean> {
  const views = await viewsRead(s, sql, { file });
  const known = new Set(
    (await s.query<{ view_name: string }>(`SELECT view_name FROM duckdb_views() WHERE schema_name = 'v'`)).map(
      (r) => r.view_name,
    ),
  );
  if ([...views].some((v) => v.startsWith('record_') && !known.has(v))) return false;
  await checkColumns(s, sql, columns, { file });
  return true;
}

/** Runs all measures of a day; the old values are replaced in one transaction. */
export async function measure(lake: Lake, declared: Declared, day: string): Promise<Measured> {
  await lake.session((s) => defineRecordViews(s));
  return lake.write(SCORE_LANE, async (s) => {
    const unavailable: string[] = [];
    const body = (sql: string) => `(${withDay(sql, day).replace(/;\s*$/, '')}\n)`;
    const sized =
      declared.sizeSql !== null &&
      (await askable(s, declared.sizeSql, ['entity', 'size'], 'scoring/analysis/size.sql'));
    if (!sized) unavailable.push('size');
    await s.run('DELETE FROM cs.profile');
    const entities = await s.run(`INSERT INTO cs.profile
      SELECT p.entity, ${literal(day)}::DATE, p.name, p.division, ${sectionSql('p.industry')},
        regexp_extract(p.industry, '[0-9]+'), p.kind, ${sized ? 'z.size' : 'NULL'}
      FROM v.legal_person_v1 p ${sized ? `LEFT JOIN ${body(declared.sizeSql!)} z ON z.entity = p.entity` : ''}
      WHERE coalesce(p.status, '') NOT LIKE '%注销%' AND coalesce(p.status, '') NOT LIKE '%吊销%' ORDER BY p.entity`);
    await s.run('DELETE FROM cs.measure');
    let values = 0;
    for (const m of declared.measures) {
      if (!(await askable(s, m.sql, ['entity', 'value'], `scoring/analysis/measures/${m.id}.sql`))) {
        unavailable.push(m.id);
        continue;
      }
      values +=
        await s.run(`INSERT INTO cs.measure SELECT x.entity, ${literal(m.id)}, x.value::DOUBLE FROM ${body(m.sql)} x
        WHERE x.entity IN (SELECT entity FROM cs.profile) AND x.value IS NOT NULL ORDER BY x.entity`);
    }
    await s.run('DELETE FROM cs.trend WHERE day = $day::DATE', { day });
    await s.run(`INSERT INTO cs.trend SELECT ${literal(day)}::DATE, m.measure, p.town, p.section, count(*), sum(m.value)
      FROM cs.measure m JOIN cs.profile p ON p.entity = m.entity GROUP BY ALL`);
    // What was at the ends of past months follows from the records' days; once there, it stays as it was told.
    const known = new Set(
      (await s.query<{ day: string; measure: string }>('SELECT DISTINCT day, measure FROM cs.trend')).map(
        (r) => `${r.day} ${r.measure}`,
      ),
    );
    for (const past of monthEnds(day, PAST_MONTHS)) {
      for (const m of declared.measures) {
        if (unavailable.includes(m.id) || known.has(`${past} ${m.id}`)) continue;
        await s.run(`INSERT INTO cs.trend SELECT ${literal(past)}::DATE, ${literal(m.id)}, p.town, p.section, count(*),
            sum(x.value::DOUBLE) FROM (${withDay(m.sql, past).replace(/;\s*$/, '')}\n) x JOIN cs.profile p ON p.entity = x.entity
          WHERE x.value IS NOT NULL GROUP BY ALL`);
      }
    }
    return { day, entities, values, unavailable };
  });
}

/** The job. Broken off, nothing has happened. */
export function measureJob(deps: Pick<Deps, 'lake' | 'folders'>): JobKind<z.output<typeof dayParams>> {
  return {
    kind: MEASURE_JOB,
    title: { zh: '经济分析指标', en: 'Measures of the economic analysis' },
    params: dayParams,
    lane: ASSESS_LANE,
    async run(ctx, asked) {
      const declared = readAnalysis(scoringFolder(deps));
      const [first, ...rest] = declared.problems;
      if (first) throw new Problem(first.kind, first.params, first.place, rest);
      return measure(deps.lake, declared, asked.day ?? cityDay(ctx.clock.now()));
    },
  };
}
