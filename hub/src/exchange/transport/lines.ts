/** Writes rows as JSON lines, the shape in which collecting takes them over. */
import { type FileHandle, open } from 'node:fs/promises';

const BUFFERED = 1 << 20;

/** A file of JSON lines that grows. Memory is bounded by about a mebibyte and the longest row. */
export class LinesFile {
  readonly path: string;
  rows = 0;
  bytes = 0;
  readonly #file: FileHandle;
  #held: string[] = [];
  #heldSize = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Creates the file, readable by this account only. */
  static async create(path: string): Promise<LinesFile> {
    return new LinesFile(path, await open(path, 'wx', 0o600));
  }

  /** Adds one row, a JSON text without line breaks. Await what it answers when it answers something. */
  add(line: string): Promise<void> | undefined {
    this.#held.push(line);
    this.#heldSize += line.length + 1;
    this.rows += 1;
    return this.#heldSize >= BUFFERED ? this.#flush() : undefined;
  }

  async #flush(): Promise<void> {
    if (this.#held.length === 0) return;
    const bytes = Buffer.from(`${this.#held.join('\n')}\n`);
    this.#held = [];
    this.#heldSize = 0;
    for (let at = 0; at < bytes.length; ) at += (await this.#file.write(bytes, at)).bytesWritten;
    this.bytes += bytes.length;
  }

  /** Writes what is held and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }
}

/** Makes lines of rows of values, with the members named once. A row's nulls are left out unless `whole` asks for them. */
export function lineMaker(names: readonly string[]): (values: readonly (string | null)[], whole: boolean) => string {
  const keys = names.map((n) => `${JSON.stringify(n)}:`);
  return (values, whole) => {
    let line = '';
    for (let i = 0; i < keys.length; i++) {
      const value = values[i] ?? null;
      if (value === null && !whole) continue;
      line += (line === '' ? '{' : ',') + keys[i] + (value === null ? 'null' : JSON.stringify(value));
    }
    return line === '' ? '{}' : `${line}}`;
  };
}
