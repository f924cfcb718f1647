/** De-identified statistics of scores: counts and means by town, industry and grade, with small cells withheld. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Lake } from '../../platform/lake/index.ts';
import { divisionTitle } from '../titles.ts';
import type { groupings, statisticsAnswer, statisticsQuery } from './api.ts';
import { recordedModel, runOf } from './read.ts';
import { sectionTitle } from './sections.ts';
import { suppress } from './suppress.ts';
import { readDeclared } from './yaml.ts';

type Grouping = (typeof groupings)[number];
const settings = z.strictObject({ k: z.number().int().min(3).max(1000) });

/** The least number of enterprises of a cell that is told: scoring/statistics.yaml, 5 without it. */
export function leastCell(folder: string): number {
  const file = join(folder, 'statistics.yaml');
  if (!existsSync(file)) return 5;
  const read = readDeclared(file, 'scoring/statistics.yaml', settings);
  if (!read.value) throw read.problems[0];
  return read.value.k;
}

/** One cell as the engine counted it. */
interface Counted extends Record<string, unknown> {
  a: string;
  b: string;
  n: number;
  total: number;
}

/** Means of the told cells, over the sums of scores. */
export interface Table {
  rows: string[];
  columns: string[];
  counts: number[][];
  /** Sums of scores, in the order of `counts`. */
  sums: number[][];
}

/** Lays counted cells out as a table; absent cells are zero. */
export function layOut(cells: readonly Counted[], rows: readonly string[], columns: readonly string[]): Table {
  const table = () => rows.map(() => columns.map(() => 0));
  const counts = table();
  const sums = table();
  for (const c of cells) {
    const i = rows.indexOf(c.a);
    const j = columns.indexOf(c.b);
    counts[i]![j] = c.n;
    sums[i]![j] = c.total;
  }
  return { rows: [...rows], columns: [...columns], counts, sums };
}

/**
 * What may be told of a table of groups. The totals are decided as one-way tables of their own, so that they are the same
 * in every table that shows them.
 */
export function tell(table: Table, k: number): { n: number | null; mean: number | null }[][] {
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const rowTotals = table.counts.map(sum);
  const columnTotals = table.columns.map((_, j) => sum(table.counts.map((row) => row[j]!)));
  const oneWay = (totals: number[]) =>
    suppress(
      totals.map((n) => [n]),
      k,
    )
      .slice(0, -1)
      .map((row) => row[0] !== null);
  const told =
    table.columns.length === 1
      ? suppress(table.counts, k)
      : suppress(table.counts, k, { rows: oneWay(rowTotals), columns: oneWay(columnTotals) });
  const sumOf = (i: number, j: number): number => {
    const lines = i === table.rows.length ? table.sums : [table.sums[i]!];
    return sum(lines.map((line) => (j === table.columns.length ? sum(line) : line[j]!)));
  };
  return told.map((row, i) =>
    row.map((n, j) => ({ n, mean: n === null || n < k ? null : Math.round((sumOf(i, j) / n) * 10) / 10 })),
  );
}

/** Answers a question for statistics of the newest run. */
export async function statistics(
  lake: Lake,
  k: number,
  q: z.output<typeof statisticsQuery>,
): Promise<z.input<typeof statisticsAnswer>> {
  const run = await runOf(lake, { model: q.model });
  const across = q.across && q.across !== q.by ? q.across : null;
  const empty = { run: null, k, by: q.by, across, rows: [], columns: [], cells: [], suppressed: 0 };
  if (!run) return empty;
  const model = await recordedModel(lake, run.model, run.version);
  const members = async (by: Grouping): Promise<string[]> =>
    by === 'grade'
      ? model.grades.map((g) => g.grade)
      : (
          await lake.query<{ code: string }>(
            `SELECT DISTINCT coalesce(${by}, '') AS code FROM cs.score WHERE run = $run ORDER BY code = '', code`,
            { run: run.run },
          )
        ).map((r) => r.code);
  const counted = await lake.query<Counted>(
    `SELECT coalesce(${q.by}, '') AS a, ${across ? `coalesce(${across}, '')` : "''"} AS b, count(*) AS n,
       sum(score)::DOUBLE AS total FROM cs.score WHERE run = $run GROUP BY 1, 2`,
    { run: run.run },
  );
  const rows = await members(q.by);
  const columns = across ? await members(across) : [''];
  const cells = tell(layOut(counted, rows, columns), k);
  const named = (by: Grouping, codes: readonly string[]) =>
    codes.map((code) => {
      const zh = by === 'town' ? divisionTitle(code) : by === 'industry' ? sectionTitle(code) : null;
      const grade = by === 'grade' ? model.grades.find((g) => g.grade === code)?.title : undefined;
      return { code, title: grade ?? (zh ? { zh, en: zh } : null) };
    });
  return {
    run: { run: run.run, model: run.model, version: run.version, day: run.day, entities: run.entities },
    k,
    by: q.by,
    across,
    rows: named(q.by, rows),
    columns: across ? named(across, columns) : [],
    // A one-way table says the same twice: the cell and the line's total.
    cells: across ? cells : cells.map((row) => row.slice(0, 1)),
    suppressed: (across ? cells.flat() : cells.map((row) => row[0]!)).filter((c) => c.n === null).length,
  };
}
