/**
 * Look-ups by number, many at once: what arrives while the engine is at work is asked for together with its next statement. One statement
 * for sixty-four records costs little more than one for one, so that the more is asked the cheaper each becomes.
 */
import { ident, type Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { busy } from '../problems.ts';

/** Records of one statement, statements at once, and look-ups that may wait. */
const BATCH = 64;
const AT_ONCE = 2;
const WAITING = 4000;
/** Sizes of statements: few texts, so that the engine plans few; what is missing is filled up with the last. */
const SIZES = [1, 2, 4, 8, 16, 32, BATCH];

type Column = '_n' | '_k';
interface Asked {
  number: string;
  resolve(rows: string[]): void;
  reject(error: unknown): void;
}
interface Group {
  table: string;
  column: Column;
  asked: Asked[];
}

export class Lookups {
  readonly #lake: Pick<Lake, 'query'>;
  readonly #groups = new Map<string, Group>();
  #running = 0;
  #waiting = 0;
  #scheduled = false;

  constructor(lake: Pick<Lake, 'query'>) {
    this.#lake = lake;
  }

  /** Rows (JSON texts) of a table whose number is this: none, one, or several of one key. */
  find(table: string, column: Column, number: string): Promise<string[]> {
    if (this.#waiting >= WAITING) return Promise.reject(new Problem(busy));
    this.#waiting += 1;
    const name = `${table} ${column}`;
    let group = this.#groups.get(name);
    if (!group) {
      group = { table, column, asked: [] };
      this.#groups.set(name, group);
    }
    const { asked } = group;
    return new Promise((resolve, reject) => {
      asked.push({ number, resolve, reject });
      if (this.#scheduled || this.#running >= AT_ONCE) return;
      this.#scheduled = true;
      // What came in with the same turn of the loop is asked together.
      setImmediate(() => {
        this.#scheduled = false;
        this.#next();
      });
    });
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const first = this.#groups.entries().next();
      if (first.done) return;
      const [name, group] = first.value;
      // Each group in turn, however many another one has.
      this.#groups.delete(name);
      const asked = group.asked.splice(0, BATCH);
      if (group.asked.length) this.#groups.set(name, group);
      this.#running += 1;
      this.#waiting -= asked.length;
      void this.#run(group, asked).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run({ table, column }: Group, asked: readonly Asked[]): Promise<void> {
    try {
      const numbers = [...new Set(asked.map((a) => a.number))];
      const size = SIZES.find((n) => n >= numbers.length)!;
      const params: Record<string, string> = {};
      for (let i = 0; i < size; i++) params[`k${i}`] = numbers[Math.min(i, numbers.length - 1)]!;
      const among = Array.from({ length: size }, (_, i) => `$k${i}::BIGINT`).join(', ');
      const rows = await this.#lake.query<{ h: number | bigint; r: string }>(
        `SELECT ${column} AS h, _row AS r FROM gw.${ident(table)} WHERE ${column} IN (${among})`,
        params,
      );
      const found = new Map<string, string[]>();
      for (const { h, r } of rows) {
        const number = String(h);
        const known = found.get(number);
        if (known) known.push(r);
        else found.set(number, [r]);
      }
      for (const a of asked) a.resolve(found.get(a.number) ?? []);
    } catch (error) {
      for (const a of asked) a.reject(error);
    }
  }
}
