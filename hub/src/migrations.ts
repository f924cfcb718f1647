/** Every migration of the hub in its order: of the platform's parts, then of the rooms. */
import { auditMigrations } from './platform/audit/index.ts';
import { authMigrations } from './platform/auth/index.ts';
import { togetherMigrations } from './platform/backup/index.ts';
import type { MigrationSet } from './platform/db/index.ts';
import { jobMigrations } from './platform/jobs/index.ts';
import { keyMigrations } from './platform/keys/index.ts';
import { mirrorMigrations } from './platform/mirror/index.ts';
import { noticeMigrations } from './platform/notices/index.ts';
import { peopleMigrations } from './platform/people/index.ts';
import type { RoomModule } from './platform/room.ts';
import { sealMigrations } from './platform/seal/index.ts';
import { upgradeMigrations } from './platform/upgrade/index.ts';
import { allRooms } from './rooms.ts';

/** The sets of these rooms (all of them by default). */
export function migrationSets(rooms: readonly RoomModule[] = allRooms()): MigrationSet[] {
  const own = rooms.flatMap((room) => (room.migrations ? [{ room: room.name, folder: room.migrations }] : []));
  const platform = [
    jobMigrations,
    auditMigrations,
    authMigrations,
    sealMigrations,
    mirrorMigrations,
    noticeMigrations,
    keyMigrations,
    togetherMigrations,
  ];
  return [...platform, peopleMigrations, upgradeMigrations, ...own];
}
