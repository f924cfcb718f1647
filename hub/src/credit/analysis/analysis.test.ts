import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lake } from '../../platform/lake/index.ts';
import type { VaultPort } from '../../platform/room.ts';
import { enterprises, record, scoring, sourcesLake } from '../score/testing.ts';
import { person } from '../testing.ts';
import { readAnalysis } from './declare.ts';
import { analysisTables, measure, monthEnds } from './measure.ts';
import { analysisRoutes } from './routes.ts';

let lake: Lake;
const declared = readAnalysis(scoring);

beforeAll(async () => {
  const town = await sourcesLake();
  lake = town.lake;
  await lake.define(analysisTables);
  await enterprises(lake, [
    { entity: 1, industry: '3854', division: '330282104' },
    { entity: 2, industry: '3811', division: '330282104' },
    { entity: 3, industry: '6220', division: '330282107' },
    { entity: 4, industry: '3854', division: '330282107', status: '注销' },
  ]);
  for (const [entity, amount] of [
    [1, 100],
    [1, 50],
    [2, 30],
    [3, 7],
    [4, 999],
  ] as const) {
    await record(town, entity, 'sw.invoice-summary', '2026-06-01', { inv_amt: amount });
  }
  await record(town, 1, 'scjg.annual-report-asset', '2026-03-01', {
    annual_year: 2025,
    employee_num: 500,
    opt_income_total: 5000,
  });
  await record(town, 2, 'scjg.annual-report-asset', '2026-03-01', {
    annual_year: 2025,
    employee_num: 500,
    opt_income_total: 10,
  });
}, 60_000);
afterAll(() => lake.close());

// A request as the server would make it.
async function ask(
  path: string,
  query: object,
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
): Promise<any> {
  const ports = {
    lake,
    vault: { masks: async () => new Map() } as unknown as VaultPort,
    audit: { append: async () => undefined },
    folder: () => scoring,
  };
  const route = analysisRoutes(ports).find((r) => r.path === `/api/v1/credit/analysis${path}`)!;
  const answer = await route.handler({
    query: route.query?.parse(query),
    principal: person('analyst'),
    clock: { now: () => new Date() },
  } as never);
  return (route.response as unknown as { parse(v: unknown): unknown }).parse(answer);
}

test('the declarations hold and every measure can be asked of the declared sources', async () => {
  expect(declared.problems).toEqual([]);
  const done = await measure(lake, declared, '2026-11-20');
  expect(done).toMatchObject({ entities: 3, unavailable: [] });
});

test('groups sum to the whole, the closed left out', async () => {
  for (const by of ['section', 'industry', 'town', 'size', 'kind']) {
    const a = await ask('', { by });
    expect(a.total).toMatchObject({ entities: 3, values: { output: 187 } });
    expect(a.groups.reduce((n: number, g: { entities: number }) => n + g.entities, 0)).toBe(3);
    expect(a.groups.reduce((n: number, g: { values: { output?: number } }) => n + (g.values.output ?? 0), 0)).toBe(187);
  }
});

test('size by staff and revenue: one limit missed is a step down', async () => {
  const a = await ask('/enterprises', {});
  const size = (entity: number) => a.items.find((i: { entity: number }) => i.entity === entity).size;
  expect([size(1), size(2), size(3)]).toEqual(['medium', 'micro', null]);
});

test('a chain, its links, and down to the enterprises of one', async () => {
  const chains = await ask('', { by: 'chain' });
  expect(chains.groups.find((g: { code: string }) => g.code === 'home-appliances')).toMatchObject({
    entities: 2,
    values: { output: 180 },
  });
  const links = await ask('', { by: 'link', chain: 'home-appliances' });
  expect(links.groups.map((g: { code: string; entities: number }) => [g.code, g.entities])).toEqual([
    ['whole', 1],
    ['parts', 1],
  ]);
  const list = await ask('/enterprises', { chain: 'home-appliances', link: 'parts' });
  expect(list.items.map((i: { entity: number }) => i.entity)).toEqual([2]);
  await expect(ask('', { by: 'link', chain: 'nothing' })).rejects.toMatchObject({
    kind: { code: 'credit.analysis.unknown' },
  });
});

test('over time: the ends of the months before are reckoned from the records, and the newest day stands last', async () => {
  const { points } = await ask('/trend', { measure: 'output' });
  // Months without any value are not there.
  expect(points).toHaveLength(6);
  const at = (day: string) => points.find((p: { day: string }) => p.day === day)?.value ?? 0;
  // The invoices are of the first of June.
  expect([at('2026-05-31'), at('2026-06-30'), at('2026-11-20')]).toEqual([0, 187, 187]);
  expect((await ask('/trend', { measure: 'output', town: '330282107' })).points.at(-1).value).toBe(7);
  await expect(ask('/trend', { measure: 'nothing' })).rejects.toMatchObject({
    kind: { code: 'credit.analysis.unknown' },
  });
  expect(monthEnds('2026-03-15', 3)).toEqual(['2025-12-31', '2026-01-31', '2026-02-28']);
});

test('measuring the same day again changes nothing', async () => {
  const before = await lake.query('SELECT * FROM cs.trend ORDER BY ALL');
  await measure(lake, declared, '2026-11-20');
  expect(await lake.query('SELECT * FROM cs.trend ORDER BY ALL')).toEqual(before);
});
