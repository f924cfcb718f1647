/**
 * Time is injected everywhere so that deadlines, sessions and proofs can be tested at any moment.
 * Instants are UTC; people see Asia/Shanghai.
 */
export interface Clock {
  /** The present instant. */
  now(): Date;
}

/** The machine's own clock: what a running hub uses. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is moved: what tests use. */
export class ManualClock implements Clock {
  #now: number;
  constructor(start: string | Date = '2026-01-05T01:00:00Z') {
    this.#now = new Date(start).getTime();
  }
  now(): Date {
    return new Date(this.#now);
  }
  /** Moves the clock forward by a number of milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }
}
