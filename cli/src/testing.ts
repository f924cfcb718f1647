/**
 * For tests: a command run to its end inside this process, as its own process would run it. What only a process can show
 * (the exit code that a shell sees, the end of standard input, signals) is tested with a real one: {@link spawned}.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What a command left behind. */
export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** One command at a time: output and environment are the process's. */
let line: Promise<unknown> = Promise.resolve();

/** Runs `jingwei` here, with these variables beside the environment. */
export function jingwei(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const mine = line.then(() => inside(args, env));
  line = mine.catch(() => undefined);
  return mine;
}

async function inside(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const said = { out: '', err: '' };
  const { stdout, stderr } = process;
  const [toOut, toErr, before] = [stdout.write, stderr.write, { ...process.env }];
  const keep = (to: 'out' | 'err') =>
    ((chunk: string | Uint8Array) => {
      said[to] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      return true;
    }) as typeof stdout.write;
  Object.assign(process.env, env);
  stdout.write = keep('out');
  stderr.write = keep('err');
  process.exitCode = undefined;
  try {
    return { code: await main(args), ...said };
  } finally {
    stdout.write = toOut;
    stderr.write = toErr;
    process.exitCode = undefined;
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

/** Starts `jingwei` as a process of its own; its standard input is at its end. */
export const begin = (args: readonly string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });

/** Runs `jingwei` as a process of its own, to its end. */
export async function spawned(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = begin(args, env);
  let out = '';
  let err = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}
