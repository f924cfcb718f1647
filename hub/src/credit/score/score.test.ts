import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lake } from '../../platform/lake/index.ts';
import type { AuditEntry, VaultPort } from '../../platform/room.ts';
import { Metadata } from '../metadata.ts';
import { person } from '../testing.ts';
import type * as api from './api.ts';
import { type Model, readModel } from './model.ts';
import { pointsSql, tenths, utilityOf, utilitySql } from './points.ts';
import { placed, recordedModel, runOf } from './read.ts';
import { publish } from './release.ts';
import { scoreRoutes } from './routes.ts';
import { scoreRun } from './run.ts';
import { emptyModelFolder, enterprises, record, type SourceClass, scoring, sourcesLake } from './testing.ts';
import { whatIf } from './what-if.ts';

let lake: Lake;
let town: { lake: Lake; classes: Map<string, SourceClass> };
const model = readModel(join(scoring, 'enterprise-credit'), 'scoring/enterprise-credit').model!;
const N = 40;
let instant = 0;
const now = () => new Date(Date.UTC(2026, 10, 20) + 1000 * instant++);
const run = (over: Partial<Parameters<typeof scoreRun>[0]> = {}) =>
  scoreRun({ lake, model, day: '2026-11-20', now, ...over });

beforeAll(async () => {
  town = await sourcesLake();
  lake = town.lake;
  await enterprises(
    lake,
    Array.from({ length: N }, (_, n) => ({
      entity: n + 1,
      established: `${1990 + n}-06-01`,
      capital: n * 50,
      division: n % 2 ? '330282101' : '330282104',
      industry: n % 3 ? '3854' : '5213',
      status: n === 20 ? '注销' : n === 21 ? '吊销' : '存续',
      facts: 100,
    })),
  );
  for (let e = 1; e <= N; e += 1) {
    if (e % 4 === 0) await record(town, e, 'scjg.penalty', '2026-01-10', { punish_amt: e * 1000 });
    if (e % 5 === 0) await record(town, e, 'sw.tax-arrears', '2026-03-01', { cumu_own_amt: e * 500 });
    if (e % 6 === 0) await record(town, e, 'sw.tax-credit-level', '2026-04-01', { tax_credit_level: 'A' });
    if (e % 7 === 0) await record(town, e, 'fy.dishonest-debtor', '2026-05-01', { executed_perfor: '全部未履行' });
  }
}, 60_000);
afterAll(() => lake.close());

const audit: AuditEntry[] = [];
const routes = () =>
  scoreRoutes({
    lake,
    metadata: new Metadata(lake),
    vault: { masks: async () => new Map() } as unknown as VaultPort,
    audit: { append: async (entry) => void audit.push(entry) },
    jobs: { submit: async () => 'job-1' } as never,
    folder: () => scoring,
    release: { k: 5, days: 30 },
  });
async function ask(
  path: string,
  asked: { params?: object; query?: object; as?: ReturnType<typeof person> } = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
): Promise<any> {
  const route = routes().find((r) => r.path === `/api/v1/credit/score${path}` && r.method === 'GET')!;
  const answer = await route.handler({
    params: route.params?.parse(asked.params ?? {}),
    query: route.query?.parse(asked.query ?? {}),
    principal: asked.as ?? person('analyst'),
    clock: { now },
  } as never);
  return (route.response as never as typeof api.enterpriseScore).parse(answer);
}
const scoreOf = (entity: number, query: object = {}, as = person('analyst')) =>
  ask('/enterprises/{entity}', { params: { entity }, query, as });

test('points sum to the score, of everyone, with every adjustment told', async () => {
  const first = await run();
  expect(first.entities).toBe(N - 1);
  for (let e = 1; e <= N; e++) {
    if (e === 21) continue;
    const s = await scoreOf(e);
    const sum =
      s.model.scale.base +
      s.reasons.reduce((a: number, r: { points: number }) => a + r.points, 0) +
      s.adjustments.reduce((a: number, r: { points: number }) => a + r.points, 0);
    expect(sum).toBeCloseTo(s.score, 6);
    const dimensions = s.dimensions.reduce((a: number, d: { points: number }) => a + d.points, 0);
    const others = s.adjustments
      .filter((a: { kind: string }) => a.kind !== 'dimension')
      .reduce((a: number, r: { points: number }) => a + r.points, 0);
    expect(s.model.scale.base + dimensions + others).toBeCloseTo(s.score, 6);
  }
});

test('who is closed has no score; a cap holds whatever else is good', async () => {
  await expect(scoreOf(21)).rejects.toMatchObject({ kind: { code: 'credit.score.not-scored' } });
  await expect(scoreOf(999)).rejects.toMatchObject({ kind: { code: 'credit.enterprise-unknown' } });
  const revoked = await scoreOf(22);
  expect(revoked.score).toBeLessThanOrEqual(300);
  expect(revoked.adjustments.map((a: { id: string }) => a.id)).toContain('revoked');
});

test('the facts behind a value are told, and nothing of them to whom a class is closed', async () => {
  const fact = await lake.first<{ fact: bigint }>(
    `SELECT fact FROM v.legal_person_fact_v1 WHERE entity = 7 AND class = 62`,
  );
  const find = (s: { reasons: { indicator: string }[] }) => s.reasons.find((r) => r.indicator === 'dishonest-debtor')!;
  expect(find(await scoreOf(7))).toMatchObject({
    value: 1,
    points: -120,
    count: 1,
    facts: [String(fact!.fact)],
    hidden: false,
  });
  await lake.define(["UPDATE fx.class_v1 SET level = 'core' WHERE class = 62"]);
  expect(find(await scoreOf(7, {}, person('credit-user')))).toMatchObject({
    value: null,
    points: -120,
    facts: [],
    hidden: true,
  });
  expect(find(await scoreOf(7))).toMatchObject({ value: 1, hidden: false });
  await lake.define(["UPDATE fx.class_v1 SET level = 'important' WHERE class = 62"]);
  expect(audit.at(-1)).toMatchObject({ action: 'credit.score', object: 'legal-person/7' });
});

test('ranks: city, town and industry, equal scores share a rank', async () => {
  const rows = await lake.query<{
    entity: number;
    score: number;
    town: string;
    rank_city: number;
    rank_town: number;
    of_town: number;
  }>(
    'SELECT entity, score::DOUBLE AS score, town, rank_city, rank_town, of_town FROM v.credit_score_v1 WHERE run = (SELECT max(run) FROM v.credit_score_v1)',
  );
  for (const r of rows) {
    expect(r.rank_city).toBe(1 + rows.filter((o) => o.score > r.score).length);
    expect(r.rank_town).toBe(1 + rows.filter((o) => o.town === r.town && o.score > r.score).length);
    expect(r.of_town).toBe(rows.filter((o) => o.town === r.town).length);
  }
  const worst = await ask('/enterprises', { query: { order: 'worst', limit: '3' } });
  expect(worst.total).toBe(N - 1);
  expect(worst.items[0].score).toBe(Math.min(...rows.map((r) => r.score)));
});

test('a second run of the same day writes no points; a new fact writes only what it changes', async () => {
  expect((await run()).points).toBe(0);
  await record(town, 3, 'scjg.penalty', '2026-11-01', { punish_amt: 500 });
  const third = await run();
  // Two indicators (count and fines) of one enterprise.
  expect(third.points).toBe(2);
  const s = await scoreOf(3);
  expect(s.change).toBeLessThan(0);
  const history = await ask('/enterprises/{entity}/history', { params: { entity: 3 } });
  expect(history.scores.at(-1).score).toBe(s.score);
});

test('small slices, one slice, and a run that was broken off and went on say the same', {
  timeout: 120_000,
}, async () => {
  const scores = async (r: number) =>
    lake.query(`SELECT entity, score, grade, rank_city, sums, cap FROM cs.score WHERE run = ${r} ORDER BY entity`);
  const whole = await run({ whole: true });
  const small = await run({ whole: true, sliceFacts: 900 });
  expect(small.slices).toBeGreaterThan(3);
  expect(await scores(small.run)).toEqual(await scores(whole.run));
  const stop = new AbortController();
  let broken = 0;
  const half = run({
    whole: true,
    sliceFacts: 900,
    signal: stop.signal,
    onRun: async (r) => {
      broken = r;
    },
    onSlice: (n) => {
      if (n === 2) stop.abort(new Error('killed'));
    },
  });
  await expect(half).rejects.toThrow('killed');
  expect(await lake.query(`SELECT 1 FROM v.credit_score_v1 WHERE run = ${broken}`)).toEqual([]);
  const resumed = await run({ sliceFacts: 900, resume: broken });
  expect(resumed.run).toBe(broken);
  expect(await scores(broken)).toEqual(await scores(whole.run));
});

test('a change of the model makes a new version; the old score stays and is explained by the old one', async () => {
  const before = await scoreOf(8);
  const folder = emptyModelFolder();
  cpSync(join(scoring, 'enterprise-credit'), folder, { recursive: true });
  const text = readFileSync(join(folder, 'model.yaml'), 'utf8');
  writeFileSync(join(folder, 'model.yaml'), text.replace('base: 600', 'base: 500'));
  const changed = readModel(folder, 'scoring/enterprise-credit').model!;
  const second = await run({ model: changed });
  expect(second.version).toBe(before.model.version + 1);
  const after = await scoreOf(8);
  expect(after.score).toBeCloseTo(before.score - 100, 6);
  expect(await scoreOf(8, { run: before.run })).toEqual(before);
  // Back to the old content: its version again, no third one.
  expect((await run()).version).toBe(before.model.version);
});

const curve = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 6 }).chain((xs) => {
  const sorted = [...xs].sort((a, b) => a - b);
  return fc
    .array(fc.integer({ min: -10, max: 10 }), { minLength: sorted.length, maxLength: sorted.length })
    .map((ys) => [...ys].sort((a, b) => a - b).map((y, k): [number, number] => [sorted[k]!, y / 10]));
});

test('points rise with the value where higher is better, fall where lower is; the engine and the page agree', async () => {
  const values = Array.from({ length: 61 }, (_, n) => -60 + n * 2);
  await fc.assert(
    fc.asyncProperty(
      curve,
      fc.constantFrom('linear' as const, 'step' as const),
      fc.boolean(),
      async (points, shape, higher) => {
        const indicator = {
          ...model.indicators[0]!,
          shape,
          weight: 20,
          curve: higher ? points : points.map(([x, y]): [number, number] => [x, -y]),
        };
        const rows = await lake.query<{ u: number; p: string }>(
          `SELECT ${utilitySql(indicator, 'x')} AS u, ${pointsSql(indicator, 'x')} AS p FROM (SELECT unnest([${values.join(', ')}])::DOUBLE AS x)`,
        );
        for (const [n, row] of rows.entries()) {
          expect(row.u).toBeCloseTo(utilityOf(indicator, values[n]!), 9);
          expect(Math.abs(row.u)).toBeLessThanOrEqual(1);
          expect(Math.abs(Number(row.p) - tenths(20 * row.u))).toBeLessThanOrEqual(0.1001);
          if (n > 0) expect((Number(row.p) - Number(rows[n - 1]!.p)) * (higher ? 1 : -1)).toBeGreaterThanOrEqual(0);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('statistics name nobody, tell no small cell, and stay until the next release', async () => {
  const done = await run();
  expect((await ask('/statistics')).run).toBeNull();
  const publishNow = async () =>
    publish(lake, await recordedModel(lake, 'enterprise-credit', done.version), (await runOf(lake, {}))!, 5, now());
  await publishNow();
  const s = await ask('/statistics', { query: { by: 'town', across: 'grade' } });
  expect(s).toMatchObject({ k: 5, release: { release: 1 } });
  expect(JSON.stringify(s)).not.toContain('企业1');
  for (const line of s.cells) for (const c of line) if (c.n !== null && c.n > 0) expect(c.n).toBeGreaterThanOrEqual(5);
  const one = await ask('/statistics', { query: { by: 'grade' } });
  expect(one.cells).toHaveLength(one.rows.length + 1);
  // The same table either way round.
  const turned = await ask('/statistics', { query: { by: 'grade', across: 'town' } });
  expect(turned.cells.map((row: unknown[]) => row[0])).toEqual(s.cells[0]);
  // One enterprise moves town: asked again, the release says what it said.
  const town1 = await lake.first<{ division: string }>('SELECT division FROM v.legal_person_v1 WHERE entity = 1');
  await lake.define(["UPDATE fx.legal_person_v1 SET division = '330282104' WHERE entity = 2"]);
  await run();
  expect(await ask('/statistics', { query: { by: 'town' } })).toEqual(
    await ask('/statistics', { query: { by: 'town' } }),
  );
  // In the next one the towns are withheld: their difference would tell of this one enterprise.
  const before = await ask('/statistics', { query: { by: 'town' } });
  await publishNow();
  const after = await ask('/statistics', { query: { by: 'town' } });
  expect(before.cells.map((c: { n: number | null }[]) => c[0]!.n)).not.toContain(null);
  expect(after.cells.slice(0, 2).map((c: { n: number | null }[]) => c[0]!.n)).toEqual([null, null]);
  await lake.define([`UPDATE fx.legal_person_v1 SET division = '330282101' WHERE entity = 2`]);
  expect(town1).toBeDefined();
});

test('a place in a ranking is told exactly in large groups, by quarters in small ones, not at all in the smallest', () => {
  const bank = { exact: false, k: 5 };
  expect(placed(3, 80, bank)).toEqual({ rank: 3, of: 80, band: null });
  expect(placed(3, 40, bank)).toEqual({ rank: null, of: 40, band: { from: 0, to: 25 } });
  expect(placed(40, 40, bank)).toEqual({ rank: null, of: 40, band: { from: 75, to: 100 } });
  expect(placed(3, 12, bank)).toEqual({ rank: null, of: 12, band: null });
  expect(placed(1, 3, bank)).toEqual({ rank: null, of: null, band: null });
  expect(placed(1, 3, { ...bank, exact: true })).toEqual({ rank: 1, of: 3, band: null });
});

test('a draft with the weights of the model says what the model says; with others it is a run of that model', async () => {
  await run();
  const same = await whatIf(lake, { weights: {} });
  expect(same).toMatchObject({ entities: N - 1, regraded: 0, meanAfter: same.meanBefore });
  const weights = { 'tax-arrears': 160, 'dishonest-debtor': 10 };
  const drafted = await whatIf(lake, { weights });
  const changed = {
    ...model,
    hash: 'draft',
    indicators: model.indicators.map((i) => ({ ...i, weight: weights[i.id as 'tax-arrears'] ?? i.weight })),
  };
  const real = await run({ model: changed });
  const grades = await lake.query<{ grade: string; n: number }>(
    `SELECT grade, count(*) AS n FROM cs.score WHERE run = ${real.run} GROUP BY 1`,
  );
  for (const g of drafted.grades)
    expect([g.grade, g.after]).toEqual([g.grade, grades.find((x) => x.grade === g.grade)?.n ?? 0]);
  expect(drafted.regraded).toBeGreaterThan(0);
  await expect(whatIf(lake, { weights: { nothing: 1 } })).rejects.toMatchObject({ params: { id: 'nothing' } });
  await run();
});

test('who may ask: administrators nothing; leaders scores and statistics; credit users and departments no ranking with names; only stewards start a run', () => {
  const access = Object.fromEntries(
    routes().map((r) => [`${r.method} ${r.path.slice('/api/v1/credit/score'.length)}`, r.access]),
  );
  const may = (role: Parameters<typeof person>[0], route: string) =>
    person(role).permissions.has(access[route] as never);
  for (const route of Object.keys(access)) {
    for (const role of ['system-admin', 'security-admin', 'audit-admin'] as const) expect(may(role, route)).toBe(false);
  }
  expect(may('leader', 'GET /enterprises/{entity}')).toBe(true);
  expect(may('leader', 'GET /statistics')).toBe(true);
  expect(may('credit-user', 'GET /statistics')).toBe(true);
  // Departments and banks get the ranking without names.
  for (const role of ['credit-user', 'data-officer'] as const) {
    expect(may(role, 'GET /enterprises')).toBe(false);
    expect(may(role, 'POST /what-if')).toBe(false);
  }
  expect(may('credit-user', 'GET /enterprises/{entity}')).toBe(true);
  expect(may('analyst', 'POST /runs')).toBe(false);
  expect(may('data-steward', 'POST /runs')).toBe(true);
});

test('the models route tells declarations and their versions', async () => {
  const { models, problems } = await ask('/models');
  expect(problems).toEqual([]);
  const one = models.find((m: Model) => m.model === 'enterprise-credit');
  expect(one.versions.length).toBeGreaterThanOrEqual(2);
  expect(one.indicators.find((i: { id: string }) => i.id === 'tax-arrears').classes[0].class).toBe(37);
});
