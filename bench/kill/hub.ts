/** A hub that collects and integrates whatever waits, says when it is ready and when nothing waits any more, and ends. */
import { createApp, loadConfig } from '../../hub/src/index.ts';

const [data] = process.argv.slice(2);
if (!data) throw new Error('usage: hub.ts <data folder>');
const app = await createApp(
  loadConfig({ overrides: { dataFolder: data, 'http.port': 0, 'log.level': 'error', 'lake.memoryMiB': 3072 } }),
);
process.stdout.write('ready\n');
let last = '';
let quiet = 0;
while (quiet < 5) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const open = [
    ...(await app.jobs.list({ state: 'running', limit: 1000 })),
    ...(await app.jobs.list({ state: 'queued', limit: 1000 })),
  ];
  const kinds = [...new Set(open.map((j) => j.kind))].sort().join(' ');
  if (kinds !== last) process.stdout.write(`working ${kinds}\n`);
  last = kinds;
  const waiting = await app.lake.first<{ n: number }>(
    'SELECT count(*) AS n FROM v.run_v1 r WHERE NOT EXISTS (SELECT 1 FROM v.refined_run_v1 x WHERE x.run = r.run)',
  );
  const some = await app.lake.first('SELECT 1 AS one FROM v.run_v1 LIMIT 1');
  quiet = open.length === 0 && some && waiting!.n === 0 ? quiet + 1 : 0;
}
process.stdout.write('done\n');
await app.close();
