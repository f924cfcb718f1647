/** The daily computing as a durable job, and the standing order for it. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { integrationFinished } from '../libraries/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import { cityDay } from '../platform/law/index.ts';
import type { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type ComputeDeps, computeDue } from './compute.ts';
import { readFormulas } from './declaration.ts';
import { register } from './formula.ts';
import { makeReports } from './report/keep.ts';

/** The kind of a computing. */
export const JOB = 'assessment.compute';

/** What the room works with; `faults` is what was wrong with the declared files when they were last read. */
export interface AssessmentDeps extends ComputeDeps, Pick<Deps, 'jobs' | 'bus' | 'blobs' | 'http' | 'notices'> {
  faults: Problem[];
}

/** The folder of declared formulas, beside the sources. */
export const assessmentFolder = (deps: Pick<Deps, 'folders'>): string =>
  join(dirname(deps.folders.sources), 'assessment');

/** Reads and registers what is declared. */
export async function takeFormulas(deps: AssessmentDeps): Promise<void> {
  deps.faults = await register(deps, readFormulas(assessmentFolder(deps)));
  for (const problem of deps.faults) deps.log.error({ problem: problem.toJSON() }, problem.message);
}

/** The job: registers what is new, computes every month that is not closed, makes reports of those that are. */
export function computeJob(deps: () => AssessmentDeps): JobKind<Record<string, never>> {
  return {
    kind: JOB,
    title: { zh: '考核计分', en: 'Compute the assessment' },
    params: z.strictObject({}),
    lane: 'assessment',
    async run(context) {
      const own = deps();
      await takeFormulas(own);
      const months = await computeDue(own, (done, total) => {
        context.signal.throwIfAborted();
        context.progress({ done, total });
      });
      const reports = await makeReports(own, context.signal);
      return { months, reports };
    },
  };
}

/** Milliseconds: of quiet after an integration, and between looks at the calendar. */
const rhythm = { quiet: 20_000, look: 600_000 };

/** Orders the computing: once a day, and after new records came. */
export class DailyComputing {
  readonly #deps: AssessmentDeps;
  #quiet: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #day = '';
  #unsubscribe: (() => void) | undefined;

  constructor(deps: AssessmentDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => this.soon());
    this.#look = setInterval(() => {
      if (cityDay(this.#deps.clock.now()) !== this.#day) this.soon(0);
    }, rhythm.look).unref();
    this.soon();
  }

  /** Orders one after a time of quiet. */
  soon(ms = rhythm.quiet): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      const day = cityDay(this.#deps.clock.now());
      this.#deps.jobs
        .submit(JOB, {}, { unique: 'daily' })
        .then(() => {
          this.#day = day;
        })
        .catch((error: unknown) => this.#deps.log.error({ err: error }, 'the assessment could not be ordered'));
    }, ms).unref();
  }

  stop(): void {
    clearTimeout(this.#quiet);
    clearInterval(this.#look);
    this.#unsubscribe?.();
  }
}
