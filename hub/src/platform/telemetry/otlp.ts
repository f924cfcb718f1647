/** Spans as OTLP over HTTP asks for them (opentelemetry-proto 1.x, JSON), from a queue that is bounded: what does not fit is dropped and counted. */
import type { Logger } from '../log/index.ts';

/** A span that ended. Times are nanoseconds of Unix time. */
export interface Span {
  trace: string;
  span: string;
  parent: string | undefined;
  name: string;
  kind: 'internal' | 'server' | 'client';
  start: bigint;
  end: bigint;
  attributes: Record<string, string | number>;
  failed: boolean;
}

/** Where spans go. */
export interface Collector {
  endpoint: string;
  headers: Record<string, string>;
  queue: number;
}

/** Spans of one message; how often a message goes, in milliseconds; the longest pause after failures. */
const [BATCH, EVERY, LONGEST] = [512, 5_000, 60_000];
const TIMEOUT = 10_000;
const KINDS = { internal: 1, server: 2, client: 3 } as const;

/** The message for the collector. */
export function message(spans: readonly Span[], resource: Record<string, string>): object {
  const scope = { name: 'jingwei' };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [
          {
            scope,
            spans: spans.map((s) => ({
              traceId: s.trace,
              spanId: s.span,
              ...(s.parent ? { parentSpanId: s.parent } : {}),
              name: s.name,
              kind: KINDS[s.kind],
              startTimeUnixNano: String(s.start),
              endTimeUnixNano: String(s.end),
              attributes: attributesOf(s.attributes),
              status: s.failed ? { code: 2 } : {},
            })),
          },
        ],
      },
    ],
  };
}

const attributesOf = (of: Record<string, string | number>) =>
  Object.entries(of).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
  }));

/** Sends spans; never in anybody's way. */
export class Exporter {
  readonly #to: Collector;
  readonly #resource: Record<string, string>;
  readonly #log: Pick<Logger, 'warn'>;
  #queue: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #pause = 0;
  #complained = false;
  /** Since the start. */
  readonly counts = { sent: 0, dropped: 0 };

  constructor(to: Collector, resource: Record<string, string>, log: Pick<Logger, 'warn'>) {
    this.#to = to;
    this.#resource = resource;
    this.#log = log;
    this.#arm(EVERY);
  }

  add(span: Span): void {
    if (this.#queue.length >= this.#to.queue) {
      this.counts.dropped++;
      return;
    }
    this.#queue.push(span);
    if (this.#queue.length >= BATCH && this.#pause === 0) void this.flush();
  }

  /** Sends what waits, one message after another; resolves when all is sent or the collector failed. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const outcome = await this.#post(batch);
      if (outcome === 'later') {
        this.#pause = Math.min(LONGEST, this.#pause === 0 ? EVERY : this.#pause * 2);
        return;
      }
      this.#queue.splice(0, batch.length);
      this.#pause = 0;
      if (outcome === 'kept') this.counts.sent += batch.length;
      else this.counts.dropped += batch.length;
    }
  }

  /** `later`: the collector is away or busy; `never`: it will not have this message. */
  async #post(batch: readonly Span[]): Promise<'kept' | 'later' | 'never'> {
    try {
      const response = await fetch(`${this.#to.endpoint.replace(/\/+$/, '')}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.#to.headers },
        body: JSON.stringify(message(batch, this.#resource)),
        signal: AbortSignal.timeout(TIMEOUT),
        redirect: 'error',
      });
      await response.body?.cancel();
      if (response.ok) {
        this.#complained = false;
        return 'kept';
      }
      this.#complain(`HTTP ${response.status}`);
      return [408, 429, 502, 503, 504].includes(response.status) ? 'later' : 'never';
    } catch (error) {
      this.#complain((error as Error).message);
      return 'later';
    }
  }

  /** Once for each time that it goes wrong: a collector that is away must not fill the log. */
  #complain(reason: string): void {
    if (!this.#complained) this.#log.warn({ reason }, 'traces could not be sent');
    this.#complained = true;
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(
      () => void this.flush().finally(() => this.#timer && this.#arm(Math.max(EVERY, this.#pause))),
      ms,
    );
    this.#timer.unref();
  }

  /** Tries once more and ends; what the collector does not take in three seconds is dropped. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 3_000);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    this.counts.dropped += this.#queue.length;
    this.#queue = [];
  }
}
