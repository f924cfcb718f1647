/**
 * How often somebody without an account may do something: counted in memory by a hash of the address that ends with the process, so that
 * nothing is kept of who came. Two windows are looked at, the last one by its share, so that a limit cannot be doubled at an edge.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { senderOf } from '../../platform/http/networks.ts';
import { Problem } from '../../platform/problem.ts';
import { tooOften } from '../problems.ts';

/** Most senders that are remembered at a time. */
const SENDERS = 200_000;

interface Window {
  start: number;
  now: number;
  before: number;
}

/** The counters of one hub. */
export class Limits {
  readonly #clock: Clock;
  readonly #salt = randomBytes(16);
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; a Problem when there were too many. `sender` is an address or another name. */
  take(what: string, sender: string, most: number, seconds: number): void {
    const name = createHash('sha256')
      .update(this.#salt)
      .update(`${what} ${senderOf(sender)}`)
      .digest('base64url');
    const at = this.#clock.now().getTime();
    const length = seconds * 1000;
    const start = at - (at % length);
    let own = this.#windows.get(name);
    if (!own || own.start !== start) {
      const before = own && own.start === start - length ? own.now : 0;
      own = { start, now: 0, before };
      // Taken out and put back, so that the oldest stand first and are let go first.
      this.#windows.delete(name);
      if (this.#windows.size >= SENDERS) this.#windows.delete(this.#windows.keys().next().value!);
      this.#windows.set(name, own);
    }
    const weighed = own.now + own.before * (1 - (at - start) / length);
    if (weighed >= most) throw new Problem(tooOften, { seconds: Math.max(1, Math.ceil((start + length - at) / 1000)) });
    own.now++;
  }
}
