/**
 * kill -9 at random moments of a hub that erases a person, on copies of one folder: what every copy is in the end, after it was started again as often
 * as it was killed, must be what the copy is that nobody killed: rows, leaves, files, certificate, what receivers are told; and nothing of the person.
 *
 *   node --import tsx bench/erasure-kill.ts [--rounds 4] [--kills 4] [--folder <scratch>] [--out bench/results/erasure-kill.json]
 *
 * Ends with an error when a copy differs, the person is found anywhere in its files, or the checks of the exchange find a fault.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: o } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    kills: { type: 'string', default: '4' },
    folder: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
  },
});
const child = new URL('./erasure-kill-child.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(o.folder, 'jingwei-erasure-kill-'));
const root = join(folder, 'root');
const scratch = join(folder, 'tmp');
mkdirSync(scratch);
const began = performance.now();
/** The city's time goes on over every start. */
const now = (): string => new Date(Date.parse('2026-11-03T01:00:00Z') + performance.now() - began).toISOString();

interface Ended {
  /** What it said at last; undefined: it was killed before. */
  state?: Record<string, unknown>;
  /** Milliseconds from the approval (or the start after a kill) to the end. */
  ms: number;
  resumed: number;
}

/** Runs the hub on a folder; kills it so many milliseconds after it has started. */
function hub(what: 'prepare' | 'run', data: string, killAfter?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const hub_ = spawn(process.execPath, ['--import', 'tsx', child, what, data, root, now()], {
      env: { ...process.env, TMPDIR: scratch },
    });
    let [out, err, seen] = ['', '', 0];
    let from = performance.now();
    hub_.stderr.on('data', (d) => {
      err += d;
    });
    hub_.stdout.on('data', (d) => {
      out += d;
      if (seen === 0 && out.includes('started\n')) {
        seen = 1;
        from = performance.now();
        if (killAfter !== undefined) setTimeout(() => hub_.kill('SIGKILL'), killAfter);
      }
    });
    hub_.on('exit', (code, signal) => {
      const ended = { ms: performance.now() - from, resumed: out.split('resumed\n').length - 1 };
      const said = /^done (.*)$/m.exec(out)?.[1];
      if (signal === 'SIGKILL') resolve(ended);
      else if (code !== 0) reject(new Error(`${code}: ${err}\n${out}`));
      else resolve({ ...ended, ...(said ? { state: JSON.parse(said) as Record<string, unknown> } : {}) });
    });
  });
}

/** Where two states differ. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object')
    return [`${path}: ${JSON.stringify(a)} / ${JSON.stringify(b)}`];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((k) =>
    differences((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k], `${path}.${k}`),
  );
}

const base = join(folder, 'base');
await hub('prepare', base);
const copy = (name: string): string => {
  const to = join(folder, name);
  cpSync(base, to, { recursive: true });
  return to;
};
const whole = await hub('run', copy('whole'));
const expected = whole.state!;
console.log(`unbroken: ${Math.round(whole.ms)} ms, ${Object.keys(expected.tables as object).length} tables`);
const faults: string[] = [];
const judge = (name: string, s: Record<string, unknown>) => {
  for (const d of differences(expected, s)) faults.push(`${name}${d}`);
  for (const left of s.left as string[]) faults.push(`${name}: the person is in ${left}`);
};
judge('unbroken', expected);
if (!/^(executed|closed)$/.test(String(expected.state))) faults.push(`unbroken: it ended as ${expected.state}`);
const rounds: { kills: number; moments: number[]; resumed: number }[] = [];
for (let round = 1; round <= Number(o.rounds); round++) {
  const data = copy(`round-${round}`);
  const moments: number[] = [];
  let last: Ended = { ms: 0, resumed: 0 };
  let resumed = 0;
  for (let kill = 0; kill < Number(o.kills) && !last.state; kill++) {
    const after = Math.random() * whole.ms * 0.9;
    last = await hub('run', data, after);
    resumed += last.resumed;
    if (!last.state) moments.push(Math.round(after));
  }
  if (!last.state) last = await hub('run', data);
  resumed += last.resumed;
  judge(`round ${round}`, last.state!);
  rounds.push({ kills: moments.length, moments, resumed });
  console.log(`round ${round}: killed after ${moments.join(', ')} ms of each start, ${faults.length} faults so far`);
  rmSync(data, { recursive: true });
}
const result = {
  at: new Date().toISOString(),
  ...{ cpus: cpus().length, load: loadavg().map((l) => Math.round(l * 10) / 10) },
  ...{ unbrokenMs: Math.round(whole.ms), tables: Object.keys(expected.tables as object).length, rounds, faults },
};
if (o.out) writeFileSync(o.out, `${JSON.stringify(result, null, 2)}\n`);
for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(result));
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
