/**
 * Faults of the machine under a hub that works (故障): every kind of write that fails in turn, a full disk, a clock that jumps, threads that are
 * killed, a database that goes away, a slow disk. After each: what was refused, whether the hub works on or says that it does not, and, after a
 * restart, whether everything that it acknowledged is there and every chain whole. Needs Linux, strace and, for the full disk, the right to mount.
 *
 *   node --import tsx bench/faults/faults.ts [writes] [disk] [clock] [threads] [database] [slow] [--out faults]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../hub/src/platform/db/testing-postgres.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'faults' } },
});
const wanted = new Set(positionals.length ? positionals : ['writes', 'disk', 'clock', 'threads', 'database', 'slow']);
const own = fileURLToPath(new URL('./hub.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jingwei-faults-'));

interface Line {
  act?: number;
  part?: 'store' | 'lake' | 'file' | 'seal';
  ok?: boolean;
  why?: string;
  done?: number;
  ready?: number | string;
  text?: string;
  listening?: string;
  workers?: string[];
  ended?: string;
  jumped?: number;
  unhandled?: string;
  gone?: number | string;
}

/** A hub that can be told things; what it acknowledged outlives it. */
class Tried {
  acknowledged = { store: [] as number[], lake: [] as number[], file: [] as number[], seal: [] as number[] };
  #child!: ChildProcess;
  #lines: Line[] = [];
  #wake: (() => void)[] = [];
  #n = 0;
  dead: string | null = 'not started';
  /** How it ended under the last fault, where it did. */
  ended: string | null = null;
  pid = 0;

  readonly data: string;
  readonly url: string | undefined;

  constructor(data: string, url?: string) {
    this.data = data;
    this.url = url;
  }

  async start(): Promise<string | null> {
    this.#lines = [];
    this.dead = null;
    const child = spawn(process.execPath, ['--import', 'tsx', own, this.data, ...(this.url ? [this.url] : [])], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    let trouble = '';
    child.stderr!.setEncoding('utf8').on('data', (t: string) => {
      trouble = (trouble + t).slice(-600);
    });
    child.stdin!.on('error', () => undefined);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.#lines.push(JSON.parse(line) as Line);
      for (const wake of this.#wake.splice(0)) wake();
    });
    child.once('close', (code, signal) => {
      if (this.#child !== child) return;
      this.dead = `ended with ${signal ?? code} ${trouble.trim().split('\n').at(-1) ?? ''}`.trim().slice(0, 200);
      for (const wake of this.#wake.splice(0)) wake();
    });
    const first = await this.#next((l) => l.listening !== undefined, 120_000);
    this.pid = child.pid!;
    return first ? null : (this.dead ?? 'did not start');
  }

  async #next(fits: (l: Line) => boolean, limit = 100_000): Promise<Line | undefined> {
    const until = performance.now() + limit;
    for (;;) {
      const at = this.#lines.findIndex(fits);
      if (at >= 0) return this.#lines.splice(at, 1)[0];
      if (this.dead || performance.now() > until) return undefined;
      await Promise.race([new Promise<void>((resolve) => this.#wake.push(resolve)), sleep(1000)]);
    }
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Does so many acts; answers what was refused. */
  async acts(times: number): Promise<{ done: number; refused: string[] }> {
    const refused: string[] = [];
    let done = 0;
    for (let i = 0; i < times && !this.dead; i++) {
      const n = ++this.#n;
      this.say(`act ${n}`);
      const end = await this.#next((l) => l.done === n);
      for (const l of this.#lines.filter((l) => l.act === n)) {
        if (l.ok) this.acknowledged[l.part!].push(n);
        else refused.push(`${l.part}: ${l.why}`.replaceAll(folder, ''));
      }
      this.#lines = this.#lines.filter((l) => l.act !== n);
      if (end) done += 1;
    }
    return { done, refused: [...new Set(refused)] };
  }

  async ready(): Promise<string> {
    if (this.dead) return this.dead;
    this.say('ready');
    const line = await this.#next((l) => l.ready !== undefined, 30_000);
    if (!line) return this.dead ?? 'no answer';
    const code = /"code":"([^"]+)"/.exec(line.text ?? '')?.[1];
    return `${line.ready}${code ? ` ${code}` : ''}`;
  }

  async ask(word: string, fits: (l: Line) => boolean): Promise<Line | undefined> {
    this.say(word);
    return this.#next(fits, 30_000);
  }

  async kill(): Promise<void> {
    if (!this.dead) {
      const gone = new Promise((resolve) => this.#child.once('close', resolve));
      this.#child.kill('SIGKILL');
      await gone;
    }
    this.dead = 'killed';
  }

  /** After a restart: what of the acknowledged is missing. */
  async verify(): Promise<string[]> {
    await this.kill();
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', own, this.data, '--verify', ...(this.url ? [this.url] : [])],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    let [out, err] = ['', ''];
    child.stdout.on('data', (d) => {
      out += d;
    });
    child.stderr.on('data', (d) => {
      err = (err + d).slice(-800);
    });
    child.stdin.end(JSON.stringify(this.acknowledged));
    await new Promise((resolve) => child.once('close', resolve));
    const line = out.trim().split('\n').at(-1) ?? '';
    return line.startsWith('{"missing"')
      ? (JSON.parse(line) as { missing: string[] }).missing
      : [`it does not open: ${err}`];
  }
}

interface Row {
  fault: string;
  /** How often it struck, and at what. */
  struck: string;
  refused: string[];
  /** What the hub says of itself afterwards, and whether it works on. */
  ready: string;
  after: string;
  /** Acknowledged and not there after a restart; null: not restarted after this one. */
  missing: string[] | null;
}
const rows: Row[] = [];
const note = (row: Row) => {
  rows.push(row);
  console.log(JSON.stringify(row));
};

/** Acts under a fault, then without it; a hub that does not work on is restarted and asked what is missing. */
async function under(
  hub: Tried,
  fault: string,
  strike: () => Promise<() => Promise<string>>,
  times = 2,
): Promise<void> {
  if (hub.dead) await hub.start();
  const lift = await strike();
  const during = await hub.acts(times);
  const struck = await lift();
  let after = hub.dead ? { done: 0, refused: [hub.dead] } : await hub.acts(1);
  // Signing is tried again after a while by itself.
  if (!hub.dead && after.refused.every((r) => r.startsWith('seal: ')) && after.refused.length > 0) {
    await sleep(20_000);
    after = await hub.acts(1);
  }
  const ready = await hub.ready();
  const works = after.done === 1 && after.refused.length === 0;
  hub.ended = hub.dead;
  const missing = works ? null : await hub.verify();
  note({
    fault,
    struck,
    refused: during.refused,
    ready,
    after: works
      ? 'works on'
      : [hub.ended ?? '', ...after.refused.filter((r) => r !== hub.ended)].filter(Boolean).join('; '),
    missing,
  });
}

/** Waits until every thread of a process is traced. */
async function attached(pid: number): Promise<void> {
  const untraced = () =>
    readdirSync(`/proc/${pid}/task`).some((t) =>
      /TracerPid:\t0/.test(readFileSync(`/proc/${pid}/task/${t}/status`, 'utf8')),
    );
  for (let i = 0; i < 100 && untraced(); i++) await sleep(200);
}

/** strace on a running hub; answers how to take it away again. */
async function straced(pid: number, rules: string[], calls: string): Promise<() => Promise<string>> {
  const log = join(folder, 'strace.log');
  writeFileSync(log, '');
  const child = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-y',
      '-o',
      log,
      '-e',
      `trace=${calls}`,
      ...rules.flatMap((r) => ['-e', `inject=${r}`]),
      '-p',
      String(pid),
    ],
    {
      stdio: 'ignore',
    },
  );
  await attached(pid);
  return async () => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    await Promise.race([gone, sleep(5000)]);
    const hits = readFileSync(log, 'utf8')
      .split('\n')
      .filter((l) => /INJECTED|DELAYED/.test(l));
    const files = new Set(
      hits.map((l) => /<([^>]+)>/.exec(l)?.[1] ?? /"([^"]+)"/.exec(l)?.[1] ?? '?').map((p) => kindOf(p)),
    );
    return `${hits.length} of ${[...files].join(', ') || 'nothing'}`;
  };
}

/** What a file is to the hub. */
function kindOf(path: string): string {
  const at = path.indexOf('/data/');
  if (at < 0) return path.startsWith('socket') || path.startsWith('pipe') ? path.split(':')[0]! : 'other';
  return path
    .slice(at + 6)
    .replace(/\d{4,}|[0-9A-F]{24}|[0-9a-f]{20,}[\w.-]*/g, '#')
    .split('/')
    .slice(0, 3)
    .join('/');
}

if (wanted.has('writes')) {
  const hub = new Tried(join(folder, 'data'));
  for (const [call, most, errors] of [
    ['fsync', 3, ['EIO', 'ENOSPC']],
    ['fdatasync', 3, ['EIO', 'ENOSPC']],
    ['pwrite64', 4, ['EIO', 'ENOSPC']],
    ['ftruncate', 2, ['EIO']],
    ['rename', 2, ['EIO', 'ENOSPC']],
    ['linkat', 1, ['ENOSPC']],
    ['mkdir', 1, ['ENOSPC']],
  ] as const)
    for (let n = 1; n <= most; n++)
      for (const error of errors)
        await under(hub, `${call} ${n}: ${error}`, () => straced(hub.pid, [`${call}:error=${error}:when=${n}`], call));
  // Plain writes go to pipes and sockets as well: only those of files that are appended to fail here.
  const seal = join(folder, 'data', 'seal');
  const appended = ['calendar.log', 'calendar.blocks', ...readdirSync(join(seal, 'rounds')).map((f) => `rounds/${f}`)];
  for (const error of ['EIO', 'ENOSPC'])
    await under(hub, `write of the calendar: ${error}`, async () => {
      const log = join(folder, 'strace.log');
      const paths = appended.flatMap((f) => ['-P', join(seal, f)]);
      const child = spawn(
        'strace',
        [
          '-f',
          '-qq',
          '-y',
          '-o',
          log,
          ...paths,
          '-e',
          'trace=write,writev,pwrite64',
          '-e',
          `inject=write,writev,pwrite64:error=${error}:when=1`,
          '-p',
          String(hub.pid),
        ],
        { stdio: 'ignore' },
      );
      await attached(hub.pid);
      return async () => {
        child.kill('SIGINT');
        await sleep(1000);
        return `${readFileSync(log, 'utf8').split('INJECTED').length - 1} of seal`;
      };
    });
  const missing = await hub.verify();
  note({ fault: 'all of these', struck: '', refused: [], ready: '', after: 'restarted', missing });
}

if (wanted.has('slow')) {
  const hub = new Tried(join(folder, 'slow', 'data'));
  mkdirSync(join(folder, 'slow'), { recursive: true });
  await hub.start();
  await under(
    hub,
    'every fsync takes 300 ms',
    () => straced(hub.pid, ['fsync,fdatasync:delay_enter=300000'], 'fsync,fdatasync'),
    4,
  );
  note({ fault: 'slow disk', struck: '', refused: [], ready: '', after: 'restarted', missing: await hub.verify() });
}

if (wanted.has('disk')) {
  const at = join(folder, 'small');
  mkdirSync(at);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', at]);
  try {
    const hub = new Tried(join(at, 'data'));
    await hub.start();
    await hub.acts(2);
    const filler = join(at, 'filler');
    await under(hub, 'disk full', async () => {
      try {
        execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
      } catch {
        // Full, as it should be.
      }
      await sleep(6000);
      return async () => {
        rmSync(filler);
        await sleep(6000);
        return 'the whole data folder';
      };
    });
    note({ fault: 'disk full', struck: '', refused: [], ready: '', after: 'restarted', missing: await hub.verify() });
  } finally {
    execFileSync('umount', ['-l', at]);
  }
}

if (wanted.has('clock')) {
  const hub = new Tried(join(folder, 'clock', 'data'));
  mkdirSync(join(folder, 'clock'), { recursive: true });
  await hub.start();
  await hub.acts(1);
  const day = 86_400_000;
  for (const [fault, ms] of [
    ['clock an hour forward', 3_600_000],
    ['clock an hour back', -3_600_000],
    ['clock a year forward', 365 * day],
    ['clock a year back', -365 * day],
  ] as const)
    await under(hub, fault, async () => {
      await hub.ask(`jump ${ms}`, (l) => l.jumped !== undefined);
      return async () => 'the injected clock';
    });
  note({ fault: 'clock', struck: '', refused: [], ready: '', after: 'restarted', missing: await hub.verify() });
}

if (wanted.has('threads')) {
  const hub = new Tried(join(folder, 'threads', 'data'));
  mkdirSync(join(folder, 'threads'), { recursive: true });
  await hub.start();
  await hub.acts(1);
  const names = (await hub.ask('workers', (l) => l.workers !== undefined))?.workers ?? [];
  for (let i = 0; i < names.length; i++) {
    if (hub.dead) await hub.start();
    await under(hub, `thread killed: ${names[i]}`, async () => {
      await hub.ask(`end ${i}`, (l) => l.ended !== undefined);
      return async () => names[i]!;
    });
  }
  note({ fault: 'threads', struck: '', refused: [], ready: '', after: 'restarted', missing: await hub.verify() });
}

if (wanted.has('database')) {
  const server = await startPostgres();
  const psql = (sql: string) => execFileSync('psql', [server, '-qc', sql], { stdio: 'ignore' });
  psql('CREATE DATABASE hub');
  const hub = new Tried(join(folder, 'database', 'data'), server.replace(/\/postgres$/, '/hub'));
  mkdirSync(join(folder, 'database'), { recursive: true });
  await hub.start();
  await hub.acts(1);
  const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'hub'";
  await under(hub, 'every connection of the database is cut', async () => {
    psql(cut);
    return async () => 'all connections';
  });
  await under(hub, 'the database refuses connections', async () => {
    psql('ALTER DATABASE hub ALLOW_CONNECTIONS false');
    psql(cut);
    return async () => {
      psql('ALTER DATABASE hub ALLOW_CONNECTIONS true');
      await sleep(5000);
      return 'all connections';
    };
  });
  await under(hub, 'a table is locked for ten seconds', async () => {
    const holder = spawn(
      'psql',
      [server.replace(/\/postgres$/, '/hub'), '-qc', 'BEGIN; LOCK TABLE audit.entry; SELECT pg_sleep(10); COMMIT'],
      { stdio: 'ignore' },
    );
    await sleep(1000);
    return async () => {
      await new Promise((resolve) => (holder.exitCode === null ? holder.once('close', resolve) : resolve(null)));
      return 'audit.entry';
    };
  });
  note({ fault: 'database', struck: '', refused: [], ready: '', after: 'restarted', missing: await hub.verify() });
}

const result = { bench: 'faults', rows, cores: cpus().length, node: process.version, at: new Date().toISOString() };
writeFileSync(
  fileURLToPath(new URL(`../results/${values.out}.json`, import.meta.url)),
  `${JSON.stringify(result, null, 2)}\n`,
);
rmSync(folder, { recursive: true, force: true });
process.exit(0);
