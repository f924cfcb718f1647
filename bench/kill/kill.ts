/**
 * kill -9 at random moments of a collection and of the integration after it: a hub is killed again and again, started
 * again each time without being told anything, and at the end every count must be exact and nothing there twice.
 *
 *   node --import tsx bench/kill/kill.ts <work folder> [rows] [kills]
 *
 * Prints one JSON line; ends with an error when a single count is off.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkLake, createApp, loadConfig } from '../../hub/src/index.ts';
import { generateCity } from '../../packages/synthcity/src/index.ts';

const [work, rowsText = '5000000', killsText = '20'] = process.argv.slice(2);
if (!work) throw new Error('usage: kill.ts <work folder> [rows] [kills]');
const wanted = Number(killsText);
const data = join(work, 'data');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const city = await generateCity({ out: join(work, 'city'), rows: Number(rowsText), seed: 7, truth: false });
for (const c of city.classes) {
  const [owner, resource] = c.id.split('.') as [string, string];
  const inbox = join(data, 'inbox', owner, resource);
  mkdirSync(inbox, { recursive: true });
  const from = join(work, 'city', owner, resource);
  for (const name of readdirSync(from)) renameSync(join(from, name), join(inbox, name));
}

interface Life {
  killed: boolean;
  /** What it was doing when it died. */
  during: string;
}

/** One life of the hub; it is killed `after` ms from the moment at which it was ready, or lives until it is done. */
function live(after: number | undefined): Promise<Life> {
  return new Promise((resolve, reject) => {
    const hub: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'bench/kill/hub.ts', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let during = 'start';
    let done = false;
    createInterface({ input: hub.stdout! }).on('line', (line) => {
      if (line === 'ready' && after !== undefined) setTimeout(() => hub.kill('SIGKILL'), after);
      if (line.startsWith('working ')) during = line.slice(8) || 'rest';
      if (line === 'done') done = true;
    });
    hub.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ killed: true, during });
      else if (code === 0 && done) resolve({ killed: false, during: 'done' });
      else reject(new Error(`the hub ended with ${code ?? signal}`));
    });
  });
}

const during: Record<string, number> = {};
let kills = 0;
const start = performance.now();
while (kills < wanted) {
  const life = await live(500 + Math.random() * 9_500);
  if (!life.killed) break;
  kills += 1;
  during[life.during] = (during[life.during] ?? 0) + 1;
  process.stderr.write(`kill ${kills}: ${life.during}\n`);
}
await live(undefined);
const seconds = (performance.now() - start) / 1000;

const app = await createApp(
  loadConfig({ overrides: { dataFolder: data, 'http.port': 0, 'log.level': 'error', 'lake.memoryMiB': 3072 } }),
);
const runs = await app.lake.first<Record<string, number>>(
  `SELECT count(*) AS runs, count(DISTINCT source || '/' || input) AS inputs, sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted,
          sum(quarantined)::BIGINT AS quarantined, sum(duplicate)::BIGINT AS duplicate FROM v.run_v1`,
);
const facts = await app.lake.first<Record<string, number>>(
  'SELECT count(*) AS facts, count(DISTINCT fact) AS different FROM v.legal_person_fact_all_v1',
);
const check = await checkLake(app, { trees: true });
await app.close();
const answer = {
  rows: city.rows,
  classes: city.classes.length,
  kills,
  during,
  seconds,
  ...runs,
  ...facts,
  faults: check.problems.length,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
const wrong = [
  runs!.runs !== city.classes.length && 'runs',
  runs!.inputs !== city.classes.length && 'inputs',
  runs!.received !== city.rows && 'received',
  runs!.received !== runs!.accepted! + runs!.quarantined! + runs!.duplicate! && 'sum',
  facts!.facts !== runs!.accepted && 'facts',
  facts!.different !== facts!.facts && 'facts twice',
  check.problems.length > 0 && 'trees',
].filter(Boolean);
rmSync(work, { recursive: true, force: true });
if (wrong.length > 0) throw new Error(`not exact: ${wrong.join(', ')}`);
