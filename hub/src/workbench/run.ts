/** Runs a judged query over the viewer's projections, on a connection that cannot write, within its limits. */
import { createHash } from 'node:crypto';
import { catalogueOf } from '../catalogue/index.ts';
import type { Principal } from '../platform/auth/principal.ts';
import { visibility } from '../platform/auth/protection.ts';
import type { Config } from '../platform/config/index.ts';
import { ident, type LakeParam, type LakeParams, type LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type Contract, contractOf } from './contract.ts';
import { problemOf } from './errors.ts';
import { type Judged, judge, projected } from './judge.ts';
import * as k from './problems.ts';
import { need, projectionSql, showsPersonal } from './projection.ts';
import { depthOf, placeOf, tokensOf, withParameters } from './pure/text.ts';
import { type Turn, Turns } from './turns.ts';

/** A parameter with its value as it was written. */
export interface Parameter {
  name: string;
  type: 'text' | 'integer' | 'number' | 'day' | 'boolean';
  value: string;
}

/** A column of an answer. */
export interface AnswerColumn {
  name: string;
  /** The engine's type. */
  type: string;
}

/** What a query was answered with. Cells are texts as the engine writes them; NULL is null. */
export interface Answer {
  columns: AnswerColumn[];
  rows: (string | null)[][];
  /** There are more rows than are told. */
  more: boolean;
  /** A cell was cut. */
  cut: boolean;
  /** Milliseconds of the engine's work, without waiting. */
  ms: number;
  views: string[];
  /** SHA-256 of the text and its parameters. */
  fingerprint: string;
}

/** Most levels of parentheses; the engine itself stops at 1,000 of expressions. */
const DEPTH = 100;
const COLUMNS = 200;
/** Characters of one cell, and of all cells of an answer. */
const CELL = 4_000;
const ANSWER = 8_000_000;
const LOOK = 250;

/** What the values of a statement's parameters are bound as: texts that the engine converts. */
function bound(parameters: readonly Parameter[]): LakeParams {
  const out: Record<string, LakeParam> = {};
  for (const { name, type, value } of parameters) {
    const text = value.trim();
    const fits =
      text === '' ||
      type === 'text' ||
      (type === 'integer' && /^-?\d{1,18}$/.test(text)) ||
      (type === 'number' && /^-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?$/.test(text)) ||
      (type === 'boolean' && /^(true|false)$/.test(text)) ||
      (type === 'day' && /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text));
    if (!fits) throw new Problem(k.parameterValue, { name, type }, { field: name });
    out[name] = type === 'text' ? value : text === '' ? null : text;
  }
  return out;
}

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** SHA-256 of a text and its parameters: names a statement in the audit. */
export const fingerprintOf = (text: string, parameters: readonly Parameter[]): string =>
  createHash('sha256')
    .update(JSON.stringify([text, parameters.map((p) => [p.name, p.type, p.value])]))
    .digest('hex');

/** A statement made ready in a session: projections stand, the transaction is one that reads. */
interface Ready {
  judged: Judged;
  columns: AnswerColumn[];
  params: LakeParams;
}

/** What running stands on. */
export interface RunnerDeps extends Pick<Deps, 'lake' | 'audit'> {
  config: Pick<Config, 'workbench'>;
}

/** The contract of a hub, made anew when the catalogue's sources are others. */
export function liveContract(deps: Pick<Deps, 'lake' | 'folders'>): () => Contract {
  let last: { declared: unknown; contract: Contract } | undefined;
  return () => {
    const declared = catalogueOf(deps.lake).sources;
    if (last?.declared !== declared) last = { declared, contract: contractOf(deps) };
    return last.contract;
  };
}

/** Runs queries of one hub. */
export class Runner {
  readonly #deps: RunnerDeps;
  readonly #contract: () => Contract;
  readonly turns: Turns;

  constructor(deps: RunnerDeps, contract: () => Contract) {
    this.#deps = deps;
    this.#contract = contract;
    this.turns = new Turns(deps.config.workbench);
  }

  /** What may be queried now. */
  contract(): Contract {
    return this.#contract();
  }

  /** The first rows of a query, at most `rows`. */
  run(text: string, parameters: readonly Parameter[], who: Principal, rows: number): Promise<Answer> {
    return this.#within(text, parameters, who, async (session, ready) => {
      const from = performance.now();
      const { judged, columns, params } = ready;
      const names = columns.map((_, i) => `c${i}`);
      const shown = names.map((c) => `left(${c}::VARCHAR, ${CELL + 1}) AS ${c}`).join(', ');
      const before = `SELECT ${shown} FROM (`;
      const sql = `${before}${judged.sql}\n) AS answer(${names.join(', ')}) LIMIT ${rows + 1}`;
      const out: (string | null)[][] = [];
      let [size, more, cut] = [0, false, false];
      try {
        for await (const batch of session.stream(sql, params)) {
          for (const row of batch) {
            if (out.length === rows || size > ANSWER) {
              more = true;
              break;
            }
            const cells = names.map((c) => {
              const value = row[c] as string | null;
              if (value === null) return null;
              size += value.length;
              if (value.length <= CELL) return value;
              cut = true;
              return `${value.slice(0, CELL)}…`;
            });
            out.push(cells);
          }
          if (more) break;
        }
      } catch (error) {
        throw problemOf(error, judged.sql, before.length, text);
      }
      const ms = performance.now() - from;
      const { views } = judged;
      return { columns, rows: out, more, cut, ms, views, fingerprint: fingerprintOf(text, parameters) };
    });
  }

  /** Rows of a query in batches, each handed on as it comes, at most `rows`; answers the columns first. */
  async each(
    text: string,
    parameters: readonly Parameter[],
    who: Principal,
    rows: number,
    take: (columns: AnswerColumn[], batch: (string | null)[][]) => Promise<void>,
  ): Promise<{ views: string[]; rows: number; more: boolean }> {
    return this.#within(text, parameters, who, async (session, { judged, columns, params }) => {
      const names = columns.map((_, i) => `c${i}`);
      const before = `SELECT ${names.map((c) => `${c}::VARCHAR AS ${c}`).join(', ')} FROM (`;
      const sql = `${before}${judged.sql}\n) AS answer(${names.join(', ')}) LIMIT ${rows + 1}`;
      let n = 0;
      try {
        for await (const batch of session.stream(sql, params)) {
          const cells = batch.slice(0, rows - n).map((row) => names.map((c) => row[c] as string | null));
          if (cells.length) await take(columns, cells);
          n += batch.length;
        }
      } catch (error) {
        throw problemOf(error, judged.sql, before.length, text);
      }
      if (n === 0) await take(columns, []);
      return { views: judged.views, rows: Math.min(n, rows), more: n > rows };
    });
  }

  /** What the engine would do, without doing it: its plan as JSON. */
  plan(text: string, parameters: readonly Parameter[], who: Principal): Promise<{ plan: unknown; views: string[] }> {
    return this.#within(text, parameters, who, async (session, { judged, params }) => {
      const before = 'EXPLAIN (FORMAT json) ';
      try {
        const row = await session.first<{ explain_value: string }>(`${before}${judged.sql}`, params);
        return { plan: JSON.parse(row!.explain_value) as unknown, views: judged.views };
      } catch (error) {
        throw problemOf(error, judged.sql, before.length, text);
      }
    });
  }

  async #within<T>(
    text: string,
    parameters: readonly Parameter[],
    who: Principal,
    work: (session: LakeSession, ready: Ready) => Promise<T>,
  ): Promise<T> {
    if (!tokensOf(text).length) throw new Problem(k.empty, {}, { line: 1, column: 1 });
    if (depthOf(text) > DEPTH) throw new Problem(k.tooDeep, { max: DEPTH }, placeOf(text, 0));
    const params = bound(parameters);
    const { seconds } = this.#deps.config.workbench;
    return this.turns.take(who.userId, (turn) =>
      this.#deps.lake.session(async (session) => {
        turn.startedAt = performance.now();
        const timer = setTimeout(() => turn.end(k.tooSlow, { seconds }), seconds * 1000);
        const watch = this.#watch(turn);
        turn.runs(session);
        try {
          const ready = await this.#ready(session, turn, text, parameters, params, who);
          if (turn.ended) throw turn.ended;
          const answer = await work(session, ready);
          if (turn.ended) throw turn.ended;
          return answer;
        } catch (error) {
          throw turn.ended ?? problemOf(error, '', 0, text);
        } finally {
          clearTimeout(timer);
          clearInterval(watch);
          turn.over();
          await session.run('ROLLBACK').catch(() => undefined);
        }
      }),
    );
  }

  /** Ends the query when all that the workbench runs takes more than it may: the one that began last goes first. */
  #watch(turn: Turn): NodeJS.Timeout {
    const { lake, config } = this.#deps;
    const most = config.workbench.memoryMiB * 1024 * 1024;
    const used = () =>
      lake.first<{ n: number | bigint }>(
        'SELECT sum(memory_usage_bytes + temporary_storage_bytes)::BIGINT AS n FROM duckdb_memory()',
      );
    let from: number | undefined;
    let asking = false;
    const look = async () => {
      if (asking) return;
      asking = true;
      try {
        const now = Number((await used())?.n ?? 0);
        from ??= now;
        const youngest = [...this.turns.running].sort((a, b) => b.startedAt - a.startedAt)[0];
        if (now - from > most && youngest === turn) turn.end(k.tooLarge);
      } catch {
        // The lake is closing: the query ends with it.
      } finally {
        asking = false;
      }
    };
    void look();
    const timer = setInterval(() => void look(), LOOK);
    timer.unref();
    return timer;
  }

  async #ready(
    session: LakeSession,
    turn: Turn,
    text: string,
    parameters: readonly Parameter[],
    params: LakeParams,
    who: Principal,
  ): Promise<Ready> {
    await session.run('SET errors_as_json = true');
    const { views, attributes: guards } = this.contract();
    // Days are added to dates as INTEGER only: a number is as wide as it must be.
    const large = (p: Parameter) => p.type === 'integer' && Math.abs(Number(p.value)) > 2_147_483_647;
    const types = new Map(parameters.map((p): [string, string] => [p.name, large(p) ? 'large' : p.type]));
    const judged = await judge(
      session,
      withParameters(text).text,
      (name) => {
        const view = views.get(name);
        if (!view) throw new Problem(k.viewUnknown, { view: name });
        need(view, who);
      },
      types,
    );
    const attributes = guards.map(({ name, guard }) => ({
      name,
      // A sensitive attribute is a token of the vault: never shown.
      sees: guard.protection === 'sensitive' ? ('hidden' as const) : visibility(who, guard),
    }));
    const personal: string[] = [];
    for (const name of judged.views) {
      const view = views.get(name)!;
      if (showsPersonal(view, who)) personal.push(name);
      const there = await session.query<{ name: string; type: string }>(
        `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE schema_name = 'v' AND table_name = $name
           AND NOT internal`,
        { name },
      );
      // Declared, but nothing was collected yet.
      if (!there.length) throw new Problem(k.viewUnknown, { view: `v.${name}` });
      const columns = new Map(there.map((c) => [c.name, c.type]));
      await session.run(
        `CREATE TEMP VIEW ${ident(projected(name))} AS ${projectionSql(view, columns, who, attributes)}`,
      );
    }
    if (personal.length)
      await this.#deps.audit.append({
        ...{ actor: who, action: 'person.look', object: `workbench/${fingerprintOf(text, parameters).slice(0, 16)}` },
        ...{
          outcome: 'ok',
          ...(who.purpose ? { purpose: who.purpose } : {}),
          detail: { views: personal, statement: text },
        },
      });
    if (turn.ended) throw turn.ended;
    await session.run('BEGIN TRANSACTION READ ONLY');
    const columns = await this.#columns(session, judged, params, text);
    return { judged, columns, params: only(params, judged.parameters) };
  }

  async #columns(session: LakeSession, judged: Judged, params: LakeParams, text: string): Promise<AnswerColumn[]> {
    const before = 'DESCRIBE ';
    try {
      const rows = await session.query<{ column_name: string; column_type: string }>(
        `${before}${judged.sql}`,
        only(params, judged.parameters),
      );
      if (rows.length > COLUMNS) throw new Problem(k.tooManyColumns, { n: rows.length, max: COLUMNS });
      return rows.map((r) => ({ name: r.column_name, type: r.column_type }));
    } catch (error) {
      throw problemOf(error, judged.sql, before.length, text);
    }
  }
}

const only = (params: LakeParams, names: readonly string[]): LakeParams =>
  Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)));
