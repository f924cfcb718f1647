/** The room's working parts put together: scenarios as loaded, figures, history, places; loaded again when what they read appears. */
import { dirname, join } from 'node:path';
import { organisationsNow } from '../catalogue/index.ts';
import { absentViews } from '../platform/declared/index.ts';
import type { Problem } from '../platform/problem.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps } from '../platform/room.ts';
import { sensingOf } from '../sensing/index.ts';
import { Figures } from './engine.ts';
import { Exercises } from './exercises.ts';
import { Feeds } from './feeds.ts';
import { History } from './history.ts';
import { SensedNewest } from './live.ts';
import { type Known, loadScenarios, type Scenario } from './load.ts';
import { Places } from './places.ts';
import { recordViewOf } from './sources.ts';

/** The folder of scenarios, beside the sources. */
export const scenarioFolder = (deps: Pick<Deps, 'folders'>): string => join(dirname(deps.folders.sources), 'scenarios');

/** Milliseconds between looks at views that were missing. */
const LOOK = 20_000;
/** Milliseconds between rounds that compute what nobody watched, for its history. */
const ROUND = 3_600_000;

/** What cockpits knows. */
export class Desk {
  readonly deps: Deps;
  readonly figures: Figures;
  readonly history: History;
  readonly places: Places;
  readonly #feeds: Feeds;
  readonly #exercises = new Exercises();
  #newest: SensedNewest | undefined;
  scenarios = new Map<string, Scenario>();
  problems: Problem[] = [];
  readonly #repeated: Repeated[] = [];
  #changed = false;

  constructor(deps: Deps) {
    this.deps = deps;
    this.places = new Places(deps.lake);
    this.history = new History(deps.db, deps.log);
    this.figures = new Figures({
      ...{ lake: deps.lake, clock: deps.clock, log: deps.log, leastCell: deps.config.credit.leastCell },
      newest: () => this.newest(),
      division: (code) => this.places.division(code),
      freshness: (views) => this.places.freshness(views),
      exercised: (topics, since) => this.#exercises.since(topics, since),
      computed: ({ key, declared }, { state, value, at }) => {
        if (declared.kind === 'value' && state === 'ready' && value !== null && at)
          this.history.add(key, new Date(at).getTime(), value);
      },
    });
    this.#feeds = new Feeds(
      deps,
      this.figures,
      () => sensingOf(deps.lake),
      this.#exercises,
      () => {
        this.#changed = true;
      },
    );
  }

  /** The newest readings, once sensing is there. */
  newest(): SensedNewest | undefined {
    const sensing = this.#newest ? undefined : sensingOf(this.deps.lake);
    if (sensing) this.#newest = new SensedNewest(sensing);
    return this.#newest;
  }

  /** Reads all scenarios; faults are kept and logged. */
  async load(): Promise<void> {
    const known = await knownOf(this.deps);
    const { scenarios, problems } = await loadScenarios(scenarioFolder(this.deps), this.deps.lake, known);
    this.scenarios = new Map(
      [...scenarios].sort(([, a], [, b]) => Number(b.overview) - Number(a.overview) || a.order - b.order),
    );
    this.problems = problems;
    for (const problem of problems) this.deps.log.error({ problem: problem.toJSON() }, problem.message);
    this.figures.take(this.scenarios.values());
  }

  async start(): Promise<void> {
    await this.places.read();
    await this.load();
    await this.history.start(this.deps.clock.now().getTime());
    await this.#exercises.remember(this.deps.lake, this.deps.clock.now().getTime());
    this.figures.start();
    this.#feeds.start(() => this.#newest?.forget());
    for (const [ms, work] of [
      [LOOK, () => this.renew()],
      [ROUND, () => this.round()],
    ] as const) {
      const repeated = new Repeated(work, (error) => this.deps.log.error({ err: error }, 'cockpits'));
      repeated.start(ms);
      this.#repeated.push(repeated);
    }
  }

  /** Names, shapes and freshness anew when the libraries changed; scenarios anew when a view that they wait for is there. */
  async renew(): Promise<void> {
    const missing = [
      ...new Set(
        [...this.figures.all()].flatMap((m) => [
          ...(m.statement?.missing ?? []),
          ...(m.records?.statement.missing ?? []),
        ]),
      ),
    ];
    if (missing.length) {
      const absent = await this.deps.lake.session((s) => absentViews(s, missing));
      if (absent.length < missing.length) {
        this.#changed = true;
        await this.load();
      }
    }
    if (!this.#changed) return;
    this.#changed = false;
    await this.places.read();
  }

  /** Every single figure once, so that its history has no hole of more than an hour. */
  async round(): Promise<void> {
    const values = [...this.figures.all()].filter((m) => m.declared.kind === 'value').map((m) => m.key);
    for (const key of values) await this.figures.settle([key]);
    await this.history.prune(this.deps.clock.now().getTime());
  }

  async stop(): Promise<void> {
    await this.#feeds.stop();
    for (const repeated of this.#repeated) await repeated.stop();
    await this.figures.stop();
    await this.history.stop();
  }
}

/** What a check needs to know: organisations of the city, subjects and guarded fields of the classes. */
export async function knownOf(deps: Pick<Deps, 'db' | 'lake' | 'folders' | 'config'>): Promise<Known> {
  const organisations = organisationsNow(deps);
  const ask = async <T extends Record<string, unknown>>(sql: string): Promise<T[]> =>
    deps.lake.query<T>(sql).catch(() => []);
  const classes = await ask<{ source: string; subject: string }>('SELECT source, subject FROM v.class_v1');
  const fields = await ask<{ source: string; name: string }>(
    `SELECT DISTINCT c.source, f.name FROM v.class_v1 c JOIN v.class_field_v1 f ON f.class = c.class
     WHERE f.protection IN ('personal', 'sensitive')`,
  );
  const guardedFields = new Map<string, Set<string>>();
  for (const { source, name } of fields) {
    const set = guardedFields.get(recordViewOf(source)) ?? new Set();
    guardedFields.set(recordViewOf(source), set.add(name));
  }
  return {
    organisations: new Set(organisations.map((o) => o.id)),
    subjects: new Map(classes.map((c) => [recordViewOf(c.source), c.subject])),
    guardedFields,
  };
}
