/**
 * Publications on schedule, and the extension of every seal to the next of them. What was published stands in the publications file first and is
 * noted in the store afterwards; a hub that was killed in between notes it when its signing thread starts again.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { JobKind, JobQueue } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import type { Published, Signer } from './signer.ts';
import type { SealStore } from './store.ts';
import type { Trust } from './trust.ts';

/** What publishing stands on. */
export interface PublisherHost {
  store: SealStore;
  signer: Signer;
  trust: Trust;
  jobs: JobQueue;
  clock: Clock;
  log: Logger;
  signing: boolean;
  /** Hours between two publications. */
  hours: number;
  /** Whether publications come from a service above. */
  parent: boolean;
}

const KIND = 'seal.extend';
const BATCH = 200;
/** Milliseconds between two looks at the schedule, and after the first seal until the first publication. */
const LOOK = 15_000;
const FIRST = 20_000;
/** Milliseconds between two looks at the publications of the service above. */
const ABOVE = 600_000;

/** Publishes when it is time. */
export class Publisher {
  readonly #host: PublisherHost;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #askedAbove = Number.NEGATIVE_INFINITY;

  constructor(host: PublisherHost) {
    this.#host = host;
  }

  start(): void {
    if (!this.#host.signing) return;
    this.#timer = setInterval(() => this.look(), LOOK).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  /** Looks at the schedule; one look at a time. */
  look(): Promise<void> {
    this.#working ??= this.#look()
      .catch((error) => this.#host.log.error({ err: error }, 'nothing could be published'))
      .finally(() => {
        this.#working = undefined;
      });
    return this.#working;
  }

  async #look(): Promise<void> {
    const { store, clock, signer, hours, parent } = this.#host;
    const now = clock.now().getTime();
    const [[last], bounds] = await Promise.all([store.publications(undefined, 1), store.signedBounds()]);
    if (!bounds) return;
    if (parent) {
      if (now - this.#askedAbove < ABOVE) return;
      this.#askedAbove = now;
    } else if (last) {
      if (now - last.time.getTime() < hours * 3_600_000) return;
      const newer = signer.running ? (await signer.call('status', null)).last : bounds.last.getTime() / 1000;
      if ((newer ?? 0) * 1000 <= last.time.getTime()) return;
    } else if (now - bounds.first.getTime() < FIRST) return;
    await this.publish();
  }

  /** Publishes the newest second now and has seals extended to it; what it published, or null when nothing is new. */
  async publish(): Promise<Published | null> {
    const published = await this.#host.signer.call('publish', null);
    if (published) {
      await this.note([published]);
      this.#host.log.info({ publication: published.printed, time: published.time }, 'published');
    }
    return published;
  }

  /** Notes what stands in the publications file, and has seals extended that can be. */
  async note(publications: readonly Published[]): Promise<void> {
    const { store, trust, jobs } = this.#host;
    if (publications.length === 0) return;
    await store.published(
      publications.map(({ time, root, printed }) => ({ at: new Date(time * 1000), root, printed })),
    );
    trust.changed();
    const last = publications.at(-1)!;
    const waiting = await store.notExtended(new Date(last.time * 1000), 0, 1);
    if (waiting.length > 0) await jobs.submit(KIND, {}, { unique: 'extend' });
  }

  /** The job that extends seals; begun again it goes on, since what is extended no longer waits. */
  job(): JobKind<Record<string, never>> {
    const { store, signer } = this.#host;
    return {
      kind: KIND,
      title: { zh: '把签封延伸到公开值', en: 'Extend seals to a publication' },
      params: z.object({}).strict(),
      run: async (context) => {
        const [last] = await store.publications(undefined, 1);
        if (!last) return { extended: 0 };
        let extended = 0;
        for (let after = 0; ; ) {
          context.signal.throwIfAborted();
          const waiting = await store.notExtended(last.time, after, BATCH);
          if (waiting.length === 0) return { extended };
          const prolonged = await signer.call(
            'prolong',
            waiting.map((w) => w.signature),
          );
          const kept = waiting.flatMap(({ id }, i) => {
            const made = prolonged[i];
            return made ? [{ id, signature: made.signature, at: new Date(made.time * 1000) }] : [];
          });
          await store.extended(kept);
          extended += kept.length;
          after = waiting.at(-1)!.id;
          context.progress({ done: extended });
        }
      },
    };
  }
}
