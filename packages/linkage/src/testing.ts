/** Small made-up records for tests: persons with errors, in the order that a seed gives. */
import type { DuckDBEngine } from './duckdb.ts';

/** A record of a test. */
export interface TestRecord {
  id: string;
  person: number;
  first: string | null;
  last: string | null;
  born: string | null;
  code: string | null;
}

const FIRST =
  'anna bert carla dora emil fritz gerda hans irma jonas karla lothar maria norbert olga paula ralf sven tina udo vera walter xenia yvonne zita'.split(
    ' ',
  );
const LAST =
  'adler bauer conrad dietrich ernst fischer gruber huber imhof jansen keller lehmann meier neumann otto peters quandt richter schulze thoma ulrich vogel weber xaver young zeller'.split(
    ' ',
  );

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** So many persons; four in ten have a second record, some of them a third, with errors. */
export function records(persons: number, seed: number): TestRecord[] {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const typo = (text: string): string => {
    const at = 1 + Math.floor(next() * (text.length - 1));
    return text.slice(0, at) + pick([...'aeiourst']) + text.slice(at + 1);
  };
  const out: TestRecord[] = [];
  for (let person = 0; person < persons; person++) {
    const day = (n: number) => String(1 + Math.floor(next() * n)).padStart(2, '0');
    const base = {
      person,
      first: pick(FIRST),
      last: pick(LAST),
      born: `${1930 + Math.floor(next() * 80)}-${day(12)}-${day(28)}`,
      code: String(Math.floor(next() * 1e8)).padStart(8, '0'),
    };
    const copies = next() < 0.4 ? (next() < 0.4 ? 3 : 2) : 1;
    for (let k = 0; k < copies; k++) {
      out.push({
        ...base,
        id: `${person}-${k}`,
        first: k > 0 && next() < 0.15 ? typo(base.first) : base.first,
        last: k > 0 && next() < 0.1 ? null : base.last,
        born: k > 0 && next() < 0.15 ? null : base.born,
        code: k > 0 && next() < 0.4 ? null : base.code,
      });
    }
  }
  return out;
}

/** Puts records into a table. */
export async function load(engine: DuckDBEngine, table: string, list: readonly TestRecord[]): Promise<void> {
  const text = (f: (r: TestRecord) => string | null) => list.map(f);
  await engine.create(table, [
    { name: 'id', type: 'VARCHAR', values: text((r) => r.id) },
    { name: 'person', type: 'INTEGER', values: list.map((r) => r.person) },
    { name: 'first', type: 'VARCHAR', values: text((r) => r.first) },
    { name: 'last', type: 'VARCHAR', values: text((r) => r.last) },
    { name: 'born', type: 'VARCHAR', values: text((r) => r.born) },
    { name: 'code', type: 'VARCHAR', values: text((r) => r.code) },
  ]);
}

/** A model of these records. */
export const modelOf = (table: string, more: object = {}): object => ({
  id: 'id',
  tables: [{ name: 'people', relation: table }],
  columns: { first: 'name', last: 'name', born: 'date', code: 'code' },
  ...more,
});

/** The groups of a linkage as sorted lists of ids. */
export async function groupsOf(engine: DuckDBEngine, schema = 'linkage'): Promise<string[]> {
  const rows = await engine.rows<{ ids: string }>(
    `SELECT string_agg(uid, ' ' ORDER BY uid) AS ids FROM ${schema}.clusters GROUP BY cluster ORDER BY 1`,
  );
  return rows.map((r) => r.ids);
}
