/**
 * The base libraries at the size of a city: what departments know of its people, households, buildings and dwellings is
 * collected by a real hub and integrated; the day after, what changed. Every part runs in a process of its own, so that its
 * peak of memory is its own. Keeps bench/results/base.json when it is of the full size.
 *
 *   node --import tsx bench/base/base.ts <work folder> [--people 1800000]
 *   node --import tsx bench/base/base.ts <work folder> --people 200000 --keep-city     # again with the city that is there
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateCity, populationClasses } from '@jingwei/synthcity';
import { parse, stringify } from 'yaml';
import { createApp, loadConfig } from '../../hub/src/index.ts';
import { patience } from '../../hub/src/libraries/automatic.ts';
import { delivered } from '../cixi/yardstick.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    people: { type: 'string', default: '1800000' },
    'keep-city': { type: 'boolean', default: false },
    /** One part, in the process that was started for it. */
    part: { type: 'string' },
  },
});
const [work] = positionals;
if (!work) throw new Error('usage: base.ts <work folder> [--people N] [--keep-city]');
const people = Number(values.people);
const FULL = 1_800_000;
const folders = {
  one: join(work, 'day-one'),
  two: join(work, 'day-two'),
  data: join(work, 'data'),
  repository: join(work, 'repository'),
};
const registers = ['scjg.market-entity'];
const classes = [...populationClasses.map((c) => c.id), ...registers];
/** People of the city for each enterprise, as the generator spreads them. */
const PER_ENTERPRISE = 2.99;

async function generate(day: 1 | 2): Promise<void> {
  const report = await generateCity({
    out: day === 1 ? folders.one : folders.two,
    enterprises: Math.round(people / PER_ENTERPRISE),
    seed: 11,
    target: { kind: 'files', formats: 'csv' },
    classes,
    population: true,
    today: '2026-11-20',
    day,
    changesOnly: day === 2,
    truth: false,
    memoryMiB: 4096,
    threads: 2,
  });
  process.stdout.write(JSON.stringify({ rows: report.rows, people: report.people }));
}

/** What the hub is started on: declarations as they stand, every class delivered as UTF-8 CSV. */
function makeRepository(changesOnly: boolean): void {
  rmSync(folders.repository, { recursive: true, force: true });
  for (const name of ['cities', 'libraries']) cpSync(name, join(folders.repository, name), { recursive: true });
  for (const owner of readdirSync('sources'))
    for (const resource of readdirSync(join('sources', owner))) {
      const path = join('sources', owner, resource, 'source.yaml');
      const source = parse(readFileSync(path, 'utf8'));
      if (source.transport.kind === 'file') source.transport = { kind: 'file', pattern: '*.csv' };
      if (changesOnly) source.mode = 'changes';
      mkdirSync(join(folders.repository, 'sources', owner, resource), { recursive: true });
      writeFileSync(join(folders.repository, 'sources', owner, resource, 'source.yaml'), stringify(source));
    }
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const round = (n: number) => Math.round(n * 10) / 10;

/** Collects what a day delivered and integrates it. */
async function run(day: 1 | 2): Promise<void> {
  patience.quiet = 2 ** 30;
  makeRepository(day === 2);
  const config = loadConfig({
    overrides: {
      dataFolder: folders.data,
      'http.port': 0,
      'log.level': (process.env.JINGWEI_BENCH_LOG ?? 'warn') as 'warn',
      'lake.memoryMiB': 6144,
    },
  });
  const app = await createApp(config, { repository: folders.repository });
  const wait = async (id: string) => {
    const job = await app.jobs.wait(id);
    const code = (job.error as { code?: string } | null)?.code;
    // Of a small city's classes some have nothing to say on the second day: a header alone is refused, as it should be.
    if (job.state !== 'done' && !(day === 2 && code === 'exchange.file.header-only'))
      throw new Error(`job ${job.kind} ${JSON.stringify(job.params)}: ${JSON.stringify(job.error)}`);
  };
  const marks = [[performance.now(), cpu()]];
  const ids: string[] = [];
  for (const { source, file } of delivered(day === 1 ? folders.one : folders.two, 'sources'))
    ids.push(await app.jobs.submit('exchange.collect', { source: source.id, path: file }));
  for (const id of ids) await wait(id);
  marks.push([performance.now(), cpu()]);
  const before = await app.lake.first<{ n: number }>('SELECT coalesce(max(integration), 0) AS n FROM rf.step');
  await wait(await app.jobs.submit('refinery.integrate', { rebuild: false }));
  marks.push([performance.now(), cpu()]);
  const steps = await app.lake.query<{ step: string; ms: number; rows: number }>(
    'SELECT step, sum(ms) AS ms, sum(rows)::BIGINT AS rows FROM rf.step WHERE integration > $before GROUP BY step ORDER BY ms DESC LIMIT 20',
    { before: before!.n },
  );
  const counts = await app.lake.query<{ name: string; n: number }>(
    `SELECT l.name, count(*) AS n FROM lib.base_record r JOIN lib.base_library l ON l.library = r.library GROUP BY l.name ORDER BY l.name`,
  );
  const rows = await app.lake.first<{ n: number }>('SELECT coalesce(sum(accepted), 0)::BIGINT AS n FROM v.run_v1');
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  const spent = (a: number, b: number) => ({
    seconds: round((marks[b]![0]! - marks[a]![0]!) / 1000),
    cpuSeconds: round(marks[b]![1]! - marks[a]![1]!),
  });
  const answer = {
    rows: rows!.n,
    collect: spent(0, 1),
    integrate: spent(1, 2),
    peakMiB: Math.round(Number(peak?.[1] ?? 0) / 1024),
    libraries: Object.fromEntries(counts.map((c) => [c.name, c.n])),
    steps: steps.map((s) => ({ step: s.step, seconds: round(Number(s.ms) / 1000), rows: Number(s.rows) })),
  };
  process.stdout.write(JSON.stringify(answer));
  await app.close();
}

/** Runs a part in a process of its own and answers what it printed last. */
function part(name: string): Record<string, unknown> {
  const self = fileURLToPath(import.meta.url);
  const args = ['--import', 'tsx', self, work!, '--people', String(people), '--part', name];
  const out = execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
  const answer = JSON.parse(out.toString().trim().split('\n').at(-1)!) as Record<string, unknown>;
  process.stderr.write(`${name}: ${JSON.stringify(answer, null, 1)}\n`);
  return answer;
}

if (values.part === 'generate-1' || values.part === 'generate-2') await generate(values.part === 'generate-1' ? 1 : 2);
else if (values.part === 'run-1' || values.part === 'run-2') await run(values.part === 'run-1' ? 1 : 2);
else {
  mkdirSync(work, { recursive: true });
  rmSync(folders.data, { recursive: true, force: true });
  const loadAverage = round(loadavg()[0]!);
  if (!values['keep-city'] || !existsSync(folders.one)) {
    for (const day of [folders.one, folders.two]) rmSync(day, { recursive: true, force: true });
    part('generate-1');
    part('generate-2');
  }
  type Day = { rows: number; collect: { seconds: number }; integrate: { seconds: number; cpuSeconds: number } };
  const one = part('run-1') as unknown as Day;
  const two = part('run-2') as unknown as Day;
  const whole = one.collect.seconds + one.integrate.seconds;
  const results = {
    day: new Date().toISOString().slice(0, 10),
    machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), loadAverage },
    people,
    rowsPerSecond: Math.round(one.rows / whole),
    dayTwoShareOfRows: round((100 * (two.rows - one.rows)) / one.rows),
    dayTwoShareOfTime: round((100 * (two.collect.seconds + two.integrate.seconds)) / whole),
    one,
    two,
  };
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (people === FULL)
    writeFileSync(new URL('../results/base.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
  else writeFileSync(join(work, 'base.json'), `${JSON.stringify(results, null, 2)}\n`);
}
