/** What the tests of subscriptions share: sharing's bench with a grant, the service on it, receivers that do as they are told. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { ZodType } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import type { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import type { StreamBody } from '../platform/http/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { Networks } from '../platform/networks/index.ts';
import {
  people,
  type Bench as SharingBench,
  bench as sharingBench,
  sharingMigrations,
  textOf,
} from '../sharing/testing.ts';
import { logTables } from './log/tables.ts';
import { look } from './log/watch.ts';
import { pauseBecause } from './manage/sweep.ts';
import { transportOf } from './module.ts';
import { Arrivals, type SubscriptionPorts } from './ports.ts';
import type { Outcome, Transport } from './push/outcome.ts';
import { Pusher } from './push/pusher.ts';
import { subscriptionRoutes } from './routes.ts';
import { Secrets, type SubscriptionRow } from './store.ts';

export const subscriptionMigrations: MigrationSet[] = [
  ...sharingMigrations,
  { room: 'subscriptions', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
];

/** The recipient's officer, and somebody of the provider. */
export const rsj = people.rsjOfficer;
export const scjg = people.officer;
export { people };

export interface Bench {
  ports: SubscriptionPorts;
  clock: ManualClock;
  sharing: SharingBench;
  /** Changes rows of `f.permit` and looks for what changed. */
  change(statement: string): Promise<void>;
  call<T = Record<string, never>>(method: string, path: string, p: Principal | null, given?: Given): Promise<T>;
  /** Everything that is due now is sent. */
  push(): Promise<void>;
  end(): Promise<void>;
}
interface Given {
  params?: object;
  query?: object;
  body?: object;
  headers?: Record<string, string>;
}

/** A grant of `scjg.permit` to rsj. */
export async function grant(db: Db, over: Record<string, unknown> = {}): Promise<number> {
  const share = {
    ...{
      entry: 'scjg.permit',
      state: 'active',
      mode: 'batch',
      items: ['permit_no', 'comp_nm', 'fee', 'phone'],
      plain: [],
    },
    ...{ filter: [], frequency: 'daily', mark: randomBytes(16).toString('hex'), until: '2026-12-31', ...over },
  };
  const request = await sql<{
    id: number;
  }>`INSERT INTO sharing.request (requester, provider, entry, sharing, state, content, created_by,
      created_at) VALUES ('rsj', 'scjg', ${share.entry}, 'unconditional', 'granted', '{}', 'x', '2026-03-02T00:00:00Z') RETURNING id`.execute(
    db.kysely,
  );
  const made = await sql<{
    id: number;
  }>`INSERT INTO sharing.share (request, requester, provider, entry, state, mode, items, plain,
      filter, frequency, format, mark, since, until, created_at)
    VALUES (${request.rows[0]!.id}, 'rsj', 'scjg', ${share.entry}, ${share.state}, ${share.mode}, ${JSON.stringify(share.items)}::jsonb,
      ${JSON.stringify(share.plain)}::jsonb, ${JSON.stringify(share.filter)}::jsonb, ${share.frequency}, 'csv', ${share.mark},
      '2026-03-01', ${share.until}::date, '2026-03-02T00:00:00Z') RETURNING id`.execute(db.kysely);
  return made.rows[0]!.id;
}

/** The service on an open store. `transport` stands in the way to targets; the real one by default. */
export async function bench(db: Db, transport?: (sub: SubscriptionRow) => Transport): Promise<Bench> {
  const sharing = await sharingBench(db);
  const { lake, clock, audit, blobs, seal, vault, notices } = sharing.ports;
  // What the pusher would only write to its log is a fault of the test.
  const faults: unknown[] = [];
  const log = {
    ...silentLogger(),
    info: () => undefined,
    error: ({ err }: { err: unknown }) => faults.push(err),
  } as never;
  await lake.define([
    ...logTables,
    'CREATE OR REPLACE VIEW v.integration_v1 AS SELECT finished FROM (VALUES (now())) t(finished)',
  ]);
  const networks = new Networks(['127.0.0.0/8', '::1/128']);
  const secrets = new Secrets(randomBytes(32));
  const pusher = new Pusher({
    ...{ db, lake, clock, vault, log, city: 'test', secrets, random: () => 0.5, concurrency: 8 },
    transport: (sub, password) => transport?.(sub) ?? transportOf(sub, password, networks, clock),
    pause: (sub, reason) => pauseBecause({ db, clock, audit, notices }, sub, reason),
  });
  const ports: SubscriptionPorts = {
    ...{ db, lake, clock, audit, blobs, seal, log, vault, notices, city: 'test', networks, secrets, pusher },
    arrivals: new Arrivals(),
  };
  const routes = subscriptionRoutes(ports);
  return {
    ...{ ports, clock: sharing.clock, sharing },
    async change(statement) {
      await lake.session((s) => s.run(statement));
      // The statements change values without a new row's number: they are looked at all the same.
      await look(ports, 'scjg.permit', true);
      ports.arrivals.tell('scjg.permit');
    },
    async call(method, path, p, given = {}) {
      const route = routes.find((r) => r.method === method && r.path === `/api/v1/subscriptions${path}`);
      if (!route) throw new Error(`no route ${method} ${path}`);
      if (route.access !== 'public' && !p?.permissions.has(route.access as never))
        throw new Error(`403 ${route.access}`);
      const answer = await route.handler({
        params: route.params?.parse(given.params ?? {}),
        query: route.query?.parse(given.query ?? {}),
        body: route.body?.parse(given.body ?? {}),
        ...{ principal: p, clock, reply: { raw: { once: () => undefined } } as never },
        request: { headers: given.headers ?? {} } as never,
      });
      if ('stream' in route.response) return JSON.parse(await textOf(answer as StreamBody)) as never;
      return (route.response as ZodType).parse(answer) as never;
    },
    async push() {
      await pusher.wakeAll();
      await pusher.settled();
      if (faults.length) throw faults.pop();
    },
    async end() {
      await pusher.stop();
      await sharing.end();
    },
  };
}

/** An event as it was received. */
export interface Event extends Record<string, unknown> {
  id: string;
  type: string;
  subject: string;
  sequence: string;
  previous?: string;
  data?: Record<string, unknown>;
}
export const eventsIn = (body: Uint8Array): Event[] => [JSON.parse(Buffer.from(body).toString())].flat();

/** A transport that keeps what it is given; `answer` says what comes of the n-th message (from 0). */
export function recorder(answer: (n: number) => Outcome) {
  const messages: { id: string; body: Uint8Array; events: Event[] }[] = [];
  const taken: Event[] = [];
  let n = 0;
  const transport: Transport = {
    async send(message) {
      const outcome = answer(n++);
      messages.push({ id: message.id, body: message.body, events: eventsIn(message.body) });
      if (outcome.ok) taken.push(...eventsIn(message.body));
      return outcome;
    },
    close: async () => undefined,
  };
  return { transport, messages, taken };
}

/** A web server on this machine. */
export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => handler(request, response, Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}/hook`, server },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
