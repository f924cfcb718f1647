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
import { equal, isImprint } from '../hash/imprint.ts';
import { RecordTree } from '../sign/record-tree.ts';
import type { Blinding, LeafOptions } from '../sign/tree.ts';
import { writeCalendarChain } from '../sign/write.ts';
import { RoundClock } from './clock.ts';
import { type Alarm, defaultLimits, type Limits, type ServiceOptions, type ServiceStatus } from './options.ts';
import { Protocol } from './protocol.ts';
import { Refusal, refusalOf, refuse, STATUS } from './refusal.ts';
import { calendarAnchor, ownSignatures, parentSignatures, RoundTree } from './round-tree.ts';
import { type Round, type RoundLeaf, Rounds } from './rounds.ts';

/** What a request may say beside its hash. */
export interface SignOptions {
  /** Height of the tree of which the hash is a root (default 0). */
  level?: number;
  /** Who asks; the request's time and its number in the second are filled in where they are missing. */
  origin?: Origin;
}

/** A request that waits for the end of its second. */
interface Waiting {
  leaf: RoundLeaf;
  answer: (signature: Uint8Array) => void;
  refuse: (why: Refusal) => void;
}

/** How many signatures are made before others get a turn. */
const ANSWERS_AT_ONCE = 256;
const DAY = 86_400;

/** The service of one folder. */
export class SigningService {
  readonly #options: ServiceOptions;
  readonly #limits: Limits;
  readonly #algorithm: number;
  readonly #calendar: Calendar | undefined;
  readonly #rounds: Rounds;
  readonly #clock: RoundClock;
  readonly #unlock: () => void;
  readonly #protocol: Protocol;
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
  #alarm: Alarm | undefined;
  #closed = false;
  #signed = 0;
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
    this.#clock = new RoundClock(now, options.steady ?? (() => performance.now()), this.#limits.maxClockJump);
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
    this.found.push(...this.#rounds.found, ...(this.#calendar?.found ?? []));
    this.#complete();
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

  /**
   * A round whose calendar record was never written: the machine stopped between the two, nobody was answered. The round is whole on disk and
   * was so in its second, so its root enters the calendar now and its requests can be asked for again.
   */
  #complete(): void {
    const { last } = this.#rounds;
    const calendar = this.#calendar;
    if (!last || !calendar || (calendar.last && Number(calendar.last.time) >= last.time)) return;
    calendar.append([{ time: last.time, root: last.root }]);
    this.found.push({
      code: 'completed',
      zh: `第 ${last.time} 秒的轮次还没有记入日历，已补记`,
      en: `the round of second ${last.time} was not in the calendar yet; it was entered`,
      file: `${this.#options.folder}/calendar.log`,
      mended: true,
    });
  }

  /** The calendar; undefined where roots are signed by a service above. */
  get calendar(): Calendar | undefined {
    return this.#calendar;
  }

  /** Present time, Unix milliseconds. */
  get now(): number {
    return this.#clock.now;
  }

  #last(): number | undefined {
    const last = this.#calendar?.last?.time;
    const round = this.#rounds.last?.time;
    return last === undefined ? round : Math.max(Number(last), round ?? 0);
  }

  /** What it says of itself. */
  status(): ServiceStatus {
    this.#present();
    const round = this.#rounds.last?.time;
    return {
      signing: !this.#closed && !this.#stopped(),
      alarm: this.#alarm,
      algorithm: this.#algorithm,
      chained: this.#options.parent !== undefined,
      first: this.#calendar?.first,
      last: this.#calendar ? this.#calendar.last?.time : round === undefined ? undefined : BigInt(round),
      seconds: this.#calendar?.size ?? 0,
      waiting: this.#waiting.length,
      signed: this.#signed,
      refused: this.#refused,
    };
  }

  /** Takes the machine's clock for right after an alarm that it leapt ahead. */
  acceptClock(): void {
    this.#clock.accept();
    this.#present();
  }

  #stopped(): boolean {
    return this.#alarm?.code === 'clock-backwards' || this.#alarm?.code === 'clock-forward';
  }

  #raise(alarm: Omit<Alarm, 'since'> | undefined): void {
    if (alarm?.code === this.#alarm?.code) return;
    this.#alarm = alarm && { ...alarm, since: this.now };
    this.#options.onAlarm?.(this.#alarm);
  }

  /** The present second; undefined (and an alarm) where none may be signed. */
  #present(): number | undefined {
    const seen = this.#clock.second(this.#last());
    if ('alarm' in seen) {
      this.#raise(seen.alarm);
      return undefined;
    }
    if (this.#stopped()) this.#raise(undefined);
    return seen.second;
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
    const second = this.#present();
    if (second === undefined)
      return refuse(STATUS.internal, 'service.stopped', this.#alarm?.zh ?? '', this.#alarm?.en ?? '');
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
    const present = this.#present();
    if (present === undefined) {
      const why = new Refusal(STATUS.internal, 'service.stopped', this.#alarm?.zh ?? '', this.#alarm?.en ?? '');
      this.#refuseAll(this.#take(), why);
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
      const flight: Promise<void> = this.#attempt(waiting, () => this.#signAbove(second, waiting)).finally(() =>
        this.#flights.delete(flight),
      );
      this.#flights.add(flight);
    } else await this.#attempt(waiting, () => this.#signHere(second, waiting));
    this.#forget(second);
  }

  async #attempt(waiting: readonly Waiting[], sign: () => Promise<void>): Promise<void> {
    try {
      await sign();
    } catch (error) {
      const why = refusalOf(error);
      if (why.code === 'keyless.disk') this.#raise({ code: 'disk', zh: why.zh, en: why.message });
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

  async #signHere(second: number, waiting: readonly Waiting[]): Promise<void> {
    const calendar = this.#calendar!;
    const leaves = waiting.map(({ leaf }) => leaf);
    const tree = new RoundTree(this.#algorithm, leaves);
    const { root, level } = tree;
    const takeBack = this.#rounds.add({ time: second, algorithm: this.#algorithm, root, level, leaves });
    try {
      calendar.append([{ time: second, root }]);
    } catch (error) {
      takeBack();
      throw error;
    }
    if (this.#alarm?.code === 'disk') this.#raise(undefined);
    const anchor = await this.#anchor(second);
    await this.#answer(waiting, ownSignatures(tree, second, anchor));
  }

  async #anchor(second: number): Promise<Uint8Array[]> {
    try {
      const anchor = await calendarAnchor(this.#calendar!, second, this.#options.authenticate);
      if (this.#alarm?.code === 'authenticate') this.#raise(undefined);
      return anchor;
    } catch (error) {
      const said = (error as Error).message;
      this.#raise({
        code: 'authenticate',
        zh: `日历根的密钥签名失败：${said}`,
        en: `the key could not sign the calendar's root: ${said}`,
      });
      throw new Refusal(STATUS.internal, 'service.authenticate', this.#alarm!.zh, this.#alarm!.en);
    }
  }

  async #signAbove(second: number, waiting: readonly Waiting[]): Promise<void> {
    const leaves = waiting.map(({ leaf }) => leaf);
    const tree = new RoundTree(this.#algorithm, leaves);
    const { root, level } = tree;
    this.#rounds.add({ time: second, algorithm: this.#algorithm, root, level, leaves });
    let signature: Uint8Array;
    try {
      signature = await this.#options.parent!.sign(root, { level });
    } catch (error) {
      const why =
        error instanceof Refusal && (error.status === STATUS.upstream || error.status === STATUS.upstreamTimeout)
          ? error
          : new Refusal(
              STATUS.upstream,
              'upstream',
              `上级服务出错：${(error as Error).message}`,
              (error as Error).message,
            );
      this.#raise({ code: 'upstream', zh: why.zh, en: why.message });
      throw why;
    }
    this.#rounds.answered(second, signature);
    if (this.#alarm?.code === 'upstream' || this.#alarm?.code === 'disk') this.#raise(undefined);
    const signatureOf = parentSignatures(tree, signature);
    await this.#answer(waiting, signatureOf);
  }

  async #answer(waiting: readonly Waiting[], signatureOf: (i: number) => Uint8Array): Promise<void> {
    for (let i = 0; i < waiting.length; i++) {
      if (i > 0 && i % ANSWERS_AT_ONCE === 0) await new Promise(setImmediate);
      waiting[i]!.answer(signatureOf(i));
      this.#signed += 1;
    }
  }

  /** Removes requests of days that need not be kept any more. */
  #forget(second: number): void {
    const day = Math.floor(second / DAY);
    if (day === this.#forgotten) return;
    this.#forgotten = day;
    this.#rounds.forget(second - (this.#options.keepDays ?? 400) * DAY);
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
    const calendar = this.#calendar!;
    const present = BigInt(Math.floor(this.now / 1000));
    const to = publicationTime ?? calendar.last?.time ?? 0n;
    if (publicationTime !== undefined && publicationTime < aggregationTime)
      refuse(STATUS.tooLarge, 'extend.range', '聚合时间在公开时间之后', 'the range of times runs backwards');
    if (aggregationTime > present || to > present)
      refuse(STATUS.tooLong, 'extend.future', '时间在未来', 'the time is in the future');
    if (!calendar.last || to > calendar.last.time || aggregationTime > calendar.last.time)
      refuse(STATUS.tooMany, 'extend.new', '日历还没有到这一秒', 'the time is after the last second of the calendar');
    if (aggregationTime < calendar.first!)
      refuse(STATUS.overQuota, 'extend.old', '时间早于日历的起点', 'the time is before the calendar begins');
    const chain = writeCalendarChain({
      publicationTime: to,
      aggregationTime,
      inputHash: calendar.rootAt(aggregationTime) ?? calendar.emptyRoot,
      links: calendar.chain(aggregationTime, to),
    });
    return { chain, last: calendar.last.time };
  }

  /**
   * The calendar's root at a second that is over: what is published. A second after the last signed one is closed as empty first, and can then
   * never be signed. Throws `keyless.calendar.future`.
   */
  publish(time: bigint): { time: bigint; root: Uint8Array } {
    const calendar = this.#calendar;
    if (!calendar) return fail('calendar.missing', '日历在上级服务', 'the calendar is that of the service above');
    const present = this.#present();
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
    const out: Uint8Array[] = [];
    const rounds: Round[] = [];
    const answers = new Map<number, Uint8Array>();
    for (const record of this.#rounds.search(Number(from), Number(to), hash)) {
      if (record.kind === 'round') rounds.push(record.round);
      else answers.set(record.time, record.signature);
    }
    for (const round of rounds) {
      const places = round.leaves.flatMap((leaf, i) =>
        equal(leaf.hash, hash) && (client === undefined || leaf.client === client) ? [i] : [],
      );
      if (places.length === 0) continue;
      const tree = new RoundTree(round.algorithm, round.leaves);
      const above = answers.get(round.time);
      if (above) out.push(...places.map(parentSignatures(tree, above)));
      else if (this.#calendar?.rootAt(round.time)) {
        const anchor = await this.#anchor(round.time);
        out.push(...places.map(ownSignatures(tree, round.time, anchor)));
      }
    }
    return out;
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
