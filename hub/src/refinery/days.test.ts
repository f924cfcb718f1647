import { regno, uscc, usccCheckCharacter } from '@jingwei/codes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { FACT, inRuns, pairHash, planOf } from './plan.ts';
import { refine } from './refine.ts';
import { refineryTables } from './tables.ts';
import { declare, receive, receivedTables, type TestRun } from './testing.ts';
import { refineryViews } from './views.ts';

const identity = [
  { name: 'code', format: 'uscc', role: 'uscc' },
  { name: 'org', format: 'orgcode', role: 'orgcode' },
  { name: 'reg', format: 'regno', role: 'regno' },
  { name: 'name', format: 'company-name', role: 'name' },
  { name: 'addr', format: 'address', role: 'address' },
  { name: 'person', format: 'person-name', role: 'person' },
];
const market = declare('scjg.market-entity', 1, identity, { register: true });
const change = declare('scjg.name-change', 4, [
  ...identity,
  { name: 'was', format: 'company-name', role: 'former-name' },
]);
const penalty = declare('scjg.penalty', 40, identity);
const sources = [market, change, penalty];

/** Enterprises 1 to 4; 5 has the organisation code of 1 under another authority. */
const codes = [1, 2, 3, 4].map((n) => uscc.generate(n, { division: '330282' }));
codes.push(completed(`11${codes[0]!.slice(2, 17)}`));
const orgcodes = codes.slice(0, 3).map((c) => c.slice(8, 17));
const regnos = [1, 2].map((n) => regno.generate(n));

function completed(code: string): string {
  return `${code}${usccCheckCharacter(code)}`;
}

type Row = Record<string, string | null>;
type Day = Record<'market' | 'change' | 'penalty', Row[]>;

async function openRefinery(): Promise<Lake> {
  const lake = await openDuckDbLake({ path: ':memory:' });
  await lake.define([...receivedTables, ...refineryTables, ...refineryViews]);
  return lake;
}

const batches = (runs: readonly TestRun[]) =>
  sources
    .map((s) => ({ plan: planOf(s), runs: runs.filter((r) => r.source === s && r.rows.length > 0).map((r) => r.run) }))
    .filter((b) => b.runs.length > 0);

const runsOf = (day: Day, nth: number): TestRun[] =>
  (['market', 'change', 'penalty'] as const).map((s, i) => ({
    run: nth * 3 + i + 1,
    source: sources[i]!,
    rows: day[s],
  }));

/** Legal persons by code or key, since their numbers follow arrival. */
const who = (column: string) => `(SELECT coalesce(e.uscc, e.key) FROM rf.entity e WHERE e.entity = ${column})`;

/** Whose every row of the runs is, by its identification or by itself. */
async function links(lake: Lake, runs: readonly TestRun[]): Promise<Map<string, number>> {
  const rows = batches(runs).map(
    ({ plan, runs: some }) =>
      `SELECT ${FACT} AS fact, ${pairHash(plan)} AS pair FROM ${plan.table} WHERE ${inRuns(some)}`,
  );
  if (rows.length === 0) return new Map();
  const found = await lake.query<{ fact: string; entity: number }>(
    `SELECT f.fact::VARCHAR AS fact, coalesce(l.entity, p.entity, 0) AS entity FROM (${rows.join(' UNION ALL ')}) f
     JOIN rf.pair p ON p.pair = f.pair LEFT JOIN rf.row_link l ON l.fact = f.fact`,
  );
  return new Map(found.map((r) => [r.fact, r.entity]));
}

/** Matches groups of days one after the other; checks that what is told to the libraries leads to what is kept. */
async function matched(groups: readonly (readonly TestRun[])[]): Promise<unknown> {
  const lake = await openRefinery();
  try {
    const followed = new Map<string, number>();
    for (const [i, runs] of groups.entries()) {
      await receive(lake, runs);
      await lake.write('libraries', async (s) => {
        await refine(s, { integration: i + 1, fresh: batches(runs), earlier: batches(groups.slice(0, i).flat()) });
      });
      const moves = await lake.query<{ fact: string; entity: number }>(
        `SELECT fact::VARCHAR AS fact, entity FROM rf.move WHERE integration = ${i + 1}`,
      );
      for (const m of moves) followed.set(m.fact, m.entity);
      for (const [fact, entity] of await links(lake, runs)) followed.set(fact, entity);
    }
    expect([...followed].sort()).toEqual([...(await links(lake, groups.flat()))].sort());
    return {
      entities: await lake.query(
        `SELECT coalesce(uscc, key) AS who, regno, orgcode, name, fact::VARCHAR AS fact FROM rf.entity WHERE NOT starts_with(key, '-') ORDER BY who`,
      ),
      aliases: await lake.query(
        `SELECT DISTINCT ${who('a.entity')} AS who, kind, value FROM rf.alias a WHERE kind <> 'former'
           OR NOT EXISTS (FROM rf.alias n WHERE n.entity = a.entity AND n.kind = 'name' AND n.value_hash = a.value_hash) ORDER BY ALL`,
      ),
      pairs: await lake.query(
        `SELECT pair::VARCHAR AS pair, ${who('p.entity')} AS who, method, round(score, 6) AS score, ${who('p.other')} AS other, agrees, fact::VARCHAR AS fact
         FROM rf.pair p ORDER BY pair`,
      ),
      rows: await lake.query(
        `SELECT fact::VARCHAR AS fact, pair::VARCHAR AS pair, ${who('l.entity')} AS who, method, round(score, 6) AS score, list_sort(string_split(evidence, ',')) AS evidence
         FROM rf.row_link l ORDER BY fact`,
      ),
      reviews: await lake.query(
        `SELECT review::VARCHAR AS review, fact::VARCHAR AS fact, class, rows, reason, (SELECT list({'who': ${who("(c->>'entity')::INTEGER")}, 'score': (c->>'score')::DOUBLE,
             'evidence': list_sort((c->'evidence')::VARCHAR[])} ORDER BY ${who("(c->>'entity')::INTEGER")}) FROM (SELECT unnest(candidates::JSON[]) AS c))::VARCHAR AS candidates
         FROM rf.review ORDER BY review`,
      ),
    };
  } finally {
    await lake.close();
  }
}

const maybe = <T>(values: readonly T[], no: number) =>
  fc.oneof({ weight: 10 - no, arbitrary: fc.constantFrom(...values) }, { weight: no, arbitrary: fc.constant(null) });
// One mistake apart, shortened, without the place, shared, of nobody.
const names = [
  '慈溪市宏达电器有限公司',
  '慈溪市宏大电器有限公司',
  '慈溪市宏达电器厂',
  '慈溪市宏达家用电器有限公司',
  '宏达电器有限公司',
  '慈溪市小吃店',
  '慈溪市老牌灯具厂',
  '慈溪市老牌灯饰厂',
  '杭州小吃店',
];
const nearCodes = codes.slice(0, 2).map((c) => `${c.slice(0, 16)}${c[16] === '7' ? '8' : '7'}${c[17]}`);
const name = maybe(names, 1);
const addr = maybe(['慈溪市浒山街道新城路1号', '慈溪市周巷镇开发路2号'], 5);
const person = maybe(['张三', '李四'], 5);
const registered = fc.record({
  code: maybe([...codes.slice(0, 3), codes[4]!], 2),
  org: maybe(orgcodes, 8),
  reg: maybe(regnos, 6),
  name,
  addr,
  person,
});
const written = { code: maybe([...codes, ...nearCodes], 4), org: maybe(orgcodes, 9), reg: maybe(regnos, 9), name };
const changed = fc.record({ ...written, addr: fc.constant(null), person: fc.constant(null), was: name });
const fined = fc.record({ ...written, addr, person });
const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { maxLength: 4 });
const day = fc.record({ market: rows(registered), change: rows(changed), penalty: rows(fined) });

test('matching day by day, in any grouping, leaves what matching all days at once leaves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 3 }), fc.boolean(), async (days, pairwise) => {
      const runs = days.map((d, i) => runsOf(d as Day, i));
      const groups = pairwise && runs.length > 2 ? [runs.slice(0, 2).flat(), ...runs.slice(2)] : runs;
      expect(await matched(groups)).toEqual(await matched([runs.flat()]));
    }),
    { numRuns: Number(process.env.SAME_RUNS ?? 15), endOnFailure: process.env.SAME_SHRINK !== '1' },
  );
}, 3_000_000);
