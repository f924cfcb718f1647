/**
 * Rounds (轮次): what was asked in each second, one file a day (UTC). A round is written and forced to the device before its root enters the
 * calendar, and the calendar before anybody is answered; so an answer that was lost can be given again.
 *
 * A record: `JWRD`, length of the payload, payload, CRC-32 of length and payload. Payload 1: a round with its requests. Payload 2: the signature that
 * the service above gave to a round's root.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join as path } from 'node:path';
import { AppendFile, checksum, type Disk, type Finding, syncFolder } from '../calendar/disk.ts';
import { fail } from '../errors.ts';

/** One request as it is kept. */
export interface RoundLeaf {
  hash: Uint8Array;
  /** Level of the request: height of the tree of which the hash is a root. */
  level: number;
  /** Value of the metadata that stands beside the hash in the tree. */
  metadata: Uint8Array;
  /** Number that the client gave to the request; 0 for one from inside. */
  request: bigint;
  /** Login; empty for one from inside. */
  client: string;
}

/** One second's requests. */
export interface Round {
  /** Unix second. */
  time: number;
  /** Number of the hash algorithm of its tree. */
  algorithm: number;
  /** Imprint of the tree's root and its level. */
  root: Uint8Array;
  level: number;
  leaves: RoundLeaf[];
}

/** What a record holds. */
export type RoundRecord = { kind: 'round'; round: Round } | { kind: 'answer'; time: number; signature: Uint8Array };

const MARK = 0x4a575244;
const FRAME = 12;
/** Greatest payload that is believed to be one. */
const MOST = 1 << 28;

function frame(payload: Buffer): Buffer {
  const out = Buffer.allocUnsafe(payload.length + FRAME);
  out.writeUInt32BE(MARK, 0);
  out.writeUInt32BE(payload.length, 4);
  payload.copy(out, 8);
  out.writeUInt32BE(checksum(out.subarray(4, 8 + payload.length)), 8 + payload.length);
  return out;
}

/** Writes a round. */
export function writeRound(round: Round): Buffer {
  const clients = round.leaves.map((leaf) => Buffer.from(leaf.client));
  let size = 14 + round.root.length;
  round.leaves.forEach((leaf, i) => {
    size += 13 + leaf.hash.length + leaf.metadata.length + clients[i]!.length;
  });
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  out[at++] = 1;
  at = out.writeUIntBE(round.time, at, 6);
  out[at++] = round.algorithm;
  out[at++] = round.level;
  out[at++] = round.root.length;
  out.set(round.root, at);
  at = out.writeUInt32BE(round.leaves.length, at + round.root.length);
  round.leaves.forEach((leaf, i) => {
    out[at++] = leaf.level;
    out[at++] = leaf.hash.length;
    out.set(leaf.hash, at);
    at = out.writeUInt16BE(leaf.metadata.length, at + leaf.hash.length);
    out.set(leaf.metadata, at);
    at = out.writeBigUInt64BE(leaf.request, at + leaf.metadata.length);
    out[at++] = clients[i]!.length;
    out.set(clients[i]!, at);
    at += clients[i]!.length;
  });
  return frame(out);
}

/** Writes the answer of the service above. */
export function writeAnswer(time: number, signature: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(7 + signature.length);
  out[0] = 2;
  out.writeUIntBE(time, 1, 6);
  out.set(signature, 7);
  return frame(out);
}

/** Reads a payload whose CRC was right. */
function readPayload(bytes: Buffer): RoundRecord {
  const time = bytes.readUIntBE(1, 6);
  if (bytes[0] === 2) return { kind: 'answer', time, signature: new Uint8Array(bytes.subarray(7)) };
  if (bytes[0] !== 1) fail('rounds.kind', '不认识的轮次记录', 'an unknown record of rounds');
  const take = (from: number, length: number) => new Uint8Array(bytes.subarray(from, from + length));
  const root = take(10, bytes[9]!);
  let at = 10 + root.length;
  const count = bytes.readUInt32BE(at);
  at += 4;
  const leaves: RoundLeaf[] = [];
  for (let i = 0; i < count; i++) {
    const level = bytes[at]!;
    const hash = take(at + 2, bytes[at + 1]!);
    at += 2 + hash.length;
    const metadata = take(at + 2, bytes.readUInt16BE(at));
    at += 2 + metadata.length;
    const request = bytes.readBigUInt64BE(at);
    const name = bytes[at + 8]!;
    leaves.push({ hash, level, metadata, request, client: bytes.toString('utf8', at + 9, at + 9 + name) });
    at += 9 + name;
  }
  return { kind: 'round', round: { time, algorithm: bytes[7]!, level: bytes[8]!, root, leaves } };
}

/** A record with its place. */
export interface Placed {
  offset: number;
  end: number;
  /** The payload as it stands, for a quick search. */
  payload: Buffer;
  /** Reads it. */
  read(): RoundRecord;
}

/** Where the first record at or after a place begins; undefined where there is none. */
function nextRecord(file: AppendFile, from: number): number | undefined {
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(MARK);
  for (let at = from; at + FRAME <= file.length; ) {
    const piece = file.read(at, 1 << 20);
    const found = piece.indexOf(mark);
    if (found < 0) at += Math.max(1, piece.length - 3);
    else if (recordAt(file, at + found)) return at + found;
    else at += found + 1;
  }
  return undefined;
}

function recordAt(file: AppendFile, at: number): Placed | undefined {
  if (at + FRAME > file.length) return undefined;
  const head = file.read(at, 8);
  const length = head.readUInt32BE(4);
  if (head.readUInt32BE(0) !== MARK || length < 7 || length > MOST || at + FRAME + length > file.length)
    return undefined;
  const body = file.read(at + 4, length + 8);
  if (body.readUInt32BE(4 + length) !== checksum(body.subarray(0, 4 + length))) return undefined;
  const payload = body.subarray(4, 4 + length);
  return { offset: at, end: at + FRAME + length, payload, read: () => readPayload(payload) };
}

/**
 * Walks the records of a file. Answers where the last one ends (what stands after it was never finished) and stretches between records that
 * are none: damage.
 */
export function walkRecords(
  file: AppendFile,
  visit: (record: Placed) => void,
): { end: number; damage: { from: number; to: number }[] } {
  const damage: { from: number; to: number }[] = [];
  let at = 0;
  while (at < file.length) {
    const record = recordAt(file, at);
    if (record) {
      visit(record);
      at = record.end;
      continue;
    }
    const next = nextRecord(file, at + 1);
    if (next === undefined) break;
    damage.push({ from: at, to: next });
    at = next;
  }
  return { end: at, damage };
}

/** Day of a Unix second as files are named: `2026-11-21`. */
export const dayOf = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

const NAME = /^\d{4}-\d\d-\d\d\.log$/;
/** First second of the year 10000: names of days have four digits of year. */
export const END_OF_DAYS = 253_402_300_800;

/** Files of rounds in a folder, in the order of their days. */
export function segments(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .map((name) => path(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The log of rounds. */
export class Rounds {
  readonly #folder: string;
  readonly #disk: Disk | undefined;
  readonly #open = new Map<string, AppendFile>();
  /** Last round that is written. */
  last: Round | undefined;
  readonly found: Finding[] = [];

  /** Opens the log; an end that was never finished is cut. */
  constructor(folder: string, disk?: Disk) {
    this.#folder = path(folder, 'rounds');
    this.#disk = disk;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    syncFolder(folder);
    // An answer may be written to yesterday's file after today's was begun: the two newest are looked at in any case.
    for (const [i, name] of segments(this.#folder).reverse().entries()) {
      if (i >= 2 && this.last) break;
      this.#recover(name);
    }
  }

  #recover(name: string): void {
    const file = AppendFile.open(name, this.#disk ? { disk: this.#disk } : {});
    try {
      let newest: Placed | undefined;
      const { end } = walkRecords(file, (record) => {
        if (record.payload[0] === 1) newest = record;
      });
      if (end < file.length) {
        this.found.push({
          code: 'torn',
          zh: `轮次日志末尾 ${file.length - end} 字节没有写完，已截去`,
          en: `the last ${file.length - end} bytes of the log of rounds were never finished; they were cut`,
          file: name,
          offset: end,
          mended: true,
        });
        file.truncate(end);
      }
      const record = newest?.read();
      if (record?.kind === 'round') this.last ??= record.round;
    } finally {
      file.close();
    }
  }

  #fileOf(time: number): AppendFile {
    const day = dayOf(time);
    let file = this.#open.get(day);
    if (!file) {
      for (const old of this.#open.values()) old.close();
      this.#open.clear();
      file = AppendFile.open(path(this.#folder, `${day}.log`), this.#disk ? { disk: this.#disk } : {});
      this.#open.set(day, file);
    }
    return file;
  }

  /** Writes a round; on the device when this returns. Answers how to take it back before anything else is written. */
  add(round: Round): () => void {
    const file = this.#fileOf(round.time);
    const { last } = this;
    const before = file.length;
    file.append(writeRound(round));
    this.last = round;
    return () => {
      file.truncate(before);
      this.last = last;
    };
  }

  /** Writes what the service above answered. */
  answered(time: number, signature: Uint8Array): void {
    this.#fileOf(time).append(writeAnswer(time, signature));
  }

  /**
   * Rounds and answers of seconds `from` … `to` whose bytes have `needle` in them (an imprint that is looked for).
   */
  *search(from: number, to: number, needle?: Uint8Array): Generator<RoundRecord> {
    const wanted = needle && Buffer.from(needle);
    const [first, last] = [dayOf(Math.max(0, from)), dayOf(Math.min(to, END_OF_DAYS - 1))];
    for (const name of segments(this.#folder)) {
      const day = name.slice(-14, -4);
      if (day < first || day > last) continue;
      const file = AppendFile.open(name, { readOnly: true });
      try {
        const found: RoundRecord[] = [];
        walkRecords(file, ({ payload, read }) => {
          const time = payload.readUIntBE(1, 6);
          if (time < from || time > to) return;
          if (payload[0] === 2 || !wanted || payload.includes(wanted)) found.push(read());
        });
        yield* found;
      } finally {
        file.close();
      }
    }
  }

  /** Removes the files of days before the second. */
  forget(before: number): number {
    const day = dayOf(before);
    let removed = 0;
    for (const name of segments(this.#folder)) {
      const own = name.slice(-14, -4);
      if (own >= day || this.#open.has(own)) continue;
      rmSync(name, { force: true });
      removed += 1;
    }
    return removed;
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
