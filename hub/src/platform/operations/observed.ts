/**
 * What the hub notices of itself while it works: problems by code, the slowest requests and statements, how late the process is. In memory,
 * bounded, of the last day; templates of addresses and shapes of statements only, never what somebody asked for.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const HOUR = 3_600_000;
/** Codes that are told apart; more count as `other`. */
const CODES = 300;
/** Slow ones that are kept, and how long. */
const [SLOWEST, KEPT] = [40, 24 * HOUR];
/** Milliseconds from which a statement counts as slow. */
const SLOW_STATEMENT = 500;

/** A request that was answered. */
export interface Answered {
  method: string;
  /** Template of its route. */
  route: string;
  status: number;
  ms: number;
  /** Code of the problem that it was answered with. */
  code?: string | undefined;
}

/** A slow one. */
export interface Slow {
  what: string;
  ms: number;
  /** When it ended, ms UTC. */
  at: number;
}

/** Longest statement that is looked at; the shape's beginning is what is kept. */
const LOOKED_AT = 20_000;

/**
 * A statement without its values: what stands in quotes and every number is left out; so are comments, texts between dollar signs, names that no
 * table or column of the program has (of letters of other scripts, in quotes for another reason than a reserved word) and long numbers in names.
 */
export const shapeOf = (sql: string): string =>
  sql
    .slice(0, LOOKED_AT)
    .replace(/\$([A-Za-z_]*)\$[\s\S]*?(?:\$\1\$|$)/g, "'…'")
    // A text that does not end is one that was cut.
    .replace(/'(?:[^']|'')*(?:'|$)/g, "'…'")
    .replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replace(/"((?:[^"]|"")*)(?:"|$)/g, (whole, name: string) =>
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? whole : '"…"',
    )
    .replace(/[^ -~\s…]+/g, '…')
    .replace(/\d{7,}/g, '0')
    .replace(/\b\d[\d_.]*\b/g, '0')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);

/** Keeps the slowest of the last day. */
class Slowest {
  #kept: Slow[] = [];

  add(slow: Slow): void {
    const last = this.#kept.at(-1);
    if (this.#kept.length === SLOWEST && last && slow.ms <= last.ms && last.at > slow.at - KEPT) return;
    this.#kept = [...this.#kept.filter((s) => s.at > slow.at - KEPT), slow]
      .sort((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST);
  }

  list(now: number): Slow[] {
    return this.#kept.filter((s) => s.at > now - KEPT);
  }
}

/** The observer of one hub. Instants are ms UTC, by the clock that it is given. */
export class Observed {
  readonly #now: () => number;
  /** By hour, by code: how often, and the status. */
  readonly #codes = new Map<number, Map<string, { status: number; n: number }>>();
  readonly #requests = new Slowest();
  readonly #statements = new Slowest();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #answered = { hour: 0, n: 0 };
  #before = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#delay.enable();
  }

  /** A request was answered. */
  request({ method, route, status, ms, code }: Answered): void {
    const now = this.#now();
    const hour = Math.floor(now / HOUR);
    if (this.#answered.hour !== hour) {
      this.#before = this.#answered.hour === hour - 1 ? this.#answered.n : 0;
      this.#answered = { hour, n: 0 };
    }
    this.#answered.n += 1;
    // Streams last as long as somebody watches.
    if (ms >= 200 && !route.endsWith('/stream')) this.#requests.add({ what: `${method} ${route}`, ms, at: now });
    if (!code) return;
    let codes = this.#codes.get(hour);
    if (!codes) {
      for (const old of this.#codes.keys()) if (old <= hour - 24) this.#codes.delete(old);
      codes = new Map();
      this.#codes.set(hour, codes);
    }
    const own = codes.size < CODES || codes.has(code) ? code : 'other';
    const count = codes.get(own) ?? { status, n: 0 };
    count.n += 1;
    codes.set(own, count);
  }

  /** A statement of a store ended; `engine` says of which. */
  statement(engine: 'lake' | 'store', sql: string, ms: number): void {
    if (ms >= SLOW_STATEMENT) this.#statements.add({ what: `${engine}: ${shapeOf(sql)}`, ms, at: this.#now() });
  }

  /** Problems of the last 24 hours, the most frequent first. */
  codes(): { code: string; status: number; n: number }[] {
    const oldest = Math.floor(this.#now() / HOUR) - 24;
    const sum = new Map<string, { status: number; n: number }>();
    for (const [hour, codes] of this.#codes)
      if (hour > oldest)
        for (const [code, { status, n }] of codes) sum.set(code, { status, n: (sum.get(code)?.n ?? 0) + n });
    return [...sum].map(([code, v]) => ({ code, ...v })).sort((a, b) => b.n - a.n);
  }

  slowRequests(): Slow[] {
    return this.#requests.list(this.#now());
  }

  slowStatements(): Slow[] {
    return this.#statements.list(this.#now());
  }

  /** Requests answered in the hour before and in this one so far. */
  answered(): { before: number; now: number } {
    const hour = Math.floor(this.#now() / HOUR);
    if (this.#answered.hour === hour) return { before: this.#before, now: this.#answered.n };
    return { before: this.#answered.hour === hour - 1 ? this.#answered.n : 0, now: 0 };
  }

  /** How late the process was since it was last asked: milliseconds, 99 of 100 and at most. */
  delay(): { p99: number; max: number } {
    const [p99, max] = [this.#delay.percentile(99) / 1e6, this.#delay.max / 1e6];
    this.#delay.reset();
    const sane = (ms: number) => (Number.isFinite(ms) && ms < 1e9 ? Math.round(ms * 10) / 10 : 0);
    return { p99: sane(p99), max: sane(max) };
  }

  stop(): void {
    this.#delay.disable();
  }
}
