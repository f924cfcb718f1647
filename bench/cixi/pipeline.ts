/**
 * The whole way through a real hub: collect every file, then clean, match, integrate, judge quality and sort the facts.
 * Prints one JSON line with times, counts and the peak of memory.
 *
 *   node --import tsx bench/cixi/pipeline.ts <city folder> <data folder> [--day-two]
 *
 * The data folder is made when it is absent; with --day-two it is the one that the first day left.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createApp, loadConfig } from '../../hub/src/index.ts';
import { patience } from '../../hub/src/libraries/automatic.ts';
import { delivered } from './yardstick.ts';

const [city, data] = process.argv.slice(2);
const dayTwo = process.argv.includes('--day-two');
if (!city || !data) throw new Error('usage: pipeline.ts <city folder> <data folder>');
// The bench orders the integration itself, so that it is timed alone.
patience.quiet = 2 ** 30;

/** The repository's sources with every class delivered as UTF-8 CSV, as the yardstick reads it. */
function asCsv(): string {
  const root = mkdtempSync(join(tmpdir(), 'jingwei-bench-'));
  cpSync('cities', join(root, 'cities'), { recursive: true });
  for (const owner of readdirSync('sources')) {
    for (const resource of readdirSync(join('sources', owner))) {
      const source = parse(readFileSync(join('sources', owner, resource, 'source.yaml'), 'utf8'));
      if (source.transport.kind === 'file') source.transport = { kind: 'file', pattern: '*.csv' };
      // The second day delivers changed rows only, those of snapshot classes among them.
      if (dayTwo) source.mode = 'changes';
      mkdirSync(join(root, 'sources', owner, resource), { recursive: true });
      writeFileSync(join(root, 'sources', owner, resource, 'source.yaml'), stringify(source));
    }
  }
  return root;
}

const config = loadConfig({
  overrides: {
    dataFolder: data,
    'http.port': 0,
    'log.level': (process.env.JINGWEI_BENCH_LOG ?? 'warn') as 'warn',
    'lake.memoryMiB': Number(process.env.JINGWEI_BENCH_LAKE_MIB ?? 4096),
  },
});
const repository = asCsv();
const app = await createApp(config, { repository });
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Peak resident memory of this process in MiB, as the kernel counted it. */
function peakMiB(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return line ? Math.round(Number(line[1]) / 1024) : Math.round(process.resourceUsage().maxRSS / 1024);
}

async function finished(ids: string[]): Promise<void> {
  for (const id of ids) {
    const job = await app.jobs.wait(id);
    // Of a small city's classes some have nothing to say on the second day: a header alone is refused, as it should be.
    if (
      job.state !== 'done' &&
      !(dayTwo && (job.error as { code?: string } | null)?.code === 'exchange.file.header-only')
    )
      throw new Error(`job ${job.kind} ${JSON.stringify(job.params)}: ${JSON.stringify(job.error)}`);
  }
}

const start = performance.now();
const cpuStart = cpu();
const ids: string[] = [];
for (const { source, file } of delivered(city, 'sources')) {
  ids.push(await app.jobs.submit('exchange.collect', { source: source.id, path: file }));
}
await finished(ids);
const collected = performance.now();
const cpuCollected = cpu();
const peakCollect = peakMiB();
process.stderr.write(`collected in ${((collected - start) / 1000).toFixed(1)} s\n`);
await finished([await app.jobs.submit('refinery.integrate', { rebuild: false })]);
const integrated = performance.now();
const cpuIntegrated = cpu();
process.stderr.write(`integrated in ${((integrated - collected) / 1000).toFixed(1)} s\n`);

const counts = await app.lake.first<Record<string, number>>(
  `SELECT sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted, sum(quarantined)::BIGINT AS quarantined,
          sum(duplicate)::BIGINT AS duplicate, sum(bytes)::BIGINT AS bytes FROM v.run_v1`,
);
const golden = await app.lake.first<Record<string, number>>('SELECT count(*) AS enterprises FROM v.legal_person_v1');
const facts = await app.lake.first<Record<string, number>>('SELECT count(*) AS facts FROM v.legal_person_fact_v1');
const steps = await app.lake.query('SELECT * FROM rf.step ORDER BY ms DESC LIMIT 25');
process.stderr.write(`${steps.map((s) => `${Math.round(Number(s.ms))} ms  ${s.step}  ${s.rows}`).join('\n')}\n`);
process.stdout.write(
  `${JSON.stringify({
    seconds: (integrated - start) / 1000,
    collectSeconds: (collected - start) / 1000,
    integrateSeconds: (integrated - collected) / 1000,
    cpuSeconds: cpuIntegrated - cpuStart,
    collectCpuSeconds: cpuCollected - cpuStart,
    peakMiB: peakMiB(),
    peakCollectMiB: peakCollect,
    ...counts,
    ...golden,
    ...facts,
  })}\n`,
);
await app.close();
rmSync(repository, { recursive: true });
