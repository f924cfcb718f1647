/**
 * The log of an operation (行动日志): appended under the operation's row lock, numbered without gaps, each entry chained to
 * the one before by its hash. Tables of tasks and shapes are written in the same transaction, so that the log and they
 * never tell different things.
 */
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../platform/audit/index.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Actor, CommandDeps } from './ports.ts';
import * as k from './problems.ts';
import type { Both, Entry } from './pure/index.ts';

/** Entries that one operation may have. */
export const LOG_LIMIT = 50_000;

export interface OperationRow {
  id: number;
  plan: string;
  plan_version: number;
  title: string;
  exercise: boolean;
  level: number;
  state: 'running' | 'ended' | 'closed';
  lon: number | null;
  lat: number | null;
  place: string;
  grounds: string;
  causes: { kind: string; key: string; title: Both }[];
  commander: string;
  started_by: string;
  started_at: Date;
  ended_at: Date | null;
  end_grounds: string | null;
  closed_at: Date | null;
  log_sha256: string | null;
  seal: number | null;
  seq: number;
  head: string;
}

/** An operation. Problem `command.operation.unknown`. */
export async function operationOf(db: Kysely<AnyTables>, id: number): Promise<OperationRow> {
  const { rows } = await sql<OperationRow>`SELECT * FROM command.operation WHERE id = ${id}`.execute(db);
  if (!rows[0]) throw new Problem(k.operationUnknown, { id });
  return rows[0];
}

/** The hash of an entry on top of the one before it: hex of SHA-256 over canonical JSON (RFC 8785). */
export const entryHash = (before: string, e: Entry): string =>
  createHash('sha256')
    .update(
      canonicalJson({
        before,
        seq: e.seq,
        at: e.at,
        kind: e.kind,
        actor: e.actor,
        organisation: e.organisation,
        text: e.text,
        detail: e.detail,
      }),
    )
    .digest('hex');

/** What is written. */
export interface Said {
  kind: string;
  text: Both;
  detail?: Record<string, unknown>;
  /** The caller's own name of the act. */
  key?: string | undefined;
}

/** Writes to one operation's log within a transaction that holds its row. */
export class LogWriter {
  readonly #trx: Kysely<AnyTables>;
  readonly #actor: Actor;
  readonly #at: Date;
  readonly operation: OperationRow;

  private constructor(trx: Kysely<AnyTables>, operation: OperationRow, actor: Actor, at: Date) {
    this.#trx = trx;
    this.operation = operation;
    this.#actor = actor;
    this.#at = at;
  }

  /** Takes the operation's row for this transaction. Problems `command.operation.unknown`, `command.operation.over`. */
  static async of(
    trx: Kysely<AnyTables>,
    id: number,
    actor: Actor,
    at: Date,
    states: readonly OperationRow['state'][] = ['running'],
  ): Promise<LogWriter> {
    const { rows } = await sql<OperationRow>`SELECT * FROM command.operation WHERE id = ${id} FOR UPDATE`.execute(trx);
    if (!rows[0]) throw new Problem(k.operationUnknown, { id });
    if (!states.includes(rows[0].state))
      throw new Problem(rows[0].state === 'running' ? k.operationRunning : k.operationOver);
    return new LogWriter(trx, rows[0], actor, at);
  }

  get at(): Date {
    return this.#at;
  }

  /** Whether an act of this name was done before: whoever asks again gets no second effect. */
  async done(key: string | undefined): Promise<boolean> {
    if (key === undefined) return false;
    const { rows } =
      await sql`SELECT 1 FROM command.log WHERE operation = ${this.operation.id} AND key = ${key}`.execute(this.#trx);
    return rows.length > 0;
  }

  /** Appends an entry; answers its number. Problem `command.log.full`. */
  async say({ kind, text, detail = {}, key }: Said): Promise<number> {
    const o = this.operation;
    if (o.seq >= LOG_LIMIT) throw new Problem(k.logFull, { limit: LOG_LIMIT });
    const seq = o.seq + 1;
    const actor = this.#actor;
    const entry: Entry = {
      ...{ seq, at: this.#at.toISOString(), kind, actor: actor.name, organisation: actor.organisation, text },
      // As the store will give it back: what JSON does not know is left out before it is hashed.
      detail: JSON.parse(JSON.stringify(detail)) as Record<string, unknown>,
    };
    const hash = entryHash(o.head, entry);
    await sql`INSERT INTO command.log (operation, seq, at, kind, actor, organisation, text, detail, key, hash)
      VALUES (${o.id}, ${seq}, ${this.#at}, ${kind}, ${actor.name}, ${actor.organisation}, ${JSON.stringify(text)}::jsonb,
        ${JSON.stringify(entry.detail)}::jsonb, ${key ?? null}, ${hash})`.execute(this.#trx);
    await sql`UPDATE command.operation SET seq = ${seq}, head = ${hash} WHERE id = ${o.id}`.execute(this.#trx);
    o.seq = seq;
    o.head = hash;
    return seq;
  }
}

/** One act on an operation: its row is held, what it writes is one transaction, seats are told afterwards. */
export async function act<T>(
  deps: Pick<CommandDeps, 'db' | 'clock' | 'seats'>,
  id: number,
  actor: Actor,
  work: (log: LogWriter, trx: Kysely<AnyTables>) => Promise<T>,
  states?: readonly OperationRow['state'][],
): Promise<T> {
  const answer = await deps.db.tx(async (trx) =>
    work(await LogWriter.of(trx, id, actor, deps.clock.now(), states), trx),
  );
  deps.seats.tell(id);
  return answer;
}

interface LogRow extends Omit<Entry, 'at'> {
  at: Date;
}
const entry = ({ at, ...rest }: LogRow): Entry => ({ ...rest, at: at.toISOString() });

/** Entries after a number, in their order. */
export async function entriesAfter(
  db: Kysely<AnyTables>,
  operation: number,
  after: number,
  limit: number,
): Promise<Entry[]> {
  const { rows } = await sql<LogRow>`SELECT seq, at, kind, actor, organisation, text, detail FROM command.log
    WHERE operation = ${operation} AND seq > ${after} ORDER BY seq LIMIT ${limit}`.execute(db);
  return rows.map(entry);
}

/** The whole log. */
export const wholeLog = (db: Kysely<AnyTables>, operation: number): Promise<Entry[]> =>
  entriesAfter(db, operation, 0, LOG_LIMIT + 1);

/** Whether a log holds: numbers without gaps, every hash on top of the one before. */
export async function checkLog(db: Kysely<AnyTables>, operation: OperationRow): Promise<boolean> {
  const { rows } = await sql<LogRow & { hash: string }>`SELECT seq, at, kind, actor, organisation, text, detail, hash
    FROM command.log WHERE operation = ${operation.id} ORDER BY seq`.execute(db);
  let before = '';
  for (const [n, { hash, ...row }] of rows.entries()) {
    if (row.seq !== n + 1 || entryHash(before, entry(row)) !== hash) return false;
    before = hash;
  }
  return rows.length === operation.seq && before === operation.head;
}
