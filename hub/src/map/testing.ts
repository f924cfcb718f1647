/** For tests and benches: a map over a lake with views of a small city, without a store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { Bus } from '../platform/bus/index.ts';
import { ManualClock } from '../platform/clock.ts';
import { configSchema } from '../platform/config/index.ts';
import { createHttp, createMetrics, type HttpServer } from '../platform/http/index.ts';
import { type Lake, openDuckDbLake } from '../platform/lake/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import type { AuditEntry, Deps } from '../platform/room.ts';
import { ogcRoutes } from './ogc/routes.ts';
import { mapRoutes } from './routes.ts';
import { OneMap } from './service.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Somebody with roles. */
export const who = (...roles: Role[]): Principal => ({
  ...{ userId: roles[0] ?? '', login: roles[0] ?? '', name: '', organisation: 'zrzy', roles },
  ...{ permissions: permissionsOf(roles), sessionId: 's', purpose: null },
});

/** A map and the server that serves it. Requests say who sends them in `x-role`. */
export interface TestMap {
  map: OneMap;
  lake: Lake;
  clock: ManualClock;
  audited: AuditEntry[];
  http: HttpServer;
  end(): Promise<void>;
}

/** Makes one; `define` makes the views that its layers read. `sources`: the folder beside which `layers/` lies. */
export async function testMap(define: readonly string[], sources = join(repository, 'sources')): Promise<TestMap> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-map-'));
  const lake = await openDuckDbLake({ path: ':memory:', memoryMiB: 1024, threads: 2 });
  await lake.define(['CREATE SCHEMA IF NOT EXISTS v', 'CREATE SCHEMA IF NOT EXISTS map', ...define]);
  const clock = new ManualClock(new Date('2026-11-20T08:00:00Z'));
  const audited: AuditEntry[] = [];
  const config = configSchema.parse({ dataFolder: folder, http: { port: 0 } });
  const deps = {
    ...{ config, clock, lake, log: silentLogger(), bus: new Bus(() => undefined), db: {} },
    folders: { data: folder, sources, cities: join(repository, 'cities') },
    audit: { append: async (entry: AuditEntry) => void audited.push(entry) },
    vault: { masks: async (tokens: string[]) => new Map(tokens.map((t) => [t, '138****0000'])) },
    http: { url: () => 'http://map.test' },
    jobs: { submit: async () => '1' },
  } as unknown as Deps;
  const map = new OneMap(deps);
  const http = await createHttp({
    ...{ config: config.http, clock, log: silentLogger(), metrics: createMetrics(), version: '0', ready: {} },
    ...{ checkResponses: true, routes: [...mapRoutes(map), ...ogcRoutes(map)] },
    authenticate: async (request) => {
      const roles = request.headers['x-role'];
      return typeof roles === 'string' ? who(...(roles.split(',') as Role[])) : null;
    },
  });
  return {
    ...{ map, lake, clock, audited, http },
    async end() {
      await http.close();
      await map.stop();
      await lake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
