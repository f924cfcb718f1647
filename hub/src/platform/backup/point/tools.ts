/** The client tools of PostgreSQL on the hub's machine: where they are, how they reach the server, what their complaints mean. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../problem.ts';
import { needsAccess, needsRole, needsSenders, needsTools, oldTools, toolFailed } from './problems.ts';

/** A program as it is started: secrets stand in its environment, never among its arguments. */
export interface Tool {
  file: string;
  args: string[];
  env: Record<string, string>;
}

type Name = 'pg_receivewal' | 'pg_basebackup';

/** Folders in which a tool may be: the configured one alone, else PATH and where distributions put each version, the newest first. */
function foldersOf(given: string | undefined): string[] {
  if (given) return [given];
  const versions = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .filter((v) => /^\d+$/.test(v))
        .sort((a, b) => Number(b) - Number(a))
    : [];
  return [...versions.map((v) => `/usr/lib/postgresql/${v}/bin`), ...(process.env.PATH ?? '').split(delimiter)].filter(
    Boolean,
  );
}

/** Where a tool is; a Problem when there is none, or only one older than the server (`server` as 150012). */
export async function findTool(name: Name, given: string | undefined, server: number): Promise<string> {
  const version = Math.floor(server / 10_000);
  for (const folder of foldersOf(given)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      continue;
    }
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 });
    const found = Number(/(\d+)/.exec(stdout)?.[1] ?? 0);
    if (found < version) throw new Problem(oldTools, { tool: file, found, version });
    return file;
  }
  throw new Problem(needsTools, { tool: name, version });
}

/** How a tool reaches the server of a connection address: as the environment of libpq. */
export function environmentOf(url: string): Record<string, string> {
  const u = new URL(url);
  const env: Record<string, string> = { PGAPPNAME: 'jingwei-archive', PGCONNECT_TIMEOUT: '15' };
  const host = u.searchParams.get('host') ?? decodeURIComponent(u.hostname).replace(/^\[|\]$/g, '');
  if (host) env.PGHOST = host;
  if (u.port) env.PGPORT = u.port;
  if (u.username) env.PGUSER = decodeURIComponent(u.username);
  if (u.password) env.PGPASSWORD = decodeURIComponent(u.password);
  for (const [name, variable] of [
    ['sslmode', 'PGSSLMODE'],
    ['sslrootcert', 'PGSSLROOTCERT'],
    ['sslcert', 'PGSSLCERT'],
    ['sslkey', 'PGSSLKEY'],
  ] as const) {
    const value = u.searchParams.get(name);
    // What the driver of the hub calls so is not known to libpq.
    if (value) env[variable] = value === 'no-verify' ? 'require' : value;
  }
  return env;
}

/** Who connects, for sentences. */
export const roleOf = (env: Record<string, string>): string => env.PGUSER ?? '?';

/** The last line of what a tool said, without its own name. */
const lastLine = (said: string): string =>
  (
    said
      .trim()
      .split('\n')
      .filter((l) => /error|fatal|失败|错误/i.test(l))
      .at(-1) ??
    said.trim().split('\n').at(-1) ??
    ''
  )
    .replace(/^pg_\w+: /, '')
    .slice(0, 300);

/** What a tool's complaint means. */
export function problemOfTool(tool: string, said: string, role = '?'): Problem {
  const message = lastLine(said);
  if (/replication role|permission denied|REPLICATION attribute/i.test(said)) return new Problem(needsRole, { role });
  if (/pg_hba\.conf|no pg_hba|password authentication failed|no password supplied/i.test(said))
    return new Problem(needsAccess, { role, message });
  if (/max_wal_senders|number of requested standby connections/i.test(said))
    return new Problem(needsSenders, { setting: 'max_wal_senders', message });
  if (/all replication slots are in use|max_replication_slots/i.test(said))
    return new Problem(needsSenders, { setting: 'max_replication_slots', message });
  return new Problem(toolFailed, { tool, message });
}
