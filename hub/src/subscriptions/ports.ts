/** What the service of subscriptions stands on. */

import type { Networks } from '../platform/networks/index.ts';
import type { Deps } from '../platform/room.ts';
import type { Pusher } from './push/pusher.ts';
import type { Secrets } from './store.ts';

export interface SubscriptionPorts
  extends Pick<Deps, 'db' | 'lake' | 'clock' | 'audit' | 'blobs' | 'seal' | 'log' | 'vault' | 'notices'> {
  /** The city's name in event sources. */
  city: string;
  networks: Networks;
  secrets: Secrets;
  pusher: Pusher;
  /** Told when a source has new changes: who fetches waits for it. */
  arrivals: Arrivals;
}

/** Wakes those who wait for changes of a source. */
export class Arrivals {
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** Resolves with the next arrival, or after some milliseconds, or when the signal says so. */
  wait(source: string, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const set = this.#waiting.get(source) ?? new Set();
      this.#waiting.set(source, set);
      const end = () => {
        if (!set.delete(end)) return;
        clearTimeout(timer);
        this.#count -= 1;
        resolve();
      };
      const timer = setTimeout(end, ms);
      set.add(end);
      this.#count += 1;
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  /** Something came of a source; without a name everybody is woken. */
  tell(source?: string): void {
    for (const [name, set] of this.#waiting)
      if (source === undefined || name === source) for (const end of [...set]) end();
  }
}
