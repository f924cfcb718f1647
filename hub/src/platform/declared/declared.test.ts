import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import { readSelect } from './index.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
});
afterAll(() => lake.close());

test('SQL reads published views only', async () => {
  const refused = [
    'SELECT * FROM f.should',
    'SELECT * FROM should_v1',
    'SELECT * FROM memory.v.should_v1',
    'SELECT * FROM information_schema.tables',
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT getenv('HOME') FROM v.should_v1",
    "SELECT current_setting('threads') FROM v.should_v1",
    'SELECT * FROM duckdb_settings()',
    'SELECT random() FROM v.should_v1',
    'SELECT now() FROM v.should_v1',
    'SELECT current_date FROM v.should_v1',
    'SELECT entity FROM v.should_v1 WHERE due < $other',
    'SELECT entity FROM v.should_v1 USING SAMPLE 10%',
    'WITH x AS (SELECT * FROM f.has) SELECT * FROM x',
    'SELECT (SELECT max(entity) FROM f.has) FROM v.should_v1',
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('f.has')",
    'SELECT * FROM v.has_v1 UNION ALL SELECT * FROM f.has',
  ];
  await lake.session(async (s) => {
    for (const sql of refused)
      await expect(readSelect(s, sql, 'who.sql'), sql).rejects.toMatchObject({
        kind: { code: 'declared.sql.forbidden' },
      });
    const allowed = await readSelect(
      s,
      `WITH x AS (SELECT entity FROM v.has_v1) SELECT entity, d FROM x, range(3) t(d) WHERE 'f.has' <> $day`,
      'who.sql',
    );
    expect(allowed.views).toEqual(['v.has_v1']);
  });
});

test('an alias makes no table of its name readable', async () => {
  const sql = 'SELECT * FROM v.should_v1 AS secret, (SELECT * FROM secret) x';
  await expect(lake.session((s) => readSelect(s, sql, 'who.sql'))).rejects.toMatchObject({
    kind: { code: 'declared.sql.forbidden' },
  });
});
