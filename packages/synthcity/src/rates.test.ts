import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classes } from './classes/index.ts';
import { type defectNames, defectsOf } from './defects.ts';
import { generateCity } from './generate.ts';
import { type CityReport, defaultDefects, noDefects } from './options.ts';
import { sizeOf } from './plan.ts';
import { ask, csv } from './testing.ts';

const out = mkdtempSync(join(tmpdir(), 'synthcity-'));
let report: CityReport;
beforeAll(async () => {
  report = await generateCity({
    seed: 'rates',
    threads: 1,
    rows: 80_000,
    out,
    target: { kind: 'files', formats: 'csv' },
  });
}, 120_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Classes that are not registers and carry a code, a name and enterprises: those to which the stated rates apply. */
const ordinary = classes.filter((c) => {
  const roles = Object.values(c.columns).map((r) => r.role);
  return (
    !c.register &&
    roles.includes('code') &&
    roles.includes('name') &&
    c.rows.shape !== 'persons' &&
    !(c.rows.shape === 'linked' && c.rows.table === 'former')
  );
});

describe('defects', () => {
  it('occur at the rates that are stated', async () => {
    const files = ordinary.map((c) => `'${join(out, 'truth', `${c.id}.parquet`)}'`).join(', ');
    const counts = await ask<{ defects: number; n: bigint }>(
      `SELECT defects, count(*) AS n FROM read_parquet([${files}]) GROUP BY 1`,
    );
    const total = counts.reduce((s, r) => s + Number(r.n), 0);
    const share = (...names: (typeof defectNames)[number][]): number =>
      counts.filter((r) => defectsOf(r.defects).some((d) => names.includes(d))).reduce((s, r) => s + Number(r.n), 0) /
      total;
    expect(total).toBeGreaterThan(50_000);
    // Four standard deviations of a share of so many rows.
    const near = (found: number, stated: number): void => {
      expect(Math.abs(found - stated), `${found} for ${stated}`).toBeLessThan(
        4 * Math.sqrt((stated * (1 - stated)) / total) + 1e-4,
      );
    };
    near(share('no-code'), defaultDefects.noCode);
    near(share('code-character', 'code-transposed', 'code-of-another'), defaultDefects.wrongCode);
    near(share('code-character'), defaultDefects.wrongCode * 0.5);
    near(share('code-transposed'), defaultDefects.wrongCode * 0.3);
    near(share('code-of-another'), defaultDefects.wrongCode * 0.2);
    near(share('name-typing-error', 'name-abbreviated'), defaultDefects.nameError);
    near(share('missing-key'), defaultDefects.missingKey);
    near(share('wrong-date'), defaultDefects.wrongDate);
    near(share('date-style'), defaultDefects.dateStyle);
    near(share('duplicate'), defaultDefects.duplicate);
    near(share('spaces'), defaultDefects.spaces * (1 - defaultDefects.noCode - defaultDefects.wrongCode));
    // Only some enterprises have a former name and the larger ones have more rows: the share follows who they are.
    expect(share('former-name')).toBeGreaterThan(defaultDefects.formerName * 0.8);
    expect(share('former-name')).toBeLessThan(defaultDefects.formerName * 1.2);
    const [met] = [counts.filter((r) => defectsOf(r.defects).length > 1)];
    expect(met.length, 'several meet in a row').toBeGreaterThan(10);
  });

  it('are in the file as the truth says: blank codes, dates that do not exist, blank keys', async () => {
    const file = join(out, report.classes.find((c) => c.id === 'sw.tax-credit-level')?.file ?? '');
    const rows = await ask<{ code: string | null; day: string | null; id: string | null; defects: number }>(
      `SELECT f.uni_social_crd_cd AS code, f.evalua_dt AS day, f.eval_id AS id, t.defects FROM ${csv(file)} f JOIN read_parquet('${join(out, 'truth', 'sw.tax-credit-level.parquet')}') t USING (row)`,
    );
    for (const r of rows) {
      const names = defectsOf(r.defects);
      expect(r.code === null).toBe(names.includes('no-code'));
      expect(r.id === null).toBe(names.includes('missing-key'));
      const right =
        /^\d{4}-\d{2}-\d{2}$/.test(r.day ?? '') &&
        !Number.isNaN(Date.parse(r.day ?? '')) &&
        new Date(r.day ?? '').toISOString().startsWith(r.day ?? '');
      expect(right, r.day ?? '').toBe(!names.includes('wrong-date') && !names.includes('date-style'));
    }
  });

  it('are absent when all rates are nought', async () => {
    const clean = join(out, 'clean');
    await generateCity({
      seed: 5,
      threads: 1,
      rows: 4000,
      enterprises: 200,
      out: clean,
      defects: noDefects,
      target: { kind: 'files', formats: 'csv' },
    });
    const [row] = await ask<{ n: bigint; d: bigint; s: bigint }>(
      `SELECT count(*) AS n, count(*) FILTER (defects <> 0) AS d FROM read_parquet('${clean}/truth/*.*.parquet')`,
    );
    expect([Number(row?.n), Number(row?.d)]).toEqual([4000, 0]);
  }, 60_000);
});

describe('sizes', () => {
  it('follow from rows, from enterprises, or from neither', () => {
    expect(sizeOf({ enterprises: 300_000 })).toEqual({ rows: 45_730_000, enterprises: 300_000 });
    expect(sizeOf({ rows: 45_730_000 })).toEqual({ rows: 45_730_000, enterprises: 300_000 });
    expect(sizeOf({})).toEqual({ rows: 20_000, enterprises: 1250 });
  });

  it('give a city with exactly the rows that were asked for', () => {
    expect(report.rows).toBe(80_000);
    for (const c of report.classes) expect(c.rows, c.id).toBeGreaterThan(0);
  });
});
