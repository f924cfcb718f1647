/**
 * What changes in the city's data, as names of views and topics: bus events where a room tells of its changes, and a cheap look at what a
 * view was last made by where none does. Nothing depends on an event alone: every figure is computed again when its refresh is over.
 */
import { eventKind } from '../platform/bus/index.ts';
import { mirrored } from '../platform/mirror/index.ts';
import type { Deps } from '../platform/room.ts';
import { type ReadingsBatch, readingFlag, readingsKept, type Sensing, seriesChanged } from '../sensing/index.ts';
import type { Figures } from './engine.ts';
import type { Exercises } from './exercises.ts';

const runFinished = eventKind<{ source: string }>('exchange.run-finished');
const integrationFinished = eventKind<{ job: string }>('libraries.integration-finished');

/** Seconds between looks at views of which nobody tells. */
const LOOK_SECONDS = 20;

/** Views that follow from others, and what tells cheaply that they were made anew. */
const made: readonly { views: RegExp; sql: string }[] = [
  { views: /^v\.list_/, sql: 'SELECT max(finished)::VARCHAR AS mark FROM v.list_run_v1' },
  { views: /^v\.theme_/, sql: 'SELECT max(made)::VARCHAR AS mark FROM v.theme_run_v1' },
  { views: /^v\.credit_score/, sql: 'SELECT max(finished)::VARCHAR AS mark FROM v.credit_score_run_v1' },
  { views: /^v\.economy_/, sql: 'SELECT max(recorded)::VARCHAR AS mark FROM v.economy_value_v1' },
  {
    views: /^v\.assessment_/,
    sql: 'SELECT count(*)::VARCHAR || max(day)::VARCHAR AS mark FROM v.assessment_on_time_v1',
  },
];

/** Views that are no library's: an integration does not change them. */
const OTHER =
  /^v\.(list_|theme_|credit_|economy_|assessment_|reading|series|latest|intake|alert|event|resource|duty|operation|risk|run_|quality_|profile_)|^[A-Z]/;
const RECORD = /^v\.((?:[a-z]+_)?record_.+)_v1$/;

/** The number of a topic by the number of its series, learnt as readings come. */
class Topics {
  readonly #sensing: () => Sensing | undefined;
  #of = new Int32Array(1024);
  readonly #numbers = new Map<string, number>();
  readonly names: string[] = [''];

  constructor(sensing: () => Sensing | undefined) {
    this.#sensing = sensing;
  }

  /** Names of the topics of a batch; what was part of an exercise is told apart. */
  touched(batch: ReadingsBatch, into: Set<string>, exercises: Exercises): void {
    const { series, flag } = batch;
    let last = 0;
    for (let i = 0; i < series.length; i++) {
      const topic = this.#topic(series[i]!);
      if (flag[i]! & readingFlag.exercise) exercises.heard(this.names[topic]!, batch.at[i]!);
      if (topic === last) continue;
      last = topic;
      into.add(this.names[topic]!);
    }
  }

  forget(): void {
    this.#of.fill(0);
  }

  #topic(series: number): number {
    if (series >= this.#of.length) {
      const more = new Int32Array(Math.max(series + 1, this.#of.length * 2));
      more.set(this.#of);
      this.#of = more;
    }
    const known = this.#of[series]!;
    if (known) return known;
    const s = this.#sensing()?.book.get(series);
    if (!s) return 0;
    const name = `${s.type}.${s.property}`;
    let n = this.#numbers.get(name);
    if (n === undefined) {
      n = this.names.push(name) - 1;
      this.#numbers.set(name, n);
    }
    this.#of[series] = n;
    return n;
  }
}

/** Listens, and touches the figures. */
export class Feeds {
  readonly #deps: Pick<Deps, 'bus' | 'lake' | 'log'>;
  readonly #figures: Figures;
  readonly #topics: Topics;
  readonly #exercises: Exercises;
  readonly #off: (() => void)[] = [];
  readonly #sources = new Set<string>();
  readonly #marks = new Map<string, string>();
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** `changed`: told when the libraries changed, so that names and freshness are read anew. */
  constructor(
    deps: Pick<Deps, 'bus' | 'lake' | 'log'>,
    figures: Figures,
    sensing: () => Sensing | undefined,
    exercises: Exercises,
    changed: () => void,
  ) {
    this.#exercises = exercises;
    this.#deps = deps;
    this.#figures = figures;
    this.#changed = changed;
    this.#topics = new Topics(sensing);
  }

  start(forget: () => void): void {
    const { bus } = this.#deps;
    this.#off.push(
      bus.on(runFinished, ({ source }) => {
        this.#sources.add(`record_${source.replace(/[^a-z0-9]+/g, '_')}`);
        this.#figures.touch(this.#reading((v) => /^v\.(run|quality|profile)_/.test(v)));
      }),
      bus.on(integrationFinished, () => this.integrated()),
      bus.on(readingsKept, (batch) => this.readings(batch)),
      bus.on(seriesChanged, () => {
        this.#topics.forget();
        forget();
        this.#figures.touch(this.#reading((v) => v.startsWith('v.series_') || /^[A-Z]/.test(v)));
      }),
      // Mirrors tell which view they changed; rooms of the live city are mirrored.
      bus.on(mirrored, ({ name }) => void this.#figures.touch([`v.${name}_v1`])),
    );
    this.#timer = setInterval(() => {
      this.#looking = this.look().catch((error: unknown) =>
        this.#deps.log.warn({ err: error }, 'a look at views failed'),
      );
    }, LOOK_SECONDS * 1000).unref();
  }

  /** Readings were kept: their topics, and the views over all readings. */
  readings(batch: ReadingsBatch): void {
    const touched = new Set<string>(['v.reading_v1', 'v.latest_v1', 'v.reading_hour_v1', 'v.reading_day_v1']);
    this.#topics.touched(batch, touched, this.#exercises);
    this.#figures.touch(touched);
  }

  /** An integration is through: the records of the sources that came, and everything golden. */
  integrated(): void {
    const sources = [...this.#sources];
    this.#sources.clear();
    this.#figures.touch(
      this.#reading((view) => {
        const record = RECORD.exec(view)?.[1];
        if (record) return sources.length === 0 || sources.some((s) => record.endsWith(s));
        return !OTHER.test(view);
      }),
    );
    this.#changed();
  }

  /** Views of which nobody tells: those whose mark changed. */
  async look(): Promise<void> {
    for (const { views, sql } of made) {
      const names = this.#reading((v) => views.test(v));
      if (!names.length) continue;
      const row = await this.#deps.lake.first<{ mark: string | null }>(sql).catch(() => undefined);
      const mark = row?.mark ?? '';
      const before = this.#marks.get(sql);
      this.#marks.set(sql, mark);
      if (before !== undefined && before !== mark) this.#figures.touch(names);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const off of this.#off) off();
    await this.#looking;
  }

  #reading(test: (name: string) => boolean): string[] {
    return [...this.#figures.names()].filter(test);
  }
}
