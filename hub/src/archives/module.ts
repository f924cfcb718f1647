/** How the archives join the hub. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Db } from '../platform/db/index.ts';
import { gauge } from '../platform/http/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { demoJob, wantDemo } from './demo/index.ts';
import type { ArchiveDeps } from './deps.ts';
import { archivesHolder } from './erase.ts';
import { examineForArchiving } from './examine.ts';
import { readFonds } from './fonds.ts';
import { archivesHoldings } from './holdings.ts';
import { Keeper } from './keeper.ts';
import { preservationRoutes, transferRoutes } from './keeping-routes.ts';
import { cleanWork } from './package/take.ts';
import { reseal, toReseal, verifyAgain, verifyRun } from './preserve.ts';
import { depositRoutes, readingRoutes } from './routes.ts';
import { checkTransfer } from './transfer.ts';
import { borrowingRoutes, contentRoutes } from './use-routes.ts';

/** The tables of the room. */
export const archiveMigrations = {
  room: 'archives',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

const LANE = 'archives';

function examineJob(deps: ArchiveDeps): JobKind<{ archive: number; by: string }> {
  return {
    ...{ kind: 'archives.examine', lane: LANE, title: { zh: '电子档案四性检测', en: 'Check an archive' } },
    params: z.object({ archive: z.number().int(), by: z.string() }),
    async run(context, { archive, by }) {
      const { outcome } = await examineForArchiving(deps, archive, by, context.signal);
      return { outcome };
    },
  };
}

function transferJob(deps: ArchiveDeps): JobKind<{ transfer: number }> {
  return {
    ...{ kind: 'archives.transfer', lane: LANE, title: { zh: '移交前的四性检测', en: 'Check a transfer' } },
    params: z.object({ transfer: z.number().int() }),
    run: (context, { transfer }) => checkTransfer(deps, transfer, context.signal),
  };
}

function verifyJob(deps: ArchiveDeps): JobKind<{ archive?: number | undefined; all: boolean }> {
  return {
    ...{ kind: 'archives.verify', lane: 'archives-verify', title: { zh: '电子档案复核', en: 'Verify archives again' } },
    params: z.object({ archive: z.number().int().optional(), all: z.boolean() }),
    async run(context, { archive, all }) {
      if (archive === undefined) return verifyRun(deps, context, all);
      const { sound } = await verifyAgain(deps, archive, null, context.signal);
      return { sound };
    },
  };
}

function resealJob(deps: ArchiveDeps): JobKind<Record<string, never>> {
  return {
    ...{ kind: 'archives.reseal', lane: 'archives-verify', title: { zh: '续签封', en: 'Seal archives anew' } },
    params: z.object({}) as never,
    async run(context) {
      const ids = await toReseal(deps);
      let done = 0;
      for (const id of ids) {
        context.signal.throwIfAborted();
        if (await reseal(deps, id)) done += 1;
        context.progress({ done, total: ids.length });
      }
      return { archives: done };
    },
  };
}

/** The room's routes over what it needs. */
export const archiveRoutes = (deps: ArchiveDeps) => [
  ...[...readingRoutes(deps), ...depositRoutes(deps), ...contentRoutes(deps), ...borrowingRoutes(deps)],
  ...transferRoutes(deps),
  ...preservationRoutes(deps),
];

/** Its kinds of work. */
export const archiveJobs = (deps: ArchiveDeps) => [
  ...[examineJob(deps), transferJob(deps), verifyJob(deps), resealJob(deps), demoJob(deps)],
];

/** Kept archives by condition: what an alarm watches. */
async function conditions(db: Db): Promise<Record<string, number>> {
  const rows = await db.query<{ condition: string; n: number }>(
    `SELECT condition, count(*) AS n FROM archives.archive WHERE state = 'preserved' GROUP BY 1`,
  );
  return { sound: 0, damaged: 0, ...Object.fromEntries(rows.map((r) => [r.condition, r.n])) };
}

/** The room. */
export function archivesRoom(): RoomModule {
  let own: ArchiveDeps | undefined;
  let keeper: Keeper | undefined;
  const depsOf = (deps: Deps): ArchiveDeps => {
    if (!own) {
      const { fonds, problems } = readFonds(deps.folders.cities, deps.config.city);
      for (const p of problems) deps.log.error({ problem: p.toJSON() }, 'the list of fonds has a mistake');
      own = { ...deps, blobs: deps.archiveBlobs, fonds };
    }
    return own;
  };
  return {
    name: 'archives',
    personal: archivesHolder,
    files: [
      {
        table: 'archives.file',
        column: 'sha256',
        store: 'archives',
        title: { zh: '电子档案文件', en: 'a file of an archive' },
        except: 'removed',
      },
    ],
    holdings: archivesHoldings,
    migrations: archiveMigrations.folder,
    jobs: (deps) => archiveJobs(depsOf(deps)),
    routes: (deps) => archiveRoutes(depsOf(deps)),
    async start(deps) {
      cleanWork(deps.folders);
      gauge(deps.metrics, 'jingwei_archives', 'Kept archives by condition', () => conditions(deps.db), 'condition');
      keeper = new Keeper(depsOf(deps));
      keeper.start();
      if (deps.config.demo.enabled) await wantDemo(depsOf(deps), deps.bus);
    },
    stop: async () => keeper?.stop(),
  };
}
