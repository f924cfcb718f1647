/**
 * The form of the lake's tables, written down: who changes a table that the program defines raises LAKE_FORM (platform/upgrade), so that an older program does
 * not open what it does not know, and writes the new form with `JINGWEI_TEST_WRITE_FORM=1`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from './platform/lake/index.ts';
import { LAKE_FORM } from './platform/upgrade/index.ts';
import { vaultTables } from './platform/vault/index.ts';
import { allRooms } from './rooms.ts';

const file = new URL('./lake-form.txt', import.meta.url);

/** Every table that the rooms define, with its columns in their order. */
async function shapeOf(lake: Lake): Promise<string[]> {
  const rows = await lake.query<{ t: string; c: string[] }>(
    `SELECT schema_name || '.' || table_name AS t, list(column_name || ' ' || data_type ORDER BY column_index) AS c
     FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name) WHERE NOT duckdb_tables.internal GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ t, c }) => `${t}: ${c.join(', ')}`);
}

test('the tables of the lake are of the form that is written down; another form has another number', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  try {
    await lake.define(vaultTables);
    for (const room of allRooms()) await room.defineLake?.(lake);
    const shape = await shapeOf(lake);
    expect(shape.length).toBeGreaterThan(80);
    if (process.env.JINGWEI_TEST_WRITE_FORM) writeFileSync(file, `form ${LAKE_FORM}\n${shape.join('\n')}\n`);
    const [head, ...known] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(head, 'the number that the form was written down with').toBe(`form ${LAKE_FORM}`);
    expect(shape, 'a table changed: raise LAKE_FORM and write the form down').toEqual(known);
  } finally {
    await lake.close();
  }
});

test('an older form is brought to this one: what is defined twice is as if defined once', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  try {
    const define = async () => {
      await lake.define(vaultTables);
      for (const room of allRooms()) await room.defineLake?.(lake);
    };
    await define();
    const once = await shapeOf(lake);
    await define();
    expect(await shapeOf(lake)).toEqual(once);
  } finally {
    await lake.close();
  }
});
