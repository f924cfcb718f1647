/** For tests: a hub of a city with the rooms that hubs need of each other, its own stores, listening on this machine. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type App, createApp } from './app.ts';
import { catalogueRoom } from './catalogue/index.ts';
import { exchangeRoom } from './exchange/index.ts';
import { peersRoom } from './peers/index.ts';
import { type Principal, permissionsOf, type Role } from './platform/auth/principal.ts';
import type { Clock } from './platform/clock.ts';
import { configSchema } from './platform/config/index.ts';
import { hubStore } from './platform/db/testing.ts';
import type { RouteDefinition } from './platform/http/index.ts';
import { silentLogger } from './platform/log/index.ts';
import { sharingRoom } from './sharing/index.ts';

/** A clock that goes on by itself, as seals need it, from a day of our choosing; `skip` moves it. */
export class GoingClock implements Clock {
  readonly #start: number;
  #from: number;
  constructor(at: string) {
    this.#start = performance.now();
    this.#from = Date.parse(at);
  }
  now(): Date {
    return new Date(this.#from + performance.now() - this.#start);
  }
  skip(ms: number): void {
    this.#from += ms;
  }
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null, login = `${role}@${organisation}`): Principal => ({
  ...{ userId: login, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: '测试用途' },
});

/** A running hub as tests use it. */
export interface TestHub {
  app: App;
  /** Calls a route of this hub as somebody. */
  call<T = Record<string, never>>(method: string, path: string, p: Principal, given?: Given): Promise<T>;
  look(): Promise<void>;
  /** Runs queued jobs until none is open. */
  jobs(): Promise<void>;
  /** Stops it; `start` begins it again on the same folder and port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  end(): Promise<void>;
}
export interface Given {
  params?: object;
  query?: object;
  body?: object;
}

/** A source of permits as a folder declares it. */
export const permitSource = (owner: string, over: object = {}): object => ({
  ...{ id: `${owner}.permit`, number: 11, title: { zh: '行政许可信息', en: 'Permits' }, owner, category: 'permit' },
  abstract: { zh: '企业取得的行政许可及其有效期', en: 'Permits of enterprises and how long they hold' },
  ...{ subject: 'legal-person', level: 'general', sharing: { type: 'unconditional' }, cadence: 'daily' },
  ...{ mode: 'snapshot', key: ['permit_no'], transport: { kind: 'file' } },
  fields: [
    { name: 'permit_no', title: { zh: '许可证号', en: 'Permit number' }, type: 'text', required: true },
    { name: 'comp_nm', title: { zh: '企业名称', en: 'Name' }, type: 'text', format: 'company-name', role: 'name' },
    { name: 'division', title: { zh: '行政区划', en: 'Division' }, type: 'text', format: 'division' },
    {
      name: 'phone',
      title: { zh: '联系电话', en: 'Telephone' },
      type: 'text',
      format: 'phone',
      protection: 'sensitive',
    },
  ],
  ...over,
});

/** Starts a hub of a city. `sources`: what its departments declare. */
export async function testHub(city: string, clock: Clock, sources: readonly object[] = []): Promise<TestHub> {
  const folder = mkdtempSync(join(tmpdir(), `jingwei-peers-${city}-`));
  const root = join(folder, 'root');
  mkdirSync(join(root, 'sources'), { recursive: true });
  for (const name of ['cities', 'standards']) symlinkSync(join(repository, name), join(root, name));
  for (const source of sources) {
    const [owner, resource] = (source as { id: string }).id.split('.') as [string, string];
    const at = join(root, 'sources', owner, resource);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'source.yaml'), stringify(source));
  }
  const data = join(folder, 'data');
  const store = await hubStore(data);
  let port = 0;
  let look: TestHub['look'] = async () => undefined;
  const hub = { routes: [] as RouteDefinition[] } as TestHub & { routes: RouteDefinition[] };
  hub.start = async () => {
    const peers = peersRoom(3_600_000);
    const config = configSchema.parse({
      ...{ dataFolder: data, city, http: { port }, lake: { memoryMiB: 256, threads: 1 } },
      ...(store.url === undefined ? {} : { db: { url: store.url } }),
    });
    // Corrections of delivered values stand in a table of the libraries, which are not part of this.
    const tables = { name: 'libraries', migrations: join(repository, 'hub/src/libraries/migrations') };
    const rooms = [catalogueRoom(), exchangeRoom(), tables, sharingRoom(), peers];
    hub.app = await createApp(config, { clock, logger: silentLogger(), rooms, repository: root });
    port = Number(new URL(hub.app.url).port);
    look = peers.look;
    hub.routes = rooms.flatMap((room) => ('routes' in room ? (room.routes?.(hub.app.deps) ?? []) : []));
  };
  hub.call = async (method, path, p, given = {}) => {
    const route = hub.routes.find((r) => r.method === method && r.path === `/api/v1${path}`);
    if (!route) throw new Error(`no route ${method} ${path}`);
    if (route.access !== 'public' && route.access !== 'signed-in' && !p.permissions.has(route.access))
      throw new Error(`403 ${route.access}`);
    const answer = await route.handler({
      ...{ params: route.params?.parse(given.params ?? {}), query: route.query?.parse(given.query ?? {}) },
      ...{ body: route.body?.parse(given.body ?? {}), principal: p, clock, request: {} as never, reply: {} as never },
    });
    return (route.response as { parse(v: unknown): unknown }).parse(answer) as never;
  };
  hub.look = () => look();
  hub.jobs = async () => {
    for (;;) {
      const open = (await hub.app.deps.jobs.list({ limit: 100 })).filter((j) =>
        ['queued', 'running'].includes(j.state),
      );
      // One that waits for another hub is not waited for.
      const due = open.filter((j) => j.state === 'running' || Date.parse(j.dueAt) <= clock.now().getTime());
      if (!due.length) return;
      await Promise.race([...due.map((j) => hub.app.deps.jobs.wait(j.id)), new Promise((r) => setTimeout(r, 100))]);
    }
  };
  hub.stop = () => hub.app.close();
  hub.end = async () => {
    await hub.app.close();
    await store.end();
    rmSync(folder, { recursive: true, force: true });
  };
  await hub.start();
  return hub;
}
