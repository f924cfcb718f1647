/** What is wrong with bytes that should be a signature, a publications file or a message. */

/** A format error: stable code, Chinese and English, and the byte where it was met. */
export class KeylessError extends Error {
  readonly code: string;
  readonly zh: string;
  /** Offset in the bytes that were read, where one is known. */
  readonly offset: number | undefined;
  constructor(code: string, zh: string, en: string, offset?: number) {
    super(offset === undefined ? en : `${en} (byte ${offset})`);
    this.name = 'KeylessError';
    this.code = `keyless.${code}`;
    this.zh = offset === undefined ? zh : `${zh}（第 ${offset} 字节）`;
    this.offset = offset;
  }
}

/** Throws a {@link KeylessError}. */
export function fail(code: string, zh: string, en: string, offset?: number): never {
  throw new KeylessError(code, zh, en, offset);
}
