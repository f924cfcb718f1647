/** The whole way: prepare, block, compare, learn, score, group. */
import { background } from './background.ts';
import { allowedPairs, type Blocked, block, budgetOf, type Key, keysOf, type RuleCount } from './blocking.ts';
import { type Comparison, layout, patternSql } from './compare.ts';
import { DuckDBEngine } from './duckdb.ts';
import { estimate } from './em.ts';
import { type Engine, Pipeline, type Progress, type StepRun } from './engine.ts';
import { fail } from './errors.ts';
import { type Background, type Estimate, weigh } from './evidence.ts';
import { type Constraints, type Grouping, group } from './groups.ts';
import { resolveLabels } from './labels.ts';
import type { Label, Model, TableModel } from './model.ts';
import { type ClusterEvent, nameClusters } from './names.ts';
import type { Parameters } from './parameters.ts';
import { clusterPatterns, labelledPatterns } from './patterns.ts';
import { countFrequencies, inputs, preparedColumns, prepareRecords, prepareValues, usualValues } from './prepare.ts';
import { relearn } from './relearn.ts';
import type { LinkOptions, Summary } from './summary.ts';
import { thresholdBits } from './threshold.ts';

const PHASES = ['prepare', 'block', 'compare', 'learn', 'score', 'group'];

/** A finished linkage: its tables stand in `schema` of the engine until `close`. */
export class Linkage {
  readonly model: Model;
  readonly engine: Engine;
  readonly schema: string;
  readonly pipeline: Pipeline;
  parameters!: Parameters;
  summary!: Summary;
  rules: string[] = [];
  ruleCounts: RuleCount[] = [];
  comparisons: Comparison[] = [];
  /** Keys that blocking of its own looked at. */
  keys: Key[] = [];
  readonly #own: boolean;
  #labels: Label[];
  #usual: string[][] = [];
  #background: Background | undefined;

  constructor(model: Model, engine: Engine, schema: string, own: boolean, progress?: Progress) {
    this.model = model;
    this.engine = engine;
    this.schema = schema;
    this.#own = own;
    this.#labels = [...model.labels];
    this.pipeline = new Pipeline(engine, progress);
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
    this.#usual = await usualValues(p, s, model);
    await prepareRecords(p, s, model, frozen?.records ?? records, this.#usual);
    const tables = await this.#tables();
    await this.#layout(frozen);

    p.phase('block');
    const budget = budgetOf(model, frozen?.records ?? records);
    const blocked = await block(p, s, model, records, { frozen: state, budget });
    this.#keepBlocked(blocked);
    this.keys = keysOf(this.engine.dialect, model, budget.depth);

    p.phase('compare');
    const d = this.engine.dialect;
    await p.run(
      'patterns of candidates',
      `CREATE OR REPLACE TABLE ${s}.cmp AS ${patternSql(d, model, this.comparisons, `${s}.cand`, `${s}.rec`, ['rule'])}`,
    );
    const constraints = await resolveLabels(p, s, model, this.#labels, records);

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
    let grouping = await group(p, s, records, bits, constraints, (pairs) => this.score(pairs));
    await this.#keepGroups(grouping);
    if (!frozen && constraints.unique.some(Boolean)) {
      await this.#relearn();
      grouping = await group(p, s, records, bits, constraints, (pairs) => this.score(pairs));
      await this.#keepGroups(grouping);
    }
    await this.#keepClusters();
    await this.#summarise(tables, blocked.pairs, bits, grouping, start);
  }

  async #summarise(
    tables: Summary['tables'],
    candidates: number,
    bits: number,
    grouping: Grouping,
    start: number,
  ): Promise<void> {
    const p = this.pipeline;
    const s = this.schema;
    const links = await p.one<{ n: number }>(
      'number of links',
      `SELECT count(*) AS n FROM ${s}.scored WHERE w >= ${bits}`,
    );
    const allowed = allowedPairs(
      this.model,
      tables.map((t) => t.records),
    );
    this.summary = {
      records: tables.reduce((n, t) => n + t.records, 0),
      tables,
      allowed,
      candidates,
      links: links.n,
      clusters: grouping.clusters,
      multiple: grouping.multiple,
      largestCluster: grouping.largest,
      largestComponent: grouping.component,
      thresholdBits: bits,
      estimatedMatches: this.parameters.lambda * allowed,
      seconds: (performance.now() - start) / 1000,
    };
  }

  async #hasState(): Promise<boolean> {
    const rows = await this.pipeline.rows(
      'tables of a run before',
      `SELECT table_name FROM information_schema.tables WHERE table_schema = '${this.schema}' AND table_name IN ('freq0', 'big')`,
    );
    return rows.length === 2;
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
    this.comparisons = layout(this.model, classes, this.#usual);
    if (this.comparisons.reduce((a, c) => a * c.size, 1) > 2 ** 53) {
      fail(
        'too-many-comparisons',
        '比较项或等级过多，模式编码放不下',
        'too many comparisons or levels: their patterns do not fit in 53 bits',
      );
    }
  }

  #keepBlocked(blocked: Blocked): void {
    this.rules = blocked.rules;
    this.ruleCounts = blocked.counts;
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

  /** Compares and scores the pairs of a table (l, r, rule) and adds them. */
  async score(pairs: string): Promise<void> {
    const s = this.schema;
    await this.pipeline.run(
      'patterns of further pairs',
      `CREATE OR REPLACE TABLE ${s}.cmp2 AS ${patternSql(this.engine.dialect, this.model, this.comparisons, pairs, `${s}.rec`, ['rule'])}`,
    );
    await this.#score(`${s}.cmp2`, false);
  }

  async #score(cmp: string, fresh: boolean): Promise<void> {
    const s = this.schema;
    const p = this.pipeline;
    const [pattern] = (await p.numbers('patterns to weigh', `SELECT DISTINCT CAST(pat AS DOUBLE) FROM ${cmp}`)) as [
      Float64Array,
    ];
    const weights = weigh(pattern, this.comparisons, this.estimate);
    await p.time('weights of patterns', '', () =>
      this.engine.create(`${s}.weights`, [
        { name: 'pat', type: 'BIGINT', values: pattern },
        { name: 'w', type: 'DOUBLE', values: weights },
      ]),
    );
    const select = `SELECT c.l, c.r, c.rule, c.pat, k.w FROM ${cmp} AS c JOIN ${s}.weights AS k ON k.pat = c.pat`;
    await p.run(
      'weights of pairs',
      fresh ? `CREATE OR REPLACE TABLE ${s}.scored AS ${select}` : `INSERT INTO ${s}.scored ${select}`,
    );
    await p.run('drop patterns', `DROP TABLE ${cmp}`);
  }

  /** Learns from the clusters and weighs all pairs anew. */
  async #relearn(): Promise<void> {
    const s = this.schema;
    const p = this.pipeline;
    const { pattern, count, inside, apart } = await clusterPatterns(p, s);
    const e = relearn(this.comparisons, this.estimate, { pattern, count }, { inside, apart }, this.#background!);
    this.parameters = { ...this.parameters, ...e };
    await p.run('pairs to weigh anew', `CREATE OR REPLACE TABLE ${s}.cmp AS SELECT l, r, rule, pat FROM ${s}.scored`);
    await this.#score(`${s}.cmp`, true);
  }

  async #keepGroups(g: Grouping): Promise<void> {
    const s = this.schema;
    const rid = Int32Array.from({ length: g.of.length }, (_, i) => i);
    await this.pipeline.time('clusters', '', () =>
      this.engine.create(`${s}.groups`, [
        { name: 'rid', type: 'INTEGER', values: rid },
        { name: 'first', type: 'INTEGER', values: g.of },
      ]),
    );
  }

  /** Names the clusters, keeping the names of before where their records stayed together, and writes what changed. */
  async #keepClusters(): Promise<void> {
    await nameClusters(this.pipeline, this.schema, this.model);
  }

  /**
   * Adds records: `model`-like tables whose names are the model's (new rows only). They are prepared, blocked and weighed with the parameters,
   * frequencies and large keys of before, compared with all records, and join, merge or split clusters; the answer tells what changed. The
   * clusters are those that a run over all records with frozen parameters gives.
   */
  async update(tables: readonly TableModel[]): Promise<ClusterEvent[]> {
    const p = this.pipeline;
    const s = this.schema;
    const { model } = this;
    const start = performance.now();
    for (const t of tables) {
      if (!model.tables.some((m) => m.name === t.name))
        fail('unknown-table', `模型中没有表“${t.name}”`, `the model has no table '${t.name}'`, { table: t.name });
    }
    p.phase('prepare');
    const before = (await p.one<{ n: number }>('records before', `SELECT count(*) AS n FROM ${s}.rec`)).n;
    const ins = await inputs(p, { ...model, tables: [...tables] });
    await prepareValues(p, s, model, ins, before);
    const known = await p.rows<{ uid: string; src: number }>(
      'ids known already',
      `SELECT n.uid, n.src FROM ${s}.rec0 AS n JOIN ${s}.rec AS r ON r.src = n.src AND r.uid = n.uid ORDER BY n.uid LIMIT 1`,
    );
    if (known[0]) {
      const table = model.tables[known[0].src]!.name;
      fail('duplicate-id', `表 ${table} 的标识“${known[0].uid}”已存在`, `id '${known[0].uid}' is in ${table} already`, {
        table,
        record: known[0].uid,
      });
    }
    await prepareRecords(p, s, model, this.parameters.records, this.#usual, 'rec_new');
    await p.run('new records', `INSERT INTO ${s}.rec SELECT * FROM ${s}.rec_new`);
    const all = await this.#tables();
    const records = all.reduce((n, t) => n + t.records, 0);
    p.phase('block');
    const blocked = await block(p, s, model, records, {
      frozen: true,
      since: before,
      budget: budgetOf(model, this.parameters.records),
    });
    p.phase('score');
    await this.score(`${s}.cand`);
    p.phase('group');
    const bits = this.summary.thresholdBits;
    const constraints = await resolveLabels(p, s, model, this.#labels, records);
    const grouping = await group(p, s, records, bits, constraints, (pairs) => this.score(pairs));
    await this.#keepGroups(grouping);
    await this.#keepClusters();
    await this.#summarise(all, this.summary.candidates + blocked.pairs, bits, grouping, start);
    return this.history(true);
  }

  /** What happened to clusters, of all runs or of the last only. */
  history(last = false): Promise<ClusterEvent[]> {
    const where = last ? ` WHERE run = (SELECT max(run) FROM ${this.schema}.history)` : '';
    return this.engine.rows(
      `SELECT * FROM ${this.schema}.history${where} ORDER BY run, event, cluster, other`,
    ) as unknown as Promise<ClusterEvent[]>;
  }

  /** Adds verdicts of people; they take effect with the next `regroup` or run. */
  addLabels(labels: readonly Label[]): void {
    this.#labels.push(...labels);
  }

  /** Learns anew with the labels given so far, weighs all pairs again and groups them. */
  async relabel(): Promise<void> {
    const p = this.pipeline;
    const s = this.schema;
    const start = performance.now();
    const records = this.summary.records;
    const constraints = await resolveLabels(p, s, this.model, this.#labels, records);
    await p.run(
      'pairs to weigh anew',
      `CREATE OR REPLACE TABLE ${s}.cmp AS SELECT l, r, rule, pat FROM ${s}.scored WHERE rule >= 0`,
    );
    await this.#learn(records, this.summary.allowed, this.parameters.cap, constraints, {});
    await this.#score(`${s}.cmp`, true);
    const grouping = await group(p, s, records, this.summary.thresholdBits, constraints, (pairs) => this.score(pairs));
    await this.#keepGroups(grouping);
    await this.#keepClusters();
    await this.#summarise(this.summary.tables, this.summary.candidates, this.summary.thresholdBits, grouping, start);
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
  const linkage = new Linkage(model, engine, options.schema ?? 'linkage', own, options.progress);
  try {
    await linkage.run(options);
  } catch (error) {
    await linkage.close();
    throw error;
  }
  return linkage;
}
