/** Columns whose different values keep records apart: values as small numbers by record. */
import { usccCheckCharacter } from '@jingwei/codes';
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';
import { preparedColumns } from './prepare.ts';

/** Whether a text is a unified social credit code with the right check character (GB 32100-2015). */
export const validUscc = (text: string): boolean =>
  text.length === 18 && usccCheckCharacter(text.slice(0, 17)) === text[17];

/**
 * For each column of `model.apart` the number of its value by record number (up to `span`) of the records of `among` (rid); 0 where there is none that
 * counts.
 */
export async function apartValues(
  p: Pipeline,
  s: string,
  model: Model,
  among: string,
  span: number,
): Promise<Int32Array[]> {
  const out: Int32Array[] = [];
  const columns = preparedColumns(model);
  for (const { column, check } of model.apart) {
    const c = `c${columns.find((x) => x.name === column)!.index}`;
    const rows = await p.rows<{ v: string }>(
      `values of ${column} that keep apart`,
      `SELECT DISTINCT ${c} AS v FROM ${s}.rec WHERE ${c} IS NOT NULL AND rid IN (SELECT rid FROM ${among}) ORDER BY 1`,
    );
    const values = rows.map((r) => r.v).filter((v) => check === undefined || validUscc(v));
    await p.time(`numbers of ${column}`, '', () =>
      p.engine.create(`${s}.apart`, [
        { name: 'v', type: 'VARCHAR', values },
        { name: 'n', type: 'INTEGER', values: Int32Array.from(values, (_, i) => i + 1) },
      ]),
    );
    const [rid, n] = (await p.numbers(
      `records with ${column}`,
      `SELECT r.rid, a.n FROM ${s}.rec AS r JOIN ${s}.apart AS a ON a.v = r.${c} WHERE r.rid IN (SELECT rid FROM ${among})`,
    )) as [Float64Array, Float64Array];
    const of = new Int32Array(span);
    for (let i = 0; i < rid.length; i++) of[rid[i]!] = n[i]!;
    out.push(of);
  }
  return out;
}
