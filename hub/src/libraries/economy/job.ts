/**
 * The economy's work after every integration: a durable job that makes each measure of whom something changed, then where
 * enterprises belong. One measure is one transaction, which also writes how far it stands: a killed run goes on with the next.
 */

import { dirname, join } from 'node:path';
import { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import type { Lake, StepTiming } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { integrationFinished } from '../automatic.ts';
import { defineRecordViews } from '../records.ts';
import { type Economy, loadEconomy } from './load.ts';
import { makeMeasure } from './make.ts';
import { placeEnterprises } from './place.ts';
import { notReady } from './problems.ts';

/** The kind of the job, and the lane of the writers. */
export const ECONOMY_JOB = 'libraries.economy';
const LANE = 'economy';

interface Loaded {
  economy: Economy | null;
  problems: Problem[];
}
const loaded = new WeakMap<Lake, Loaded>();

/** The economy of the hub that owns this lake: what is declared, and what is wrong; a Problem before it was read. */
export function economyOf(lake: Lake): Loaded {
  const own = loaded.get(lake);
  if (!own) throw new Problem(notReady);
  return own;
}

/** Puts an economy in its place: what `reloadEconomy` does, and tests without folders. */
export const useEconomy = (lake: Lake, economy: Loaded): void => void loaded.set(lake, economy);

/** Reads the declaration again. */
export async function reloadEconomy(deps: Pick<Deps, 'lake' | 'folders' | 'log'>): Promise<Loaded> {
  const catalogue = catalogueOf(deps.lake);
  await deps.lake.session((s) => defineRecordViews(s));
  const sources = new Map(catalogue.declarations().map((d) => [d.id, d]));
  const folder = join(dirname(deps.folders.sources), 'libraries', 'economy');
  const found = await loadEconomy(folder, deps.lake, sources, new Set(catalogue.organisations.keys()));
  for (const p of found.problems) deps.log.error({ problem: p.toJSON() }, 'the declared economy has a mistake');
  useEconomy(deps.lake, found);
  return found;
}

/** What a run did. */
export interface EconomyRun {
  measures: number;
  enterprises: number;
  figures: number;
  changed: number;
  doubts: number;
  disputed: number;
}

/** Makes everything that has news. `day` is the day of declared dimensions. */
export async function runEconomy(
  lake: Lake,
  economy: Economy,
  given: {
    at: Date;
    day: string;
    signal?: AbortSignal;
    onMeasure?: (n: number, total: number, title: Bilingual) => void;
    onStep?: (t: StepTiming) => void;
    onProblem?: (p: Problem) => void;
  },
): Promise<EconomyRun> {
  const began = performance.now();
  const classes = new Map((await lake.session((s) => defineRecordViews(s))).map((c) => [c.source, c]));
  const upTo = (await lake.first<{ n: number }>(
    'SELECT coalesce(max(integration), 0) AS n FROM v.integration_v1 WHERE finished IS NOT NULL',
  ))!.n;
  const { measures } = economy.declaration;
  let changed = 0;
  for (const [n, m] of measures.entries()) {
    given.signal?.throwIfAborted();
    given.onMeasure?.(n, measures.length, m.title);
    const made = await lake.write(LANE, async (s) => {
      const stop = () => s.interrupt();
      given.signal?.addEventListener('abort', stop, { once: true });
      try {
        return await makeMeasure(s, economy, m, {
          ...{ classes, upTo, at: given.at },
          ...(given.onStep ? { onStep: given.onStep } : {}),
        });
      } finally {
        given.signal?.removeEventListener('abort', stop);
      }
    });
    changed += made.changed;
  }
  return lake.write(LANE, async (s) => {
    // Measures that are declared no more leave with all that was made of them.
    const gone = await s.query<{ measure: number }>(
      'SELECT measure FROM eco.measure WHERE NOT list_contains($ids::VARCHAR[], id)',
      {
        ids: measures.map((m) => m.id),
      },
    );
    for (const { measure } of gone)
      for (const t of ['measure', 'figure', 'history', 'contradiction', 'doubt'])
        await s.run(`DELETE FROM eco.${t} WHERE measure = $measure`, { measure });
    await placeEnterprises(s, economy, given.day, given.onProblem ?? (() => {}));
    const counted = (await s.first<{ figures: number; enterprises: number; disputed: number; doubts: number }>(
      `SELECT count(*) AS figures, count(DISTINCT entity) AS enterprises, count(*) FILTER (disputed) AS disputed,
         (SELECT count(*) FROM eco.doubt) AS doubts FROM eco.figure`,
    ))!;
    const run = { measures: measures.length, ...counted, changed };
    await s.run(
      'INSERT INTO eco.run VALUES ($at, $ms, $measures, $enterprises, $figures, $changed, $doubts, $disputed)',
      { at: given.at, ms: performance.now() - began, ...run },
    );
    return run;
  });
}

const params = z.object({});

/** The job. */
export function economyJob(deps: Pick<Deps, 'lake' | 'folders' | 'log' | 'clock'>): JobKind<z.output<typeof params>> {
  return {
    kind: ECONOMY_JOB,
    title: { zh: '计算产业经济库', en: 'Make the industrial economy' },
    params,
    lane: LANE,
    async run(ctx) {
      const { economy, problems } = await reloadEconomy(deps);
      if (!economy) {
        const [first, ...rest] = problems;
        if (first) throw new Problem(first.kind, first.params, first.place, rest);
        return { measures: 0 };
      }
      const now = ctx.clock.now();
      return runEconomy(deps.lake, economy, {
        ...{ at: now, day: new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10), signal: ctx.signal },
        onMeasure: (done, total, note) => ctx.progress({ done, total, note }),
        onStep: (t) => deps.log.debug({ step: t.name, ms: Math.round(t.ms), rows: t.rows }, 'economy step'),
        onProblem: (p) => deps.log.error({ problem: p.toJSON() }, p.message),
      });
    },
  };
}

/** Asks for the job when an integration has ended, and at the start when the tables stand behind what is integrated. */
export class EconomyOrders {
  readonly #deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders'>;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders'>) {
    this.#deps = deps;
  }

  /** Reads the declaration, begins to listen and catches up. */
  async start(): Promise<void> {
    const { economy } = await reloadEconomy(this.#deps);
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => this.#ask());
    if (!economy) return;
    const state = await this.#deps.lake.query<{ id: string; sha256: string; behind: boolean }>(
      `SELECT id, sha256, integration < (SELECT coalesce(max(integration), 0) FROM v.integration_v1 WHERE finished IS NOT NULL) AS behind FROM eco.measure`,
    );
    const any = await this.#deps.lake.first('SELECT 1 AS one FROM v.integration_v1 WHERE finished IS NOT NULL LIMIT 1');
    const fresh = economy.declaration.measures.every((m) =>
      state.some((x) => x.id === m.id && x.sha256 === economy.sha.get(m.id) && !x.behind),
    );
    if (any && !fresh) await this.#ask();
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  async #ask(): Promise<void> {
    try {
      await this.#deps.jobs.submit(ECONOMY_JOB, {}, { unique: 'economy' });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the economy could not be ordered');
    }
  }
}
