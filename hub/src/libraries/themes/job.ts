/** The themes' daily work: a durable job for every theme, asked for when an integration has ended and when a day has begun. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { type Lake, lakeMemory } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { integrationFinished } from '../automatic.ts';
import { baseLibraries } from '../base/index.ts';
import { defineRecordViews } from '../records.ts';
import { loadThemes, type Themes } from './load.ts';
import { notReady, unknown } from './problems.ts';
import { defineLibraryRecordViews } from './records.ts';
import { runTheme } from './run.ts';

/** The kind of the job. */
export const THEMES_JOB = 'libraries.themes';
const loaded = new WeakMap<Lake, Themes>();
/** What a run said that could not be made, by theme: shown beside the declaration's mistakes until it can be made. */
const failed = new WeakMap<Lake, Map<string, Problem>>();

/** The themes of the hub that owns this lake; a Problem before they are loaded. */
export function themesOf(lake: Lake): Themes {
  const own = loaded.get(lake);
  if (!own) throw new Problem(notReady);
  return { ...own, problems: [...own.problems, ...(failed.get(lake)?.values() ?? [])] };
}

/** Puts themes in their place: what `reloadThemes` does, and tests without folders. */
export const useThemes = (lake: Lake, themes: Themes): void => void loaded.set(lake, themes);

/** Makes the views that themes may read and reads the declared themes again. */
export async function reloadThemes(deps: Pick<Deps, 'lake' | 'folders' | 'log'>): Promise<Themes> {
  const catalogue = catalogueOf(deps.lake);
  const libraries = baseLibraries(deps.lake, deps.folders).libraries.map((l) => l.declaration);
  await deps.lake.session(async (s) => {
    await defineRecordViews(s);
    await defineLibraryRecordViews(s, libraries);
  });
  const folder = join(dirname(deps.folders.sources), 'themes');
  const themes = await loadThemes(folder, deps.lake, libraries, new Set(catalogue.organisations.keys()));
  for (const p of themes.problems) deps.log.error({ problem: p.toJSON() }, 'a declared theme has a mistake');
  useThemes(deps.lake, themes);
  return themes;
}

const cityDay = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const params = z.object({ theme: z.string().optional() });
const state = z.object({ day: z.string(), done: z.array(z.string()) });

/** Runs one theme, or all. */
export function themesJob(deps: Pick<Deps, 'lake' | 'folders' | 'log' | 'clock'>): JobKind<z.output<typeof params>> {
  return {
    kind: THEMES_JOB,
    title: { zh: '计算专题库', en: 'Make the themes' },
    params,
    lane: 'themes',
    async run(ctx, asked) {
      const { themes } = await reloadThemes(deps);
      if (asked.theme && !themes.has(asked.theme)) throw new Problem(unknown, { theme: asked.theme });
      const before = state.safeParse(ctx.state);
      const day = before.success ? before.data.day : cityDay(ctx.clock.now());
      const done = before.success ? before.data.done : [];
      const faults = failed.get(deps.lake) ?? new Map<string, Problem>();
      failed.set(deps.lake, faults);
      const due = [...themes.values()].filter((t) => !asked.theme || t.declaration.theme === asked.theme);
      for (const [n, theme] of due.entries()) {
        const { theme: id, title } = theme.declaration;
        ctx.signal.throwIfAborted();
        if (done.includes(id) || theme.missing.length) continue;
        ctx.progress({ done: n, total: due.length, note: title });
        try {
          const run = await runTheme({ lake: deps.lake, clock: ctx.clock, signal: ctx.signal }, theme, day);
          faults.delete(id);
          deps.log.info(
            { theme: id, members: run.members, entered: run.entered, ms: Math.round(run.ms) },
            'theme was made',
          );
        } catch (error) {
          // One theme that fails must not keep the others from their day.
          if (!(error instanceof Problem) || error.kind === lakeMemory) throw error;
          faults.set(id, error);
          deps.log.error({ problem: error.toJSON() }, error.message);
        }
        done.push(id);
        await ctx.checkpoint({ day, done });
      }
      return { day, themes: done.length, failed: faults.size };
    },
  };
}

/** How often the clock looks whether a day has begun, in milliseconds. */
const LOOK = 600_000;

/** Asks for the job when it is due. */
export class DailyThemes {
  readonly #deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders' | 'clock'>;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders' | 'clock'>) {
    this.#deps = deps;
  }

  /** Loads the themes, begins to listen, and catches up. */
  async start(): Promise<void> {
    await reloadThemes(this.#deps);
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => this.#ask('fresh'));
    this.#timer = setInterval(() => void this.#look(), LOOK);
    this.#timer.unref();
    await this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
  }

  /** Nothing is made before anything was ever integrated; a theme is due when its day or its declaration is not that of its last run. */
  async #look(): Promise<void> {
    try {
      const { themes } = themesOf(this.#deps.lake);
      if (!(await this.#deps.lake.first('SELECT 1 AS one FROM v.legal_person_v1 LIMIT 1'))) return;
      const day = cityDay(this.#deps.clock.now());
      const runs = await this.#deps.lake.query<{ theme: string; day: string; declaration: string }>(
        'SELECT theme, max(day)::VARCHAR AS day, max_by(declaration, day) AS declaration FROM thm.run GROUP BY theme',
      );
      const stands = (id: string, sha: string) =>
        runs.some((r) => r.theme === id && r.day >= day && r.declaration === sha);
      if ([...themes.values()].some((t) => !t.missing.length && !stands(t.declaration.theme, t.sha256)))
        await this.#ask('due');
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the themes could not be asked for');
    }
  }

  async #ask(unique: string): Promise<void> {
    try {
      await this.#deps.jobs.submit(THEMES_JOB, {}, { unique });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the themes could not be ordered');
    }
  }
}
