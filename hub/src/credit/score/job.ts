/** Scoring as a durable job, and the standing order that runs it: daily, and some time after new data is in the libraries. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { integrationFinished } from '../../libraries/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { readModels } from './model.ts';
import { modelUnknown } from './problems.ts';
import { recordedModel, runOf } from './read.ts';
import { releaseIfDue } from './release.ts';
import { type RunResult, scoreRun } from './run.ts';

/** The day in the city (Asia/Shanghai) at an instant. */
export const cityDay = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

/** The folder of declared models, rules and measures, beside the sources. */
export const scoringFolder = (deps: Pick<Deps, 'folders'>): string => join(dirname(deps.folders.sources), 'scoring');

/** The kind of a scoring. */
export const SCORE_JOB = 'credit.score';
/** One lane for everything that reads all enterprises, so that scorings, warnings and measures do not run beside each other. */
export const ASSESS_LANE = 'credit-assess';

/** The day, today in the city by default. */
export const dayParams = z.object({ day: z.iso.date().optional() });
const params = dayParams.extend({ model: z.string().max(60).optional() });
const state = z.object({ model: z.string(), run: z.number().int(), done: z.array(z.string()), day: z.string() });

/** The job: every declared model, or the one that is named. */
export function scoreJob(deps: Pick<Deps, 'lake' | 'folders' | 'config'>): JobKind<z.output<typeof params>> {
  return {
    kind: SCORE_JOB,
    title: { zh: '企业信用评分', en: 'Score enterprises' },
    params,
    lane: ASSESS_LANE,
    async run(ctx, asked) {
      const loaded = readModels(scoringFolder(deps));
      const faults = loaded.flatMap((l) => l.problems);
      if (faults.length > 0) throw new Problem(faults[0]!.kind, faults[0]!.params, faults[0]!.place, faults.slice(1));
      const models = loaded.flatMap((l) => l.model ?? []).filter((m) => !asked.model || m.model === asked.model);
      if (asked.model && models.length === 0) throw new Problem(modelUnknown, { model: asked.model });
      const before = state.safeParse(ctx.state).data;
      // A job that goes on after midnight still scores the day that it was asked for.
      const day = asked.day ?? before?.day ?? cityDay(ctx.clock.now());
      const done = before?.done ?? [];
      const results: RunResult[] = [];
      for (const model of models) {
        if (done.includes(model.model)) continue;
        const result = await scoreRun({
          lake: deps.lake,
          model,
          day,
          now: () => ctx.clock.now(),
          resume: before?.model === model.model ? before.run : undefined,
          signal: ctx.signal,
          onRun: (run) => ctx.checkpoint({ model: model.model, run, done, day }),
          onSlice: (n, total) => ctx.progress({ done: n, total, note: model.title }),
        });
        results.push(result);
        const run = (await runOf(deps.lake, { run: result.run }))!;
        const { leastCell: k, releaseDays: days } = deps.config.credit;
        const declared = await recordedModel(deps.lake, run.model, run.version);
        await releaseIfDue(deps.lake, declared, run, { k, days }, ctx.clock.now());
        done.push(model.model);
      }
      return { runs: results };
    },
  };
}

/** Milliseconds: of quiet after an integration, between two assessments of one day, and between looks at the calendar. */
export const rhythm = { quiet: 5_000, between: 6 * 3_600_000, look: 600_000 };

/** Orders the daily jobs. */
export class DailyAssessment {
  readonly #deps: Pick<Deps, 'jobs' | 'bus' | 'lake' | 'clock' | 'log'>;
  readonly #kinds: readonly string[];
  #timer: NodeJS.Timeout | undefined;
  #calendar: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  /** @param kinds the jobs of a day in their order */
  constructor(deps: Pick<Deps, 'jobs' | 'bus' | 'lake' | 'clock' | 'log'>, kinds: readonly string[]) {
    this.#deps = deps;
    this.#kinds = kinds;
  }

  /** Begins to listen to integrations and to the calendar. */
  start(): void {
    const look = () =>
      this.order().catch((error: unknown) =>
        this.#deps.log.error({ err: error }, 'the assessment could not be ordered'),
      );
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(look, rhythm.quiet).unref();
    });
    this.#calendar = setInterval(look, rhythm.look).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#calendar);
    this.#unsubscribe?.();
  }

  /** Orders what is due: a day not assessed yet, or an assessment that is old while there is newer data. */
  async order(): Promise<boolean> {
    const { lake, clock, jobs } = this.#deps;
    const any = await lake.first('SELECT 1 AS one FROM v.legal_person_v1 LIMIT 1');
    if (!any) return false;
    const last = await lake.first<{ day: string; started: string }>(
      'SELECT day, started FROM v.credit_score_run_v1 WHERE finished IS NOT NULL ORDER BY run DESC LIMIT 1',
    );
    const newer = await lake.first(
      'SELECT 1 AS one FROM v.integration_v1 WHERE finished > (SELECT max(started) FROM v.credit_score_run_v1 WHERE finished IS NOT NULL) LIMIT 1',
    );
    const today = cityDay(clock.now());
    const old = last && clock.now().getTime() - Date.parse(last.started) >= rhythm.between;
    if (last && last.day >= today && !(old && newer)) return false;
    for (const kind of this.#kinds) await jobs.submit(kind, {}, { unique: 'daily' });
    return true;
  }
}
