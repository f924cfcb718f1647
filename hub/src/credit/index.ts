/**
 * Credit look-up: search over all enterprises, the panorama of one, natural persons and the network between them, queries
 * by class and export. Reads the published views only. The search index is a copy that `SearchIndex.rebuild` makes anew.
 */

import { integrationFinished } from '../libraries/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import type { RuleSeals } from '../platform/seal/index.ts';
import { analysisRoutes, analysisTables, MEASURE_JOB, measureJob } from './analysis/index.ts';
import { chainRoutes } from './chains/index.ts';
import type { LeafOf } from './enterprise.ts';
import { Metadata } from './metadata.ts';
import { creditRoutes } from './routes.ts';
import { DailyAssessment, SCORE_JOB, scoreJob, scoreRoutes, scoreTables, scoringFolder } from './score/index.ts';
import { scoringSeals } from './score/sealing.ts';
import { SearchIndex } from './search/index.ts';
import {
  ruleTables,
  WARNING_JOB,
  warningJob,
  warningMigrations,
  warningRoutes,
  warningsTurned,
} from './warning/index.ts';

export * from './api.ts';
export type { LeafOf } from './enterprise.ts';
export { suppress, type Told } from './score/suppress.ts';

/** What the composition decides. */
export interface CreditOptions {
  /** Finds the leaf of a received row, which exchange keeps; without it a record's origin has no leaf. */
  leafOf?: (lake: Lake) => LeafOf;
}

/** The room, with what later rooms and app.ts may call. */
export interface CreditRoom extends RoomModule {
  /**
   * To be called when an integration has ended: takes the changed enterprises (null: whatever was recorded since the last
   * time) into the search index, and reads classes and versions again.
   */
  refresh(entities: readonly number[] | null): Promise<void>;
  /** Resolves when the first build of the search index has ended; until then the lake answers. */
  ready(): Promise<void>;
}

/** Makes the room. */
export function creditRoom(options: CreditOptions = {}): CreditRoom {
  let index: SearchIndex | null = null;
  let metadata: Metadata | null = null;
  let daily: DailyAssessment | null = null;
  let rules: RuleSeals | null = null;
  let first: Promise<void> = Promise.resolve();
  return {
    name: 'credit',
    migrations: warningMigrations,
    turned: warningsTurned,
    defineLake: (lake) => lake.define([...scoreTables, ...analysisTables, ...ruleTables]),
    jobs: (deps) => [scoreJob(deps), warningJob(deps), measureJob(deps)],
    routes(deps: Deps) {
      index = new SearchIndex(deps.lake, deps.clock);
      metadata = new Metadata(deps.lake);
      const { leastCell: k, releaseDays: days } = deps.config.credit;
      const assessed = { ...deps, metadata, folder: () => scoringFolder(deps), release: { k, days } };
      const looked = creditRoutes({
        lake: deps.lake,
        vault: deps.vault,
        audit: deps.audit,
        log: deps.log,
        seal: deps.seal,
        index,
        metadata,
        leafOf: options.leafOf?.(deps.lake) ?? null,
        maxRows: deps.config.credit.exportRows,
      });
      return [
        ...looked,
        ...scoreRoutes(assessed),
        ...warningRoutes(assessed),
        ...chainRoutes(assessed),
        ...analysisRoutes(assessed),
      ];
    },
    async start(deps: Deps) {
      // Told by the libraries when an integration has ended; what was missed before is in the first build.
      deps.bus.on(integrationFinished, () => this.refresh(null));
      daily = new DailyAssessment(deps, [SCORE_JOB, WARNING_JOB, MEASURE_JOB]);
      daily.start();
      rules = scoringSeals(deps);
      first = index!.rebuild().catch((error: unknown) => {
        deps.log.error({ err: error }, 'the search index could not be built; the lake answers until it can');
      });
    },
    async stop() {
      daily?.stop();
      await rules?.stop();
      await index?.close();
    },
    async refresh(entities) {
      metadata?.invalidate();
      if (!index) return;
      await (entities === null ? index.catchUp() : index.refresh(entities));
    },
    ready: () => first,
  };
}
