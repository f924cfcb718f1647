/**
 * Traces of the hub's work (OpenTelemetry's model): requests by their route's template, jobs by their kind, statements by verb and table. Nothing
 * that somebody asked for, no address, no person is in a span: a trace leaves the hub, so it is told no more than an operator may know. Whose part
 * something is travels with the asynchronous context. Off unless a collector is configured; what is not sampled costs a look at the context.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { parentOf, statementName } from './names.ts';
import type { Span } from './otlp.ts';

/** What has begun. */
export interface Begun {
  trace: string;
  span: string;
  parent: string | undefined;
  name: string;
  kind: Span['kind'];
  start: bigint;
  /** The process's own nanoseconds at the start: how long it took does not depend on a clock that is set. */
  from: bigint;
}

/** Traces of one hub. */
export class Tracer {
  readonly #clock: Clock;
  readonly #sampling: number;
  readonly #add: (span: Span) => void;
  /** Null: this work is known not to be sampled. */
  readonly #context = new AsyncLocalStorage<Begun | null>();

  /** @param options.sampling share of traces, 0 to 1; @param options.add takes what ended */
  constructor(options: { clock: Clock; sampling: number; add: (span: Span) => void }) {
    this.#clock = options.clock;
    this.#sampling = options.sampling;
    this.#add = options.add;
  }

  /**
   * Begins the work of a request. The trace is the sender's where it names one, so that its spans and ours meet; whether it is sampled is decided here, by
   * the trace's number alone: nobody outside can make the hub send more.
   */
  request(name: string, traceparent: unknown): Begun | null {
    const parent = parentOf(traceparent);
    return this.#begin(name, 'server', parent?.trace ?? randomBytes(16).toString('hex'), parent?.span);
  }

  /** Runs work whose spans belong to `begun`; what it starts and does not wait for belongs to it as well. */
  within<T>(begun: Begun | null, work: () => T): T {
    return this.#context.run(begun, work);
  }

  /** Ends what was begun. */
  end(begun: Begun | null, attributes: Span['attributes'], failed: boolean, name = begun?.name ?? ''): void {
    if (!begun) return;
    const { trace, span, parent, kind, start, from } = begun;
    const end = start + process.hrtime.bigint() - from;
    this.#add({ trace, span, parent, kind, name, start, end, attributes, failed });
  }

  /** A piece of work of its own, or part of what runs. */
  async span<T>(name: string, attributes: Span['attributes'], work: () => Promise<T>): Promise<T> {
    const above = this.#context.getStore();
    const begun =
      above === undefined
        ? this.#begin(name, 'internal', randomBytes(16).toString('hex'), undefined)
        : above && this.#child(above, name);
    let failed = true;
    try {
      const result = await this.#context.run(begun, work);
      failed = false;
      return result;
    } finally {
      this.end(begun, attributes, failed);
    }
  }

  /** A statement that has ended just now, as part of what runs; alone it is no trace. */
  statement(engine: 'store' | 'lake', sql: string, ms: number): void {
    const above = this.#context.getStore();
    if (!above) return;
    const end = this.#now();
    this.#add({
      ...{ trace: above.trace, span: randomBytes(8).toString('hex'), parent: above.span },
      ...{ name: statementName(sql), kind: 'client', start: end - BigInt(Math.round(ms * 1e6)), end },
      attributes: { 'db.system.name': engine === 'lake' ? 'duckdb' : 'postgresql' },
      failed: false,
    });
  }

  #begin(name: string, kind: Span['kind'], trace: string, parent: string | undefined): Begun | null {
    // The trace's last seven bytes are random (W3C Trace Context, level 2): the same trace is kept or not wherever it is looked at.
    if (Number.parseInt(trace.slice(-12), 16) / 2 ** 48 >= this.#sampling) return null;
    return {
      trace,
      span: randomBytes(8).toString('hex'),
      parent,
      name,
      kind,
      start: this.#now(),
      from: process.hrtime.bigint(),
    };
  }

  #child(above: Begun, name: string): Begun {
    const span = randomBytes(8).toString('hex');
    return {
      trace: above.trace,
      span,
      parent: above.span,
      name,
      kind: 'internal',
      start: this.#now(),
      from: process.hrtime.bigint(),
    };
  }

  /** Nanoseconds of Unix time; the clock tells milliseconds. */
  #now(): bigint {
    return BigInt(Math.floor(this.#clock.now().getTime())) * 1_000_000n;
  }
}
