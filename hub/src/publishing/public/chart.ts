/** Figures for charts: groups of one column of an open dataset with how many rows or the sum of a number. */
import type { z } from 'zod';
import { ident } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { tableOf } from '../editions.ts';
import type { PublishingPorts } from '../ports.ts';
import { filterWrong } from '../problems.ts';
import { fieldOf, guarded, openDataset } from '../rows.ts';
import type { chartAnswer, chartQuery } from './api.ts';

/** Most groups that are looked at: more are no chart. */
const GROUPS = 5_000;

export async function chartOf(
  ports: PublishingPorts,
  id: string,
  q: z.output<typeof chartQuery>,
): Promise<z.input<typeof chartAnswer>> {
  const d = await openDataset(ports, id);
  const by = fieldOf(d.items, q.by);
  // A counted dataset is drawn by its counts unless another sum is wanted: its rows are cells.
  const sum = q.sum ?? (d.plan.aggregate ? d.items.find((i) => i.role === 'measure')?.name : undefined);
  const measure = sum === undefined ? null : fieldOf(d.items, sum);
  if (measure && measure.type !== 'integer' && measure.type !== 'decimal')
    throw new Problem(filterWrong, { what: measure.name });
  const date = by.type === 'date';
  const value = date ? `strftime(${ident(by.name)}, '%Y-%m')` : `${ident(by.name)}::VARCHAR`;
  const time = date || by.as === 'month' || by.as === 'year';
  const n = measure ? `sum(${ident(measure.name)})::DOUBLE` : 'count(*)::DOUBLE';
  const found = await guarded(ports, (query) =>
    query(`SELECT ${value} AS value, ${n} AS n FROM ${tableOf(d.edition.id)} GROUP BY 1 HAVING ${n} IS NOT NULL
      ORDER BY ${time ? '1 DESC' : '2 DESC, 1'} NULLS LAST LIMIT ${GROUPS}`),
  );
  const all = found.map((r) => ({ value: r.value as string | null, n: Number(r.n) }));
  const drawn = all.slice(0, q.limit);
  const rest = all.slice(q.limit);
  const title = measure ? measure.title : { zh: '行数', en: 'Rows' };
  return {
    ...{ by, measure: title, unit: measure?.unit ?? null, time },
    points: time ? drawn.reverse() : drawn,
    rest: { groups: rest.length, n: rest.reduce((a, p) => a + p.n, 0) },
  };
}
