/** Fetches what a phone needs to work without a network: forms with their designs, tasks, the person's own records, code tables. */

import { hub } from '../shared/hub.ts';
import type { Design } from '../shared/pure.ts';
import type { Pull } from '../shared/types.ts';
import type { Pulled } from './model.ts';

const MOST_PAGES = 50;

/** The national tables that a design's choices use, as `table:under`. */
export function tablesOf(design: Design): string[] {
  const fields = design.fields.flatMap((field) => (field.kind === 'table' ? field.fields : [field]));
  return fields.flatMap((field) =>
    field.kind === 'choice' && field.table ? [`${field.table}:${field.under ?? ''}`] : [],
  );
}

/** Asks page by page from the beginning: what is no longer there must not stay on the phone. Fails with an `ApiProblem`; then the old stays. */
export async function pull(before: Pulled | null): Promise<Pulled> {
  const forms = new Map<number, Pull['forms'][number]>();
  const tasks = new Map<number, Pull['tasks'][number]>();
  const records = new Map<string, Pull['records'][number]>();
  let since: number | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await hub.get<Pull>('/api/v1/forms/sync', { query: { since } });
    for (const form of answer.forms) forms.set(form.id, form);
    for (const task of answer.tasks) tasks.set(task.id, task);
    for (const record of answer.records) records.set(record.id, record);
    if (!answer.more) break;
    since = answer.cursor;
  }
  const tables: Pulled['tables'] = {};
  for (const key of new Set([...forms.values()].flatMap((form) => tablesOf(form.design)))) {
    // A national table changes once in years: what is on the phone is good enough.
    const known = before?.tables[key];
    if (known?.length) tables[key] = known;
    else {
      const [table = '', under = ''] = key.split(':');
      const { items } = await hub.get<{ items: { code: string; zh: string }[] }>('/api/v1/forms/code-tables/{table}', {
        params: { table },
        query: { under },
      });
      tables[key] = items;
    }
  }
  return {
    at: new Date().toISOString(),
    forms: [...forms.values()],
    tasks: [...tasks.values()],
    records: [...records.values()],
    tables,
  };
}
