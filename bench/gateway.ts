/**
 * Measures the gateway: single-record look-ups through the hub's own web server, with token, limits, masking and a record of use on disk before
 * every answer, no response cache, keys spread evenly over the records; against prepared look-ups of the same rows in the same engine file by
 * one program without any of it. The load generator runs on the same machine, as a process of its own.
 *
 *   node --import tsx bench/gateway.ts [--records 1000000] [--seconds 20] [--connections 32] [--folder <scratch>] [--keep]
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { hashOf, newSecret } from '../hub/src/gateway/clients/secrets.ts';
import { gatewayFixture } from '../hub/src/gateway/fixture.ts';

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '32' },
    folder: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
  },
});
const records = Number(options.records);
const run = promisify(execFile);
mkdirSync(options.folder!, { recursive: true });
const folder = mkdtempSync(join(options.folder!, 'jingwei-bench-gateway-'));
const load = fileURLToPath(new URL('./gateway-load.ts', import.meta.url));
const round = (n: number, digits = 1) => Math.round(n * 10 ** digits) / 10 ** digits;

try {
  console.log(
    `records ${records}, load average before ${loadavg()
      .map((n) => round(n, 2))
      .join(' ')}`,
  );
  let started = performance.now();
  const bench = await gatewayFixture(folder, records);
  console.log(
    `served table ready after ${round((performance.now() - started) / 1000)} s (rows made, masked, sorted, indexed)`,
  );
  const secret = newSecret();
  await bench.client('jwc_bench', hashOf(secret));
  const form = { grant_type: 'client_credentials', client_id: 'jwc_bench', client_secret: secret };
  const given = await fetch(`${bench.url}/services/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await given.json()) as { access_token: string };
  const cpu = process.cpuUsage();
  started = performance.now();
  const { stdout } = await run(process.execPath, [
    ...['--import', 'tsx', load, '--port', new URL(bench.url).port, '--token', token, '--grant', String(bench.grant)],
    ...['--records', String(records), '--connections', options.connections!, '--seconds', options.seconds!],
  ]);
  const used = process.cpuUsage(cpu);
  const wall = performance.now() - started;
  const service = JSON.parse(stdout) as Record<string, number>;
  console.log(
    `gateway: ${round(service.rate!)} look-ups a second, p50 ${round(service.p50!)} ms, p95 ${round(service.p95!)} ms, p99 ${round(service.p99!)} ms, ` +
      `p99.9 ${round(service.p999!)} ms, slowest ${round(service.most!)} ms, errors ${service.errors} ${JSON.stringify(service.reasons)}; ` +
      `hub ${round((used.user + used.system) / 1000 / wall, 2)} cores, load average ${loadavg()
        .map((n) => round(n, 2))
        .join(' ')}`,
  );
  const { table, number, kept } = await bench.end();
  console.log(`records of use kept: ${kept}`);
  let best = 0;
  for (const connections of [1, 2, 4]) {
    const rate = await bare(join(folder, 'lake.duckdb'), table, number, connections);
    console.log(`bare engine, ${connections} connection(s): ${round(rate)} prepared look-ups a second`);
    best = Math.max(best, rate);
  }
  console.log(`ratio to the best of them: ${round(service.rate! / best, 2)}`);
  console.log(`resident memory ${round(process.memoryUsage().rss / 1e6, 0)} MB`);
} finally {
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
}

/** Prepared look-ups of the same rows by their number on so many connections, without anything around them. */
async function bare(
  path: string,
  table: string,
  number: (key: string) => bigint,
  connections: number,
): Promise<number> {
  const engine = await DuckDBInstance.create(path, { threads: '2', memory_limit: '4096MiB' });
  const end = performance.now() + 6000;
  let calls = 0;
  let seed = 7;
  const next = () => {
    seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (seed >>> 0) % records;
  };
  const warm = performance.now() + 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const c = await engine.connect();
      const statement = await c.prepare(`SELECT _row FROM gw."${table}" WHERE _k = $1`);
      for (;;) {
        const now = performance.now();
        if (now >= end) break;
        const key = `K${next()}`;
        statement.bindBigInt(1, number(key));
        const rows = await (await statement.run()).getRows();
        if (rows.length !== 1 || !String(rows[0]![0]).includes(`"${key}"`)) throw new Error(`wrong row for ${key}`);
        if (now >= warm) calls += 1;
      }
      statement.destroySync();
      c.closeSync();
    }),
  );
  engine.closeSync();
  return calls / 5;
}
