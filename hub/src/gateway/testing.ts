/** What the tests of the gateway share: the bench of sharing with service grants, the gateway on it, and a plain server in front. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ZodType } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { configSchema } from '../platform/config/index.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import type { StreamBody } from '../platform/http/index.ts';
import type { SharingPorts } from '../sharing/index.ts';
import { type Bench, bench, people, sharingMigrations, whole } from '../sharing/testing.ts';
import { Gateway, type GatewayDeps } from './gateway.ts';
import { gatewayHandlers } from './http/handler.ts';
import { gatewayRoutes } from './routes.ts';
import { gatewayTables } from './tables.ts';

export const gatewayMigrations: MigrationSet[] = [
  ...sharingMigrations,
  { room: 'gateway', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
];

export interface GatewayBench {
  b: Bench;
  gateway: Gateway;
  url: string;
  /** A grant of rsj on scjg.permit, ready to be called. */
  grant(over?: object, entry?: string): Promise<number>;
  call<T = Record<string, never>>(method: string, path: string, p: Principal, given?: object): Promise<T>;
  /** A client with its secret. */
  client(over?: object, p?: Principal): Promise<{ id: string; secret: string }>;
  /** A token of a client. */
  token(client: { id: string; secret: string }, scope?: string): Promise<string>;
  /** Calls a service. */
  get(path: string, token: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, token: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  end(): Promise<void>;
}

/** The gateway on an open store. */
export async function gatewayBench(db: Db): Promise<GatewayBench> {
  const b = await bench(db);
  const ports = b.ports as SharingPorts & GatewayDeps;
  await ports.lake.define(gatewayTables);
  let url = '';
  const deps = { ...ports, config: configSchema.parse({ dataFolder: ports.folders.data }), http: { url: () => url } };
  const gateway = new Gateway(deps as GatewayDeps);
  const handlers = gatewayHandlers(gateway);
  const server: Server = createServer((request, response) => {
    if (handlers.some((h) => h.handle(request, response))) return;
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await gateway.start();
  const routes = gatewayRoutes(gateway);
  const self: GatewayBench = {
    ...{ b, gateway, url },
    async grant(over = {}, entry = 'scjg.permit') {
      const { rsjOfficer, rsjHead, head, officer } = people;
      const content = whole({
        mode: 'service',
        items: ['permit_no', 'comp_nm', 'contact', 'phone', 'valid_to', 'fee'],
        necessity: { contact: '核对企业联系人所必需', phone: '联系当事企业所必需' },
        ...over,
      });
      const { id } = await b.call<{ id: number }>('POST', '/requests', rsjOfficer, { body: { entry, content } });
      await b.step('requests', id, 'propose', rsjOfficer);
      await b.step('requests', id, 'agree-own', rsjHead);
      if (entry !== 'scjg.permit')
        await b.step('requests', id, 'advise', officer, { comment: '符合条件', data: { share: true } });
      const granted = await b.step<{ share: number }>('requests', id, 'grant', head);
      await gateway.services.reload(granted.share);
      await gateway.services.refresh([granted.share]);
      return granted.share;
    },
    async call(method, path, p, given: { params?: object; query?: object; body?: object } = {}) {
      const route = routes.find((r) => r.method === method && r.path === `/api/v1/gateway${path}`);
      if (!route) throw new Error(`no route ${method} ${path}`);
      if (!p.permissions.has(route.access as never)) throw new Error(`403 ${route.access}`);
      const answer = await route.handler({
        params: route.params?.parse(given.params ?? {}),
        query: route.query?.parse(given.query ?? {}),
        body: route.body?.parse(given.body ?? {}),
        ...{ principal: p, clock: b.clock, request: {} as never, reply: {} as never },
      });
      return ('stream' in route.response ? answer : (route.response as ZodType).parse(answer)) as never;
    },
    async client(over = {}, p = people.rsjOfficer) {
      const body = { name: '社保稽核系统', purpose: '社保稽核比对', sandbox: false, method: 'secret', ...over };
      return self.call('POST', '/clients', p, { body });
    },
    async token({ id, secret }, scope) {
      const form = {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
        ...(scope ? { scope } : {}),
      };
      const answer = await fetch(`${url}/services/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
      const given = (await answer.json()) as { access_token: string };
      if (!answer.ok) throw new Error(JSON.stringify(given));
      return given.access_token;
    },
    get: (path, token, headers = {}) =>
      fetch(`${url}/services/${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } }),
    post: (path, token, body, headers = {}) =>
      fetch(`${url}/services/${path}`, {
        ...{ method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      }),
    async end() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await gateway.stop();
      await b.end();
    },
  };
  return self;
}

/** The text of a streamed answer of a route. */
export async function textOf(body: StreamBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const c of body.chunks) chunks.push(Buffer.from(c));
  return Buffer.concat(chunks).toString();
}
