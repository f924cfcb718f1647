/**
 * The command line as a client of a running hub. It signs in like a person (the hub knows no back door) and keeps the
 * session in a file that only its owner can read.
 */
import { createReadStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ProblemView } from './output.ts';

/** A problem that the hub answered. */
export class HubProblem extends Error {
  readonly problem: ProblemView;
  readonly status: number;
  constructor(problem: ProblemView, status: number) {
    super(`${problem.code}: ${problem.title.en}`);
    this.name = 'HubProblem';
    this.problem = problem;
    this.status = status;
  }
}

/** No hub answers at that address. */
export class HubUnreachable extends Error {
  readonly url: string;
  constructor(url: string, cause: unknown) {
    super(`no hub answers at ${url}`, { cause });
    this.name = 'HubUnreachable';
    this.url = url;
  }
}

function sessionFile(url: string): string {
  const base = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  return join(base, 'jingwei', `session-${new URL(url).host.replaceAll(/[^\w.-]/g, '_')}`);
}

/** The address of a hub is not one. */
export class HubAddress extends Error {
  readonly url: string;
  constructor(url: string) {
    super(`not the address of a hub: ${url}`);
    this.name = 'HubAddress';
    this.url = url;
  }
}

/** A problem as it comes over the wire: `title` is in one language, `titles` in both, and so in its details. */
type WireProblem = Omit<ProblemView, 'title' | 'details'> & {
  title: string;
  titles: { zh: string; en: string };
  details?: WireProblem[];
};

function viewOf({ titles, details, ...rest }: WireProblem): ProblemView {
  return { ...rest, title: titles, ...(details ? { details: details.map(viewOf) } : {}) };
}

/** Talks to one hub. Answers are parsed JSON; problems are thrown as HubProblem. */
export class HubClient {
  readonly url: string;
  #cookie: string | undefined;

  constructor(url: string) {
    this.url = url.replace(/\/$/, '');
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new HubAddress(url);
    try {
      this.#cookie = readFileSync(sessionFile(this.url), 'utf8').trim() || undefined;
    } catch {
      this.#cookie = undefined;
    }
  }

  /** Signs in and keeps the session for later calls. `code` is the authenticator's, where the account has one. */
  async signIn(login: string, password: string, code?: string): Promise<{ mustChangePassword: boolean }> {
    this.#cookie = undefined;
    const response = await this.#fetch('POST', '/api/v1/session', {
      body: JSON.stringify({ login, password, ...(code ? { code } : {}) }),
      headers: { 'content-type': 'application/json' },
    });
    const me = (await this.#answer(response)) as { mustChangePassword: boolean };
    const cookie = response.headers
      .getSetCookie()
      .map((c) => c.split(';')[0]!)
      .join('; ');
    const file = sessionFile(this.url);
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, cookie, { mode: 0o600 });
    this.#cookie = cookie;
    return me;
  }

  /** Ends the session here and at the hub. */
  async signOut(): Promise<void> {
    await this.#fetch('DELETE', '/api/v1/session', {}).catch(() => undefined);
    rmSync(sessionFile(this.url), { force: true });
    this.#cookie = undefined;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path, {});
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#call<T>('POST', path, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  /** Sends a file as it is, however large. */
  upload<T>(path: string, file: string): Promise<T> {
    return this.#call<T>('POST', path, {
      body: Readable.toWeb(createReadStream(file)) as ReadableStream,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(statSync(file).size) },
      duplex: 'half',
    } as RequestInit);
  }

  async #call<T>(method: string, path: string, init: RequestInit): Promise<T> {
    return (await this.#answer(await this.#fetch(method, path, init))) as T;
  }

  async #fetch(method: string, path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + path, {
        ...init,
        method,
        headers: {
          accept: 'application/json',
          origin: this.url,
          ...(this.#cookie ? { cookie: this.#cookie } : {}),
          ...init.headers,
        },
      });
    } catch (error) {
      throw new HubUnreachable(this.url, error);
    }
  }

  async #answer(response: Response): Promise<unknown> {
    const text = await response.text();
    let body: unknown;
    try {
      body = text ? JSON.parse(text) : undefined;
    } catch {
      // Something answers there, but it is no hub: a proxy's page, another program.
      throw new HubUnreachable(this.url, `HTTP ${response.status}, not JSON`);
    }
    if (response.ok) return body;
    if (!(body as WireProblem | undefined)?.titles) throw new HubUnreachable(this.url, `HTTP ${response.status}`);
    throw new HubProblem(viewOf(body as WireProblem), response.status);
  }
}
