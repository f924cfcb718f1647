/**
 * Signing service (签名服务): the requests of a second become one tree, its root the calendar's leaf of that second, and everyone gets a whole signature.
 * Round first, calendar second, both forced to the device; only then is anybody answered. A second is signed once or never.
 */
import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Calendar, type Finding } from '../calendar/index.ts';
import { takeLock } from '../calendar/lock.ts';
import { fail } from '../errors.ts';
import { metadataValue, type Origin } from '../format/metadata.ts';
import { algorithmOf, deprecatedAt } from '../hash/algorithms.ts';
import { isImprint } from '../hash/imprint.ts';
import { RecordTree } from '../sign/record-tree.ts';
import type { Blinding, LeafOptions } from '../sign/tree.ts';
import { RoundClock, Watch } from './clock.ts';
import { ownExtension } from './extension.ts';
import { defaultLimits, type Limits, type ServiceOptions, type ServiceStatus } from './options.ts';
import { Protocol } from './protocol.ts';
import { Refusal, refusalOf, refuse, STATUS } from './refusal.ts';
import type { RoundLeaf } from './round-records.ts';
import { RoundSigner, type Waiting } from './round-signer.ts';
import { Rounds } from './rounds.ts';

/** What a request may say beside its hash. */
export interface SignOptions {
  /** Height of the tree of which the hash is a root (default 0). */
  level?: number;
  /** Who asks; the request's time and its number in the second are filled in where they are missing. */
  origin?: Origin;
}

const DAY = 86_400;
/** Greatest metadata of an origin in bytes: it is part of every signature. */
const MOST_ORIGIN = 512;

/** The service of one folder. */
export class SigningService {
  readonly #options: ServiceOptions;
  readonly #limits: Limits;
  readonly #algorithm: number;
  readonly #calendar: Calendar | undefined;
  readonly #rounds: Rounds;
  readonly #watch: Watch;
  readonly #unlock: () => void;
  readonly #protocol: Protocol;
  readonly #signer: RoundSigner;
  readonly #later: (milliseconds: number, run: () => void) => () => void;
  /** Things found when it was opened: ends that were never finished, a round that was completed. */
  readonly found: Finding[] = [];
  #waiting: Waiting[] = [];
  /** Second in which the first of those that wait came. */
  #opened = 0;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Seconds that wait for the service above. */
  readonly #flights = new Set<Promise<void>>();
  #closed = false;
  #refused = 0;
  #forgotten = 0;

  private constructor(options: ServiceOptions, unlock: () => void) {
    this.#options = options;
    this.#unlock = unlock;
    this.#limits = { ...defaultLimits, ...options.limits };
    if (this.#limits.maxLevel + Math.ceil(Math.log2(this.#limits.perSecond)) > 58)
      fail(
        'service.limits',
        '层级与每秒请求数之和过大',
        'levels and requests a second together are beyond what a chain can hold',
      );
    this.#algorithm = options.algorithm ?? 1;
    const now = options.now ?? Date.now;
    if (!algorithmOf(this.#algorithm) || deprecatedAt(this.#algorithm, BigInt(Math.floor(now() / 1000))))
      fail(
        'algorithm',
        `哈希算法不可用于签名：${this.#algorithm}`,
        `no hash algorithm to sign with: ${this.#algorithm}`,
      );
    const steady = options.steady ?? (() => performance.now());
    this.#watch = new Watch(new RoundClock(now, steady, this.#limits.maxClockJump), options.onAlarm);
    this.#later =
      options.later ??
      ((milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      });
    const { folder, disk } = options;
    this.#rounds = new Rounds(folder, disk);
    if (!options.parent)
      this.#calendar = Calendar.open(folder, { algorithm: this.#algorithm, locked: true, ...(disk ? { disk } : {}) });
    this.#signer = new RoundSigner(this.#algorithm, this.#calendar, this.#rounds, this.#watch, options);
    const { emptyRoot } = this.#calendar ?? {};
    if (emptyRoot && emptyRoot.length !== algorithmOf(this.#algorithm)!.length + 1)
      fail(
        'service.algorithm',
        '哈希长度与已有的日历不同',
        'the hash is not as long as those of the calendar that is there',
      );
    this.found.push(...this.#rounds.found, ...(this.#calendar?.found ?? []));
    this.found.push(...this.#signer.complete());
    this.#protocol = new Protocol(this, options, this.#limits);
  }

  /**
   * Opens the service of a folder, making it where it is not there. Throws `keyless.locked`, `keyless.calendar.corrupt` and what a disk throws.
   */
  static async open(options: ServiceOptions): Promise<SigningService> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const unlock = takeLock(options.folder);
    try {
      return new SigningService(options, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** The calendar; undefined where roots are signed by a service above. */
  get calendar(): Calendar | undefined {
    return this.#calendar;
  }

  /** Present time, Unix milliseconds. */
  get now(): number {
    return this.#watch.now;
  }

  #last(): number | undefined {
    const last = this.#calendar?.last?.time;
    const round = this.#rounds.last?.time;
    return last === undefined ? round : Math.max(Number(last), round ?? 0);
  }

  /** What it says of itself. */
  status(): ServiceStatus {
    const present = this.#watch.second(this.#last());
    const round = this.#rounds.last?.time;
    return {
      signing: !this.#closed && present !== undefined,
      alarm: this.#watch.alarm,
      algorithm: this.#algorithm,
      chained: this.#options.parent !== undefined,
      first: this.#calendar?.first,
      last: this.#calendar ? this.#calendar.last?.time : round === undefined ? undefined : BigInt(round),
      seconds: this.#calendar?.size ?? 0,
      waiting: this.#waiting.length,
      signed: this.#signer.signed,
      refused: this.#refused,
    };
  }

  /** Takes the machine's clock for right after an alarm that it leapt ahead. */
  acceptClock(): void {
    this.#watch.accept();
    this.#watch.second(this.#last());
  }

  /**
   * Signs an imprint: the whole signature 0x800, once its second is on disk. Rejects with a {@link Refusal}: `keyless.service.level`,
   * `.algorithm`, `.busy`, `.stopped`, `.closed`, `keyless.disk`, `keyless.upstream`.
   */
  sign(hash: Uint8Array, options: SignOptions = {}): Promise<Uint8Array> {
    const origin = options.origin ?? { clientId: this.#options.name ?? 'jingwei' };
    return this.enqueue({ hash, level: options.level ?? 0, origin, request: 0n, client: '' });
  }

  /**
   * Signs many records by one request: answers the tree out of which the signature of each is taken. `blinding` hides records from those who
   * hold a neighbour's signature.
   */
  async signMany(
    records: Iterable<Uint8Array | ({ hash: Uint8Array } & LeafOptions)>,
    options: { origin?: Origin; blinding?: Blinding } = {},
  ): Promise<RecordTree> {
    const tree = new RecordTree(this.#algorithm, {
      maxLevel: this.#limits.maxLevel,
      ...(options.blinding ? { blinding: options.blinding } : {}),
    });
    for (const record of records) {
      if (record instanceof Uint8Array) tree.add(record);
      else tree.add(record.hash, record);
    }
    const { root, level } = tree.close();
    return tree.attach(await this.sign(root, { level, ...(options.origin ? { origin: options.origin } : {}) }));
  }

  /** Takes a request into the present second; used by `sign` and by the protocol. */
  enqueue(asked: {
    hash: Uint8Array;
    level: number;
    origin: Origin;
    request: bigint;
    client: string;
  }): Promise<Uint8Array> {
    try {
      const second = this.#admit(asked);
      if (this.#waiting.length === 0) this.#opened = second;
      const { hash, level, origin, request, client } = asked;
      const metadata = metadataValue({
        clientId: origin.clientId,
        machineId: origin.machineId ?? this.#options.machine ?? '1',
        sequence: origin.sequence ?? BigInt(this.#waiting.length),
        requestTime: origin.requestTime ?? BigInt(Math.floor(this.now * 1000)),
      });
      if (metadata.length > MOST_ORIGIN)
        refuse(STATUS.tooLong, 'service.origin', '来源信息过长', 'what is said of the origin is too long');
      const leaf: RoundLeaf = { hash: Uint8Array.from(hash), level, metadata, request, client };
      return new Promise((answer, refused) => {
        this.#waiting.push({ leaf, answer, refuse: refused });
        if (!this.#cancel) this.#schedule();
      });
    } catch (error) {
      this.#refused += 1;
      return Promise.reject(refusalOf(error));
    }
  }

  #admit({ hash, level }: { hash: Uint8Array; level: number }): number {
    if (this.#closed) refuse(STATUS.internal, 'service.closed', '签名服务已关闭', 'the signing service is closed');
    if (!isImprint(hash))
      refuse(STATUS.invalidPayload, 'service.algorithm', '不是有效的哈希印记', 'not an imprint of a known algorithm');
    const second = this.#watch.second(this.#last());
    if (second === undefined) throw this.#watch.stopped();
    if (deprecatedAt(hash[0]!, BigInt(second)))
      refuse(
        STATUS.invalidRequest,
        'service.algorithm',
        '该哈希算法已不可用于签名',
        'the hash algorithm is deprecated',
      );
    if (!Number.isInteger(level) || level < 0 || level > this.#limits.maxLevel)
      refuse(
        STATUS.tooLarge,
        'service.level',
        `哈希树过高：最多 ${this.#limits.maxLevel} 层`,
        `the tree is too high: at most ${this.#limits.maxLevel} levels`,
      );
    if (this.#waiting.length >= this.#limits.perSecond)
      refuse(STATUS.tooMany, 'service.busy', '本秒的请求已满', 'there are too many requests in this second');
    return second;
  }

  #schedule(): void {
    const wait = 1000 - (this.now % 1000) + 1;
    this.#cancel = this.#later(wait, () => {
      this.#cancel = undefined;
      void this.tick();
    });
  }

  /** Ends the second that is over, if requests wait; called by its own timer. Resolves when they are answered, or handed upward. */
  tick(): Promise<void> {
    this.#running = this.#running.then(
      () => this.#endSecond(),
      () => this.#endSecond(),
    );
    return this.#running;
  }

  async #endSecond(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const present = this.#watch.second(this.#last());
    if (present === undefined) {
      this.#refuseAll(this.#take(), this.#watch.stopped());
      return;
    }
    // A small step back of the clock only makes the second longer.
    this.#opened = Math.min(this.#opened, present);
    const second = present - 1;
    if (second < this.#opened || second <= (this.#last() ?? 0)) {
      if (!this.#cancel && !this.#closed) this.#schedule();
      return;
    }
    const waiting = this.#take();
    if (this.#options.parent) {
      // The service above takes a second of its own: our next second does not wait for it.
      const flight: Promise<void> = this.#attempt(waiting, () => this.#signer.signAbove(second, waiting)).finally(() =>
        this.#flights.delete(flight),
      );
      this.#flights.add(flight);
    } else await this.#attempt(waiting, () => this.#signer.signHere(second, waiting));
    this.#forget(second);
  }

  async #attempt(waiting: readonly Waiting[], sign: () => Promise<void>): Promise<void> {
    try {
      await sign();
    } catch (error) {
      const why = refusalOf(error);
      if (why.code === 'keyless.disk') this.#watch.raise({ code: 'disk', zh: why.zh, en: why.message });
      this.#refuseAll(waiting, why);
    }
  }

  #take(): Waiting[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#cancel?.();
    this.#cancel = undefined;
    return taken;
  }

  #refuseAll(waiting: readonly Waiting[], why: Refusal): void {
    this.#refused += waiting.length;
    for (const one of waiting) one.refuse(why);
  }

  /** Removes requests of days that need not be kept any more. */
  #forget(second: number): void {
    const day = Math.floor(second / DAY);
    if (day === this.#forgotten) return;
    this.#forgotten = day;
    try {
      this.#rounds.forget(second - (this.#options.keepDays ?? 400) * DAY);
    } catch (error) {
      const { message } = error as Error;
      this.#watch.raise({
        code: 'disk',
        zh: `旧轮次无法删除：${message}`,
        en: `old rounds cannot be removed: ${message}`,
      });
    }
  }

  /**
   * The calendar chain 0x802 from a second to another (the newest signed one where none is named). Rejects with a {@link Refusal} of the
   * extender's numbers.
   */
  async extend(aggregationTime: bigint, publicationTime?: bigint): Promise<Uint8Array> {
    return (await this.extension(aggregationTime, publicationTime)).chain;
  }

  /** The same with the newest second of the calendar. */
  async extension(aggregationTime: bigint, publicationTime?: bigint): Promise<{ chain: Uint8Array; last?: bigint }> {
    const { parent } = this.#options;
    if (parent) {
      try {
        return await parent.extend(aggregationTime, publicationTime);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        return refuse(STATUS.upstream, 'upstream', '上级服务出错', (error as Error).message);
      }
    }
    return ownExtension(this.#calendar!, this.now, aggregationTime, publicationTime);
  }

  /**
   * The calendar's root at a second that is over: what is published. A second after the last signed one is closed as empty first, and can then
   * never be signed. Throws `keyless.calendar.future`.
   */
  publish(time: bigint): { time: bigint; root: Uint8Array } {
    const calendar = this.#calendar;
    if (!calendar) return fail('calendar.missing', '日历在上级服务', 'the calendar is that of the service above');
    const present = this.#watch.second(this.#last());
    if (present === undefined || time >= BigInt(present))
      fail('calendar.future', `第 ${time} 秒还没有过去`, `second ${time} is not over yet`);
    if (!calendar.last || time > calendar.last.time) calendar.append([{ time, root: calendar.emptyRoot }]);
    return calendar.publish(time);
  }

  /**
   * Signatures again for a request whose answer was lost: every one that was made for this imprint in seconds `from` … `to`, the oldest first.
   * `client`: only those of a login.
   */
  async reissue(hash: Uint8Array, from: bigint, to: bigint, client?: string): Promise<Uint8Array[]> {
    return this.#signer.reissue(hash, Number(from), Number(to), client);
  }

  /** Answers a message of the aggregation protocol; never rejects. */
  aggregatorAnswer(body: Uint8Array): Promise<Uint8Array> {
    return this.#protocol.aggregation(body);
  }

  /** Answers a message of the extension protocol; never rejects. */
  extenderAnswer(body: Uint8Array): Promise<Uint8Array> {
    return this.#protocol.extension(body);
  }

  /** Stops; those who wait are refused, what is being answered is answered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#refuseAll(
      this.#take(),
      new Refusal(STATUS.internal, 'service.closed', '签名服务已关闭', 'the signing service is closed'),
    );
    await this.#running.catch(() => {});
    await Promise.all(this.#flights);
    this.#rounds.close();
    this.#calendar?.close();
    this.#unlock();
  }
}
