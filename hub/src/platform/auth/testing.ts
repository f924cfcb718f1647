/** For tests: the accounts' and the audit's whole interface on a store, and browsers that keep their cookies. */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit, auditMigrations, auditRoutes } from '../audit/index.ts';
import { ManualClock } from '../clock.ts';
import { type ConfigInput, configSchema } from '../config/index.ts';
import type { Db, MigrationSet } from '../db/index.ts';
import { createHttp, defineRoute, type HttpServer, type RouteDefinition } from '../http/index.ts';
import { createMetrics } from '../http/metrics.ts';
import { text } from '../i18n/index.ts';
import { Jobs, jobMigrations } from '../jobs/index.ts';
import { type Lake, openDuckDbLake } from '../lake/index.ts';
import { silentLogger } from '../log/index.ts';
import { rotationJob, Vault } from '../vault/index.ts';
import { done } from './api.ts';
import type { FirstAccount } from './bootstrap.ts';
import { Auth, accountRoutes, administrationRoutes, authMigrations, permissions, revealRoutes } from './index.ts';

/** Tables that the harness needs. */
export const accountRooms: MigrationSet[] = [jobMigrations, auditMigrations, authMigrations];

/** An answer as a test looks at it. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests state what they expect of a body.
  body: any;
  text: string;
  headers: Record<string, unknown>;
}

/** A browser: sends JSON and keeps cookies. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #http: HttpServer;
  readonly #address: string;

  constructor(http: HttpServer, address = '10.0.0.1') {
    this.#http = http;
    this.#address = address;
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
    host?: string,
  ): Promise<Answer> {
    const response = await this.#http.fastify.inject({
      method,
      url,
      remoteAddress: this.#address,
      headers: { 'user-agent': 'test', ...(host ? { host } : {}) },
      cookies: Object.fromEntries(this.cookies),
      ...(body ? { payload: body } : {}),
    });
    for (const cookie of response.cookies) {
      if (cookie.value === '' || cookie.maxAge === 0) this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie.value);
    }
    const json = String(response.headers['content-type'] ?? '').includes('json');
    return {
      status: response.statusCode,
      body: json ? response.json() : null,
      text: response.body,
      headers: response.headers,
    };
  }
  get = (url: string) => this.send('GET', url);
  post = (url: string, body?: object) => this.send('POST', url, body);
  put = (url: string, body?: object) => this.send('PUT', url, body);
  patch = (url: string, body?: object) => this.send('PATCH', url, body);
  delete = (url: string) => this.send('DELETE', url);

  signIn = (login: string, password: string, code?: string) =>
    this.post('/api/v1/session', { login, password, ...(code === undefined ? {} : { code }) });
}

/** What a test works with. */
export interface Harness {
  auth: Auth;
  audit: Audit;
  vault: Vault;
  lake: Lake;
  clock: ManualClock;
  http: HttpServer;
  first: FirstAccount[];
  jobs: Jobs;
  browser(address?: string): Browser;
  /** Signs a first account in, with its one-time password changed to `<login>-Strong-77-pass`. */
  entered(login: string): Promise<Browser>;
  close(): Promise<void>;
}

/** The password that `entered` sets. */
export const passwordOf = (login: string): string => `${[...login].reverse().join('')}-Strong-77-passage`;

/** Puts everything together on an open store, which is emptied of accounts before. */
export async function harness(
  db: Db,
  options: {
    demo?: boolean;
    auth?: ConfigInput['auth'];
    /** Further routes on the same accounts. */
    more?: (parts: { auth: Auth; audit: Audit; clock: ManualClock }) => RouteDefinition[];
  } = {},
): Promise<Harness> {
  // Every role at every gate within a minute is more than one address may ask.
  const config = configSchema.parse({ auth: options.auth ?? {}, http: { limits: { requestsPerMinute: 100_000 } } });
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-auth-'));
  // Few rows are deleted sooner than tables are truncated, which makes their files anew.
  for (const table of ['role_grant', 'password_history', 'recovery_code', 'session', 'account', 'failure', 'oidc_flow'])
    await db.query(`DELETE FROM auth.${table}`);
  const clock = new ManualClock('2026-01-05T01:00:00Z');
  const audit = new Audit(db, clock);
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  const vault = await Vault.open({ lake, keys: join(folder, 'keys'), audit, clock });
  const auth = new Auth({
    db,
    clock,
    audit,
    config: config.auth,
    demo: options.demo ?? true,
    secretKey: randomBytes(32),
    scryptCost: 4,
  });
  const first = await auth.firstAccounts();
  const jobs = new Jobs({ db, clock, log: silentLogger() });
  jobs.define(rotationJob(vault, audit));
  await jobs.start();
  // A route of every permission and one of strangers, to see who is let in.
  const gates = permissions.map((permission) =>
    defineRoute({
      method: 'GET',
      path: `/api/v1/gate/${permission}`,
      room: 'test',
      summary: text('门', 'gate'),
      access: permission,
      response: done,
      handler: async () => ({ ok: true as const }),
    }),
  );
  // What a deprecated address names as its successor must be there; keys themselves have tests of their own.
  const successor = defineRoute({
    method: 'POST',
    path: '/api/v1/keys/rotations',
    room: 'test',
    summary: text('后继地址', 'successor'),
    access: 'system.manage',
    response: done,
    handler: async () => ({ ok: true as const }),
  });
  const http = await createHttp({
    config: config.http,
    log: silentLogger(),
    metrics: createMetrics(),
    routes: [
      ...accountRoutes(auth),
      ...administrationRoutes(auth),
      ...revealRoutes(vault, audit, jobs),
      ...auditRoutes(audit),
      ...gates,
      successor,
      ...(options.more?.({ auth, audit, clock }) ?? []),
    ],
    version: 'test',
    ready: {},
    clock,
    authenticate: auth.authenticate,
    refused: auth.refused,
    checkResponses: true,
  });
  await http.fastify.ready();
  const browser = (address?: string) => new Browser(http, address);
  return {
    auth,
    audit,
    vault,
    lake,
    clock,
    http,
    first,
    jobs,
    browser,
    async entered(login) {
      const b = browser();
      const given = first.find((f) => f.login === login)!.oneTimePassword;
      const again = await b.signIn(login, passwordOf(login));
      if (again.status !== 201) {
        await b.signIn(login, given);
        await b.post('/api/v1/me/password', { current: given, next: passwordOf(login) });
      }
      return b;
    },
    async close() {
      await http.close();
      await jobs.stop();
      await vault.close();
      await lake.close();
      rmSync(folder, { recursive: true });
    },
  };
}
