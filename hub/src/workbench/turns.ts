/** Whose query runs: one of a person, few at once, a bounded line of those who wait; any of them can be ended by its owner. */
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem, type ProblemKind } from '../platform/problem.ts';
import * as k from './problems.ts';

/** A query on its way. */
export class Turn {
  readonly user: string;
  #session: LakeSession | undefined;
  #ended: Problem | undefined;
  #stop: ((why: Problem) => void) | undefined;
  startedAt = 0;

  constructor(user: string) {
    this.user = user;
  }

  /** Given the session that it runs in. */
  runs(session: LakeSession): void {
    this.#session = session;
    if (this.#ended) session.interrupt();
  }

  /** Nothing of it runs any more. */
  over(): void {
    this.#session = undefined;
  }

  /** Ends it, whether it waits or runs. */
  end(kind: ProblemKind, params: Record<string, unknown> = {}): void {
    this.#ended ??= new Problem(kind, params);
    this.#stop?.(this.#ended);
    this.#session?.interrupt();
  }

  /** Why it was ended. */
  get ended(): Problem | undefined {
    return this.#ended;
  }

  /** Waits for `ready`, or is ended before. */
  wait(ready: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stop = reject;
      ready.then(resolve);
    });
  }
}

/** The line. */
export class Turns {
  readonly #of = new Map<string, Turn>();
  readonly #running = new Set<Turn>();
  readonly #waiting: { turn: Turn; go: () => void }[] = [];
  readonly #limits: { running: number; waiting: number };

  constructor(limits: { running: number; waiting: number }) {
    this.#limits = limits;
  }

  get running(): ReadonlySet<Turn> {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ends the person's query; whether there was one. */
  cancel(user: string): boolean {
    const turn = this.#of.get(user);
    turn?.end(k.cancelled);
    return turn !== undefined;
  }

  /** Ends all: the hub stops. */
  endAll(): void {
    for (const turn of this.#of.values()) turn.end(k.cancelled);
  }

  /** Does the work when it is the person's turn. @throws Problem where one of theirs is under way, or the line is full. */
  async take<T>(user: string, work: (turn: Turn) => Promise<T>): Promise<T> {
    if (this.#of.has(user)) throw new Problem(k.alreadyRunning);
    const free = this.#running.size < this.#limits.running;
    if (!free && this.#waiting.length >= this.#limits.waiting) throw new Problem(k.busy);
    const turn = new Turn(user);
    this.#of.set(user, turn);
    try {
      if (!free) {
        let go = () => {};
        const ready = new Promise<void>((resolve) => {
          go = resolve;
        });
        const place = { turn, go };
        this.#waiting.push(place);
        try {
          await turn.wait(ready);
        } finally {
          const at = this.#waiting.indexOf(place);
          if (at >= 0) this.#waiting.splice(at, 1);
        }
      }
      this.#running.add(turn);
      return await work(turn);
    } finally {
      this.#of.delete(user);
      if (this.#running.delete(turn) || !this.#waiting.some((w) => w.turn === turn)) this.#next();
    }
  }

  #next(): void {
    while (this.#running.size < this.#limits.running) {
      const next = this.#waiting.shift();
      if (!next) return;
      // It counts as running from now on, so that nobody comes between.
      this.#running.add(next.turn);
      next.go();
    }
  }
}
