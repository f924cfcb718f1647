import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lake } from '../../platform/lake/index.ts';
import { groupFigures } from './figures.ts';
import { readGrading } from './grading.ts';
import { runEconomy } from './job.ts';
import { type Economy, loadEconomy } from './load.ts';
import { readPeriod } from './query.ts';
import { readSheet, whyFigure } from './sheet.ts';
import { type Made, unsafe, withheld } from './suppress.ts';
import { economyFolder, economyYaml, openEconomyLake, say, sources } from './testing.ts';
import { factor } from './units.ts';

let lake: Lake;
let economy: Economy;
const at = new Date('2026-02-01T00:00:00Z');
const run = (l: Lake) => runEconomy(l, economy, { at, day: '2026-02-01' });
const figures = (l: Lake) =>
  l.query('SELECT measure, entity, grain, period, value, source, parts, disputed FROM v.economy_value_v1 ORDER BY ALL');
const months = (year: number, each: (m: number) => string, entity: number) =>
  Array.from({ length: 12 }, (_, m): [number, number, string, string, string] => [
    ...([1, entity, `${year}${String(m + 1).padStart(2, '0')}`, each(m), '6666.667'] as const),
  ]);

beforeAll(async () => {
  lake = await openEconomyLake();
  const { folder, end } = economyFolder(economyYaml);
  const loaded = await loadEconomy(folder, lake, sources);
  end();
  expect(loaded.problems).toEqual([]);
  economy = loaded.economy!;
  await lake.write('test', (s) =>
    s.run(
      `INSERT INTO f.firm SELECT range, '企业' || range, '330282002', CASE WHEN range < 4 THEN '3854' ELSE '5138' END, '有限责任公司' FROM range(1, 6)`,
    ),
  );
  await say(lake, 1, [
    // 1,000 千元 a month, one month in 元 by mistake; the tax bureau says the same year.
    ...months(2025, (m) => (m === 5 ? '1000000' : '1000'), 1),
    [2, 1, '2025', '12000000', ''],
    // The tax bureau says a third more.
    ...months(2025, () => '500', 2),
    [2, 2, '2025', '8000000', ''],
    ...months(2025, () => '-3', 3).slice(0, 2),
    [2, 4, '2025', '900000', ''],
  ]);
  await run(lake);
});
afterAll(() => lake.close());

test('units are brought together, months make quarters and years, wrong units and signs are kept aside', async () => {
  const sheet = await readSheet(lake, economy, 1);
  const sales = sheet.measures[0]!.figures;
  expect(sales.find((f) => f.period === '2025-01')?.value).toBe(100);
  expect(sales.find((f) => f.period === '2025-Q1')).toMatchObject({ value: 300, parts: 3 });
  expect(sales.find((f) => f.period === '2025-Q2')).toMatchObject({ value: 200, parts: 2 });
  // Eleven months are not a year: the tax bureau's whole one is taken.
  expect(sales.find((f) => f.period === '2025')).toMatchObject({
    value: 1200,
    parts: 12,
    source: 'sw.yearly',
    disputed: false,
  });
  expect(sheet.doubts).toMatchObject([{ period: '2025-06', value: 100_000, reason: 'spike' }]);
  expect(sheet.measures[1]!.figures.find((f) => f.period === '2025')?.value).toBeCloseTo(10, 3);
  expect((await readSheet(lake, economy, 3)).doubts.map((d) => d.reason)).toEqual(['min', 'min']);
});

test('sources that differ contradict each other, the more trusted is taken, and every row is told with its origin', async () => {
  const sheet = await readSheet(lake, economy, 2);
  expect(sheet.contradictions.map((c) => [c.period, c.source, c.value, c.chosen])).toEqual([
    ['2025', 'tj.monthly', 600, true],
    ['2025', 'sw.yearly', 800, false],
  ]);
  const why = await whyFigure(lake, economy, economy.declaration.measures[0]!, 2, 12, 2025 * 12);
  expect(why.said).toHaveLength(13);
  expect(why.said.filter((s) => s.used)).toHaveLength(12);
  expect(why.said.at(-1)).toMatchObject({ source: 'sw.yearly', raw: '8000000.0000', value: 800, run: 1, used: false });
});

test('a correction changes the figure, and the history says what it was', async () => {
  await say(lake, 2, [[2, 4, '2025', '1000000', '']]);
  expect((await run(lake)).changed).toBe(1);
  const sheet = await readSheet(lake, economy, 4);
  expect(sheet.measures[0]!.figures).toMatchObject([{ period: '2025', value: 100 }]);
  expect(sheet.history).toMatchObject([{ period: '2025', value: 90 }]);
  expect((await run(lake)).changed).toBe(0);
});

test('groups are withheld from who may not see enterprises, and nothing can be subtracted', async () => {
  const asked = readPeriod('year', '2025');
  const open = await groupFigures(lake, economy, asked, new Map(), 'section', true);
  expect(open.total.figures.sales).toMatchObject({ value: 1900, n: 3 });
  expect(open.groups.map((g) => [g.code, g.figures.sales?.value])).toEqual(
    expect.arrayContaining([
      ['C', 1800],
      ['F', 100],
    ]),
  );
  // Formulas read whole periods only: land of both, sales of both.
  expect(open.total.indicators['per-mu']).toMatchObject({ value: 90, n: 2 });
  const closed = await groupFigures(lake, economy, asked, new Map(), 'section', false);
  expect(closed.groups.map((g) => g.figures.sales?.withheld)).toEqual([true, true]);
  expect(closed.total.figures.sales?.value).toBe(1900);
  const one = await groupFigures(lake, economy, asked, new Map([['section', 'C']]), null, false);
  expect(one.total.figures.sales).toMatchObject({ value: null, withheld: true });
});

test('enterprises are graded by the formula, by shares and by rules', async () => {
  const found = await readGrading(lake, economy, economy.declaration.gradings[0]!, {
    ...{ year: 2025, filters: new Map(), offset: 0, limit: 10 },
  });
  expect(found.items.map((i) => [i.entity, i.grade, i.rank])).toEqual([
    [1, 'A', 1],
    [2, 'B', 2],
  ]);
  expect(found.city['per-mu']).toBeCloseTo(90, 3);
});

test('figures made day by day are those made at once', { timeout: 60_000 }, async () => {
  const row = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 0, max: 14 }),
    fc.integer({ min: -2, max: 60 }),
  );
  const days = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(days, async (deliveries) => {
      const [daily, once] = [await openEconomyLake(), await openEconomyLake()];
      try {
        for (const [i, rows] of deliveries.entries()) {
          const said = rows.map(([e, m, v]): [number, number, string, string, string] =>
            m > 11
              ? [2, e, String(2013 + m), String(v * 9000), '']
              : [1, e, `2025${String(m + 1).padStart(2, '0')}`, String(v), '10'],
          );
          await say(daily, i + 1, said);
          await say(once, i + 1, said);
          await run(daily);
        }
        await run(once);
        expect(await figures(daily)).toEqual(await figures(once));
      } finally {
        await daily.close();
        await once.close();
      }
    }),
    { numRuns: 6 },
  );
});

test('what is withheld together is itself a figure that may be told', () => {
  const limits = { fewest: 3, dominance: 0.8 };
  const cell = fc.record({
    n: fc.integer({ min: 0, max: 6 }),
    top: fc.integer({ min: 1, max: 90 }),
    rest: fc.integer({ min: 0, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 9 }), (cells) => {
      const line = new Map<string, Made>(
        cells.map((c, i) => [
          String(i),
          c.n === 0 ? { n: 0, sum: 0, top: 0 } : { n: c.n, top: c.top, sum: c.top + (c.n > 1 ? c.rest : 0) },
        ]),
      );
      const hidden = withheld(line, limits);
      for (const [code, x] of line) if (unsafe(x, limits)) expect(hidden.has(code)).toBe(true);
      if (hidden.size === 0 || hidden.size === line.size) return;
      const of = [...hidden].map((c) => line.get(c)!);
      const together = {
        n: of.reduce((a, x) => a + x.n, 0),
        sum: of.reduce((a, x) => a + x.sum, 0),
        top: Math.max(...of.map((x) => x.top)),
      };
      const all = [...line].filter(([, x]) => x.n > 0).every(([code]) => hidden.has(code));
      expect(all || !unsafe(together, limits)).toBe(true);
    }),
  );
});

test('every mistake of a declaration is told with its line', async () => {
  const wrong: [string, string, string][] = [
    ['field: sales, period: { field: year', 'field: profit, period: { field: year', 'libraries.economy.field-unknown'],
    ['source: sw.yearly', 'source: ga.people', 'libraries.economy.subject'],
    ['source: sw.yearly', 'source: zz.nobody', 'libraries.economy.source-unknown'],
    ['field: sales, period: { field: year', 'field: note, period: { field: year', 'libraries.economy.field-number'],
    ['unit: 亩', 'unit: 千瓦时', 'libraries.economy.unit'],
    ["'sales / nullif(land, 0)'", "'sales / nullif(area, 0)'", 'libraries.economy.formula'],
    ["'sales / nullif(land, 0)'", "'(SELECT max(sales) FROM eco.figure)'", 'libraries.economy.formula-forbidden'],
    ["'sales / nullif(land, 0)'", "'random() * sales'", 'libraries.economy.formula-forbidden'],
    ["'sales / nullif(land, 0)'", "'sales) AS x, (land'", 'libraries.economy.formula-forbidden'],
    ['share: 50 }]', 'share: 40 }]', 'libraries.economy.shares'],
    ['  - id: land', '  - id: sales', 'libraries.economy.twice'],
    ['valid: { min: 0 } }', 'valid: { against: { measure: land } } }', 'libraries.economy.against-later'],
    ['over: last', 'over: latest', 'declared.yaml.schema'],
    ['carry: true', 'carries: true', 'declared.yaml.unknown-key'],
  ];
  for (const [from, to, code] of wrong) {
    expect(economyYaml).toContain(from);
    const { folder, end } = economyFolder(economyYaml.replace(from, to));
    const { economy: none, problems } = await loadEconomy(folder, lake, sources);
    end();
    expect(none, to).toBeNull();
    expect(
      problems.map((p) => p.kind.code),
      to,
    ).toContain(code);
    expect(problems[0]!.place?.line, to).toBeGreaterThan(1);
  }
  expect(factor('千元', '千瓦时')).toBeUndefined();
});
