/**
 * Sorted neighbourhoods that the engine finds by itself (Hernández & Stolfo 1995; in blocks, Draisbach & Naumann 2009): the different values of a column are put
 * in order, by sound where there is one, names also from their end, and cut into small stretches; records of one stretch or of two that touch share a
 * key. The cuts are kept, so that a value that comes later has its place among them and nothing else moves.
 */
import type { Dialect } from './dialect.ts';
import type { Pipeline } from './engine.ts';
import type { Model } from './model.ts';
import { exploded, type Prepared, preparedColumns } from './prepare.ts';

/** Different values of a stretch; two stretches that touch are compared. */
const STRETCH = 2;

/** A neighbourhood with more records than this is not compared: its values are common, and other keys bring their records together. */
export const NEAR = 10;

/** An order of values. */
export interface Order {
  name: string;
  column: Prepared;
  /** SQL of what records are put in order by. */
  text: string;
}

/** The orders that a model's columns offer; none where records are so many that each pair must tell. */
export function ordersOf(d: Dialect, model: Model, depth: 1 | 2 | 3): Order[] {
  if (depth === 1 || !model.blocking.auto) return [];
  const out: Order[] = [];
  for (const column of preparedColumns(model)) {
    const { kind } = column.model;
    if (!['name', 'company', 'text', 'address'].includes(kind)) continue;
    const text = column.sounds ? `p${column.index}` : `c${column.index}`;
    out.push({ name: `${column.name}, neighbours`, column, text });
    if (kind === 'name' && !column.sounds)
      out.push({ name: `${column.name}, neighbours from the end`, column, text: d.reverse(text) });
  }
  return out;
}

/**
 * Fills `${s}.${rec}_near<k>(rid, src, o)`: two keys for each record that has a value. Cuts are made (`order<k>`) or, with `kept`, taken as they are.
 */
export async function fillPlaces(
  p: Pipeline,
  s: string,
  orders: readonly Order[],
  rec: string,
  kept: boolean,
): Promise<void> {
  const d = p.engine.dialect;
  for (const [k, { name, column, text }] of orders.entries()) {
    const source = `(SELECT rid, src, ${text} AS v FROM ${exploded(d, `${s}.${rec}`, [column])} WHERE c${column.index} IS NOT NULL)`;
    await p.run(
      `order of ${name}`,
      `CREATE ${kept ? 'TABLE IF NOT EXISTS' : 'OR REPLACE TABLE'} ${s}.order${k} AS SELECT v, CAST(floor((row_number() OVER (ORDER BY v) - 1) / ${STRETCH}) AS INTEGER) AS o FROM (SELECT DISTINCT v FROM ${source})`,
    );
    // A value has the place of the last known one that is not after it.
    const places = `SELECT v, coalesce(o, 0) AS o FROM (SELECT v, asked, max(o) OVER (ORDER BY v, asked ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS o FROM (SELECT v, o, 0 AS asked FROM ${s}.order${k} UNION ALL SELECT DISTINCT v, NULL, 1 FROM ${source})) WHERE asked = 1`;
    await p.run(
      `places of ${name}`,
      `CREATE OR REPLACE TABLE ${s}.${rec}_near${k} AS SELECT r.rid, r.src, CASE t.t WHEN 0 THEN 'a' || CAST(floor(x.o / 2) AS INTEGER) ELSE 'b' || CAST(floor((x.o + 1) / 2) AS INTEGER) END AS o FROM ${source} AS r JOIN (${places}) AS x ON x.v = r.v CROSS JOIN (VALUES (0), (1)) AS t(t)`,
    );
  }
}
