/**
 * The lists' daily work: a durable job that runs every list that is due, asked for when an integration has ended and by a
 * clock that looks every ten minutes. A day is a day of the city (Asia/Shanghai).
 */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { type Lake, lakeMemory } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { integrationFinished } from '../automatic.ts';
import { defineRecordViews } from '../records.ts';
import type { ListDeclaration } from './declaration.ts';
import { type Lists, loadLists } from './load.ts';
import { endCases } from './members.ts';
import { listUnknown, notReady } from './problems.ts';
import { runList } from './run.ts';

const loaded = new WeakMap<Lake, Lists>();

/** The lists of the hub that owns this lake; a Problem before they are loaded. */
export function listsOf(lake: Lake): Lists {
  const own = loaded.get(lake);
  if (!own) throw new Problem(notReady);
  return own;
}

/** Puts lists in their place: what `reload` does, and tests without folders. */
export const useLists = (lake: Lake, lists: Lists): void => void loaded.set(lake, lists);

type LoadPorts = Pick<Deps, 'lake' | 'folders' | 'log'>;

/** Makes the views of records and reads the declared lists again. */
export async function reload(deps: LoadPorts): Promise<Lists> {
  const catalogue = catalogueOf(deps.lake);
  await deps.lake.session((s) => defineRecordViews(s));
  const folder = join(dirname(deps.folders.sources), 'lists');
  const lists = await loadLists(folder, deps.lake, new Set(catalogue.organisations.keys()));
  for (const problem of lists.problems) deps.log.error({ problem: problem.toJSON() }, problem.message);
  useLists(deps.lake, lists);
  return lists;
}

/** The day in the city at an instant. */
export const cityDay = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

/** Days between two days. */
const between = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
const every: Record<ListDeclaration['cadence'], number> = { daily: 1, weekly: 7, monthly: 28 };

/** Lists that are due on a day: those whose cadence has come round, those never run, and today's when data came since. */
export async function dueLists(lake: Lake, lists: Lists, day: string): Promise<string[]> {
  const runs = await lake.query<{ list: string; day: string; declaration: string }>(
    `SELECT list, max(day)::VARCHAR AS day, max_by(declaration, day) AS declaration FROM lst.run GROUP BY list`,
  );
  const last = new Map(runs.map((r) => [r.list, r]));
  return [...lists.lists.values()]
    .filter((l) => {
      if (l.missing.length) return false;
      const r = last.get(l.declaration.id);
      return !r || r.declaration !== l.sha256 || between(r.day, day) >= every[l.declaration.cadence];
    })
    .map((l) => l.declaration.id);
}

const params = z.object({ list: z.string().optional(), fresh: z.boolean().optional() });
const state = z.object({ day: z.string(), done: z.array(z.string()) });

/** Runs one list, or all that are due; `fresh`: also those that were run today already, since data has come. */
export function listsJob(
  deps: Pick<Deps, 'lake' | 'db' | 'clock' | 'log' | 'folders'>,
): JobKind<z.output<typeof params>> {
  return {
    kind: 'libraries.lists',
    title: { zh: '计算比对清单', en: 'Run the comparison lists' },
    params,
    lane: 'lists',
    async run(ctx, asked) {
      const lists = await reload(deps);
      const before = state.safeParse(ctx.state);
      const day = before.success ? before.data.day : cityDay(ctx.clock.now());
      const done = before.success ? before.data.done : [];
      if (asked.list && !lists.lists.has(asked.list)) throw new Problem(listUnknown, { list: asked.list });
      const all = [...lists.lists.values()].filter((l) => !l.missing.length).map((l) => l.declaration.id);
      const due = asked.list ? [asked.list] : asked.fresh ? all : await dueLists(deps.lake, lists, day);
      const faults: Problem[] = [];
      for (const [n, id] of due.entries()) {
        ctx.signal.throwIfAborted();
        const list = lists.lists.get(id)!;
        if (done.includes(id) || list.missing.length) continue;
        ctx.progress({ done: n, total: due.length, note: list.declaration.title });
        try {
          const run = await runList({ lake: deps.lake, clock: ctx.clock, signal: ctx.signal }, list, day);
          await endCases(deps, id, day);
          deps.log.info({ list: id, members: run.members, fresh: run.fresh, ms: Math.round(run.ms) }, 'list was run');
        } catch (error) {
          // One list that fails must not keep the others from their day.
          if (!(error instanceof Problem) || error.kind === lakeMemory) throw error;
          faults.push(error);
        }
        done.push(id);
        await ctx.checkpoint({ day, done });
      }
      if (faults.length) throw faults[0]!;
      return { day, lists: done.length };
    },
  };
}

/** How often the clock looks whether a list is due, in milliseconds. */
const LOOK = 600_000;

/** Asks for the job when it is due. */
export class DailyLists {
  readonly #deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders' | 'clock'>;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: Pick<Deps, 'lake' | 'jobs' | 'bus' | 'log' | 'folders' | 'clock'>) {
    this.#deps = deps;
  }

  /** Loads the lists, begins to listen, and catches up with a day that was missed. */
  async start(): Promise<void> {
    await reload(this.#deps);
    this.#unsubscribe = this.#deps.bus.on(integrationFinished, () => this.#ask(true));
    this.#timer = setInterval(() => void this.#look(), LOOK);
    this.#timer.unref();
    await this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
  }

  /** Nothing is run before anything was ever integrated: every list would be empty, and its second day all new. */
  async #look(): Promise<void> {
    try {
      const lists = listsOf(this.#deps.lake);
      const any = await this.#deps.lake.first('SELECT 1 AS one FROM v.legal_person_v1 LIMIT 1');
      if (any && (await dueLists(this.#deps.lake, lists, cityDay(this.#deps.clock.now()))).length)
        await this.#ask(false);
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the lists could not be asked for');
    }
  }

  async #ask(fresh: boolean): Promise<void> {
    await this.#deps.jobs.submit('libraries.lists', { fresh }, { unique: fresh ? 'fresh' : 'due' });
  }
}
