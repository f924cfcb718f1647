import { expect, test } from 'vitest';
import { catalogueTables } from '../catalogue/index.ts';
import { libraryTables, libraryViews } from '../libraries/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { refineryTables, refineryViews } from '../refinery/index.ts';
import { VIEWS } from './fixture.ts';

test('the published views have the columns, of the types, that this room reads and its fixture imitates', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  try {
    await lake.define([...catalogueTables, ...refineryTables, ...libraryTables, ...refineryViews, ...libraryViews]);
    await lake.define([
      'CREATE SCHEMA fx',
      ...Object.entries(VIEWS).map(([v, columns]) => `CREATE TABLE fx.${v} (${columns})`),
    ]);
    const columns = async (from: string) =>
      new Map((await lake.query(`DESCRIBE SELECT * FROM ${from}`)).map((c) => [c.column_name, c.column_type]));
    for (const view of Object.keys(VIEWS)) {
      // Runs are published by exchange, whose tables need its declarations.
      if (view === 'run_v1') continue;
      const published = await columns(`v.${view}`);
      for (const [name, type] of await columns(`fx.${view}`)) {
        expect([view, name, published.get(name)]).toEqual([view, name, type]);
      }
    }
  } finally {
    await lake.close();
  }
});
