/** The whole way: prepare, block, compare, learn, score, group. */

import { background } from './background.ts';
import { block, type RuleCount } from './blocking.ts';
import { type Comparison, layout, patternSql } from './compare.ts';
import { literal } from './dialect.ts';
import { DuckDBEngine } from './duckdb.ts';
import { estimate } from './em.ts';
import { type Engine, Pipeline, type StepRun } from './engine.ts';
import { fail } from './errors.ts';
import type { Background, Estimate } from './evidence.ts';
import { type Constraints, everything, type Grouping, group, type Sizes } from './groups.ts';
import { inputs } from './inputs.ts';
import { type Key, keysOf } from './keys.ts';
import { resolveLabels } from './labels.ts';
import type { Label, Model, TableModel } from './model.ts';
import { type ClusterEvent, historyOf, nameClusters } from './names.ts';
import { budgetOf } from './own-keys.ts';
import type { Parameters } from './parameters.ts';
import { clusterPatterns, comparePairs, labelledPatterns, weighedPairs } from './patterns.ts';
import { fillPlaces, ordersOf } from './places.ts';
import { countFrequencies, preparedColumns, prepareRecords, prepareValues, usualValues } from './prepare.ts';
import { relearn } from './relearn.ts';
import { remarksOf } from './remarks.ts';
import { keepState, readState, type State } from './state.ts';
import type { LinkOptions, Summary } from './summary.ts';
import { thresholdBits } from './threshold.ts';
import { allowedPairs } from './topology.ts';
import { type Updated, type UpdateOptions, update } from './update.ts';

const PHASES = ['prepare', 'block', 'compare', 'learn', 'score', 'group'];

/** A finished linkage: its tables stand in `schema` of the engine until `close`. */
export class Linkage {
  readonly model: Model;
  readonly engine: Engine;
  readonly schema: string;
  readonly pipeline: Pipeline;
  /** The clock: when things happen, for the history. */
  readonly now: () => Date;
  parameters!: Parameters;
  summary!: Summary;
  rules: string[] = [];
  ruleCounts: RuleCount[] = [];
  comparisons: Comparison[] = [];
  /** Keys that blocking of its own looked at. */
  keys: Key[] = [];
  /** Usual values of categories by column number. */
  usual: string[][] = [];
  readonly #own: boolean;
  #labels: Label[];
  #background: Background | undefined;

  constructor(
    model: Model,
    engine: Engine,
    own: boolean,
    options: Pick<LinkOptions, 'schema' | 'progress' | 'now'> = {},
  ) {
    this.model = model;
    this.engine = engine;
    this.schema = options.schema ?? 'linkage';
    this.now = options.now ?? (() => new Date());
    this.#own = own;
    this.#labels = [...model.labels];
    this.pipeline = new Pipeline(engine, options.progress);
    this.pipeline.plan(PHASES);
  }

  /** Steps that ran, with their SQL and seconds. */
  get steps(): readonly StepRun[] {
    return this.pipeline.ran;
  }

  /** Labels in force. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  /** What was learned, in the form that scoring needs. */
  get estimate(): Estimate {
    const { lambda, comparisons, interactions, likelihood } = this.parameters;
    return { lambda, comparisons, interactions, likelihood };
  }

  /** Runs everything. */
  async run(options: LinkOptions): Promise<void> {
    const start = performance.now();
    const p = this.pipeline;
    const s = this.schema;
    const { model } = this;
    const frozen = options.use === 'frozen' ? options.parameters : undefined;
    p.phase('prepare');
    await p.run('schema', `CREATE SCHEMA IF NOT EXISTS ${s}`);
    const ins = await inputs(p, model);
    const records = await prepareValues(p, s, model, ins);
    if (records < 2)
      fail('too-few-records', `只有 ${records} 条记录，无法比对`, `${records} records: there is nothing to compare`);
    // Frozen parameters go with the frequencies and large keys of their run, where its tables are still here.
    const state = frozen !== undefined && (await this.#hasState());
    if (!state) await countFrequencies(p, s, model);
    this.usual = await usualValues(p, s, model);
    await prepareRecords(p, s, model, frozen?.records ?? records, this.usual);
    const tables = await this.#tables();
    await this.#layout(frozen);

    p.phase('block');
    const budget = budgetOf(model, frozen?.records ?? records);
    await fillPlaces(p, s, ordersOf(this.engine.dialect, model, budget.depth), 'rec', state);
    const blocked = await block(p, s, model, records, budget, state);
    this.rules = blocked.rules;
    this.ruleCounts = blocked.counts;
    this.keys = keysOf(this.engine.dialect, model, budget.depth);

    p.phase('compare');
    await comparePairs(p, s, model, this.comparisons, blocked.pairs);
    await p.run('drop candidate pairs', `DROP TABLE ${s}.cand`);
    const constraints = await resolveLabels(p, s, model, this.#labels);

    p.phase('learn');
    const allowed = allowedPairs(
      model,
      tables.map((t) => t.records),
    );
    if (frozen) this.parameters = frozen;
    else await this.#learn(records, allowed, blocked.cap, constraints, options);

    p.phase('score');
    await this.#score(`${s}.cmp`, true);
    p.phase('group');
    const bits = await thresholdBits(p, s, model);
    let grouping = await this.#group(bits, constraints);
    if (!frozen && model.tables.some((t) => t.unique)) {
      await this.#relearn(grouping);
      grouping = await this.#group(bits, constraints);
    }
    await nameClusters(p, s, model, grouping, false, { at: this.now(), cause: 'run' });
    await this.summarise({ ...grouping, seconds: (performance.now() - start) / 1000 }, bits);
    await this.#keep();
  }

  async #group(bits: number, constraints: Constraints): Promise<Grouping> {
    const { pipeline: p, schema: s, model } = this;
    return group(p, s, model, await everything(p, s, bits), bits, constraints, (pairs) => this.score(pairs));
  }

  /** Writes the state, for `resume`, and drops what only a run needs. */
  async #keep(): Promise<void> {
    const { model, parameters, summary, rules, ruleCounts, usual } = this;
    const state: State = { version: 1, model, parameters, labels: this.#labels, summary, rules, ruleCounts, usual };
    await keepState(this.pipeline, this.schema, state);
    const leftovers = ['rec0', 'groups', 'weights', 'sizes', 'labelled', 'apart'];
    for (const c of preparedColumns(model)) leftovers.push(`han${c.index}`, `words${c.index}`);
    for (const t of leftovers) await this.pipeline.run(`drop ${t}`, `DROP TABLE IF EXISTS ${this.schema}.${t}`);
  }

  /** Takes up the state of a linkage of another process. */
  async take(): Promise<void> {
    const state = await readState(this.engine, this.schema);
    this.parameters = state.parameters;
    this.summary = state.summary;
    this.rules = state.rules;
    this.ruleCounts = state.ruleCounts;
    this.usual = state.usual;
    this.#labels = [...state.labels];
    await this.#layout(this.parameters);
    this.keys = keysOf(this.engine.dialect, this.model, budgetOf(this.model, this.parameters.records).depth);
  }

  /** Renews the figures; of the clusters what is given. */
  async summarise(
    { sizes, component, seconds }: { sizes: Sizes; component: number; seconds: number },
    bits = this.summary.thresholdBits,
  ): Promise<void> {
    const { pipeline: p, schema: s, model } = this;
    const tables = await this.#tables();
    const { links, candidates } = await p.one<{ links: number; candidates: number }>(
      'number of links',
      `SELECT CAST(coalesce(sum(CASE WHEN w >= ${bits} THEN 1 ELSE 0 END), 0) AS BIGINT) AS links, CAST(coalesce(sum(CASE WHEN rule >= 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS candidates FROM ${s}.scored`,
    );
    const counts = Object.entries(sizes).map(([n, clusters]) => [Number(n), clusters] as const);
    const clusters = counts.reduce((a, [, c]) => a + c, 0);
    const allowed = allowedPairs(
      model,
      tables.map((t) => t.records),
    );
    this.summary = {
      records: tables.reduce((n, t) => n + t.records, 0),
      tables,
      allowed,
      candidates,
      links,
      clusters,
      multiple: clusters - (sizes[1] ?? 0),
      largestCluster: Math.max(0, ...counts.map(([n]) => n)),
      largestComponent: component,
      sizes,
      remarks: this.summary?.remarks ?? (await remarksOf(p, s, model)),
      thresholdBits: bits,
      estimatedMatches: this.parameters.lambda * allowed,
      seconds,
    };
  }

  async #hasState(): Promise<boolean> {
    const needed = ['freq0', ...(this.model.blocking.auto ? ['big'] : [])];
    const rows = await this.pipeline.rows(
      'tables of a run before',
      `SELECT table_name FROM information_schema.tables WHERE table_schema = '${this.schema}' AND table_name IN (${needed.map(literal).join(', ')})`,
    );
    return rows.length === needed.length;
  }

  async #tables(): Promise<{ name: string; records: number }[]> {
    const rows = await this.pipeline.rows<{ src: number; n: number }>(
      'records by table',
      `SELECT src, count(*) AS n FROM ${this.schema}.rec GROUP BY src`,
    );
    return this.model.tables.map((t, i) => ({ name: t.name, records: rows.find((r) => r.src === i)?.n ?? 0 }));
  }

  /** Lays out the comparisons by the frequency classes that occur. */
  async #layout(frozen: Parameters | undefined): Promise<void> {
    const columns = preparedColumns(this.model);
    const max = columns.map((c) => `coalesce(max(b${c.index}), 0) AS b${c.index}`).join(', ');
    const row = await this.pipeline.one<Record<string, number>>(
      'frequency classes',
      `SELECT ${max} FROM ${this.schema}.rec`,
    );
    const classes = columns.map((c) => frozen?.classes[c.name] ?? row[`b${c.index}`]! + 1);
    this.comparisons = layout(this.model, classes, this.usual);
    if (this.comparisons.reduce((a, c) => a * c.size, 1) > 2 ** 53) {
      fail(
        'too-many-comparisons',
        '比较项或等级过多，模式编码放不下',
        'too many comparisons or levels: their patterns do not fit in 53 bits',
      );
    }
  }

  async #learn(
    records: number,
    allowed: number,
    cap: number,
    constraints: Constraints,
    options: LinkOptions,
  ): Promise<void> {
    const p = this.pipeline;
    const s = this.schema;
    const { background: known, sample } = await background(p, s, this.model, this.comparisons, records, allowed);
    this.#background = known;
    const [pattern, count] = (await p.numbers(
      'patterns',
      `SELECT CAST(pat AS DOUBLE), CAST(count(*) AS DOUBLE) FROM ${s}.cmp GROUP BY pat ORDER BY pat`,
    )) as [Float64Array, Float64Array];
    const labelled = await labelledPatterns(p, s, this.model, this.comparisons, constraints);
    const columns = preparedColumns(this.model);
    const e = await p.time('expectation-maximisation', '', async () =>
      estimate(this.comparisons, { pattern, count }, known, {
        labelled,
        sample,
        ...(options.parameters
          ? { start: { lambda: options.parameters.lambda, comparisons: options.parameters.comparisons } }
          : {}),
      }),
    );
    const classes = Object.fromEntries(
      columns.map((c) => [c.name, this.comparisons.find((x) => x.index === c.index)?.classes ?? 1]),
    );
    this.parameters = { version: 1, records, classes, cap, ...e };
  }

  /** Compares and scores the pairs of a table (l, r, rule) and adds them to `scored`, and to `also` (made where it is not there) where that is named. */
  async score(pairs: string, also?: string): Promise<void> {
    const { pipeline: p, schema: s } = this;
    await p.run(
      'patterns of further pairs',
      `CREATE OR REPLACE TABLE ${s}.cmp2 AS ${patternSql(this.engine.dialect, this.model, this.comparisons, pairs, `${s}.rec`, ['rule'])}`,
    );
    if (also === undefined) return this.#score(`${s}.cmp2`, false);
    const weighed = await weighedPairs(p, s, this.comparisons, this.estimate, `${s}.cmp2`);
    await p.run('further pairs', `CREATE TABLE IF NOT EXISTS ${also} AS SELECT * FROM ${s}.scored LIMIT 0`);
    for (const into of [also, `${s}.scored`]) await p.run('weights of pairs', `INSERT INTO ${into} ${weighed}`);
    await p.run('drop patterns', `DROP TABLE ${s}.cmp2`);
  }

  async #score(cmp: string, fresh: boolean): Promise<void> {
    const { pipeline: p, schema: s } = this;
    const select = await weighedPairs(p, s, this.comparisons, this.estimate, cmp);
    await p.run(
      'weights of pairs',
      fresh ? `CREATE OR REPLACE TABLE ${s}.scored AS ${select}` : `INSERT INTO ${s}.scored ${select}`,
    );
    await p.run('drop patterns', `DROP TABLE ${cmp}`);
  }

  /** Learns from the clusters and weighs all pairs anew. */
  async #relearn(grouping: Grouping): Promise<void> {
    const s = this.schema;
    const p = this.pipeline;
    const { pattern, count, inside, apart } = await clusterPatterns(p, s, grouping);
    const e = relearn(this.comparisons, this.estimate, { pattern, count }, { inside, apart }, this.#background!);
    this.parameters = { ...this.parameters, ...e };
    await p.run('pairs to weigh anew', `CREATE OR REPLACE TABLE ${s}.cmp AS SELECT l, r, rule, pat FROM ${s}.scored`);
    await this.#score(`${s}.cmp`, true);
  }

  /**
   * Takes in records that came, changed or vanished: `tables` are named as in the model and hold new and changed records (or, with `whole`, all of them as they
   * are now). They are prepared, blocked and weighed with the parameters, frequencies and large keys of before, compared with all records, and join,
   * merge or split clusters, which keep their names; `history` tells what happened and why. The clusters are those that a run over all records with
   * frozen parameters gives. All or nothing: where it fails everything is as before.
   */
  async update(tables: readonly TableModel[], options: UpdateOptions = {}): Promise<Updated> {
    const { summary } = this;
    const work = async () => {
      const done = await update(this, tables, options);
      await this.#keep();
      return done;
    };
    try {
      return await (this.engine.transaction ? this.engine.transaction(work) : work());
    } catch (error) {
      this.summary = summary;
      throw error;
    }
  }

  /** What happened to clusters: of all runs, of the `last` only (also: true), or of one cluster and all that went into it or came out of it. */
  async history(of: boolean | { last?: boolean; cluster?: string } = {}): Promise<ClusterEvent[]> {
    const { last = false, cluster } = typeof of === 'boolean' ? { last: of, cluster: undefined } : of;
    const where = last ? `run = (SELECT max(run) FROM ${this.schema}.history)` : 'TRUE';
    return historyOf(this.engine, this.schema, this.model, where, cluster);
  }

  /** Adds verdicts of people; they take effect with the next `relabel`, `update` or run. */
  addLabels(labels: readonly Label[]): void {
    this.#labels.push(...labels);
  }

  /** Learns anew with the labels given so far, weighs all pairs again and groups them. */
  async relabel(): Promise<void> {
    const { pipeline: p, schema: s, model } = this;
    const start = performance.now();
    const constraints = await resolveLabels(p, s, model, this.#labels);
    await p.run(
      'pairs to weigh anew',
      `CREATE OR REPLACE TABLE ${s}.cmp AS SELECT l, r, rule, pat FROM ${s}.scored WHERE rule >= 0`,
    );
    await this.#learn(this.summary.records, this.summary.allowed, this.parameters.cap, constraints, {});
    await this.#score(`${s}.cmp`, true);
    const grouping = await this.#group(this.summary.thresholdBits, constraints);
    await nameClusters(p, s, model, grouping, false, { at: this.now(), cause: 'labels' });
    await this.summarise({ ...grouping, seconds: (performance.now() - start) / 1000 });
    await this.#keep();
  }

  /** Closes the engine where the linkage opened it. */
  async close(): Promise<void> {
    if (this.#own) await this.engine.close();
  }
}

/** Links the records of a model. The answer holds the tables until it is closed. */
export async function link(model: Model, options: LinkOptions = {}): Promise<Linkage> {
  const own = options.engine === undefined;
  const engine = options.engine ?? (await DuckDBEngine.open());
  const linkage = new Linkage(model, engine, own, options);
  try {
    await linkage.run(options);
  } catch (error) {
    await linkage.close();
    throw error;
  }
  return linkage;
}

/**
 * Takes up a linkage that stands in an engine (a DuckDB file of an earlier process, or a schema of a database of your own), to `update` it. Throws
 * `linkage.no-state` where there is none.
 */
export async function resume(
  engine: Engine,
  options: Pick<LinkOptions, 'schema' | 'progress' | 'now'> = {},
): Promise<Linkage> {
  const { model } = await readState(engine, options.schema ?? 'linkage');
  const linkage = new Linkage(model, engine, false, options);
  await linkage.take();
  return linkage;
}
