/** Looks at watched sources after every integration, one after another, and tells who waits. */
import { sql } from 'kysely';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Deps } from '../../platform/room.ts';
import { type Detected, detect, streamOf } from './detect.ts';

type Ports = Pick<Deps, 'db' | 'lake' | 'clock' | 'log'>;

/** Whether an integration has begun and not ended: facts may be half there, and what is missing of them is no removal. */
const integrating = async (lake: Deps['lake']): Promise<boolean> =>
  (await lake.first('SELECT 1 AS one FROM v.integration_v1 WHERE finished IS NULL LIMIT 1')) !== undefined;

/**
 * Finds changes of one source; undefined where nothing of it is collected. During an integration what was found before stands: its end is
 * told, and then it is looked.
 */
export async function look(
  ports: Pick<Deps, 'lake' | 'clock'>,
  source: string,
  again = false,
): Promise<Detected | undefined> {
  const known = await ports.lake.session((s) => streamOf(s, source));
  if (known && (await integrating(ports.lake))) return { added: 0, changed: 0, removed: 0, head: Number(known.head) };
  const key = catalogueOf(ports.lake).sources.get(source)?.declaration.key ?? [];
  return detect(ports.lake, source, key, ports.clock.now(), again);
}

/** Sources of subscriptions that have not ended. */
export async function watchedSources(ports: Pick<Deps, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ source: string }>`SELECT DISTINCT source FROM subscriptions.subscription
    WHERE state <> 'ended' ORDER BY source`.execute(ports.db.kysely);
  return rows.map((r) => r.source);
}

/** The standing order. */
export class Watch {
  readonly #ports: Ports;
  readonly #found: (source: string) => Promise<void> | void;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: Ports, found: (source: string) => Promise<void> | void) {
    this.#ports = ports;
    this.#found = found;
  }

  /** Looks at every watched source. `again`: at the values too where no record came or went (after a rebuild). */
  lookAll(again = false): Promise<void> {
    this.#working = this.#working.then(async () => {
      for (const source of await watchedSources(this.#ports)) {
        if (this.#stopped) return;
        try {
          const found = await look(this.#ports, source, again);
          if (!found) continue;
          const count = found.added + found.changed + found.removed;
          if (count) this.#ports.log.info({ source, ...found }, 'changes logged');
          if (count) await this.#found(source);
        } catch (error) {
          // The others are looked at all the same; what was not found now is found by the next look.
          this.#ports.log.error({ err: error, source }, 'changes of a source could not be found');
        }
      }
    });
    return this.#working;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }
}
