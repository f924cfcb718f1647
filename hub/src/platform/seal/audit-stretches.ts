/**
 * The audit, sealed stretch by stretch: a tree over the hashes of entries since the last stretch. Who holds a stretch's signature proves that the
 * audit had these entries at that time, even against who could rewrite the whole chain.
 */
import { TreeBuilder } from '@jingwei/keyless';
import type { Audit } from '../audit/index.ts';
import type { Clock } from '../clock.ts';
import { text } from '../i18n/index.ts';
import type { Logger } from '../log/index.ts';
import type { Seals } from './seals.ts';

/** What stretches are made from. */
export interface StretchesHost {
  audit: Audit;
  seals: Seals;
  clock: Clock;
  log: Logger;
  /** Entries after which a stretch is sealed, and minutes after which it is sealed anyway. */
  entries: number;
  minutes: number;
}

const SHA256 = 1;
/** Milliseconds between two looks. */
const LOOK = 20_000;
/** Milliseconds that a hub that stops waits for the last stretch's signature. */
const LAST = 2_500;

/** Seals the audit while the hub runs and when it stops. */
export class AuditStretches {
  readonly #host: StretchesHost;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<number | undefined> | undefined;

  constructor(host: StretchesHost) {
    this.#host = host;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(false), LOOK).unref();
  }

  /** The rest is asked for, and where signing is under way already its signature waited for, a moment. */
  async stop(signing: boolean): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
    const id = await this.look(true);
    if (id !== undefined && signing) await this.#host.seals.sealed(id, LAST).catch(() => undefined);
  }

  /** Asks for seals of what is due (of everything with `all`); the last seal's id. */
  look(all: boolean): Promise<number | undefined> {
    this.#working ??= this.#look(all)
      .catch((error) => {
        this.#host.log.error({ err: error }, 'the audit could not be sealed');
        return undefined;
      })
      .finally(() => {
        this.#working = undefined;
      });
    return this.#working;
  }

  async #look(all: boolean): Promise<number | undefined> {
    const { audit, seals, clock, entries, minutes } = this.#host;
    const last = await seals.store.list({ kind: 'audit', limit: 1 });
    let after = last[0] ? Number(last[0].subject.split('-')[1]) : 0;
    let id: number | undefined;
    for (;;) {
      const stretch = await audit.hashes(after, entries);
      const first = stretch[0];
      if (!first) return id;
      const aged = clock.now().getTime() - first.at.getTime() >= minutes * 60_000;
      if (stretch.length < entries && !aged && !all) return id;
      const tree = new TreeBuilder(SHA256, { expected: stretch.length });
      for (const { hash } of stretch) tree.add(Uint8Array.of(SHA256, ...hash));
      const { root, level } = tree.close();
      const end = stretch.at(-1)!;
      id = await seals.request({
        kind: 'audit',
        subject: `${first.seq}-${end.seq}`,
        title: text(`审计记录 ${first.seq} 至 ${end.seq}`, `Audit entries ${first.seq} to ${end.seq}`),
        organisation: null,
        imprint: root,
        level,
        facts: { entries: stretch.length, head: Buffer.from(end.hash).toString('hex') },
      });
      after = end.seq;
    }
  }
}
