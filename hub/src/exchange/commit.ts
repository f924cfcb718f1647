/**
 * The transaction of a run: rows of the hand-over enter the lake with their receipt, or nothing does. Every statement is a
 * named step, timed in the receipt.
 */
import type { SourceDeclaration } from '../catalogue/index.ts';
import { ident, type Lake, type LakeSession, literal, type StepTiming } from '../platform/lake/index.ts';
import type { TokenKind, VaultPort } from '../platform/room.ts';
import { forgetInRun } from './erase/rows.ts';
import type { IntakeResult } from './intake/index.ts';
import { rawTable } from './names.ts';

/** What the receipt says besides the counts. */
export interface RunNote {
  kind: 'collect' | 'push' | 'release';
  input: string;
  started: Date;
  /** The clock's time when everything is in. */
  finished: () => Date;
  declaration: number;
  /** What is not in it has not vanished. */
  partial: boolean;
  notices: string;
}

/** A committed run. */
export interface RunReceipt {
  run: number;
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
  vanished: number;
  steps: StepTiming[];
}

const tokenKind = (format: string | undefined): TokenKind =>
  format === 'citizen-id' || format === 'phone' ? format : 'account';
const files = (paths: readonly string[]): string => `[${paths.map(literal).join(', ')}]`;
const parquet = (paths: readonly string[]): string => `read_parquet(${files(paths)})`;

/** Writes one run inside a transaction that the caller holds. */
export class RunWriter {
  readonly #s: LakeSession;
  readonly #source: SourceDeclaration;
  readonly #vault: VaultPort;
  readonly #lake: Lake;
  readonly #table: string;
  readonly #fields: string[];
  readonly #sensitive: Map<string, TokenKind>;
  readonly steps: StepTiming[] = [];
  readonly #early = new Set<string>();
  run = 0;
  #earlier = false;
  #started = new Date(0);

  constructor(session: LakeSession, source: SourceDeclaration, vault: VaultPort, lake: Lake) {
    this.#lake = lake;
    this.#s = session;
    this.#source = source;
    this.#vault = vault;
    this.#table = rawTable(source.id);
    this.#fields = source.fields.map((f) => f.name);
    this.#sensitive = new Map(
      source.fields.filter((f) => f.protection === 'sensitive').map((f) => [f.name, tokenKind(f.format)]),
    );
  }

  /** Gives the run its number and finds out whether rows must be compared with earlier ones. */
  async begin(started: Date): Promise<void> {
    this.#started = started;
    const row = await this.#s.first<{ run: number }>("SELECT nextval('ex.run_number') AS run");
    this.run = row!.run;
    const before = await this.#s.first<{ n: number }>(
      `SELECT (EXISTS (FROM ${this.#table}))::INTEGER + (EXISTS (FROM ex.quarantine WHERE source = $source))::INTEGER AS n`,
      { source: this.#source.id },
    );
    this.#earlier = before!.n > 0;
  }

  /** Whether parts may enter while the rest is still read. */
  get mayStream(): boolean {
    return !this.#earlier && this.#sensitive.size === 0;
  }

  async step(name: string, sql: string, params: Record<string, string | number | Date> = {}): Promise<number> {
    const [timing] = await this.#s.steps([{ name, sql, params }]);
    const held = this.steps.find((s) => s.name === name);
    if (held) {
      held.ms += timing!.ms;
      held.rows += timing!.rows;
    } else this.steps.push(timing!);
    return timing!.rows;
  }

  #insert(from: string, alias: string, joins = ''): { sql: string; params: Record<string, string | number | Date> } {
    const changes = this.#source.mode === 'changes';
    const columns = this.#fields.map((f) => this.#cell(alias, f));
    return {
      sql: `INSERT INTO ${this.#table} (_run, _row, _op, _ts, _leaf, ${this.#fields.map(ident).join(', ')})
        SELECT $run::INTEGER, ${alias}._row, ${changes ? `${alias}._op, ${alias}._ts` : "'I', $started::TIMESTAMP"}, ${alias}._leaf,
          ${columns.join(', ')}
        FROM ${from} AS ${alias} ${joins}`,
      params: changes ? { run: this.run } : { run: this.run, started: this.#started },
    };
  }

  /** A value, or its token where the field is sensitive. */
  #cell(alias: string, field: string): string {
    const kind = this.#sensitive.get(field);
    const own = `${alias}.${ident(field)}`;
    return kind ? `CASE WHEN ${own} = '' THEN '' ELSE ${ident(`t_${field}`)}.token END` : own;
  }

  #tokenJoins(alias: string): string {
    return [...this.#sensitive]
      .map(
        ([field, kind]) =>
          `LEFT JOIN ${ident(`token_${kind}`)} AS ${ident(`t_${field}`)} ON ${ident(`t_${field}`)}.original = ${alias}.${ident(field)}`,
      )
      .join(' ');
  }

  /** Takes in a part while the rest is still read. */
  async part(path: string): Promise<void> {
    const { sql, params } = this.#insert(parquet([path]), 'p');
    await this.step('insert rows', sql, params);
    this.#early.add(path);
  }

  /** Takes in everything else and writes the receipt; throws when the numbers do not add up. */
  async finish(result: IntakeResult, note: RunNote): Promise<RunReceipt> {
    const rest = result.parts.filter((p) => !this.#early.has(p));
    let known = 0;
    let knownBad = 0;
    const handed = [...rest, ...(result.quarantine ? [result.quarantine] : [])];
    if (handed.length) await this.#tokens(handed, rest.length > 0);
    if (this.#earlier) ({ known, knownBad } = await this.#compare(rest, result));
    if (rest.length) {
      const anti = this.#earlier ? 'ANTI JOIN known ON known._row = p._row' : '';
      const { sql, params } = this.#insert(parquet(rest), 'p', `${this.#tokenJoins('p')} ${anti}`);
      await this.step('insert rows', sql, params);
    }
    await this.#duplicates(result, known, knownBad);
    const quarantined = result.quarantine ? await this.#quarantine(result.quarantine) : 0;
    if (result.extra)
      await this.step(
        'keep columns aside',
        `INSERT INTO ex.extra SELECT $run::INTEGER, _row, extra FROM ${parquet([result.extra])}`,
        { run: this.run },
      );
    const vanished = note.partial ? 0 : await this.#vanished(result);
    const forgetting = performance.now();
    const forgotten = await forgetInRun(this.#lake, this.#s, this.#source, this.run, note.started);
    if (forgotten > 0)
      this.steps.push({ name: 'let go of erased persons', ms: performance.now() - forgetting, rows: forgotten });
    const accepted = this.steps.find((s) => s.name === 'insert rows')?.rows ?? 0;
    const duplicate = result.duplicate + known + knownBad;
    if (accepted + quarantined + duplicate !== result.received)
      throw new Error(
        `run ${this.run} of ${this.#source.id} does not add up: received ${result.received}, accepted ${accepted}, quarantined ${quarantined}, duplicate ${duplicate}`,
      );
    const receipt = { run: this.run, received: result.received, accepted, quarantined, duplicate, vanished };
    await this.#receipt(receipt, result, note);
    return { ...receipt, steps: this.steps };
  }

  /** Sensitive values become tokens before anything is written. */
  async #tokens(paths: readonly string[], all: boolean): Promise<void> {
    const kinds = new Map<TokenKind, string[]>();
    for (const [field, kind] of this.#sensitive) kinds.set(kind, [...(kinds.get(kind) ?? []), field]);
    for (const [kind, fields] of kinds) {
      const start = performance.now();
      const distinct = fields
        .map((f) => `SELECT ${ident(f)} AS original FROM ${this.#union(paths)} WHERE ${ident(f)} <> ''`)
        .join(' UNION ');
      const sql = fields.length === 1 ? distinct.replace('SELECT', 'SELECT DISTINCT') : distinct;
      const rows = await this.#vault.stageTokens(this.#s, kind, sql, `token_${kind}`);
      this.steps.push({ name: `tokens of ${kind}${all ? '' : ' in quarantine'}`, ms: performance.now() - start, rows });
    }
  }

  #union(paths: readonly string[]): string {
    return `read_parquet(${files(paths)}, union_by_name = true)`;
  }

  /** Rows that are alive in earlier runs, or that wait in quarantine, are not taken again. */
  async #compare(rest: string[], result: IntakeResult): Promise<{ known: number; knownBad: number }> {
    const source = { source: this.#source.id };
    const alive =
      this.#source.mode === 'snapshot'
        ? `(SELECT r._run, r._row, r._leaf FROM ${this.#table} r
            ANTI JOIN (SELECT of_run, of_row FROM ex.vanished WHERE source = $source) g ON g.of_run = r._run AND g.of_row = r._row)`
        : this.#table;
    const params = this.#source.mode === 'snapshot' ? source : {};
    // A change's instant is part of its leaf: rows of other times, which is nearly all, are passed over block by block.
    const dated = this.#source.mode === 'changes' && this.#source.mapping === undefined;
    await this.step(
      'compare with earlier runs',
      rest.length
        ? `CREATE OR REPLACE TEMP TABLE known AS
           SELECT p._row, p._leaf, min(r._run) AS of_run, min_by(r._row, r._run) AS of_row
           FROM ${parquet(rest)} p JOIN ${alive} r ON r._leaf = p._leaf ${dated ? 'AND r._ts = p._ts' : ''} GROUP BY ALL`
        : 'CREATE OR REPLACE TEMP TABLE known (_row INTEGER, _leaf BLOB, of_run INTEGER, of_row INTEGER)',
      rest.length ? params : {},
    );
    await this.step(
      'compare with quarantine',
      result.quarantine
        ? `CREATE OR REPLACE TEMP TABLE known_bad AS
           SELECT b._row, b._leaf, min(q.run) AS of_run, min_by(q.row, q.run) AS of_row
           FROM ${parquet([result.quarantine])} b JOIN ex.quarantine q ON q.leaf = b._leaf AND q.source = $source GROUP BY ALL`
        : 'CREATE OR REPLACE TEMP TABLE known_bad (_row INTEGER, _leaf BLOB, of_run INTEGER, of_row INTEGER)',
      result.quarantine ? source : {},
    );
    const count = async (table: string) =>
      (await this.#s.first<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))!.n;
    return { known: await count('known'), knownBad: await count('known_bad') };
  }

  async #duplicates(result: IntakeResult, known: number, knownBad: number): Promise<void> {
    for (const [table, n] of [
      ['known', known],
      ['known_bad', knownBad],
    ] as const)
      if (n)
        await this.step(
          'record duplicates',
          `INSERT INTO ex.duplicate SELECT $run::INTEGER, _row, _leaf, of_run, of_row FROM ${table}`,
          { run: this.run },
        );
    if (!result.duplicates) return;
    // The row that it repeats may itself be known from an earlier run: then that one is named.
    const of = this.#earlier
      ? 'coalesce(k.of_run, $run::INTEGER), coalesce(k.of_row, d.of_row)'
      : '$run::INTEGER, d.of_row';
    await this.step(
      'record duplicates',
      `INSERT INTO ex.duplicate SELECT $run::INTEGER, d._row, d._leaf, ${of}
       FROM ${parquet([result.duplicates])} d ${this.#earlier ? 'LEFT JOIN known k ON k._row = d.of_row' : ''}`,
      { run: this.run },
    );
    const wrong = await this.#s.first<{ n: number }>(
      `SELECT count(*) AS n FROM ${parquet([result.duplicates])} d JOIN ${this.#table} r ON r._run = $run AND r._row = d.of_row
       WHERE r._leaf <> d._leaf`,
      { run: this.run },
    );
    if (wrong!.n) throw new Error(`run ${this.run}: ${wrong!.n} different rows met in 64 bits of their leaves`);
  }

  async #quarantine(path: string): Promise<number> {
    const names = this.#fields.map((f) => `${literal(f)}, ${this.#cell('q', f)}`);
    if (this.#source.mode === 'changes')
      for (const f of ['dsc_biz_operation', 'dsc_biz_timestamp']) names.push(`${literal(f)}, q.${ident(f)}`);
    // Only a row whose columns could not be told apart has no field at fault; a mapped one has cells and its text.
    // The text of a row whose columns could not be told apart may hold identity numbers: long digits are covered.
    const raw = this.#sensitive.size ? "regexp_replace(q._raw, '[0-9]{6,}[0-9Xx]?', '******', 'g')" : 'q._raw';
    return this.step(
      'quarantine rows',
      `INSERT INTO ex.quarantine (run, row, source, line, field, rule, params, cells, leaf, status, raw, byte_from, byte_to, received_at)
       SELECT $run::INTEGER, q._row, $source, CASE WHEN q._line > 0 THEN q._line END, q._field, q._rule, q._params,
         CASE WHEN q._raw IS NULL OR q._field IS NOT NULL THEN json_object(${names.join(', ')}) END, q._leaf, 'open', ${raw},
         CASE WHEN q._to > 0 THEN q._from END, CASE WHEN q._to > 0 THEN q._to END, $started::TIMESTAMP
       FROM ${parquet([path])} q ${this.#tokenJoins('q')}
       ${this.#earlier ? 'ANTI JOIN known_bad ON known_bad._row = q._row' : ''}`,
      { run: this.run, source: this.#source.id, started: this.#started },
    );
  }

  /** Rows that were alive and are not in this snapshot any more. A key that waits in quarantine has not vanished. */
  async #vanished(result: IntakeResult): Promise<number> {
    if (this.#source.mode !== 'snapshot' || !this.#earlier) return 0;
    const { minRows } = this.#source.expect;
    if (minRows !== undefined && result.received < minRows) return 0;
    const key = this.#source.key.map(ident);
    const same = (a: string, b: string) => key.map((k) => `${a}.${k} IS NOT DISTINCT FROM ${b}.${k}`).join(' AND ');
    const replaced = key.length ? `EXISTS (FROM ${this.#table} n WHERE n._run = $run AND ${same('n', 'r')})` : 'false';
    const waiting = key.length
      ? `AND NOT EXISTS (FROM ex.quarantine q WHERE q.source = $source AND (q.run = $run OR EXISTS
           (FROM known_bad k WHERE k.of_run = q.run AND k.of_row = q.row)) AND q.cells IS NOT NULL AND
           ${this.#source.key.map((k) => `json_extract_string(q.cells, ${literal(`$.${k}`)}) IS NOT DISTINCT FROM r.${ident(k)}`).join(' AND ')})`
      : '';
    return this.step(
      'find what vanished',
      `INSERT INTO ex.vanished SELECT $run::INTEGER, $source, r._run, r._row, ${replaced}
       FROM ${this.#table} r
       ANTI JOIN (SELECT of_run, of_row FROM ex.vanished WHERE source = $source) g ON g.of_run = r._run AND g.of_row = r._row
       ANTI JOIN known k ON k.of_run = r._run AND k.of_row = r._row
       WHERE r._run <> $run AND NOT EXISTS (FROM ex.quarantine q SEMI JOIN known_bad b ON b.of_run = q.run AND b.of_row = q.row
           WHERE q.released_run = r._run AND q.released_row = r._row)
         ${waiting}`,
      { run: this.run, source: this.#source.id },
    );
  }

  async #receipt(counts: Omit<RunReceipt, 'steps'>, result: IntakeResult, note: RunNote): Promise<void> {
    const blocks = result.blocks.map((root, i) => [this.run, i, 16, root] as const);
    if (result.tail) {
      const { digest, level } = result.tail;
      await this.#s.append('ex.block', [...blocks, [this.run, blocks.length, level, digest]]);
    } else if (blocks.length) await this.#s.append('ex.block', blocks);
    const values = {
      run: this.run,
      source: this.#source.id,
      number: this.#source.number,
      input: note.input,
      blob: result.sha256,
      bytes: result.bytes,
      started: note.started,
      finished: note.finished(),
      received: counts.received,
      accepted: counts.accepted,
      quarantined: counts.quarantined,
      duplicate: counts.duplicate,
      root: result.root,
      leaves: counts.received,
      declaration: note.declaration,
      steps: JSON.stringify(this.steps),
      kind: note.kind,
      level: result.level,
      vanished: counts.vanished,
      notices: note.notices,
    };
    await this.#s.run(
      `INSERT INTO ex.run VALUES (${Object.keys(values)
        .map((v) => `$${v}`)
        .join(', ')})`,
      values,
    );
  }
}
