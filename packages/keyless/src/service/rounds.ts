/**
 * Rounds (轮次): what was asked in each second, one file a day (UTC). A round is written and forced to the device before its root enters the
 * calendar, and the calendar before anybody is answered; so an answer that was lost can be given again.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import { type Disk, type Finding, syncFolder } from '../calendar/disk.ts';
import { type Round, type RoundRecord, writeAnswer, writeRound } from './round-records.ts';
import { RoundsFile } from './rounds-file.ts';

/** Day of a Unix second as files are named: `2026-11-21`. */
export const dayOf = (time: number): string =>
  new Date(Math.min(Math.max(0, time), END_OF_DAYS - 1) * 1000).toISOString().slice(0, 10);

/** Day of a file of rounds. */
export const dayOfFile = (name: string): string => basename(name, '.log');

const NAME = /^\d{4}-\d\d-\d\d\.log$/;
/** First second of the year 10000: names of days have four digits of year. */
export const END_OF_DAYS = 253_402_300_800;
/** Bytes that are looked through before others get a turn. */
const AT_ONCE = 1 << 24;

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
  #open: { day: string; file: RoundsFile } | undefined;
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
      const file = this.#take(name);
      const { last, finding } = file.recover();
      file.close();
      if (finding) this.found.push(finding);
      if (last?.kind === 'round') this.last ??= last.round;
    }
  }

  #take(name: string): RoundsFile {
    const file = RoundsFile.open(name, { disk: this.#disk });
    if (file.sound) return file;
    file.close();
    this.found.push(RoundsFile.setAside(name));
    return RoundsFile.open(name, { disk: this.#disk });
  }

  #fileOf(time: number): RoundsFile {
    const day = dayOf(time);
    if (this.#open?.day === day) return this.#open.file;
    this.#open?.file.close();
    this.#open = undefined;
    const file = this.#take(path(this.#folder, `${day}.log`));
    this.#open = { day, file };
    return file;
  }

  /** Writes a round; on the device when this returns. Answers how to take it back before anything else is written. */
  add(round: Round): () => void {
    const { last } = this;
    const takeBack = this.#fileOf(round.time).add(writeRound(round));
    this.last = round;
    return () => {
      takeBack();
      this.last = last;
    };
  }

  /** Writes what the service above answered. */
  answered(time: number, signature: Uint8Array): void {
    this.#fileOf(time).add(writeAnswer(time, signature));
  }

  /** Rounds of seconds `from` … `to` in whose bytes `needle` (an imprint that is looked for) occurs, and all answers from above. */
  async *search(from: number, to: number, needle: Uint8Array): AsyncGenerator<RoundRecord> {
    const wanted = Buffer.from(needle);
    const [first, last] = [dayOf(from), dayOf(to)];
    let read = 0;
    for (const name of segments(this.#folder)) {
      if (dayOfFile(name) < first || dayOfFile(name) > last) continue;
      const file = RoundsFile.open(name, { readOnly: true });
      try {
        for (const record of file.records()) {
          read += record.payload.length;
          if (read > AT_ONCE) {
            read = 0;
            await new Promise(setImmediate);
          }
          if (record.time < from || record.time > to) continue;
          if (record.payload[0] === 2 || record.payload.includes(wanted)) yield record.read();
        }
      } finally {
        file.close();
      }
    }
  }

  /** Removes the files of days before the second; answers how many. */
  forget(before: number): number {
    const day = dayOf(before);
    const old = segments(this.#folder).filter((name) => dayOfFile(name) < day && dayOfFile(name) !== this.#open?.day);
    for (const name of old) rmSync(name, { force: true });
    return old.length;
  }

  close(): void {
    this.#open?.file.close();
    this.#open = undefined;
  }
}
