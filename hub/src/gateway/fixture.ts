/**
 * A hub's part that serves one grant of many synthetic records, on disk, behind the hub's own web server: for benches and for the test that
 * kills it. No person or enterprise stands behind any row.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { Catalogue, EntryBook, sourceDeclaration, takeOver, useCatalogue, useEntries } from '../catalogue/index.ts';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { authMigrations } from '../platform/auth/index.ts';
import { Bus } from '../platform/bus/index.ts';
import { systemClock } from '../platform/clock.ts';
import { configSchema } from '../platform/config/index.ts';
import { migrate, openDb } from '../platform/db/index.ts';
import { createHttp, createMetrics } from '../platform/http/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { Gateway, type GatewayDeps } from './gateway.ts';
import { gatewayHandlers } from './http/handler.ts';
import { fingerprintOfKey } from './serve/items.ts';
import { gatewayTables } from './tables.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const field = (name: string, more: object = {}) => ({
  name,
  title: { zh: `${name}项`, en: name },
  type: 'text',
  ...more,
});
const fields = [
  field('permit_no', { required: true }),
  field('comp_nm', { format: 'company-name', role: 'name' }),
  field('uscc', { format: 'uscc' }),
  field('contact', { format: 'person-name', protection: 'personal' }),
  field('phone', { format: 'phone', protection: 'sensitive' }),
  field('address', { format: 'address', protection: 'personal' }),
  field('valid_to', { type: 'date' }),
  field('fee', { type: 'decimal', format: 'amount' }),
];
const MARK = 'b'.repeat(32);

export interface Fixture {
  url: string;
  grant: number;
  gateway: Gateway;
  /** Registers a client of the requester by the hash of its secret. */
  client(id: string, secretHash: Uint8Array): Promise<void>;
  /** Ends it; answers the served table, the number of a key in it, and how many records of use were kept. */
  end(): Promise<{ table: string; number: (key: string) => bigint; kept: number }>;
}

/** Opens the part on a folder; makes the records where there are none. */
export async function gatewayFixture(folder: string, records: number): Promise<Fixture> {
  mkdirSync(folder, { recursive: true });
  const db = await openDb({ kind: 'pglite', folder: join(folder, 'pg') });
  const auth = Array.isArray(authMigrations) ? authMigrations : [authMigrations];
  const rooms = ['catalogue', 'libraries', 'sharing', 'gateway'].map((room) => ({
    room,
    folder: at(`../${room}/migrations`),
  }));
  await migrate(db, [auditMigrations, ...auth, ...rooms]);
  const lake = await openDuckDbLake({ path: join(folder, 'lake.duckdb'), tempDirectory: join(folder, 'temp') });
  await lake.define([
    ...gatewayTables,
    'CREATE SCHEMA IF NOT EXISTS v',
    'CREATE SCHEMA IF NOT EXISTS f',
    `CREATE TABLE IF NOT EXISTS f.record AS SELECT i AS entity, DATE '2026-01-01' AS day, (7::BIGINT << 32) + i AS fact, NULL::DECIMAL(18,4) AS amount,
       'K' || i AS permit_no, '演示第' || i || '有限公司' AS comp_nm, '91330282MA' || lpad((i % 100000000)::VARCHAR, 8, '0') AS uscc,
       '演示' || (i % 977) AS contact, '139' || lpad((i % 100000000)::VARCHAR, 8, '0') AS phone, '示例市示例区示例路' || (i % 5000) || '号' AS address,
       DATE '2026-01-01' + (i % 3650)::INTEGER AS valid_to, ((i % 100000) * 1.25)::DECIMAL(18,4) AS fee FROM range(${Math.floor(records)}) r(i)`,
    'CREATE OR REPLACE VIEW v.record_scjg_permit_v1 AS FROM f.record',
    'CREATE OR REPLACE VIEW v.identity_v1 AS SELECT NULL::VARCHAR AS token, NULL::VARCHAR AS mask WHERE false',
  ]);
  const source = {
    declaration: sourceDeclaration.parse({
      ...{
        id: 'scjg.permit',
        number: 11,
        title: { zh: '演示许可', en: 'Demonstration permit' },
        owner: 'scjg',
        category: 'permit',
      },
      abstract: { zh: '演示用合成许可记录，供测量使用', en: 'Synthetic permits to measure with' },
      ...{ subject: 'legal-person', level: 'general', sharing: { type: 'unconditional' }, cadence: 'daily' },
      ...{ mode: 'snapshot', key: ['permit_no'], transport: { kind: 'file' }, fields },
    }),
    ...{ version: 1, sha256: 'fixture', folder: '' },
  };
  const book = await new EntryBook(db).load();
  useEntries(db, book);
  useCatalogue(
    lake,
    new Catalogue(
      [source],
      ['scjg', 'rsj'].map((id) => ({ id, name: { zh: id, en: id } })),
      [],
    ),
  );
  await takeOver({ db, clock: systemClock }, book, [source]);
  const grant = await grantIn(db);
  const log = silentLogger();
  let url = '';
  const deps = {
    ...{ db, lake, log, clock: systemClock, audit: new Audit(db, systemClock), folders: { data: folder } },
    ...{ bus: new Bus((_, error) => log.error({ err: error }, 'listener')), http: { url: () => url } },
    config: configSchema.parse({ dataFolder: folder, http: { port: 0 } }),
  } as unknown as GatewayDeps;
  const gateway = new Gateway(deps);
  const http = await createHttp({
    ...{ config: deps.config.http, clock: systemClock, log, metrics: createMetrics(), routes: [], version: '0' },
    ...{ lean: gatewayHandlers(gateway), authenticate: async () => null, checkResponses: false, ready: {} },
  });
  await gateway.start();
  await gateway.services.refresh([grant]);
  url = await http.listen();
  return {
    ...{ url, grant, gateway },
    async client(id, hash) {
      const now = systemClock.now();
      await sql`INSERT INTO gateway.client (id, organisation, name, purpose, sandbox, method, keys, scope, networks, created_by, created_at)
        VALUES (${id}, 'rsj', 'bench', 'bench', false, 'secret', '[]', '[]', '[]', 'bench', ${now}) ON CONFLICT DO NOTHING`.execute(
        db.kysely,
      );
      await sql`INSERT INTO gateway.secret (client, hash, hint, created_by, created_at)
        VALUES (${id}, ${hash}, '****', 'bench', ${now}) ON CONFLICT DO NOTHING`.execute(db.kysely);
      await gateway.book.reload(id);
    },
    async end() {
      const table = gateway.services.get(grant)!.live!.name;
      await http.close();
      await gateway.usage.take();
      const kept = Number((await lake.first<{ n: number }>('SELECT count(*) AS n FROM gw.usage'))!.n);
      await gateway.stop();
      await lake.close();
      await db.close();
      return { table, kept, number: (key) => BigInt(fingerprintOfKey(MARK, [key]).number) };
    },
  };
}

/** The grant: every item, personal ones masked, no limits that a measure would meet. */
async function grantIn(db: Awaited<ReturnType<typeof openDb>>): Promise<number> {
  const there = await sql<{ id: number }>`SELECT id FROM sharing.share LIMIT 1`.execute(db.kysely);
  if (there.rows[0]) return there.rows[0].id;
  const now = systemClock.now();
  const request = await sql<{
    id: number;
  }>`INSERT INTO sharing.request (requester, provider, entry, sharing, state, content, created_by, created_at)
    VALUES ('rsj', 'scjg', 'scjg.permit', 'unconditional', 'granted', '{}', 'bench', ${now}) RETURNING id`.execute(
    db.kysely,
  );
  const items = JSON.stringify(fields.map((f) => f.name));
  const made = await sql<{
    id: number;
  }>`INSERT INTO sharing.share (request, requester, provider, entry, state, mode, items, plain, filter,
      frequency, format, mark, since, until, created_at)
    VALUES (${request.rows[0]!.id}, 'rsj', 'scjg', 'scjg.permit', 'active', 'service', ${items}::jsonb, '[]', '[]', 'once', 'csv', ${MARK},
      '2026-01-01', '2099-12-31', ${now}) RETURNING id`.execute(db.kysely);
  const { id } = made.rows[0]!;
  await sql`INSERT INTO gateway.service (share, per_second, burst, concurrent, cache, updated_by, updated_at)
    VALUES (${id}, 10000, 20000, 1000, false, 'bench', ${now})`.execute(db.kysely);
  return id;
}
