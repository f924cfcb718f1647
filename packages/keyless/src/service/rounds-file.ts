/**
 * One day's file of rounds. It begins with a magic number, eight random bytes (its mark) and their CRC; a record is the mark, the length of the payload, the payload,
 * and the CRC-32 of length and payload. Requests hold bytes that clients chose: since nobody outside knows the mark, none of them can be taken for a
 * record when a damaged stretch is stepped over.
 */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { AppendFile, checksum, type Disk, type Finding } from '../calendar/disk.ts';
import { type RoundRecord, readPayload } from './round-records.ts';

const MAGIC = Buffer.from('JWROUND\u0001', 'latin1');
const MARK = 8;
const HEADER = 20;
/** Bytes of a record beside its payload. */
const FRAME = MARK + 8;
/** Greatest payload that is believed to be one. */
const MOST = 1 << 28;
/** Bytes at the end of a file that are looked through first for its last records. */
const WINDOW = 1 << 24;

/** A record with its place. */
export interface Placed {
  offset: number;
  end: number;
  /** Unix second. */
  time: number;
  /** The payload as it stands, for a quick search. */
  payload: Buffer;
  /** Reads it. */
  read(): RoundRecord;
}

/** What a walk over a file met beside records. */
export interface Walked {
  /** Where the last record ends: what stands after it was never finished. */
  end: number;
  /** Stretches between records that are none. */
  damage: { from: number; to: number }[];
}

function newHeader(): Buffer {
  const mark = randomBytes(MARK);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(checksum(mark));
  return Buffer.concat([MAGIC, mark, crc]);
}

/** A day's rounds. */
export class RoundsFile {
  readonly #file: AppendFile;
  readonly #header: Buffer;
  readonly #mark: Buffer;

  private constructor(file: AppendFile) {
    this.#file = file;
    this.#header = file.length < HEADER ? newHeader() : file.read(0, HEADER);
    this.#mark = this.#header.subarray(MAGIC.length, MAGIC.length + MARK);
  }

  /** Opens a file, making it where it is not there and `readOnly` is not set. */
  static open(path: string, options: { readOnly?: boolean; disk?: Disk | undefined } = {}): RoundsFile {
    const { readOnly = false, disk } = options;
    return new RoundsFile(AppendFile.open(path, { readOnly, ...(disk ? { disk } : {}) }));
  }

  /** Whether its header can be believed; without it no record can be found, and nothing is cut or written. */
  get sound(): boolean {
    return (
      this.#header.subarray(0, MAGIC.length).equals(MAGIC) && this.#header.readUInt32BE(16) === checksum(this.#mark)
    );
  }

  /** Puts a file whose header is damaged aside, so that the log can go on without it; nothing of it is lost. */
  static setAside(path: string): Finding {
    const name = `${path}.damaged-${randomBytes(4).toString('hex')}`;
    renameSync(path, name);
    return {
      code: 'rounds-header',
      zh: `轮次日志的文件头损坏，文件已另存为 ${name}`,
      en: `the header of a log of rounds is damaged; the file was put aside as ${name}`,
      file: path,
      offset: 0,
      mended: true,
    };
  }

  /** Writes a payload; on the device when this returns. Answers how to take it back before anything else is written. */
  add(payload: Buffer): () => void {
    const before = this.#file.length;
    const out = Buffer.allocUnsafe(payload.length + FRAME);
    this.#mark.copy(out);
    out.writeUInt32BE(payload.length, MARK);
    payload.copy(out, MARK + 4);
    out.writeUInt32BE(checksum(out.subarray(MARK, MARK + 4 + payload.length)), MARK + 4 + payload.length);
    this.#file.append(before === 0 ? Buffer.concat([this.#header, out]) : out);
    return () => this.#file.truncate(before);
  }

  #recordAt(at: number): Placed | undefined {
    if (at + FRAME > this.#file.length) return undefined;
    const head = this.#file.read(at, MARK + 4);
    const length = head.readUInt32BE(MARK);
    const end = at + FRAME + length;
    if (!head.subarray(0, MARK).equals(this.#mark) || length < 7 || length > MOST || end > this.#file.length)
      return undefined;
    const body = this.#file.read(at + MARK, length + 8);
    if (body.readUInt32BE(4 + length) !== checksum(body.subarray(0, 4 + length))) return undefined;
    const payload = body.subarray(4, 4 + length);
    return { offset: at, end, time: payload.readUIntBE(1, 6), payload, read: () => readPayload(payload) };
  }

  /** The first record at or after a place. */
  #next(from: number): Placed | undefined {
    for (let at = from; at + FRAME <= this.#file.length; ) {
      const piece = this.#file.read(at, 1 << 20);
      const found = piece.indexOf(this.#mark);
      const record = found < 0 ? undefined : this.#recordAt(at + found);
      if (record) return record;
      at += found < 0 ? Math.max(1, piece.length - MARK + 1) : found + 1;
    }
    return undefined;
  }

  /** The records one after the other, from a place on. */
  *records(from = HEADER): Generator<Placed, Walked> {
    const damage: { from: number; to: number }[] = [];
    let at = Math.min(from, this.#file.length);
    if (this.#file.length < HEADER) return { end: 0, damage };
    while (at < this.#file.length) {
      const record = this.#recordAt(at) ?? this.#next(at + 1);
      if (!record) break;
      if (record.offset > at) damage.push({ from: at, to: record.offset });
      yield record;
      at = record.end;
    }
    return { end: at, damage };
  }

  /** Walks all records. */
  walk(visit: (record: Placed) => void): Walked {
    const records = this.records();
    for (let one = records.next(); ; one = records.next()) {
      if (one.done) return one.value;
      visit(one.value);
    }
  }

  /** The last round of the file, and an end that was never finished: cut, unless `mend` is false. Only the end of the file is read. */
  recover(mend = true): { last: RoundRecord | undefined; finding: Finding | undefined } {
    const { length } = this.#file;
    let end = Math.min(length, length < HEADER ? 0 : HEADER);
    let last: Placed | undefined;
    for (let window = WINDOW; ; window *= 4) {
      const from = Math.max(HEADER, length - window);
      const first = length < HEADER ? undefined : this.#next(from);
      if (first) {
        for (const record of this.records(first.offset)) {
          if (record.payload[0] === 1) last = record;
          end = record.end;
        }
      }
      if (last || from === HEADER) break;
    }
    const finding = this.#unfinished(end, mend);
    return { last: last?.read(), finding };
  }

  #unfinished(end: number, mend: boolean): Finding | undefined {
    const { length, path } = this.#file;
    if (end >= length) return undefined;
    if (mend) this.#file.truncate(end);
    return {
      code: 'torn',
      zh: `轮次日志末尾 ${length - end} 字节没有写完`,
      en: `the last ${length - end} bytes of the log of rounds were never finished`,
      file: path,
      offset: end,
      mended: mend,
    };
  }

  /** Looks at every record: damage, and an end that was never finished, which `mend` cuts. */
  check(mend: boolean): Finding[] {
    const { path } = this.#file;
    if (!this.sound)
      return [
        mend
          ? RoundsFile.setAside(path)
          : {
              code: 'rounds-header',
              zh: '轮次日志的文件头损坏',
              en: 'the header of a log of rounds is damaged',
              file: path,
              offset: 0,
              mended: false,
            },
      ];
    const { end, damage } = this.walk(() => {});
    const findings = damage.map(({ from, to }) => ({
      code: 'rounds-damaged',
      zh: `轮次日志有 ${to - from} 字节损坏`,
      en: `${to - from} bytes of the log of rounds are damaged`,
      file: path,
      offset: from,
      mended: false,
    }));
    const unfinished = this.#unfinished(end, mend);
    return unfinished ? [...findings, unfinished] : findings;
  }

  close(): void {
    this.#file.close();
  }
}
