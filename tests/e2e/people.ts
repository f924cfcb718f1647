/** Whoever is in the demonstration, signed in as a program; and asking a hub as one of them. */
import type { BrowserContext } from 'playwright-core';
import type { Role } from '../../hub/src/platform/auth/principal.ts';
import { newPassword } from './hub.ts';

/** Everyone who is in the demonstration, by the name they sign in with. */
export const logins = [
  'steward',
  'officer',
  'analyst',
  'bank',
  'leader',
  'archivist',
  'head',
  'rsj-officer',
  'rsj-head',
  'mzj-officer',
  'collector',
  'duty',
  'field',
  'sysadmin',
  'secadmin',
  'auditadmin',
] as const;
export type Login = (typeof logins)[number];

/** The role of each. */
export const roleOf: Readonly<Record<Login, Role>> = {
  steward: 'data-steward',
  officer: 'data-officer',
  analyst: 'analyst',
  bank: 'credit-user',
  leader: 'leader',
  archivist: 'archivist',
  head: 'department-head',
  'rsj-officer': 'data-officer',
  'rsj-head': 'department-head',
  'mzj-officer': 'data-officer',
  collector: 'collector',
  duty: 'duty-officer',
  field: 'field-officer',
  sysadmin: 'system-admin',
  secadmin: 'security-admin',
  auditadmin: 'audit-admin',
};

/** What a browser keeps of somebody who signed in. */
export type State = Awaited<ReturnType<BrowserContext['storageState']>>;

const json = { 'content-type': 'application/json' };

const cookiesOf = (answer: Response): State['cookies'] =>
  answer.headers.getSetCookie().map((line) => {
    const [name, value] = line.split(';')[0]!.split('=') as [string, string];
    return {
      name,
      value,
      domain: '127.0.0.1',
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: 'Strict',
    };
  });

const header = (state: State): string => state.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

/** Signs in as a program, and answers what a browser would keep. */
export async function enter(url: string, login: string, password: string): Promise<State> {
  const body = JSON.stringify({ login, password });
  const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: json, body });
  if (!answer.ok) throw new Error(`${login} cannot sign in: ${answer.status}`);
  return { cookies: cookiesOf(answer), origins: [] };
}

/** Signs in for the first time: the one-time password is changed for the one of the tests. */
export async function signedIn(url: string, login: string, oneTime: string): Promise<State> {
  const state = await enter(url, login, oneTime);
  const changed = await fetch(`${url}/api/v1/me/password`, {
    method: 'POST',
    headers: { ...json, cookie: header(state) },
    body: JSON.stringify({ current: oneTime, next: newPassword }),
  });
  if (!changed.ok) throw new Error(`${login} cannot change the password: ${changed.status}`);
  return enter(url, login, newPassword);
}

/** Asks a hub as somebody who is signed in. */
export async function ask<T>(url: string, state: State, path: string): Promise<T> {
  const answer = await fetch(url + path, { headers: { cookie: header(state) } });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return (await answer.json()) as T;
}

/** Waits until the demonstration city is collected, integrated and everything that follows is done. */
export async function cityReady(url: string, steward: State): Promise<void> {
  const deadline = performance.now() + 400_000;
  let calm = 0;
  // Jobs bring jobs: only when nothing has run for a moment is nothing more to come.
  while (calm < 3) {
    if (performance.now() > deadline) throw new Error('the demonstration city was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { jobs } = await ask<{ jobs: { kind: string; state: string }[] }>(url, steward, '/api/v1/jobs?limit=1000');
    const { entities } = await ask<{ entities: number }>(url, steward, '/api/v1/libraries/summary');
    const { waiting } = await ask<{ waiting: number }>(url, steward, '/api/v1/refinery/summary');
    // Archives are handed in one by one, a second each, and pages need not wait for the last.
    const busy = jobs.some((job) => ['running', 'queued'].includes(job.state) && !job.kind.startsWith('archives.'));
    const measured = jobs.some((job) => job.kind === 'credit.measures' && job.state === 'done');
    calm = !busy && measured && entities > 0 && waiting === 0 ? calm + 1 : 0;
  }
}
