/**
 * What the hub's main thread asks of the signing service, which lives in a thread of its own: there the tree of each second is built, written and
 * synchronised to disk, while this thread only hands bytes on. Messages of outside clients are put together, one message for all that came in the
 * same turn of the event loop.
 */
import type { Worker } from 'node:worker_threads';
import { Problem, problemKind } from '../problem.ts';
import { startThread } from '../thread.ts';
import { unavailable } from './problems.ts';

/** What the thread is started with. */
export interface SignerSetup {
  /** Folder of calendar and rounds. */
  folder: string;
  /** Folder of the authority's keys, for its owner only. */
  keys: string;
  algorithm: 'sha256' | 'sm3';
  authority: 'rsa' | 'ecdsa' | 'sm2';
  /** Name of the service in its certificates. */
  name: string;
  email: string;
  roundDays: number;
  clients: SignerClient[];
  parent: {
    url: string;
    login: string;
    key: string;
    algorithm: SignerClient['algorithm'];
    /** Root certificate, PEM. */
    root: string;
    email: string;
  } | null;
  /** The hub's time in milliseconds where it is not the machine's: the thread is told of it by messages. */
  time: number | null;
}

/** A client of the service as the thread knows it. */
export interface SignerClient {
  login: string;
  key: Uint8Array;
  algorithm: 'sha256' | 'sha512' | 'sm3';
  perSecond: number;
  disabled: boolean;
  organisation: string | null;
}

/** A hash of the hub's own to be signed. */
export interface SignRequest {
  imprint: Uint8Array;
  level: number;
  /** Who hands it in and which part of the hub: become the origin in the signature. */
  client: string;
  machine: string;
}

/** How the service is. Seconds are Unix seconds. */
export interface SignerStatus {
  first: number | null;
  last: number | null;
  /** Signed seconds of the calendar. */
  seconds: number;
  /** Requests signed and refused since the thread began. */
  requests: number;
  refused: number;
  waiting: number;
  /** Why it does not sign; null when it does. */
  alarm: { code: string; zh: string; en: string } | null;
  /** What was mended when the folder was opened, in English, for the log. */
  mended: string[];
  publications: number[];
}

/** A publication as the publications file tells it. */
export interface Published {
  time: number;
  root: Uint8Array;
  printed: string;
}

/** What can be asked of the thread; every call answers by a promise. */
export interface SignerCalls {
  /** Signatures in the order of the requests; what cannot be signed is the sentence why. */
  sign(requests: SignRequest[]): (Uint8Array | { code: string; zh: string; en: string })[];
  /** A calendar chain 0x802 from a second to a later one, to the newest where none is named. */
  extend(range: { from: number; to: number | null }): Uint8Array;
  /** Signatures extended to the nearest publication; null where there is none yet. */
  prolong(signatures: Uint8Array[]): ({ signature: Uint8Array; time: number } | null)[];
  /** Publishes the newest second and writes the file; null when nothing was signed since. */
  publish(none: null): Published | null;
  /** The publications file as it stands, and the root certificate (PEM). */
  anchors(none: null): { file: Uint8Array; root: string; publications: Published[] };
  status(none: null): SignerStatus;
  seconds(query: { before: number | null; limit: number }): {
    time: number;
    root: Uint8Array;
    calendarRoot: Uint8Array;
  }[];
  clients(list: SignerClient[]): null;
  /** The machine's clock is right: an administrator has looked. */
  acceptClock(none: null): null;
  close(none: null): null;
}

/** Answer of the thread to a call that failed. */
export interface SignerFault {
  code: string;
  zh: string;
  en: string;
}

/** From the main thread: a call, or messages of outside clients one after the other in one buffer. */
export type ToSigner =
  | { id: number; call: keyof SignerCalls; argument: unknown }
  | { first: number; kinds: Uint8Array; ends: Uint32Array; bytes: Uint8Array }
  | { time: number };
/** From the thread: the answer of a call, or answers to messages in one buffer. */
export type FromSigner =
  | { id: number; value: unknown }
  | { id: number; fault: SignerFault }
  | { ids: Uint32Array; ends: Uint32Array; bytes: Uint8Array }
  | { alarm: SignerFault | null };

/** Which protocol a message belongs to. */
export const protocols = { aggregator: 0, extender: 1 } as const;
export type Protocol = keyof typeof protocols;

const stopped = problemKind(
  'seal.signer-stopped',
  503,
  '签名线程已停止，正在等待签名的请求将重新进行',
  'the signing thread has stopped; what waits is signed again',
);

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Messages of outside clients that may wait for their second at once; more are refused. */
export const MOST_WAITING = 50_000;

/** The thread, started with the first thing that is asked of it. */
export class Signer {
  readonly #setup: () => Promise<SignerSetup>;
  readonly #ready: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #alarmed: (alarm: SignerFault | null) => void;
  #worker: Promise<Worker> | undefined;
  #closing = false;
  readonly #calls = new Map<number, Waiting>();
  readonly #messages = new Map<number, Waiting>();
  #nextCall = 1;
  #nextMessage = 1;
  #batch: { kind: number; body: Uint8Array }[] = [];
  #flushing = false;

  /**
   * @param setup what the thread is started with, asked at each start
   * @param ready called after each start, when the thread answers
   * @param failed told of what ended the thread, and of what `ready` threw
   * @param alarmed told when signing stops for a reason that the machine must be looked at for, and of its end
   */
  constructor(
    setup: () => Promise<SignerSetup>,
    ready: () => Promise<void>,
    failed: (error: unknown) => void,
    alarmed: (alarm: SignerFault | null) => void = () => undefined,
  ) {
    this.#setup = setup;
    this.#ready = ready;
    this.#failed = failed;
    this.#alarmed = alarmed;
  }

  /** Whether the thread runs: who only wants figures does not start it. */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Messages that wait for their answer. */
  get waiting(): number {
    return this.#messages.size;
  }

  /** Asks the thread. A refusal is Problem `seal.unavailable` with the thread's sentence. */
  async call<K extends keyof SignerCalls>(
    call: K,
    argument: Parameters<SignerCalls[K]>[0],
  ): Promise<ReturnType<SignerCalls[K]>> {
    const worker = await this.#started();
    return new Promise((resolve, reject) => {
      const id = this.#nextCall++;
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, call, argument } satisfies ToSigner);
    });
  }

  /** Hands on the message of an outside client; answers the bytes that go back. */
  message(protocol: Protocol, body: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const id = this.#nextMessage++;
      this.#messages.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#batch.push({ kind: protocols[protocol], body });
      if (this.#flushing) return;
      this.#flushing = true;
      setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const first = this.#nextMessage - this.#batch.length;
    const batch = this.#batch;
    this.#batch = [];
    this.#flushing = false;
    const bytes = new Uint8Array(batch.reduce((n, m) => n + m.body.length, 0));
    const ends = new Uint32Array(batch.length);
    const kinds = new Uint8Array(batch.length);
    let at = 0;
    for (const [i, { kind, body }] of batch.entries()) {
      bytes.set(body, at);
      at += body.length;
      ends[i] = at;
      kinds[i] = kind;
    }
    try {
      const worker = await this.#started();
      worker.postMessage({ first, kinds, ends, bytes } satisfies ToSigner, [bytes.buffer]);
    } catch (error) {
      for (let id = first; id < first + batch.length; id++) {
        this.#messages.get(id)?.reject(error);
        this.#messages.delete(id);
      }
    }
  }

  /** Tells the thread the hub's time, where that is not the machine's. */
  async tell(time: number): Promise<void> {
    if (this.#worker) (await this.#worker).postMessage({ time } satisfies ToSigner);
  }

  /** Signs what waits, closes the calendar and ends the thread. */
  async close(): Promise<void> {
    this.#closing = true;
    const worker = await this.#worker?.catch(() => undefined);
    if (!worker) return;
    worker.ref();
    await this.call('close', null).catch(() => undefined);
    await worker.terminate();
  }

  #started(): Promise<Worker> {
    if (this.#closing && !this.#worker) return Promise.reject(new Problem(stopped));
    this.#worker ??= this.#start().catch((error) => {
      this.#worker = undefined;
      throw error;
    });
    return this.#worker;
  }

  async #start(): Promise<Worker> {
    const setup = await this.#setup();
    const worker = startThread(new URL('./signer-worker.ts', import.meta.url), setup);
    // The hub ends when all else has ended, whether the thread idles or not.
    worker.unref();
    worker.on('message', (message: FromSigner) => this.#answered(message));
    worker.on('error', (error) => {
      this.#failed(error);
      this.#ended();
    });
    worker.on('exit', () => this.#ended());
    setImmediate(() => void this.#ready().catch(this.#failed));
    return worker;
  }

  #answered(message: FromSigner): void {
    if ('ids' in message) {
      let from = 0;
      for (const [i, id] of message.ids.entries()) {
        const to = message.ends[i]!;
        this.#messages.get(id)?.resolve(message.bytes.subarray(from, to));
        this.#messages.delete(id);
        from = to;
      }
      return;
    }
    if ('alarm' in message) {
      this.#alarmed(message.alarm);
      return;
    }
    const waiting = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if ('fault' in message) waiting?.reject(new Problem(unavailable, { ...message.fault }));
    else waiting?.resolve(message.value);
  }

  /** A thread that ended takes nobody's hope with it: who waits is told, the next question starts another. */
  #ended(): void {
    this.#worker = undefined;
    const error = new Problem(stopped);
    for (const map of [this.#calls, this.#messages]) {
      for (const waiting of map.values()) waiting.reject(error);
      map.clear();
    }
  }
}
