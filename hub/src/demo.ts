/**
 * The demonstration: at the first start with `demo.enabled` the synthetic city is made and its departments' deliveries
 * are laid into their inboxes, where the exchange finds them as it would find real ones. Nothing else is special.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateCity } from '@jingwei/synthcity';
import { z } from 'zod';
import { demoServices } from './demo-services.ts';
import { demoSharing } from './demo-sharing.ts';
import { integrationFinished } from './libraries/index.ts';
import type { JobKind } from './platform/jobs/index.ts';
import type { Deps, RoomModule } from './platform/room.ts';
import { demoOpenData } from './publishing/index.ts';

const KIND = 'demo.city';
const params = z.object({ rows: z.number().int(), seed: z.number().int() });

/** Makes the city beside the inboxes and moves its files in; a second run after a kill begins again from nothing. */
function cityJob(deps: Deps): JobKind<z.output<typeof params>> {
  return {
    kind: KIND,
    title: { zh: '生成演示城市', en: 'Make the demonstration city' },
    params,
    async run(context, { rows, seed }) {
      const out = join(deps.folders.data, 'demo-city');
      rmSync(out, { recursive: true, force: true });
      const today = context.clock.now().toISOString().slice(0, 10);
      const report = await generateCity({
        out,
        rows,
        seed,
        today,
        truth: false,
        population: true,
        economy: true,
        memoryMiB: 1024,
        onProgress: (p) => context.progress({ done: p.rows, total: p.total }),
      });
      let files = 0;
      for (const { id } of report.classes) {
        const [owner, resource] = id.split('.') as [string, string];
        const from = join(out, owner, resource);
        const inbox = join(deps.folders.inbox, owner, resource);
        mkdirSync(inbox, { recursive: true });
        for (const name of existsSync(from) ? readdirSync(from) : []) {
          renameSync(join(from, name), join(inbox, name));
          files += 1;
        }
      }
      rmSync(out, { recursive: true, force: true });
      return { rows: report.rows, enterprises: report.enterprises, people: report.people, files };
    },
  };
}

/** The demonstration as a module of the composition; it does nothing unless `demo.enabled`. */
export function demoRoom(): RoomModule {
  let stopListening: (() => void) | undefined;
  let sharing: Promise<void> = Promise.resolve();
  let services: Promise<void> = Promise.resolve();
  let opening: Promise<void> = Promise.resolve();
  const stopped = new AbortController();
  return {
    name: 'demo',
    async stop() {
      stopListening?.();
      stopped.abort();
      await Promise.all([sharing, services, opening]);
    },
    jobs: (deps) => [cityJob(deps)],
    async start(deps) {
      if (!deps.config.demo.enabled || deps.config.demo.rows === 0) return;
      // One after another: what the first one made, the next one finds.
      const share = () => {
        sharing = sharing
          .then(() => demoSharing(deps))
          .catch((error: unknown) => deps.log.error({ err: error }, 'no requests for the demonstration'));
        // A look at a whole source may be under way in it: whoever tells of an integration does not wait for that.
        services = Promise.all([services, sharing])
          .then(() => demoServices(deps))
          .catch((error: unknown) => deps.log.error({ err: error }, 'no services for the demonstration'));
        // Its checks are jobs, which run when the hub has started: nobody waits for them here.
        opening = Promise.all([opening, sharing])
          .then(() => demoOpenData(deps, stopped.signal))
          .catch((error: unknown) => {
            if (!stopped.signal.aborted) deps.log.error({ err: error }, 'no open data for the demonstration');
          });
        return sharing;
      };
      stopListening = deps.bus.on(integrationFinished, share);
      await share();
      // Once in the life of a data folder: not when it is under way, nor when anything was ever collected.
      const before = await deps.jobs.list({ kind: KIND, limit: 100 });
      if (before.some((job) => job.state !== 'failed' && job.state !== 'cancelled')) return;
      // What the hub's own rooms handed over (the demonstration's forms) does not count.
      if (await deps.lake.first("SELECT 1 AS one FROM v.run_v1 WHERE NOT starts_with(input, 'own-') LIMIT 1")) return;
      const { rows, seed } = deps.config.demo;
      await deps.jobs.submit(KIND, { rows, seed }, { unique: 'city' });
    },
  };
}
