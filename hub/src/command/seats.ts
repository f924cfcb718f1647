/**
 * Command seats (指挥席位): who looks at an operation right now, and the stream that keeps them alike. Each seat reads the
 * log by its own cursor, so that a slow one holds nothing back and costs no memory; it begins where it left off by the
 * number of the last entry that it got (`Last-Event-ID`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';
import type { Entry } from './pure/index.ts';

/** Seats at one operation, and everywhere. */
export const SEATS = { operation: 64, all: 512 };
/** Milliseconds between two signs of life of a stream with nothing to say. */
const ALIVE = 15_000;
/** Entries that are read at once. */
const BATCH = 200;

/** Somebody at a seat. */
export interface Seat {
  seat: string;
  login: string;
  name: string;
  organisation: string | null;
}

interface Place {
  seats: Map<string, Seat>;
  /** Wakes those who wait. */
  waiting: Set<() => void>;
  /** Rises when somebody came or went. */
  changes: number;
}

export class Seats {
  readonly #places = new Map<number, Place>();
  #all = 0;
  #ended = false;

  #place(operation: number): Place {
    const place = this.#places.get(operation) ?? { seats: new Map(), waiting: new Set(), changes: 0 };
    this.#places.set(operation, place);
    return place;
  }

  /** Who is there. */
  at(operation: number): Seat[] {
    return [...(this.#places.get(operation)?.seats.values() ?? [])];
  }

  /** Something was written to an operation's log. */
  tell(operation: number): void {
    for (const wake of [...(this.#places.get(operation)?.waiting ?? [])]) wake();
  }

  /** Ends every stream: the hub stops. */
  end(): void {
    this.#ended = true;
    for (const operation of this.#places.keys()) this.tell(operation);
  }

  /**
   * The stream of a seat as server-sent events: `presence` and the log's entries (`id` is their number).
   * Problem `command.seat.many`.
   */
  async *stream(
    operation: number,
    seat: Seat,
    after: number,
    read: (after: number, limit: number) => Promise<Entry[]>,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const place = this.#place(operation);
    // The same seat that comes back (a broken line) takes its own place again.
    if (!place.seats.has(seat.seat) && (place.seats.size >= SEATS.operation || this.#all >= SEATS.all))
      throw new Problem(k.seatsMany, { limit: SEATS.operation });
    const own = { ...seat };
    place.seats.set(seat.seat, own);
    this.#all += 1;
    place.changes += 1;
    this.tell(operation);
    let cursor = after;
    let seen = -1;
    try {
      yield 'retry: 2000\n\n';
      while (!signal.aborted && !this.#ended) {
        // Asked for before reading: what comes meanwhile wakes the wait that follows.
        const woken = this.#wait(place, signal);
        if (place.changes !== seen) {
          seen = place.changes;
          yield `event: presence\ndata: ${JSON.stringify(this.at(operation))}\n\n`;
        }
        const entries = await read(cursor, BATCH);
        for (const e of entries) yield `id: ${e.seq}\nevent: entry\ndata: ${JSON.stringify(e)}\n\n`;
        cursor = entries.at(-1)?.seq ?? cursor;
        if (entries.length === BATCH || place.changes !== seen) {
          woken.cancel();
          continue;
        }
        if (!(await woken.done)) yield ': alive\n\n';
      }
    } finally {
      if (place.seats.get(seat.seat) === own) place.seats.delete(seat.seat);
      this.#all -= 1;
      place.changes += 1;
      this.tell(operation);
      if (!place.seats.size && !place.waiting.size) this.#places.delete(operation);
    }
  }

  #wait(place: Place, signal: AbortSignal): { done: Promise<boolean>; cancel(): void } {
    const timer = new AbortController();
    let wake = () => {};
    const woken = new Promise<boolean>((resolve) => {
      wake = () => resolve(true);
    });
    place.waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    const idle = delay(ALIVE, false, { signal: timer.signal, ref: false }).catch(() => false);
    const cancel = () => {
      place.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      timer.abort();
    };
    return { done: Promise.race([woken, idle]).finally(cancel), cancel };
  }
}
