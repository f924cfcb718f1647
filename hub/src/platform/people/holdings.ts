/** What somebody or an organisation holds in the rooms: counted, shown by a few examples, handed over where the room allows. */
import { sql } from 'kysely';
import type { Executor } from '../auth/store.ts';
import type { Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';

/** Whether the column holds organisations' codes, logins or account ids. */
export type Holder = 'organisation' | 'login' | 'account';

interface HoldingBase {
  /** Stable name: `forms.target`. */
  kind: string;
  title: Bilingual;
  of: Holder;
  /** The console's page where they are. */
  page: string;
  /** `duty`: somebody must do it. `key`: a secret that its maker may know, to be exchanged. `name`: it bears the name only. */
  weight: 'duty' | 'key' | 'name';
}
/**
 * What a room keeps in a table of its own schema. Identifiers and conditions are constants of the code, never input.
 * `shown` tells one from another by number or code: no text that people wrote, since administrators read it.
 */
export interface TableHolding extends HoldingBase {
  table: string;
  column: string;
  /** Which of them are still open; all by default. `{today}` is the day in the city. */
  where?: string;
  shown: string;
  /** May be given to another: the column is set, with the name beside it where the table keeps one. */
  hand?: { name?: string };
}
/** What a room knows otherwise: from declarations. */
export interface FoundHolding extends HoldingBase {
  find(db: Db, key: string): Promise<{ count: number; examples: string[] }>;
}
export type HoldingKind = TableHolding | FoundHolding;

/** What is held of one kind. */
export interface Held {
  kind: string;
  title: Bilingual;
  page: string;
  weight: HoldingBase['weight'];
  count: number;
  examples: string[];
  /** Whether it can be handed over here. */
  hand: boolean;
}

const EXAMPLES = 5;

/** Whether a kind is a table's. */
export const isTable = (k: HoldingKind): k is TableHolding => 'table' in k;

/** What is held under a key; kinds of which there is nothing are left out. */
export async function heldBy(
  kinds: readonly HoldingKind[],
  of: { holder: Holder; key: string }[],
  at: { db: Db; today: string },
  trx: Executor = at.db.kysely,
): Promise<Held[]> {
  const held: Held[] = [];
  for (const k of kinds) {
    const key = of.find((o) => o.holder === k.of)?.key;
    if (key === undefined) continue;
    const found = isTable(k) ? await inTable(k, key, at.today, trx) : await k.find(at.db, key);
    if (found.count === 0) continue;
    const { kind, title, page, weight } = k;
    held.push({ kind, title, page, weight, ...found, hand: isTable(k) && k.hand !== undefined });
  }
  return held;
}

const theirs = (k: TableHolding, key: string, today: string) =>
  sql`${sql.raw(`t.${k.column}`)}::text = ${key}
    AND (${sql.raw((k.where ?? 'true').replaceAll('{today}', `DATE '${today}'`))})`;

async function inTable(k: TableHolding, key: string, today: string, trx: Executor) {
  const { rows } = await sql<{ n: number; examples: string[] | null }>`SELECT count(*)::int AS n,
      (array_agg(shown ORDER BY shown) FILTER (WHERE row <= ${EXAMPLES})) AS examples
    FROM (SELECT (${sql.raw(k.shown)})::text AS shown, row_number() OVER () AS row
      FROM ${sql.raw(k.table)} AS t WHERE ${theirs(k, key, today)}) AS held`.execute(trx);
  return { count: Number(rows[0]!.n), examples: rows[0]!.examples ?? [] };
}

/** Gives what is open of a kind to somebody else; answers how many. */
export async function handOver(
  k: TableHolding,
  from: string,
  to: { key: string; name: string },
  today: string,
  trx: Executor,
): Promise<number> {
  const name = k.hand?.name ? sql`, ${sql.ref(k.hand.name)} = ${to.name}` : sql``;
  const value = k.of === 'account' ? sql`${to.key}::uuid` : sql`${to.key}`;
  const done = await sql`UPDATE ${sql.raw(k.table)} AS t SET ${sql.ref(k.column)} = ${value} ${name}
    WHERE ${theirs(k, from, today)}`.execute(trx);
  return Number(done.numAffectedRows ?? 0);
}
