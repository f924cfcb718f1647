/** What a query may be, what it shows to whom, and where it ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../platform/problem.ts';
import { type Bench, openBench, secrets, somebody } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const analyst = somebody(['analyst']);
const steward = somebody(['data-steward'], { purpose: '核对' });
const fault = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error, 'it should have been refused').toBeInstanceOf(Problem);
  return error as Problem;
};
const codeOf = async (text: string, who = analyst) => (await fault(bench.ask(text, who))).kind.code;
/** Closed to the analyst in whatever form. */
const closed = Object.values(secrets);
const shows = (rows: unknown): string[] => closed.filter((s) => JSON.stringify(rows).includes(s));

describe('a query', () => {
  test.each([
    [
      'SELECT town, count(*) AS n FROM v.firm_v1 GROUP BY town ORDER BY n DESC',
      [
        ['浒山', '2'],
        ['宗汉', '1'],
      ],
    ],
    ['FROM firm_v1 SELECT entity ORDER BY 1 LIMIT 1', [['1']]],
    ['SELECT v.firm_v1.entity FROM v.firm_v1 WHERE entity = 2', [['2']]],
    ['SELECT "entity" FROM "v"."FIRM_V1" f WHERE f."entity" = 2', [['2']]],
    ['WITH firm_v1 AS (SELECT 9 AS entity) SELECT entity FROM firm_v1', [['9']]],
    ['WITH a AS (SELECT entity FROM v.firm_v1), b AS (SELECT max(entity) m FROM a) SELECT m FROM b', [['3']]],
    ['WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT sum(n) FROM r', [['10']]],
    ['SELECT f.entity, l.x FROM v.firm_v1 f, LATERAL (SELECT f.amount + 1 AS x) l WHERE f.entity = 1', [['1', '11']]],
    ["PIVOT (SELECT town, entity FROM v.firm_v1) ON town IN ('浒山', '宗汉') USING count(*)", undefined],
    ['SELECT COLUMNS(*) FROM (SELECT entity, town FROM v.firm_v1 WHERE entity = 3)', [['3', '宗汉']]],
    ['SELECT * EXCLUDE (name, home, born, wage, token, note) FROM v.firm_v1 WHERE entity = 3', [['3', '宗汉', '30']]],
    [
      'SELECT 9007199254740993 AS n, 1.0 AS d, 170141183460469231731687303715884105727 AS h',
      [['9007199254740993', '1.0', '170141183460469231731687303715884105727']],
    ],
    ['SELECT 1 AS a, 2 AS a', [['1', '2']]],
    ['SELECT i FROM range(3) t(i) ORDER BY i DESC', [['2'], ['1'], ['0']]],
    [
      "SELECT list_transform([1, 2], lambda y: y + 1)::VARCHAR, {'a': 1}::VARCHAR, 'a;b -- c'",
      [['[2, 3]', "{'a': 1}", 'a;b -- c']],
    ],
    ['-- first\nSELECT 1 /* ; DROP TABLE x */ AS one;', [['1']]],
    ['SELECT n FROM v.count_v1 UNION ALL SELECT entity FROM v.firm_v1 WHERE entity = 1 ORDER BY 1', [['1'], ['7']]],
  ])('%s', async (text, rows) => {
    const answer = await bench.ask(text, analyst);
    if (rows) expect(answer).toEqual(rows);
    else expect(answer.length).toBeGreaterThan(0);
  });

  test('parameters are bound with their type and never pasted', async () => {
    const of = (value: string, type: 'text' | 'integer' | 'day' | 'number' | 'boolean' = 'text') => [
      { name: 'x', type, value },
    ];
    const text = 'SELECT entity FROM v.firm_v1 WHERE town = :x ORDER BY 1';
    expect(await bench.ask(text, analyst, of('宗汉'))).toEqual([['3']]);
    expect(await bench.ask(text, analyst, of(`' OR '1'='1`))).toEqual([]);
    expect(await bench.ask('SELECT :x + 1', analyst, of('41', 'integer'))).toEqual([['42']]);
    expect(await bench.ask('SELECT :x + 1', analyst, of('9007199254740993', 'integer'))).toEqual([
      ['9007199254740994'],
    ]);
    expect(await bench.ask("SELECT DATE '2026-11-22' - :x", analyst, of('21', 'integer'))).toEqual([['2026-11-01']]);
    expect(await bench.ask('SELECT year(:x)', analyst, of('2026-11-22', 'day'))).toEqual([['2026']]);
    expect(await bench.ask('SELECT :x IS NULL', analyst, of('', 'day'))).toEqual([['true']]);
    expect(await bench.ask("SELECT ':x', [1, 2, 3][1:2]::VARCHAR", analyst)).toEqual([[':x', '[1, 2]']]);
    for (const [value, type] of [
      ['4x', 'integer'],
      ['2026-02-30', 'day'],
      ['maybe', 'boolean'],
    ] as const)
      expect((await fault(bench.ask('SELECT :x', analyst, of(value, type)))).kind.code).toBe(
        'workbench.parameter.value',
      );
    expect(await codeOf('SELECT :y')).toBe('workbench.parameter.unknown');
    expect(await codeOf('SELECT ?')).toBe('workbench.parameter.name');
  });
});

describe('what is refused', () => {
  test.each<[string, string]>([
    ['', 'workbench.statement.empty'],
    ['-- nothing', 'workbench.statement.empty'],
    ['SELECT 1; SELECT 2', 'workbench.statement.several'],
    ['SELECT 1 -- x\n; DROP TABLE lib.firm', 'workbench.statement.kind'],
    ["COPY (SELECT 1) TO '/tmp/jingwei-x'", 'workbench.statement.kind'],
    ["ATTACH '/tmp/x.db'", 'workbench.statement.kind'],
    ['INSTALL httpfs', 'workbench.statement.kind'],
    ["SET memory_limit = '1TB'", 'workbench.statement.kind'],
    ['PRAGMA database_list', 'workbench.statement.kind'],
    ['CREATE MACRO m() AS 1', 'workbench.statement.kind'],
    ['EXPLAIN ANALYZE SELECT 1', 'workbench.statement.kind'],
    ['INSERT INTO v.firm_v1 VALUES (1)', 'workbench.statement.kind'],
    ['PIVOT v.firm_v1 ON town USING count(*)', 'workbench.statement.kind'],
    ["SELECT * FROM read_csv('/etc/passwd')", 'workbench.statement.forbidden'],
    ["SELECT * FROM read_text('/etc/passwd')", 'workbench.statement.forbidden'],
    ["SELECT * FROM glob('/etc/*')", 'workbench.statement.forbidden'],
    ["SELECT * FROM sniff_csv('/etc/passwd')", 'workbench.statement.forbidden'],
    ['SELECT * FROM duckdb_secrets()', 'workbench.statement.forbidden'],
    ['SELECT * FROM duckdb_settings()', 'workbench.statement.forbidden'],
    ["SELECT * FROM query('SELECT 1')", 'workbench.statement.forbidden'],
    ["SELECT * FROM query_table('lib.firm')", 'workbench.statement.forbidden'],
    ["FROM '/etc/passwd'", 'workbench.view.unknown'],
    ['FROM "/etc/passwd"', 'workbench.view.unknown'],
    ['FROM "data.parquet"', 'workbench.view.unknown'],
    ["SELECT getenv('HOME')", 'workbench.statement.forbidden'],
    ["SELECT current_setting('memory_limit')", 'workbench.statement.forbidden'],
    ["SELECT getvariable('x')", 'workbench.statement.forbidden'],
    ['SELECT stats(wage) FROM v.firm_v1', 'workbench.statement.forbidden'],
    ['SELECT error(name) FROM v.firm_v1', 'workbench.statement.forbidden'],
    ['SELECT system.main.getenv(1)', 'workbench.statement.forbidden'],
    ["SELECT pg_get_viewdef('v.firm_v1')", 'workbench.statement.forbidden'],
    ['SELECT sleep_ms(100000)', 'workbench.statement.forbidden'],
    ['SELECT * FROM lib.firm', 'workbench.statement.forbidden'],
    ['SELECT * FROM memory.v.firm_v1', 'workbench.statement.forbidden'],
    ['SELECT * FROM temp.main.w_firm_v1', 'workbench.statement.forbidden'],
    ['SELECT * FROM w_firm_v1', 'workbench.view.unknown'],
    ['SELECT * FROM information_schema.tables', 'workbench.statement.forbidden'],
    ['SELECT * FROM pg_catalog.pg_views', 'workbench.statement.forbidden'],
    ['SELECT * FROM duckdb_views', 'workbench.view.unknown'],
    ['SELECT * FROM sqlite_master', 'workbench.view.unknown'],
    ['DESCRIBE v.firm_v1', 'workbench.statement.forbidden'],
    ['SHOW TABLES', 'workbench.statement.forbidden'],
    ['SUMMARIZE v.hidden_v1', 'workbench.statement.forbidden'],
    ['SELECT * FROM (SHOW ALL TABLES)', 'workbench.statement.forbidden'],
    ['SELECT * FROM v.hidden_v1', 'workbench.view.unknown'],
    ['SELECT * FROM v.absent_v1', 'workbench.view.unknown'],
    ['SELECT * FROM v.resident_v1', 'auth.purpose.needed'],
    ['SELECT raw FROM v.firm_v1', 'workbench.statement.column'],
    ['SELECT town, entity, count(*) FROM v.firm_v1 GROUP BY town', 'workbench.statement.group'],
    ['SELECT FROM WHERE', 'workbench.statement.syntax'],
    ['SELECT 1 +', 'workbench.statement.syntax'],
    ['SELECT sum(town) FROM v.firm_v1', 'workbench.statement.compile'],
    // A name that is an expression's elsewhere only is nobody's here.
    ['SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) a, x', 'workbench.view.unknown'],
    ['WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a', 'workbench.view.unknown'],
    [
      'WITH "/etc/passwd" AS (SELECT 1) SELECT * FROM (SELECT 1) t, "/etc/passwd", "/etc/group"',
      'workbench.view.unknown',
    ],
    ['WITH x AS (SELECT * FROM x) SELECT * FROM x', 'workbench.view.unknown'],
    ['SELECT * FROM v.firm_v1 AT (VERSION => 1)', 'workbench.statement.forbidden'],
    [`SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'workbench.statement.depth'],
    [`SELECT ${'NOT '.repeat(4_000)}true`, 'workbench.statement.compile'],
    [`SELECT ${'1+'.repeat(9_000)}1`, 'workbench.statement.compile'],
  ])('%.80s', async (text, code) => {
    const purposeNeeded = await import('../platform/auth/problems.ts').then((m) => m.purposeNeeded.code);
    expect(await codeOf(text)).toBe(code === 'auth.purpose.needed' ? purposeNeeded : code);
  });

  test('a view that asks for a permission is refused to who lacks it, with its place', async () => {
    const officer = somebody(['data-officer']);
    const problem = await fault(bench.ask('SELECT 1,\n  (SELECT max(value) FROM v.economy_v1)', officer));
    expect(problem.kind.code).toBe('workbench.view.refused');
    expect(problem.place).toMatchObject({ line: 2, column: 27 });
    expect(await bench.ask('SELECT count(*) FROM v.economy_v1', analyst)).toEqual([['3']]);
  });

  test('the place of a fault is that of the text, also behind Chinese, comments and renamed views', async () => {
    const at = async (text: string) => (await fault(bench.ask(text, analyst))).place;
    expect(await at("SELECT '中文',\n  nam FROM v.firm_v1")).toMatchObject({ line: 2, column: 3 });
    expect(await at('/* nam */ SELECT entity,\n\n f.nam FROM v.firm_v1 f')).toMatchObject({ line: 3, column: 2 });
    expect(await at("SELECT '中文' FROM v.firm_v1\nWHERE entity ==== 1")).toMatchObject({ line: 2 });
    expect(await at('SELECT entity,\n nosuch(1) FROM v.firm_v1')).toMatchObject({ line: 2, column: 2 });
    expect(await at("SELECT '中',\n  CAST(town AS INTEGER) FROM v.firm_v1")).toMatchObject({ line: 2 });
  });
});

describe('what is seen', () => {
  test('closed columns are masked or not there, and what the contract does not name is not', async () => {
    const [row] = await bench.ask('SELECT * FROM v.firm_v1 WHERE entity = 1', analyst);
    expect(row).toEqual(['1', '浒山', '欧**', '慈溪市浒山街道毳毳路***', null, null, null, null, '10']);
    const [seen] = await bench.ask('SELECT name, born, wage, token, note FROM v.firm_v1 WHERE entity = 1', steward);
    expect(seen).toEqual([secrets.name, secrets.born, secrets.wage, '***', '***']);
    const own = somebody(['data-officer'], { organisation: 'rsj', purpose: '核对' });
    const other = somebody(['data-officer'], { organisation: 'scjg', purpose: '核对' });
    expect(await bench.ask('SELECT DISTINCT name FROM v.firm_v1', own)).toEqual([[secrets.name]]);
    expect(await bench.ask('SELECT DISTINCT name FROM v.firm_v1', other)).toEqual([['欧**']]);
  });

  test('each attribute has its own protection, an unknown one is closed', async () => {
    const text = 'SELECT attribute, value FROM v.said_v1 ORDER BY 1';
    expect(await bench.ask(text, analyst)).toEqual([
      ['kind', '有限公司'],
      ['legal-representative', '***'],
      ['other', null],
      ['phone', null],
    ]);
    expect((await bench.ask(text, steward))[1]).toEqual(['legal-representative', secrets.name]);
  });

  test('rows about few people are for those who look at persons', async () => {
    expect(await bench.ask('SELECT measure FROM v.count_v1', analyst)).toEqual([['building']]);
    expect(await bench.ask('SELECT count(*) FROM v.count_v1', steward)).toEqual([['2']]);
  });

  test('a look at personal values is audited with its purpose; one that shows none is not', async () => {
    bench.audited.length = 0;
    await bench.ask('SELECT name FROM v.firm_v1', analyst);
    expect(bench.audited).toEqual([]);
    await bench.ask('SELECT name FROM v.firm_v1', steward);
    expect(bench.audited).toMatchObject([{ action: 'person.look', purpose: '核对', detail: { views: ['firm_v1'] } }]);
  });

  test('an error that would print a value prints none, not even to who may see it', async () => {
    for (const who of [analyst, steward])
      for (const expression of [
        ...['CAST(name AS INTEGER)', 'CAST(token AS DATE)', 'CAST(note AS DOUBLE)', 'CAST(home AS BOOLEAN)'],
        ...["strptime(name, '%Y')", 'CAST(town AS INTEGER)', "regexp_matches(town, name || '(')", 'chr(wage * 100000)'],
        ...['CAST(wage AS UTINYINT)', 'make_date(wage, 1, 1)', 'CAST([name] AS INTEGER[])', 'json(name)'],
      ]) {
        const said = await bench.ask(`SELECT ${expression} FROM v.firm_v1`, who).catch((error: Problem) => {
          expect(error, expression).toBeInstanceOf(Problem);
          return JSON.stringify(error.toJSON());
        });
        if (typeof said === 'string') {
          expect(shows(said), expression).toEqual([]);
          expect(said, expression).not.toMatch(/欧|浒山|毳/);
        }
      }
  });

  test('a plan tells no value', async () => {
    const { plan } = await bench.runner.plan(
      'SELECT f.town, count(*) FROM v.firm_v1 f JOIN v.count_v1 c ON c.n > f.amount WHERE f.amount > 5 GROUP BY 1',
      [],
      analyst,
    );
    expect(plan).toBeTruthy();
    const { planTree } = await import('./plan.ts');
    const tree = planTree(plan);
    expect(JSON.stringify(tree)).toContain('firm');
    expect(shows(tree)).toEqual([]);
  });
});

describe('where it ends', () => {
  test('an endless query is stopped in time, and the next one runs', async () => {
    const own = await openBench({ seconds: 1 });
    try {
      const from = Date.now();
      const text = 'SELECT sum(i * i % 7) FROM range(1000000000000) t(i)';
      expect((await fault(own.ask(text, analyst))).kind.code).toBe('workbench.limit.time');
      expect(Date.now() - from).toBeLessThan(4000);
      const crossed = 'SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b';
      expect((await fault(own.ask(crossed, analyst))).kind.code).toMatch(/limit/);
      const recursive = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r';
      expect((await fault(own.ask(recursive, analyst))).kind.code).toMatch(/limit/);
      expect(await own.ask('SELECT 1', analyst)).toEqual([['1']]);
    } finally {
      await own.close();
    }
  });

  test('one that takes too much memory is stopped', async () => {
    const own = await openBench({ seconds: 20, memoryMiB: 64 });
    try {
      const text = "SELECT count(DISTINCT x) FROM (SELECT repeat('x', 100) || i AS x FROM range(200000000) t(i))";
      expect((await fault(own.ask(text, analyst))).kind.code).toBe('workbench.limit.memory');
    } finally {
      await own.close();
    }
  });

  test('an answer is cut: rows, long cells, all of it', async () => {
    const answer = await bench.runner.run('SELECT i FROM range(100000) t(i)', [], analyst, 100);
    expect([answer.rows.length, answer.more]).toEqual([100, true]);
    const long = await bench.runner.run("SELECT repeat('长', 1000000) AS x FROM range(30)", [], analyst, 10_000);
    expect([long.rows.length, long.rows[0]![0]!.length, long.cut]).toEqual([30, 4001, true]);
    const large = await bench.runner.run("SELECT repeat('x', 4000) AS x FROM range(30000)", [], analyst, 10_000);
    expect(large.more).toBe(true);
    expect(JSON.stringify(large.rows).length).toBeLessThan(9_000_000);
    const wide = `SELECT ${Array.from({ length: 201 }, (_, i) => `${i} AS c${i}`).join(', ')}`;
    expect(await codeOf(wide)).toBe('workbench.limit.columns');
  });

  test('a person has one query under way, the line is bounded, and cancelling ends what waits and what runs', async () => {
    const own = await openBench({ seconds: 30, running: 1, waiting: 1 });
    try {
      const [a, b, c] = ['a', 'b', 'c'].map((userId) => somebody(['analyst'], { userId }));
      const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 3';
      const first = fault(own.ask(endless, a!));
      expect((await fault(own.ask('SELECT 1', a!))).kind.code).toBe('workbench.limit.one');
      const second = fault(own.ask('SELECT 2', b!));
      expect((await fault(own.ask('SELECT 3', c!))).kind.code).toBe('workbench.limit.queue');
      expect(own.runner.turns.cancel('b')).toBe(true);
      expect((await second).kind.code).toBe('workbench.cancelled');
      const third = own.ask('SELECT 4', c!);
      expect(own.runner.turns.cancel('a')).toBe(true);
      expect((await first).kind.code).toBe('workbench.cancelled');
      expect(await third).toEqual([['4']]);
      expect(own.runner.turns.cancel('a')).toBe(false);
    } finally {
      await own.close();
    }
  });

  test('the connection cannot write, whatever the judge would let through', async () => {
    await bench.lake.session(async (s) => {
      await s.run('BEGIN TRANSACTION READ ONLY');
      await expect(s.run('INSERT INTO lib.firm SELECT * FROM lib.firm')).rejects.toThrow(/read-only/);
    });
    expect(await bench.ask('SELECT count(*) FROM v.firm_v1', analyst)).toEqual([['3']]);
  });
});
