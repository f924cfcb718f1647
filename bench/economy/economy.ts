/**
 * Measures how golden figures of enterprises are made: all of them at once, then again after one enterprise in a hundred
 * corrected a month.
 *
 *   node --import tsx bench/economy/economy.ts <scratch folder>               # 300,000 enterprises x 24 months x 8 measures
 *   node --import tsx bench/economy/economy.ts <scratch folder> --enterprises 20000
 *
 * Prints one JSON document; nothing is kept.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SourceDeclaration } from '../../hub/src/catalogue/index.ts';
import { openEconomyLake } from '../../hub/src/libraries/economy/testing.ts';
import { loadEconomy, runEconomy } from '../../hub/src/libraries/index.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { enterprises: { type: 'string' } } });
const [folder] = positionals;
if (!folder) throw new Error('economy.ts <scratch folder> [--enterprises N]');
const enterprises = Number(values.enterprises ?? 300_000);
const months = 24;
const measures = 8;

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'declared'), { recursive: true });
const fields = Array.from({ length: measures }, (_, i) => `m${i}`);
writeFileSync(
  join(folder, 'declared', 'economy.yaml'),
  `economy: bench
title: { zh: 测量, en: Bench }
abstract: { zh: 测量, en: Bench }
owner: tj
level: general
measures:
${fields.map((f) => `  - { id: ${f}, title: { zh: ${f}, en: ${f} }, unit: 万元, sources: [{ source: tj.monthly, field: ${f}, period: { field: month, form: yyyymm, grain: month }, rank: 10, valid: { min: 0, spike: 6 } }] }`).join('\n')}
`,
);
const source = {
  ...{ id: 'tj.monthly', number: 1, subject: 'legal-person' },
  fields: [{ name: 'month', type: 'text' }, ...fields.map((name) => ({ name, type: 'decimal', unit: '千元' }))],
} as unknown as SourceDeclaration;

const lake = await openEconomyLake(join(folder, 'lake.duckdb'));
await lake.write('bench', async (s) => {
  await s.run("DELETE FROM f.field; INSERT INTO f.field VALUES (1, 1, 'month', 'text', 1)");
  for (const [i, f] of fields.entries()) await s.run(`INSERT INTO f.field VALUES (1, 1, '${f}', 'decimal', ${i + 2})`);
  await s.run('INSERT INTO f.run VALUES (1, 1, 1)');
  await s.run(
    `INSERT INTO f.firm SELECT range, '企业' || range, '330282002', '3854', '有限责任公司' FROM range(1, ${enterprises + 1})`,
  );
  await s.run(`INSERT INTO f.fact SELECT e, 1, DATE '2025-01-01', (1::BIGINT << 32) + e * 100 + m, NULL,
      concat_ws(chr(31), 2024 + m // 12 || lpad((m % 12 + 1)::VARCHAR, 2, '0'), ${fields.map((_, i) => `(1000 + hash(e * 1000 + m * 10 + ${i}) % 900)::VARCHAR`).join(', ')}), NULL
    FROM range(1, ${enterprises + 1}) t(e), range(${months}) u(m) ORDER BY e, m`);
});
const { economy, problems } = await loadEconomy(join(folder, 'declared'), lake, new Map([[source.id, source]]));
if (!economy) throw problems[0];
const timed = async () => {
  const before = process.cpuUsage();
  const start = performance.now();
  const run = await runEconomy(lake, economy, { at: new Date(), day: '2026-01-01' });
  const cpu = process.cpuUsage(before);
  return { ...run, seconds: (performance.now() - start) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
};
const rows = enterprises * months * measures;
const first = await timed();
await lake.write('bench', async (s) => {
  await s.run('INSERT INTO f.run VALUES (2, 2, 1)');
  await s.run(
    `CREATE TEMP TABLE again AS SELECT * FROM f.fact WHERE entity % 100 = 0 AND (fact & 4294967295) % 100 = ${months - 1}`,
  );
  await s.run('UPDATE f.fact SET closed_run = 2 WHERE fact IN (SELECT fact FROM again)');
  await s.run(
    "INSERT INTO f.fact SELECT * REPLACE ((2::BIGINT << 32) + (fact & 4294967295) AS fact, replace(payload, chr(31) || '1', chr(31) || '2') AS payload) FROM again",
  );
});
const corrected = await timed();
await lake.close();
process.stdout.write(
  `${JSON.stringify({ enterprises, months, measures, rows, first, rowsPerSecond: Math.round(rows / first.seconds), rowsPerCpuSecond: Math.round(rows / first.cpuSeconds), corrected, incrementalShare: corrected.cpuSeconds / first.cpuSeconds, load: loadavg()[0] }, null, 2)}\n`,
);
