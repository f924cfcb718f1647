/** How often datasets are looked at, downloaded and called: counted in memory, written every minute; a killed hub forgets a minute of it. */
import { sql } from 'kysely';
import { cityDay } from '../../platform/law/index.ts';
import type { PublishingPorts } from '../ports.ts';

export type UseKind = 'view' | 'download' | 'call';

/** The counters of one hub. */
export class UseCounts {
  readonly #ports: Pick<PublishingPorts, 'db' | 'clock'>;
  #uses = new Map<string, number>();
  #keys = new Map<string, number>();

  constructor(ports: Pick<PublishingPorts, 'db' | 'clock'>) {
    this.#ports = ports;
  }

  /** Counts a use of a dataset. */
  count(dataset: number, kind: UseKind): void {
    const name = `${dataset}|${cityDay(this.#ports.clock.now())}|${kind}`;
    this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  /** Counts a call with a key. */
  key(id: number): void {
    const name = `${id}|${cityDay(this.#ports.clock.now())}`;
    this.#keys.set(name, (this.#keys.get(name) ?? 0) + 1);
  }

  /** Calls of a key today that are not written yet. */
  pending(id: number): number {
    return this.#keys.get(`${id}|${cityDay(this.#ports.clock.now())}`) ?? 0;
  }

  /** Writes what was counted. What cannot be written is kept for the next time. */
  async write(): Promise<void> {
    if (this.#uses.size === 0 && this.#keys.size === 0) return;
    const uses = this.#uses;
    const keys = this.#keys;
    this.#uses = new Map();
    this.#keys = new Map();
    const list = (map: Map<string, number>) =>
      JSON.stringify([...map].map(([name, n]) => [...name.split('|'), String(n)]));
    try {
      await this.#ports.db.tx(async (trx) => {
        await sql`INSERT INTO publishing.use (dataset, day, kind, times)
          SELECT (r->>0)::int, (r->>1)::date, r->>2, (r->>3)::int FROM jsonb_array_elements(${list(uses)}::jsonb) AS r
          ON CONFLICT (dataset, day, kind) DO UPDATE SET times = publishing.use.times + excluded.times`.execute(trx);
        await sql`INSERT INTO publishing.key_use (key, day, calls)
          SELECT (r->>0)::int, (r->>1)::date, (r->>2)::int FROM jsonb_array_elements(${list(keys)}::jsonb) AS r
          ON CONFLICT (key, day) DO UPDATE SET calls = publishing.key_use.calls + excluded.calls`.execute(trx);
      });
    } catch (error) {
      for (const [name, n] of uses) this.#uses.set(name, (this.#uses.get(name) ?? 0) + n);
      for (const [name, n] of keys) this.#keys.set(name, (this.#keys.get(name) ?? 0) + n);
      throw error;
    }
  }
}
