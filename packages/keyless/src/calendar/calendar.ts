/**
 * Calendar (日历): which root was signed in which second, for ever. One leaf for every second since 1970; seconds in which nothing was signed have the
 * empty leaf, so a gap after a stop is plain to see. The log only grows, is forced to the device before `append` returns, and has one owner.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join as path } from 'node:path';
import { fail } from '../errors.ts';
import type { CalendarLink } from '../format/calendar.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { equal, isImprint } from '../hash/imprint.ts';
import { Blocks } from './blocks.ts';
import { AppendFile, type Disk, type Finding } from './disk.ts';
import { takeLock } from './lock.ts';
import { BLOCK_SECONDS, emptyNodes, highest, join } from './nodes.ts';
import {
  HEADER,
  readHeader,
  readRecord,
  recordLength,
  type SignedSecond,
  secondOf,
  writeHeader,
  writeRecord,
} from './records.ts';

/** How a calendar is opened. */
export interface CalendarOptions {
  /** Number of the hash algorithm of a new calendar (default 1, SHA-256); one that exists keeps its own. */
  algorithm?: number;
  /** Reads beside the owner: takes no lock, mends nothing. */
  readOnly?: boolean;
  disk?: Disk;
  /** The folder's owner has the lock already. */
  locked?: boolean;
}

/** Bytes read at once when the log is walked. */
const PIECE = 1 << 20;

/** A calendar on disk. */
export class Calendar {
  readonly folder: string;
  /** Number of the hash algorithm of empty leaves; roots may have another one of the same length. */
  readonly algorithm: number;
  /** What was found when it was opened: a torn end that was cut. */
  readonly found: readonly Finding[];
  readonly #imprint: number;
  readonly #log: AppendFile;
  readonly #blocks: Blocks;
  readonly #empty: (height: number) => Uint8Array;
  readonly #unlock: () => void;
  readonly #readOnly: boolean;
  #records = 0;
  #first: bigint | undefined;
  #last: SignedSecond | undefined;

  private constructor(folder: string, options: CalendarOptions, unlock: () => void) {
    this.folder = folder;
    this.#unlock = unlock;
    this.#readOnly = options.readOnly ?? false;
    const name = path(folder, 'calendar.log');
    const findings: Finding[] = [];
    this.#log = AppendFile.open(name, options);
    if (this.#log.length < HEADER && !this.#readOnly) {
      // Made and cut off before its header was whole: nothing was ever signed in it.
      if (this.#log.length > 0) this.#log.truncate(0);
      this.#log.append(writeHeader(options.algorithm ?? 1));
    }
    this.algorithm = readHeader(this.#log.read(0, HEADER), name);
    this.#imprint = algorithmOf(this.algorithm)!.length + 1;
    this.#empty = emptyNodes(this.algorithm);
    this.#blocks = new Blocks(folder, this.#imprint, this.#empty, this.#readOnly, (first, count) =>
      this.#read(first, count),
    );
    this.#recover(findings);
    this.found = findings;
  }

  /**
   * Opens the calendar of a folder, making both where they are not there. Throws `keyless.locked`, `keyless.calendar.header`,
   * `keyless.calendar.corrupt` (a damaged record that is not the last: `checkFolder` tells more).
   */
  static open(folder: string, options: CalendarOptions = {}): Calendar {
    if (!options.readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
    else if (!existsSync(path(folder, 'calendar.log')))
      fail('calendar.missing', `没有日历：${folder}`, `no calendar in ${folder}`);
    const unlock = options.readOnly || options.locked ? () => {} : takeLock(folder);
    try {
      return new Calendar(folder, options, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** The second signed last. */
  get last(): SignedSecond | undefined {
    return this.#last;
  }

  /** The second signed first. */
  get first(): bigint | undefined {
    return this.#first;
  }

  /** Number of signed seconds. */
  get size(): number {
    return this.#records;
  }

  /** Root of a second in which nothing was signed. */
  get emptyRoot(): Uint8Array {
    return this.#empty(0).slice();
  }

  /**
   * Adds signed seconds, growing and after the last one; all are on the device when this returns, or none counts. A root equal to `emptyRoot`
   * says that the second is over and nothing was signed in it. Throws `keyless.calendar.order`, `keyless.calendar.root`, `keyless.disk`.
   */
  append(entries: readonly { time: bigint | number; root: Uint8Array }[]): void {
    if (this.#readOnly) fail('calendar.read-only', '日历以只读方式打开', 'the calendar is open for reading only');
    let before = this.#last ? Number(this.#last.time) : 0;
    const times = entries.map(({ time, root }) => {
      const second = secondOf(time);
      if (second <= before)
        fail('calendar.order', `第 ${second} 秒已过`, `second ${second} is not after the last signed second ${before}`);
      if (!isImprint(root) || root.length !== this.#imprint)
        fail('calendar.root', '根的长度与日历不符', 'a root whose length is not that of the calendar');
      before = second;
      return second;
    });
    this.#log.append(Buffer.concat(entries.map(({ root }, i) => writeRecord(times[i]!, root))));
    entries.forEach(({ root }, i) => {
      this.#take(times[i]!, Uint8Array.from(root));
    });
  }

  #take(time: number, root: Uint8Array): void {
    this.#blocks.add(time, root, this.#records);
    this.#records += 1;
    this.#first ??= BigInt(time);
    this.#last = { time: BigInt(time), root };
  }

  /** Root of a second; undefined where nothing was signed in it. */
  rootAt(time: bigint | number): Uint8Array | undefined {
    const second = secondOf(time);
    const root = this.#blocks.leaf(second);
    return root && !equal(root, this.#empty(0)) ? root.slice() : undefined;
  }

  /** Signed seconds before `before` (default: all), the newest first, at most `limit`; seconds closed as empty are left out. */
  list({ before, limit }: { before?: bigint; limit: number }): SignedSecond[] {
    const out: SignedSecond[] = [];
    let end = before === undefined ? this.#records : this.#blocks.recordFrom(Number(before), this.#records);
    while (end > 0 && out.length < limit) {
      const count = Math.min(end, limit - out.length);
      end -= count;
      for (const { time, root } of this.#read(end, count).reverse())
        if (!equal(root, this.#empty(0))) out.push({ time: BigInt(time), root });
    }
    return out;
  }

  /** The calendar's root at a second that is not after the last signed one. Throws `keyless.calendar.range`. */
  publish(time: bigint | number): SignedSecond {
    const second = this.#decided(time);
    return { time: BigInt(second), root: this.#tree(0, second) };
  }

  /** The chain from a second to the root of the calendar at another, leaf to root. Throws `keyless.calendar.range`. */
  chain(aggregationTime: bigint | number, publicationTime: bigint | number): CalendarLink[] {
    let rest = this.#decided(publicationTime);
    let place = secondOf(aggregationTime);
    if (place > rest)
      fail('calendar.range', '聚合时间在公开时间之后', 'the aggregation time is after the publication time');
    const links: CalendarLink[] = [];
    for (let from = 0; rest > 0; ) {
      const { value: half, exponent } = highest(rest);
      if (place < half) {
        links.push({ left: true, sibling: this.#tree(from + half, rest - half) });
        rest = half - 1;
      } else {
        links.push({ left: false, sibling: this.#blocks.node(exponent, from / half) });
        from += half;
        place -= half;
        rest -= half;
      }
    }
    return links.reverse();
  }

  /** Root of the tree over seconds `from` … `from + rest`, where `from` is a multiple of a power of two above `rest`. */
  #tree(from: number, rest: number): Uint8Array {
    if (rest === 0) return this.#blocks.node(0, from);
    const { value: half, exponent } = highest(rest);
    if (rest === 2 * half - 1) return this.#blocks.node(exponent + 1, from / (2 * half));
    return join(this.#blocks.node(exponent, from / half), this.#tree(from + half, rest - half));
  }

  #decided(time: bigint | number): number {
    const second = secondOf(time);
    if (!this.#last || second > Number(this.#last.time))
      fail('calendar.range', `第 ${second} 秒还没有签完`, `second ${second} is not decided yet`);
    return second;
  }

  /** Reads every record again and holds it against the rest: CRC, order, roots of blocks. */
  check(): Finding[] {
    const findings: Finding[] = [...this.found];
    const length = recordLength(this.#imprint);
    const { path: file } = this.#log;
    let before = 0;
    this.#walk(0, (record, n) => {
      const offset = HEADER + n * length;
      if (!record)
        findings.push({
          code: 'crc',
          zh: `第 ${n} 条记录损坏`,
          en: `record ${n} is damaged`,
          file,
          offset,
          mended: false,
        });
      else if (record.time <= before)
        findings.push({
          code: 'order',
          zh: `第 ${n} 条记录的时间不递增`,
          en: `the time of record ${n} does not grow`,
          file,
          offset,
          mended: false,
        });
      if (record) before = record.time;
      return true;
    });
    findings.push(...this.#blocks.check());
    return findings;
  }

  close(): void {
    this.#log.close();
    this.#blocks.close();
    this.#unlock();
  }

  /** Records from the one with a number on, as they stand on disk; stops where `visit` says so. */
  #walk(from: number, visit: (record: { time: number; root: Uint8Array } | undefined, n: number) => boolean): void {
    const length = recordLength(this.#imprint);
    const total = Math.floor((this.#log.length - HEADER) / length);
    const piece = Math.max(1, Math.floor(PIECE / length));
    for (let n = from; n < total; ) {
      const bytes = this.#log.read(HEADER + n * length, Math.min(piece, total - n) * length);
      for (let at = 0; at + length <= bytes.length; at += length, n++)
        if (!visit(readRecord(bytes, at, this.#imprint), n)) return;
    }
  }

  #read(from: number, count: number): { time: number; root: Uint8Array }[] {
    const length = recordLength(this.#imprint);
    const bytes = this.#log.read(HEADER + from * length, count * length);
    return Array.from({ length: Math.floor(bytes.length / length) }, (_, i) => {
      const record = readRecord(bytes, i * length, this.#imprint);
      if (!record)
        fail('calendar.corrupt', `日历第 ${from + i} 条记录损坏`, `record ${from + i} of the calendar is damaged`);
      return record;
    });
  }

  /** Takes in what the log holds after the last finished block; cuts an end that was being written when the machine stopped. */
  #recover(findings: Finding[]): void {
    const length = recordLength(this.#imprint);
    const whole = Math.floor((this.#log.length - HEADER) / length);
    this.#records = this.#blocks.load(whole);
    let bad: number | undefined;
    let before = this.#blocks.lastTime;
    if (this.#records > 0) {
      this.#first = BigInt(this.#read(0, 1)[0]!.time);
      const [last] = this.#read(this.#records - 1, 1);
      before = last!.time;
      this.#last = { time: BigInt(last!.time), root: last!.root };
    }
    this.#walk(this.#records, (record, n) => {
      if (!record) {
        bad ??= n;
        return true;
      }
      if (bad !== undefined || record.time <= before) {
        const place = bad ?? n;
        fail('calendar.corrupt', `日历第 ${place} 条记录损坏`, `record ${place} of the calendar is damaged`);
      }
      before = record.time;
      this.#take(record.time, record.root);
      return true;
    });
    const end = HEADER + this.#records * length;
    if (this.#log.length === end) return;
    const { length: was, path: file } = this.#log;
    if (!this.#readOnly) this.#log.truncate(end);
    findings.push({
      code: 'torn',
      zh: `日历末尾 ${was - end} 字节没有写完，已截去`,
      en: `the last ${was - end} bytes of the calendar were never finished; they were cut`,
      file,
      offset: end,
      mended: !this.#readOnly,
    });
  }
}

/** Seconds of a block; for those who measure. */
export const CALENDAR_BLOCK = BLOCK_SECONDS;
