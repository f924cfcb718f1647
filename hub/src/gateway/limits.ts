/** Limits of calls: token buckets by client and service, calls at once, quotas by day and month. In memory; quotas begin from the records of use. */
import { cityDay } from '../platform/law/index.ts';

/** A bucket's answer: whether there was one left, how many are, and in how many seconds there is one again. */
export interface Taken {
  ok: boolean;
  remaining: number;
  /** Whole seconds until one more may be asked. */
  wait: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets by name; each fills by `rate` a second up to `burst`. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #most: number;
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** Charges what turned out to cost more, down to ten times the burst: who guesses waits. */
  charge(name: string, n: number, burst: number): void {
    const b = this.#buckets.get(name);
    if (b) b.tokens = Math.max(-10 * burst, b.tokens - n);
  }

  /** Takes `n` at a moment (milliseconds). More than the bucket ever holds is taken when it is full and leaves a debt. */
  take(name: string, rate: number, burst: number, now: number, n = 1): Taken {
    let b = this.#buckets.get(name);
    if (!b) {
      if (this.#buckets.size >= this.#most) this.#buckets.delete(this.#buckets.keys().next().value!);
      b = { tokens: burst, at: now };
      this.#buckets.set(name, b);
    }
    b.tokens = Math.min(burst, b.tokens + (Math.max(0, now - b.at) / 1000) * rate);
    b.at = now;
    const needed = Math.min(n, burst);
    if (b.tokens < needed) return { ok: false, remaining: 0, wait: Math.max(1, Math.ceil((needed - b.tokens) / rate)) };
    b.tokens -= n;
    return { ok: true, remaining: Math.max(0, Math.floor(b.tokens)), wait: 0 };
  }
}

/** What a grant has used of the day and the month. */
interface Used {
  day: string;
  dayUnits: number;
  month: string;
  monthUnits: number;
}

/** Quotas by grant, in calls of days and months of Asia/Shanghai. */
export class Quotas {
  readonly #used = new Map<number, Used>();

  /** Sets what records of use say. */
  set(share: number, now: Date, dayUnits: number, monthUnits: number): void {
    const day = cityDay(now);
    this.#used.set(share, { day, dayUnits, month: day.slice(0, 7), monthUnits });
  }

  /** What is used now. */
  of(share: number, now: Date): { day: number; month: number } {
    const u = this.#now(share, now);
    return { day: u.dayUnits, month: u.monthUnits };
  }

  #now(share: number, now: Date): Used {
    const day = cityDay(now);
    let u = this.#used.get(share);
    if (!u) {
      u = { day, dayUnits: 0, month: day.slice(0, 7), monthUnits: 0 };
      this.#used.set(share, u);
    }
    if (u.day !== day) Object.assign(u, { day, dayUnits: 0 });
    if (u.month !== day.slice(0, 7)) Object.assign(u, { month: day.slice(0, 7), monthUnits: 0 });
    return u;
  }

  /** Gives calls back that came to nothing. */
  giveBack(share: number, units: number): void {
    const u = this.#used.get(share);
    if (!u) return;
    u.dayUnits = Math.max(0, u.dayUnits - units);
    u.monthUnits = Math.max(0, u.monthUnits - units);
  }

  /** Takes calls; says which quota they would exceed, if any. */
  take(
    share: number,
    now: Date,
    units: number,
    most: { day: number | null; month: number | null },
  ): 'day' | 'month' | null {
    const u = this.#now(share, now);
    if (most.day !== null && u.dayUnits + units > most.day) return 'day';
    if (most.month !== null && u.monthUnits + units > most.month) return 'month';
    u.dayUnits += units;
    u.monthUnits += units;
    return null;
  }
}

/** Calls at once, by name. */
export class Concurrency {
  readonly #now = new Map<string, number>();
  /** Begins a call; undefined when there are as many as may be. The answer ends it. */
  enter(name: string, most: number): (() => void) | undefined {
    const n = this.#now.get(name) ?? 0;
    if (n >= most) return undefined;
    this.#now.set(name, n + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const m = (this.#now.get(name) ?? 1) - 1;
      if (m > 0) this.#now.set(name, m);
      else this.#now.delete(name);
    };
  }
}
