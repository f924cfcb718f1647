/** What benches of events share: a hub in a process of its own, people signed in, percentiles. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A hub's process. */
export interface BenchHub {
  child: ChildProcess;
  url: string;
  accounts: [string, string][];
}

/** Starts a hub; resolves when it listens. */
export async function benchHub(folder: string, database?: string): Promise<BenchHub> {
  const file = fileURLToPath(new URL('./events-hub.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, folder, ...(database ? [database] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! }))
    if (line.startsWith('{')) return { child, ...(JSON.parse(line) as Omit<BenchHub, 'child'>) };
  throw new Error('the hub did not start');
}

const PASSWORD = 'Warp-and-Weft-of-a-bench-26';
const cookieOf = (r: Response): string =>
  r.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');

/** Signs somebody in, by the one-time password at the first time; answers the cookie. */
export async function signIn(hub: BenchHub, login: string): Promise<string> {
  const post = (path: string, body: object, cookie = '') =>
    fetch(`${hub.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
  let r = await post('/session', { login, password: PASSWORD });
  if (!r.ok) {
    const current = hub.accounts.find(([l]) => l === login)?.[1] ?? '';
    r = await post('/session', { login, password: current });
    if (!r.ok) throw new Error(`${login}: ${r.status}`);
    const changed = await post('/me/password', { current, next: PASSWORD }, cookieOf(r));
    if (!changed.ok) throw new Error(`${login}: ${changed.status}`);
    r = await post('/session', { login, password: PASSWORD });
  }
  return cookieOf(r);
}

/** The value below which so many of all lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)) / 10;
}
