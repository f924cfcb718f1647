/** What is odd about columns: said, not refused, since the others may tell enough. */
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';
import { preparedColumns } from './prepare.ts';

/** A column that tells little or nothing. */
export interface Remark {
  /** `empty`: no value; `constant`: one value; `unique`: no value twice, so that nobody agrees on it exactly. */
  code: 'empty' | 'constant' | 'unique';
  column: string;
  zh: string;
  en: string;
}

/** Remarks on the columns of a run, from its records and frequencies. */
export async function remarksOf(p: Pipeline, s: string, model: Model): Promise<Remark[]> {
  const columns = preparedColumns(model).filter((c) => c.model.frequencies === undefined && !c.multi);
  if (columns.length === 0) return [];
  const there = await p.one<Record<string, number>>(
    'values by column',
    `SELECT ${columns.map((c) => `count(c${c.index}) AS n${c.index}`).join(', ')} FROM ${s}.rec`,
  );
  const rows = await p.rows<{ i: number; k: number; most: number }>(
    'repeated values by column',
    columns
      .map((c) => `SELECT ${c.index} AS i, count(*) AS k, coalesce(max(n), 0) AS most FROM ${s}.freq${c.index}`)
      .join(' UNION ALL '),
  );
  return columns.flatMap((c): Remark[] => {
    const n = there[`n${c.index}`]!;
    const { k, most } = rows.find((r) => r.i === c.index)!;
    const { name: column } = c;
    if (n === 0)
      return [
        {
          code: 'empty',
          column,
          zh: `列“${column}”没有值，不起作用`,
          en: `column '${column}' has no value: it tells nothing`,
        },
      ];
    if (n > 1 && k === 1 && most === n)
      return [
        {
          code: 'constant',
          column,
          zh: `列“${column}”只有一个值，不起作用`,
          en: `column '${column}' has one value only: it tells nothing`,
        },
      ];
    if (n > 1 && k === 0)
      return [
        {
          code: 'unique',
          column,
          zh: `列“${column}”没有重复的值，只能看是否相近`,
          en: `column '${column}' has no value twice: only nearness tells`,
        },
      ];
    return [];
  });
}
