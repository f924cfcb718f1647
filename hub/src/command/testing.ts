/** What the tests of command share: the room's services on a store, with the repository's own plans and the demo city's organisations. */

import { fileURLToPath } from 'node:url';
import { readOrganisations } from '../catalogue/index.ts';
import { Audit, auditMigrations } from '../platform/audit/index.ts';
import { authMigrations, type Principal, permissionsOf, type Role } from '../platform/auth/index.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Db, MigrationSet } from '../platform/db/index.ts';
import { silentLogger } from '../platform/log/index.ts';
import { NotedNotices } from '../platform/notices/testing.ts';
import type { SealSubject } from '../platform/seal/port.ts';
import { registerPlans } from './plans.ts';
import type { CommandDeps } from './ports.ts';
import { Seats } from './seats.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const repository = folder('../../../');
export const commandMigrations: MigrationSet[] = [
  auditMigrations,
  ...(Array.isArray(authMigrations) ? authMigrations : [authMigrations]),
  { room: 'command', folder: folder('./migrations') },
];

/** Somebody of a role. */
export const who = (role: Role, organisation: string | null, name = `${role}@${organisation}`): Principal => ({
  ...{ userId: name, login: name, name, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 's', purpose: null },
});
export const duty = who('duty-officer', null, '值班长');
export const steward = who('data-steward', null, '管理员');
export const water = who('data-officer', 'slj', '水利');

export const START = '2026-07-01T00:00:00Z';

/** The services on an open store. */
export async function bench(
  db: Db,
): Promise<{ deps: CommandDeps; clock: ManualClock; seals: SealSubject[]; files: Map<string, Uint8Array> }> {
  const clock = new ManualClock(START);
  const seals: SealSubject[] = [];
  const files = new Map<string, Uint8Array>();
  const organisations = new Map(readOrganisations(`${repository}cities`, 'cixi').organisations.map((o) => [o.id, o]));
  const deps = {
    ...{
      db,
      clock,
      audit: new Audit(db, clock),
      log: silentLogger(),
      city: 'cixi',
      cityName: { zh: '慈溪市', en: 'Cixi' },
    },
    ...{ plans: `${repository}plans`, organisations: () => organisations, seats: new Seats(), faults: [] },
    notices: new NotedNotices(),
    seal: { request: async (s: SealSubject) => seals.push(s) },
    vault: { masks: async (tokens: string[]) => new Map(tokens.map((t) => [t, '138****0000'])) },
    blobs: {
      async put(content: Iterable<Uint8Array>) {
        const bytes = Buffer.concat([...content]);
        const sha256 = `${files.size}`;
        files.set(sha256, bytes);
        return { sha256, bytes: bytes.length };
      },
      async *get(sha256: string) {
        yield files.get(sha256)!;
      },
    },
  } as unknown as CommandDeps;
  await registerPlans(deps);
  return { deps, clock, seals, files };
}
