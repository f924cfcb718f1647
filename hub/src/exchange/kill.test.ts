import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDuckDbLake } from '../platform/lake/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const child = new URL('./fixtures/collect-child.ts', import.meta.url).pathname;

/** Runs the collecting process; kills it after some milliseconds from its first word. Answers what it said. */
function run(files: string[], killAfter?: number): Promise<{ said: string[]; killed: boolean }> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, ['--import', 'tsx', child, folder, ...files]);
    let out = '';
    let err = '';
    process_.stderr.on('data', (d) => {
      err += d;
    });
    process_.stdout.on('data', (d) => {
      if (!out && killAfter !== undefined) setTimeout(() => process_.kill('SIGKILL'), killAfter);
      out += d;
    });
    process_.on('exit', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ said: out.trim().split('\n'), killed: signal === 'SIGKILL' });
      else reject(new Error(`${code}: ${err}`));
    });
  });
}

test('a collection killed at random moments goes on after each restart: counts exact, nothing twice', async () => {
  const rows = 30_000;
  const head = 'k,v,dsc_biz_operation,dsc_biz_timestamp';
  const files = [0, 1, 2].map((f) => {
    const path = join(folder, `day${f}.csv`);
    const lines = Array.from({ length: rows }, (_, i) =>
      i % 100 === 50 ? `broken ${f}` : i % 100 === 51 ? 'same,x,I,2026-01-01' : `${f}-${i},x,I,2026-01-01 00:00:00`,
    );
    writeFileSync(path, `${head}\n${lines.join('\n')}\n`);
    return path;
  });
  let kills = 0;
  for (let round = 0; round < 3; round++)
    if ((await run(files, round === 0 ? 30 : 50 + Math.random() * 500)).killed) kills += 1;
  const last = await run(files);
  expect(last.killed).toBe(false);
  expect(last.said.length).toBe(4);
  expect(kills).toBeGreaterThan(0);
  const lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), threads: 1 });
  try {
    const runs = await lake.query(
      'SELECT input, received, accepted, quarantined, duplicate FROM ex.run ORDER BY input',
    );
    const bad = rows / 100;
    expect(runs).toEqual([
      { input: 'day0.csv', received: rows, accepted: rows - 2 * bad + 1, quarantined: bad, duplicate: bad - 1 },
      { input: 'day1.csv', received: rows, accepted: rows - 2 * bad, quarantined: bad, duplicate: bad },
      { input: 'day2.csv', received: rows, accepted: rows - 2 * bad, quarantined: bad, duplicate: bad },
    ]);
    expect(await lake.first('SELECT count(*) AS n, count(DISTINCT k) AS d FROM raw.ts_rows')).toEqual({
      n: 3 * (rows - 2 * bad) + 1,
      d: 3 * (rows - 2 * bad) + 1,
    });
    expect(await lake.first('SELECT count(*) AS n FROM ex.quarantine')).toEqual({ n: 3 * bad });
  } finally {
    await lake.close();
  }
});
