/** A small matching room for tests: a register, a class with former names, another class; days of them matched as groups. */
import { regno, uscc, usccCheckCharacter } from '@jingwei/codes';
import { expect } from 'vitest';
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
/** A register. */
export const market = declare('scjg.market-entity', 1, identity, { register: true });
/** Changes of names. */
export const change = declare('scjg.name-change', 4, [
  ...identity,
  { name: 'was', format: 'company-name', role: 'former-name' },
]);
export const penalty = declare('scjg.penalty', 40, identity);
const sources = [market, change, penalty];

/** Enterprises 1 to 4; 5 has the organisation code of 1 under another authority. */
export const codes = [1, 2, 3, 4].map((n) => uscc.generate(n, { division: '330282' }));
codes.push(completed(`11${codes[0]!.slice(2, 17)}`));
export const orgcodes = codes.slice(0, 3).map((c) => c.slice(8, 17));
export const regnos = [1, 2].map((n) => regno.generate(n));

function completed(code: string): string {
  return `${code}${usccCheckCharacter(code)}`;
}

export type Row = Record<string, string | null>;
/** Rows by class. */
export type Day = Partial<Record<'market' | 'change' | 'penalty', Row[]>>;

/** A lake with what matching reads and writes. */
export async function openRefinery(): Promise<Lake> {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([...receivedTables, ...refineryTables, ...refineryViews]);
  return lake;
}

const batches = (runs: readonly TestRun[]) =>
  sources
    .map((s) => ({ plan: planOf(s), runs: runs.filter((r) => r.source === s && r.rows.length > 0).map((r) => r.run) }))
    .filter((b) => b.runs.length > 0);

/** A day as runs; the number of its first run follows from its place among the days. */
export const runsOf = (day: Day, nth: number): TestRun[] =>
  (['market', 'change', 'penalty'] as const).map((s, i) => ({
    run: nth * 3 + i + 1,
    source: sources[i]!,
    rows: day[s] ?? [],
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

/** Matches the last group of runs after the others, as an integration does. */
export async function match(lake: Lake, groups: readonly (readonly TestRun[])[]): Promise<void> {
  const runs = groups.at(-1)!;
  await receive(lake, runs);
  await lake.write('libraries', async (s) => {
    await refine(s, {
      integration: groups.length,
      fresh: batches(runs),
      earlier: batches(groups.slice(0, -1).flat()),
    });
  });
}

/** Matches groups of runs one after the other; checks that what is told to the libraries leads to what is kept, and answers that. */
export async function matched(groups: readonly (readonly TestRun[])[]): Promise<unknown> {
  const lake = await openRefinery();
  try {
    const followed = new Map<string, number>();
    for (const [i, runs] of groups.entries()) {
      await match(lake, groups.slice(0, i + 1));
      const moves = await lake.query<{ fact: string; entity: number }>(
        `SELECT fact::VARCHAR AS fact, entity FROM rf.move WHERE fact IS NOT NULL AND integration = ${i + 1}`,
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
