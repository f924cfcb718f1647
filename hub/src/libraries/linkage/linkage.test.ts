import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { receive } from '../../refinery/testing.ts';
import { libraryPlan } from '../base/index.ts';
import { declared, openBase } from '../base/testing.ts';
import { integrate, rebuild } from '../integrate.ts';
import { type LoadedLinkage, loadLinkages } from './declaration.ts';
import { explainPair } from './explain.ts';
import { learn } from './learn.ts';
import { decideRow, openRows } from './open.ts';
import { plansOf } from './plans.ts';
import { proposer } from './propose.ts';
import { disputes, judge, kappaOf, nextPairs, progressOf, settle } from './review.ts';
import { linkageTables } from './tables.ts';
import { inhabitants, sealTown, town } from './testing.ts';
import { inForce, putInForce, versionsOf } from './versions.ts';

const of = await declared();
const folder = new URL('../../../../libraries', import.meta.url).pathname;
const linkage = loadLinkages(
  folder,
  of.libraries.map((l) => l.declaration),
).linkages.find((l) => l.library.library === 'person')!;
const clock = new ManualClock('2026-11-21T00:00:00Z');
const options = (lake: Lake, own: LoadedLinkage = linkage) => ({
  lake,
  clock,
  declarations: async () => of.sources,
  base: of.libraries,
  propose: proposer([own]),
});
const people = inhabitants(260);
const shower = {
  cell: (_d: unknown, _f: unknown, raw: string | null) => ({ value: raw, shown: 'plain' as const }),
};
const who = (userId: string) => ({ userId, name: userId });
const planOf = async (lake: Lake) =>
  libraryPlan(of.libraries.find((l) => l.declaration.library === 'person')!, await plansOf(lake, of.sources));
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error) => (error instanceof Problem ? error.kind.code : String(error)),
  );

async function open(): Promise<Lake> {
  const lake = await openBase(of);
  await lake.define(linkageTables);
  await sealTown(lake, people);
  return lake;
}

/** Whose every row is, by the first key of entities, which does not follow arrival. */
const links = (lake: Lake) =>
  lake.query(
    `SELECT l.source, l.fact::VARCHAR AS fact, e."key" AS who, l.method, l.closed_run,
       (SELECT list(c."key" ORDER BY c."key") FROM lib.base_entity c WHERE c.library = 1 AND list_contains(l.candidates, c.entity)) AS candidates
     FROM lib.base_link l LEFT JOIN lib.base_entity e ON e.library = 1 AND e.entity = l.entity WHERE l.library = 1 ORDER BY ALL`,
  );
const pairs = (lake: Lake) =>
  lake.query(
    `SELECT p.fact::VARCHAR AS fact, e."key" AS who, round(p.w, 6) AS w, p.state, p.place FROM lib.linkage_pair p JOIN lib.base_entity e ON e.library = 1 AND e.entity = p.entity ORDER BY ALL`,
  );

let lake: Lake;
let first: Awaited<ReturnType<typeof learn>>;
beforeAll(async () => {
  lake = await open();
  await receive(lake, town(of, people, 1, 5));
  await integrate(options(lake));
  first = await learn({ lake, clock, library: await planOf(lake), linkage, by: null });
  await putInForce(lake, clock, 1, first.version, null);
  await integrate(options(lake));
}, 120_000);
afterAll(() => lake?.close());

test('learned from the library itself, the model links open rows and errs in none', async () => {
  expect(first.measure.held).toBeGreaterThan(100);
  expect(first.measure.precision).toBe(1);
  expect(first.measure.recall).toBeGreaterThan(0.9);
  const rows = await lake.query<{ row: number; key: string; bits: string }>(
    `SELECT l.fact & 4294967295 AS row, e."key" AS key, l.method AS bits FROM lib.base_link l JOIN lib.base_entity e ON e.library = 1 AND e.entity = l.entity WHERE l.library = 1 AND l.method LIKE 'model %'`,
  );
  expect(rows.length).toBeGreaterThan(5);
  const norms = await lake.query<{ row: number; key: string }>(
    `SELECT fact & 4294967295 AS row, keys[1] AS key FROM lib.base_mention WHERE library = 1 AND source = 1`,
  );
  const truth = new Map(norms.map((x) => [x.row, x.key]));
  for (const r of rows) {
    expect(r.key).toBe(truth.get(r.row));
    expect(Number(r.bits.split(' ')[2])).toBeGreaterThanOrEqual(linkage.declaration.thresholds.link);
  }
});

test('days one by one and all at once give the same links and pairs for a version in force', async () => {
  const halves = [people.slice(0, 130), people.slice(130)] as const;
  // The second day's insured rows speak of the first day's people and the other way round.
  const days = [
    [...town(of, halves[0], 11, 5).slice(0, 1), ...town(of, halves[1], 12, 6, 0.3).slice(1)],
    [...town(of, halves[1], 21, 6).slice(0, 1), ...town(of, halves[0], 22, 5, 0.3).slice(1)],
  ];
  const [apart, together] = [await open(), await open()];
  try {
    for (const l of [apart, together])
      for (const t of ['lib.linkage_version', 'lib.linkage_frequency'])
        await l.write('linkage', async (s) => {
          const rows = await lake.query<Record<string, string | number | null>>(`SELECT * FROM ${t} WHERE version = 1`);
          for (const r of rows) {
            const names = Object.keys(r);
            await s.run(
              `INSERT INTO ${t} (${names.map((n) => `"${n}"`).join(', ')}) VALUES (${names.map((n) => `$${n}`).join(', ')})`,
              r,
            );
          }
        });
    for (const d of days) {
      await receive(apart, d);
      await integrate(options(apart));
    }
    await receive(together, days.flat());
    await integrate(options(together));
    expect((await links(apart)).some((l) => String(l.method).startsWith('model '))).toBe(true);
    expect(await links(apart)).toEqual(await links(together));
    expect(await pairs(apart)).toEqual(await pairs(together));
  } finally {
    await apart.close();
    await together.close();
  }
}, 120_000);

test('a value that few rows had weighs as if it had never been counted: its frequency is not kept', async () => {
  expect(
    await lake.first("SELECT count(*) AS n FROM lib.linkage_frequency WHERE starts_with(name, 'freq') AND n < 4"),
  ).toEqual({ n: 0 });
  expect(await lake.first('SELECT count(*) > 0 AS some FROM lib.linkage_frequency')).toEqual({ some: true });
  const other = await open();
  try {
    for (const t of ['lib.linkage_version', 'lib.linkage_frequency'])
      await other.write('linkage', async (s) => {
        for (const r of await lake.query<Record<string, string | number | null>>(
          `SELECT * FROM ${t} WHERE version = 1`,
        )) {
          const columns = Object.keys(r);
          await s.run(
            `INSERT INTO ${t} (${columns.map((n) => `"${n}"`).join(', ')}) VALUES (${columns.map((n) => `$${n}`).join(', ')})`,
            r,
          );
        }
      });
    await receive(other, town(of, people, 1, 5));
    // As versions of before kept them: every name, home and day of birth that two or three rows had.
    const added = await other.write('linkage', (s) =>
      s.run(
        `INSERT INTO lib.linkage_frequency SELECT 1, 1, f.name, x.v, 2 + hash(x.v) % 2 FROM (VALUES ('freq0'), ('freq1'), ('freq2'), ('freq3')) f(name),
           (SELECT DISTINCT unnest(said) AS v FROM (SELECT said FROM lib.base_mention UNION ALL SELECT [${people.map((p) => `'${p.name}'`).join(', ')}])) x
         WHERE x.v <> '' AND NOT EXISTS (SELECT 1 FROM lib.linkage_frequency k WHERE k.version = 1 AND k.name = f.name AND k.v = x.v)`,
      ),
    );
    expect(added).toBeGreaterThan(100);
    await integrate(options(other));
    expect(await links(other)).toEqual(await links(lake));
    expect(await pairs(other)).toEqual(await pairs(lake));
  } finally {
    await other.close();
  }
}, 120_000);

test('pairs are judged blind by two, a third settles, the next integration follows, and a rebuild too', async () => {
  const before = await progressOf(lake, linkage, 'anna');
  expect(before.left).toBeGreaterThan(2);
  const { pairs: asked } = await nextPairs(lake, linkage, shower as never, 'anna', 50);
  expect(asked).toHaveLength(before.left);
  expect(JSON.stringify(asked)).not.toMatch(/"(w|bits|source|entity|verdicts?)":(?!null)/);
  const [agreed, disputed, single] = asked as unknown as [{ pair: string }, { pair: string }, { pair: string }];
  await judge(lake, clock, linkage, agreed.pair, { verdict: 'same', revise: false }, who('anna'));
  await judge(lake, clock, linkage, agreed.pair, { verdict: 'same', revise: false }, who('ben'));
  await judge(lake, clock, linkage, disputed.pair, { verdict: 'same', revise: false }, who('anna'));
  await judge(lake, clock, linkage, disputed.pair, { verdict: 'different', revise: false }, who('ben'));
  await judge(lake, clock, linkage, single.pair, { verdict: 'same', revise: false }, who('anna'));
  await judge(lake, clock, linkage, single.pair, { verdict: 'different', revise: true }, who('anna'));
  const judged = (pair: string, user: string) =>
    judge(lake, clock, linkage, pair, { verdict: 'same', revise: false }, who(user));
  expect(await codeOf(judged(agreed.pair, 'anna'))).toBe('libraries.linkage.judged-already');
  expect(await codeOf(judged(agreed.pair, 'carl'))).toBe('libraries.linkage.pair-full');
  expect(await codeOf(judged('0'.repeat(20), 'carl'))).toBe('libraries.linkage.pair-unknown');
  const open = await disputes(lake, linkage, shower as never);
  expect(open.items.map((i) => [i.pair, i.verdicts.length])).toEqual([[disputed.pair, 2]]);
  expect(open.items[0]!.bars.at(-1)!.total).toBeCloseTo(open.items[0]!.bits!, 6);
  const settled = (user: string) => settle(lake, clock, linkage, disputed.pair, { verdict: 'different' }, who(user));
  expect(await codeOf(settled('ben'))).toBe('libraries.linkage.own-verdict');
  await settled('carl');
  expect(await codeOf(settled('dora'))).toBe('libraries.linkage.not-disputed');
  const stand = async () =>
    lake.query(
      `SELECT l.pair, b.method, b.entity = l.entity AS meant FROM (SELECT DISTINCT pair, fact, entity FROM lib.linkage_label) l JOIN lib.base_link b ON b.library = 1 AND b.fact = l.fact AND b.source = ${1 + linkage.library.sources.findIndex((s) => s.source === 'ybj.insured-person')} ORDER BY l.pair`,
    );
  await integrate(options(lake));
  const now = await stand();
  expect(now.find((x) => x.pair === agreed.pair)).toMatchObject({ method: 'decided', meant: true });
  expect(now.find((x) => x.pair === disputed.pair)?.meant).not.toBe(true);
  expect(await codeOf(judged(agreed.pair, 'dora'))).toBe('libraries.linkage.pair-gone');
  await rebuild(options(lake));
  expect(await stand()).toEqual(now);
  const second = await learn({ lake, clock, library: await planOf(lake), linkage, by: 'carl' });
  const [proposed] = await versionsOf(lake, 1);
  expect(proposed).toMatchObject({ version: second.version, state: 'proposed', labels: 2 });
  expect((await inForce(lake, 1))?.version).toBe(1);
}, 120_000);

test('a steward decides an open row; contradictions are told; both ways of the decision stand', async () => {
  const list = await openRows(
    lake,
    await planOf(lake),
    linkage,
    shower as never,
    { state: 'open', page: 1, size: 50 },
    new Map(),
  );
  expect(list.total).toBe(list.reasons.reduce((n, r) => n + r.rows, 0));
  const item = list.items.find((i) => i.reason === 'review')!;
  const entity = item.candidates[0]!.entity;
  const at = { source: item.source, fact: String(item.fact) };
  const decide = (body: object) =>
    decideRow(lake, clock, linkage, at, { decision: 'link', override: false, ...body } as never, who('carl'));
  expect(await codeOf(decide({ entity: undefined }))).toBe('libraries.linkage.entity-needed');
  expect(await codeOf(decide({ entity: 999_999 }))).toBe('libraries.linkage.entity-unknown');
  await decide({ entity });
  await integrate(options(lake));
  const link = () =>
    lake.first(
      `SELECT entity, method FROM lib.base_link WHERE library = 1 AND source = ${at.source} AND fact = ${at.fact}`,
    );
  expect(await link()).toEqual({ entity, method: 'decided' });
  const none = { decision: 'none', entity: undefined, comment: '不是登记的人' };
  await decide(none);
  await integrate(options(lake));
  expect(await link()).toEqual({ entity: null, method: 'refused' });
  const judged = (await lake.first<{ source: number; fact: string }>(
    `SELECT b.source, b.fact::VARCHAR AS fact FROM lib.base_link b WHERE b.library = 1 AND b.method = 'decided' LIMIT 1`,
  ))!;
  const against = decideRow(lake, clock, linkage, judged, { decision: 'none', override: false }, who('carl'));
  expect(await codeOf(against)).toBe('libraries.linkage.contradiction');
});

test('any two records are explained, those that are never compared among them', async () => {
  const library = await planOf(lake);
  const row = (await lake.first<{ source: number; fact: string; entity: number }>(
    `SELECT source, fact::VARCHAR AS fact, entity FROM lib.base_link WHERE library = 1 AND method LIKE 'model %' LIMIT 1`,
  ))!;
  const explain = (left: string, right: string) => explainPair(lake, library, linkage, shower as never, left, right);
  const why = await explain(`row:${row.source}:${row.fact}`, `entity:${row.entity}`);
  expect(why.outcome).toBe('link');
  expect(why.bars.reduce((n, b) => n + b.bits, 0)).toBeCloseTo(why.bits, 6);
  const not = await explain('entity:1', 'entity:2');
  expect(['not-compared', 'open', 'review']).toContain(not.outcome);
  expect(await codeOf(explain('entity:1', 'entity:888888'))).toBe('libraries.linkage.entity-unknown');
});

test('agreement beyond chance', () => {
  expect(kappaOf([])).toEqual({ kappa: null, doubled: 0 });
  expect(
    kappaOf([
      { a: 'same', b: 'same', n: 20 },
      { a: 'different', b: 'different', n: 15 },
      { a: 'same', b: 'different', n: 5 },
      { a: 'different', b: 'same', n: 10 },
    ]),
  ).toEqual({ kappa: expect.closeTo(0.4, 6), doubled: 50 });
});

test('mistakes of a model file are told with their lines, all at once', () => {
  const out = mkdtempSync(join(tmpdir(), 'jingwei-linkage-'));
  try {
    mkdirSync(join(out, 'person'));
    writeFileSync(
      join(out, 'person', 'linkage.yaml'),
      'columns:\n  name: { evidence: nmae, attribute: name, kind: name }\n  birth: { evidence: birth, attribute: born, kind: date }\nblocking:\n  - [name, birth.yaer]\n  - [nam]\nthresholds: { link: 8, review: 9 }\n',
    );
    const { linkages, problems } = loadLinkages(out, [linkage.library]);
    expect(linkages).toEqual([]);
    expect(problems.map((p) => [p.kind.code.split('.').at(-1), p.place?.line])).toEqual([
      ['evidence-unknown', 2],
      ['attribute-unknown', 3],
      ['part-unknown', 5],
      ['column-unknown', 6],
      ['threshold-order', 7],
    ]);
  } finally {
    rmSync(out, { recursive: true });
  }
});
