/** For tests: events on a store of its own, with a clock that stands. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nationalCalendar } from '@jingwei/codes';
import type { Principal, Role } from '../platform/auth/principal.ts';
import { permissionsOf } from '../platform/auth/principal.ts';
import { FolderBlobs } from '../platform/blobs/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { usualHours } from '../platform/law/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { mirrorMigrations } from '../platform/mirror/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import { Matters } from './matters.ts';
import { Places } from './place.ts';
import type { EventPorts } from './ports.ts';
import { Recent } from './same/recent.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The room's tables. */
export const eventSets: readonly MigrationSet[] = [
  mirrorMigrations,
  { room: 'events', folder: fileURLToPath(new URL('./migrations', import.meta.url)) },
];

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null = null): Principal => ({
  ...{
    userId: role,
    login: `${role}@${organisation ?? ''}`,
    name: role,
    organisation,
    roles: [role],
    permissions: permissionsOf([role]),
  },
  ...{ sessionId: 's', purpose: null },
});

/** What services stand on, and how it ends. The vault here is a token of the text: its own tests hold what it promises. */
export async function testPorts(db: Db, at = '2026-11-20T01:00:00Z') {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-events-'));
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1, memoryMiB: 256 });
  const clock = new ManualClock(at);
  const organisations = new Map(
    ['zhzf', 'gysy', 'jtj', 'gaj', 'slj', 'zjj', 'sthj', 'xfj', 'yjgl', 'jxj', 'sfj', 'nyj'].map((o) => [
      o,
      { zh: o, en: o },
    ]),
  );
  const ids = new Set(organisations.keys());
  const folders = { cities: join(repository, 'cities'), sources: join(repository, 'sources') };
  const told: string[] = [];
  const deps = { lake, clock, log: silentLogger(), folders, config: { city: 'cixi' } } as never;
  const ports = {
    ...{ db, lake, clock, log: silentLogger(), folders, config: { city: 'cixi' } },
    blobs: new FolderBlobs(folder),
    notices: new NotedNotices(),
    audit: { append: async (e: { action: string }) => void told.push(e.action) },
    vault: {
      tokenOf: (_kind: string, text: string) => `token-${text.length}`,
      stageTokens: async (s: { run(sql: string): Promise<number> }, _k: string, sql: string, into: string) =>
        s.run(`CREATE TEMP TABLE ${into} AS ${sql}`),
      masks: async () => new Map(),
    },
    matters: new Matters(
      join(repository, 'matters'),
      db,
      () => ids,
      () => clock.now(),
    ),
    places: new Places(deps),
    recent: new Recent(),
    organisations: () => organisations,
    calendar: () => nationalCalendar,
    hours: () => usualHours,
  } as unknown as EventPorts;
  const end = async () => {
    await lake.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ports, clock, told, end };
}
