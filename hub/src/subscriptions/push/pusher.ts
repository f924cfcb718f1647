/**
 * The pusher. Every partition of every subscription is a lane of its own with one message in flight: the next one leaves when the receiver has
 * taken this one and the cursor stands on disk behind it. What fails waits (doubling, by chance) and is sent again as it was, for as long as the
 * log lasts. Everything that decides is read anew from the store for each window, so that a kill at any moment only repeats what was in flight.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { type pauseReasons, pushProblems } from '../problems.ts';
import { type CursorRow, type Secrets, type SubscriptionRow, subscriptionOf } from '../store.ts';
import { Committer } from './commit.ts';
import { backoff, failure, type Outcome, type Transport } from './outcome.ts';
import { Slots } from './slots.ts';
import { viewOf } from './view.ts';
import { nextWindow, type Place, span } from './window.ts';

/** What the pusher stands on. */
export interface PusherPorts extends Pick<Deps, 'db' | 'lake' | 'vault' | 'clock' | 'log'> {
  city: string;
  secrets: Secrets;
  /** Between 0 and 1. */
  random: () => number;
  /** Streams at once. */
  concurrency: number;
  transport(sub: SubscriptionRow, password: string | null): Transport;
  /** Pauses a subscription for a reason that lies with its receiver. */
  pause(sub: SubscriptionRow, reason: keyof typeof pauseReasons): Promise<void>;
}

/** Longest sleep of a lane: a clock that was set is noticed. */
const SLEEP = 60_000;

interface Lane {
  subscription: number;
  partition: number;
  running: Promise<void> | undefined;
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  rows: number;
}

interface Open {
  abort: AbortController;
  transport: Transport | undefined;
}

/** Pushes what is due. */
export class Pusher {
  readonly #ports: PusherPorts;
  readonly #committer: Committer;
  readonly #lanes = new Map<string, Lane>();
  readonly #open = new Map<number, Open>();
  readonly #healthy: Slots;
  readonly #failing: Slots;
  #stopped = false;

  constructor(ports: PusherPorts) {
    this.#ports = ports;
    this.#committer = new Committer(ports.db);
    this.#healthy = new Slots(ports.concurrency);
    this.#failing = new Slots(ports.concurrency);
  }

  /** Looks at every subscription that may push. */
  async wakeAll(source?: string): Promise<void> {
    const { rows } = await sql<{ id: number; partitions: number }>`SELECT id, partitions FROM subscriptions.subscription
      WHERE state = 'active' AND kind <> 'pull' AND (${source ?? null}::text IS NULL OR source = ${source ?? null})`.execute(
      this.#ports.db.kysely,
    );
    for (const { id, partitions } of rows) this.wake(id, partitions);
  }

  /** Looks at a subscription. */
  wake(id: number, partitions: number): void {
    for (let p = 0; p < partitions; p++) this.#go(id, p);
  }

  /** What is in flight is broken off and its connection closed; then it is looked at anew. For whatever changed of it or of its grant. */
  async reload(id: number): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.abort.abort();
    await open?.transport?.close();
    const sub = await subscriptionOf(this.#ports.db.kysely, id);
    if (sub && sub.state === 'active' && sub.kind !== 'pull') this.wake(id, sub.partitions);
  }

  /** Sends one message outside of the stream: a test. */
  async once(sub: SubscriptionRow, message: Parameters<Transport['send']>[0]): Promise<Outcome & { ms: number }> {
    const { transport, secrets } = await this.#target(sub);
    const began = performance.now();
    const outcome = await transport.send(message, secrets, new AbortController().signal);
    return { ...outcome, ms: Math.round(performance.now() - began) };
  }

  /** Resolves when no lane is at work. */
  async settled(): Promise<void> {
    for (;;) {
      const running = [...this.#lanes.values()].flatMap((l) => (l.running ? [l.running] : []));
      if (!running.length) return this.#committer.idle();
      await Promise.all(running);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
    for (const open of this.#open.values()) open.abort.abort();
    await this.settled();
    await Promise.all([...this.#open.values()].map((o) => o.transport?.close()));
    this.#open.clear();
  }

  #go(subscription: number, partition: number): void {
    if (this.#stopped) return;
    const key = `${subscription}/${partition}`;
    const lane: Lane = this.#lanes.get(key) ?? {
      ...{ subscription, partition, running: undefined, again: false, timer: undefined, rows: 0 },
    };
    this.#lanes.set(key, lane);
    clearTimeout(lane.timer);
    if (lane.running) {
      lane.again = true;
      return;
    }
    lane.running = this.#run(lane)
      .catch((error) => {
        if (this.#stopped) return;
        this.#ports.log.error({ err: error, subscription, partition }, 'a subscription could not be pushed');
        this.#sleep(lane, 5_000);
      })
      .finally(() => {
        lane.running = undefined;
        if (!lane.again) return;
        lane.again = false;
        this.#go(subscription, partition);
      });
  }

  #sleep(lane: Lane, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(lane.timer);
    lane.timer = setTimeout(() => this.#go(lane.subscription, lane.partition), Math.min(Math.max(ms, 1), SLEEP));
    lane.timer.unref();
  }

  async #run(lane: Lane): Promise<void> {
    let failing = false;
    for (;;) {
      const slots = failing ? this.#failing : this.#healthy;
      await slots.take();
      let next: 'more' | 'idle' | 'failing';
      try {
        next = await this.#window(lane, failing);
      } finally {
        slots.give();
      }
      if (next === 'idle' || this.#stopped) return;
      failing = next === 'failing';
    }
  }

  /** One window. `failing` lanes have slots of their own, so that receivers that are away do not keep the others waiting. */
  async #window(lane: Lane, failing: boolean): Promise<'more' | 'idle' | 'failing'> {
    const { db, clock } = this.#ports;
    const sub = await subscriptionOf(db.kysely, lane.subscription);
    if (sub?.state !== 'active' || sub.kind === 'pull' || this.#stopped) return 'idle';
    const cursor = await this.#cursor(lane);
    if (!cursor) return 'idle';
    const wait = cursor.next_at ? cursor.next_at.getTime() - clock.now().getTime() : 0;
    if (wait > 0) {
      this.#sleep(lane, wait);
      return 'idle';
    }
    if (cursor.failures > 0 && !failing) return 'failing';
    const { abort } = this.#opened(sub.id);
    const view = await viewOf(this.#ports, sub, lane.partition, cursor.generation);
    if (!view) return 'idle';
    const least = Math.max(sub.batch * span.messages, span.least);
    lane.rows = Math.max(lane.rows, least);
    let window: Awaited<ReturnType<typeof nextWindow>>;
    try {
      window = await nextWindow(this.#ports, view, cursor, lane.rows);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Nothing can be made of it until somebody mends the grant or the source: told as every failure is.
      await this.#keep(lane, cursor, null, failure(error.kind), 0, cursor);
      this.#sleep(lane, SLEEP);
      return 'idle';
    }
    // Where little of a stream is to be seen, more of it is looked at in one go.
    const events = window.messages.reduce((n, m) => n + m.message.events, 0);
    lane.rows = events < sub.batch ? Math.min(lane.rows * 4, span.most) : least;
    if (!window.messages.length) {
      if (!(await this.#pass(cursor, window.to))) return 'more';
      return window.more ? 'more' : 'idle';
    }
    const { transport, secrets } = await this.#target(sub);
    let now = cursor;
    for (const { message, to } of window.messages) {
      if (abort.signal.aborted) return 'idle';
      const began = performance.now();
      const outcome = await transport.send(message, secrets, abort.signal);
      if (outcome.problem === pushProblems.stopped) return 'idle';
      const moved = await this.#keep(lane, now, message, outcome, performance.now() - began, to);
      if (!moved) return 'more';
      if (outcome.gone) await this.#ports.pause(sub, 'gone');
      if (!outcome.ok) return failing ? 'more' : 'failing';
      now = { ...now, ...to, failures: 0, failing_since: null, pending: null };
    }
    return 'more';
  }

  /** Keeps a try with where it leaves the cursor. */
  #keep(
    lane: Lane,
    cursor: CursorRow,
    message: Parameters<Transport['send']>[0] | null,
    outcome: Outcome,
    ms: number,
    to: Place,
  ): Promise<boolean> {
    const at = this.#ports.clock.now();
    const failures = outcome.ok ? 0 : cursor.failures + 1;
    const wait = outcome.ok ? 0 : Math.max(backoff(failures, this.#ports.random), outcome.wait ?? 0);
    const body = message?.body ?? new Uint8Array();
    return this.#committer.keep({
      ...{ subscription: lane.subscription, partition: lane.partition, generation: cursor.generation },
      ...{
        message: message?.id ?? '',
        first: message?.first ?? Number(cursor.seq),
        last: message?.last ?? Number(cursor.seq),
      },
      ...{ events: message?.events ?? 0, bytes: body.byteLength, ok: outcome.ok, status: outcome.status },
      sha256: createHash('sha256').update(body).digest('hex'),
      ...{ problem: outcome.problem?.code ?? null, ms: Math.round(ms), at },
      to: outcome.ok
        ? { ...to, pending: null, failures: 0, failing_since: null, next_at: null }
        : {
            ...{ phase: cursor.phase, seq: cursor.seq, previous: cursor.previous, after: cursor.after, failures },
            pending:
              message && cursor.phase === 'live' && Number(cursor.seq) < message.last ? message.last : cursor.pending,
            ...{ failing_since: cursor.failing_since ?? at, next_at: new Date(at.getTime() + wait) },
          },
    });
  }

  /** Moves a cursor past what is not to be seen; false: somebody else moved it. */
  async #pass(cursor: CursorRow, to: Place): Promise<boolean> {
    if (to.seq === Number(cursor.seq) && to.phase === cursor.phase && to.after === cursor.after) return true;
    const done =
      await sql`UPDATE subscriptions.cursor SET phase = ${to.phase}, seq = ${to.seq}, previous = ${to.previous},
        after = ${to.after}, pending = NULL
      WHERE subscription = ${cursor.subscription} AND partition = ${cursor.partition} AND generation = ${cursor.generation}`.execute(
        this.#ports.db.kysely,
      );
    return Number(done.numAffectedRows) === 1;
  }

  async #cursor(lane: Lane): Promise<CursorRow | undefined> {
    const { rows } = await sql<CursorRow>`SELECT * FROM subscriptions.cursor
      WHERE subscription = ${lane.subscription} AND partition = ${lane.partition}`.execute(this.#ports.db.kysely);
    return rows[0];
  }

  #opened(id: number): Open {
    const open = this.#open.get(id) ?? { abort: new AbortController(), transport: undefined };
    this.#open.set(id, open);
    return open;
  }

  /** The connection of a subscription and its secrets in force. */
  async #target(sub: SubscriptionRow): Promise<{ transport: Transport; secrets: string[] }> {
    const { db, clock, secrets } = this.#ports;
    const open = this.#opened(sub.id);
    const now = clock.now();
    const [password] = sub.kind === 'mqtt' ? await secrets.open(db.kysely, sub.id, 'password', now) : [];
    open.transport ??= this.#ports.transport(sub, password ?? null);
    return {
      transport: open.transport,
      secrets: sub.kind === 'webhook' ? await secrets.open(db.kysely, sub.id, 'signing', now) : [],
    };
  }
}
