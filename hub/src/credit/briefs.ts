/**
 * All facts of one enterprise in one look-up, handed over as one text instead of thousands of values: what the panorama
 * adds up and what the pages of records are cut from. The views are sorted by entity, so it takes a few milliseconds.
 */
import type { Lake } from '../platform/lake/index.ts';

/** A fact: its day in days since 1970 and its amount in cents. */
export interface Brief {
  class: number;
  days: number | null;
  fact: bigint;
  cents: bigint | null;
  run: number;
  row: number;
  payload: string;
}

/** U+001D stands between columns, U+001E between rows; payloads hold neither. */
export const COLUMN = '\u001d';
const ROW = '\u001e';

/** SQL that joins columns by COLUMN; null becomes an empty text. */
export const joined = (...columns: string[]): string =>
  columns.map((c) => `coalesce(CAST(${c} AS VARCHAR), '')`).join(' || chr(29) || ');

const SELECT = `SELECT string_agg(${joined(
  'class',
  "date_diff('day', DATE '1970-01-01', day)",
  'fact',
  'CAST(amount * 100 AS BIGINT)',
  "translate(payload, chr(29) || chr(30), '  ')",
)}, chr(30)) AS facts FROM v.legal_person_fact_v1 WHERE entity = $entity`;

/** The current facts of an enterprise, of some classes or of all, in no order. */
export async function factsOf(lake: Lake, entity: number, classes?: readonly number[]): Promise<Brief[]> {
  const only = classes ? ` AND class IN (${classes.join(', ') || 'NULL'})` : '';
  const found = await lake.first<{ facts: string | null }>(SELECT + only, { entity });
  if (!found?.facts) return [];
  return found.facts.split(ROW).map((line) => {
    const [klass, days, fact, cents, payload] = line.split(COLUMN) as [string, string, string, string, string];
    const id = BigInt(fact);
    return {
      class: Number(klass),
      days: days === '' ? null : Number(days),
      fact: id,
      cents: cents === '' ? null : BigInt(cents),
      run: Number(id >> 32n),
      row: Number(id & 0xffff_ffffn),
      payload,
    };
  });
}

/** Newest first, undated last, then by fact. */
export const newestFirst = (a: Brief, b: Brief): number =>
  (b.days ?? Number.NEGATIVE_INFINITY) - (a.days ?? Number.NEGATIVE_INFINITY) ||
  (b.fact > a.fact ? 1 : b.fact < a.fact ? -1 : 0);

/** A day as 'YYYY-MM-DD'. */
export const isoDay = (days: number | null): string | null =>
  days === null ? null : new Date(days * 86_400_000).toISOString().slice(0, 10);

/** Cents as a decimal text. */
export function fromCents(cents: bigint): string {
  const sign = cents < 0n ? '-' : '';
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
