/**
 * The journal of calls: a call is answered when its record is on disk. Records that come in while the disk is at work go with the next write
 * (group commit), so that a thousand calls a second need a few hundred of them. Segments are taken into the lake every few seconds and
 * removed when they are; a hub that was killed takes what is left at its next start.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One call as it is kept. */
export interface Call {
  at: string;
  id: string;
  /** 0: no grant that the caller may know of. */
  share: number;
  client: string;
  requester: string;
  provider: string;
  operation: string;
  sandbox: boolean;
  /** What was asked for: the record's number or the key's fingerprint, never the key. */
  key: string | null;
  /** Items that were asked for; null: all of the token's. */
  fields: string | null;
  /** Calls that count against the quota. */
  units: number;
  rows: number;
  status: number;
  problem: string | null;
  ms: number;
  purpose: string | null;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

export class Journal {
  readonly #folder: string;
  #file: FileHandle | undefined;
  #name: string | undefined;
  #written = 0;
  #lines: string[] = [];
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #sequence = 0;
  readonly #turns: (() => void)[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Keeps a record; on disk when it resolves. */
  add(call: Call): Promise<void> {
    this.#lines.push(`${JSON.stringify(call)}\n`);
    const kept = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#writing ??= this.#write();
    return kept;
  }

  async #write(): Promise<void> {
    // Whatever comes in with this turn of the loop goes with the first write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#lines.length) {
      const lines = this.#lines;
      const waiting = this.#waiting;
      this.#lines = [];
      this.#waiting = [];
      try {
        this.#file ??= await this.#open();
        await this.#file.appendFile(lines.join(''));
        await this.#file.datasync();
        this.#written += lines.length;
        for (const w of waiting) w.resolve();
      } catch (error) {
        // A line may be there in part: what follows goes into a segment of its own.
        await this.#file?.close().catch(() => undefined);
        this.#file = undefined;
        this.#name = undefined;
        for (const w of waiting) w.reject(error);
      }
      if (this.#turns.length) {
        await this.#closeSegment();
        for (const turned of this.#turns.splice(0)) turned();
      }
    }
    this.#writing = undefined;
  }

  async #open(): Promise<FileHandle> {
    this.#sequence += 1;
    this.#name = `${Date.now().toString(36)}-${process.pid}-${this.#sequence}.ndjson`;
    const file = await open(join(this.#folder, this.#name), 'ax', 0o600);
    // The name itself must be on disk, too.
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
    this.#written = 0;
    return file;
  }

  /** Closes the segment that is written, if it has records, so that it can be taken over; between two writes where calls never pause. */
  turn(): Promise<void> {
    if (!this.#writing) return this.#closeSegment();
    return new Promise((resolve) => this.#turns.push(resolve));
  }

  async #closeSegment(): Promise<void> {
    if (!this.#file || !this.#written) return;
    const file = this.#file;
    this.#file = undefined;
    this.#name = undefined;
    await file.close().catch(() => undefined);
  }

  /** Closed segments, the oldest first. */
  segments(): string[] {
    return readdirSync(this.#folder)
      .filter((n) => n.endsWith('.ndjson') && n !== this.#name)
      .sort();
  }

  /** Records of a segment. A last line that is not whole was never answered. */
  async read(name: string): Promise<Call[]> {
    const text = await readFile(join(this.#folder, name), 'utf8');
    const calls: Call[] = [];
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      if (line === '') continue;
      try {
        calls.push(JSON.parse(line) as Call);
      } catch {
        // Written in part when the disk was full: its call was answered with an error.
      }
    }
    return calls;
  }

  async remove(name: string): Promise<void> {
    await unlink(join(this.#folder, name));
  }

  async close(): Promise<void> {
    await this.turn();
    await this.#file?.close();
    this.#file = undefined;
  }
}
