import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateCity } from '../generate.ts';
import type { CityReport } from '../options.ts';
import { ask, csv } from '../testing.ts';
import { economyClasses } from './classes.ts';
import { economyDefectNames } from './model.ts';

const out = mkdtempSync(join(tmpdir(), 'synthcity-economy-'));
const wanted = economyClasses.map((c) => c.id);
const options = {
  threads: 1,
  seed: 7,
  rows: 12_000,
  enterprises: 700,
  target: { kind: 'files', formats: 'csv' },
  economy: true,
} as const;
let report: CityReport;
beforeAll(async () => {
  report = await generateCity({ ...options, out, classes: wanted });
}, 60_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const file = (id: string, of = report) => csv(join(out, of.classes.find((c) => c.id === id)?.file ?? 'absent'));
const truth = (name: string) => `read_parquet('${join(out, 'truth', `${name}.parquet`)}')`;
const bit = (name: (typeof economyDefectNames)[number]) => 1 << economyDefectNames.indexOf(name);

it('says in the truth which figures are in a wrong unit, negative or missing, and they are so', async () => {
  const rows = await ask<{
    row: number | null;
    defects: number;
    revenue: number | null;
    output: number | null;
    sales: number;
    code: string | null;
    uscc: string;
  }>(
    `SELECT t.row, t.defects, f.revenue::DOUBLE AS revenue, f.gross_output::DOUBLE AS output, m.sales, f.uni_social_crd_cd AS code, e.uscc
     FROM ${truth('tjj.enterprise-monthly')} t JOIN ${truth('economy-months')} m ON m.enterprise = t.enterprise AND m.month = t.record % 100000
     JOIN ${truth('economy-enterprises')} e ON e.enterprise = t.enterprise LEFT JOIN ${file('tjj.enterprise-monthly')} f ON f.row = t.row`,
  );
  expect(rows.length).toBeGreaterThan(2000);
  const seen = new Set<string>();
  for (const r of rows) {
    const has = (d: (typeof economyDefectNames)[number]) => (r.defects & bit(d)) !== 0 && seen.add(d) !== undefined;
    if (has('missing-period')) {
      expect(r.row).toBeNull();
      continue;
    }
    const by = has('unit-large') ? 1000 : has('unit-small') ? 0.1 : 1;
    expect(Math.abs(r.revenue! / (r.sales * 10 * by) - 1)).toBeLessThan(0.01);
    expect(r.output! < 0).toBe(has('negative'));
    if (has('code-missing')) expect(r.code).toBeNull();
    else expect(r.code === r.uscc).toBe(!has('code-wrong'));
  }
  expect([...seen].sort()).toEqual([...economyDefectNames].sort());
});

it('delivers on the second day what was restated and nothing else', async () => {
  const second = await generateCity({ ...options, out, classes: ['tjj.enterprise-monthly'], day: 2 });
  const rows = await ask<{ dsc_biz_operation: string }>(
    `SELECT dsc_biz_operation FROM ${file('tjj.enterprise-monthly', second)}`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map((r) => r.dsc_biz_operation))).toEqual(new Set(['U']));
});
