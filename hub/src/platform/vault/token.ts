/**
 * Tokens stand for identity values wherever they are not needed plain: kind prefix, `~`, and 26 base32 characters (RFC
 * 4648, lower case) of the first 16 bytes of HMAC-SHA-256(token key, kind ‖ original). The same original has the same
 * token for ever, so that rows can be joined; without the key no one can compute one. In the engine the same function
 * is an SQL expression, so that bulk work does not pass through JavaScript.
 */
import { Problem, problemKind } from '../problem.ts';
import type { TokenKind } from '../room.ts';
import { Hmac, hmacPads } from './hmac.ts';

export type { TokenKind } from '../room.ts';

/** Characters of every token. */
export const TOKEN_LENGTH = 28;

/** What a token of each kind starts with. */
export const tokenPrefix: Readonly<Record<TokenKind, string>> = { 'citizen-id': 'c', phone: 'p', account: 'b' };

/** What stands where a token should is none. */
export const notToken = problemKind(
  'vault.not-a-token',
  400,
  '“{token}”不是保险库的标识',
  '"{token}" is not a token of the vault',
);

/** The kind of a token; anything else is a Problem. */
export function kindOfToken(token: string): TokenKind {
  if (/^[cpb]~[a-z2-7]{26}$/.test(token)) {
    for (const [kind, prefix] of Object.entries(tokenPrefix)) if (token[0] === prefix) return kind as TokenKind;
  }
  // A person's number may stand where a token should: no more of it than its length goes into the message.
  throw new Problem(notToken, { token: '*'.repeat(Math.min(token.length, 32)) });
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
/** Base32 of every 10 bits. */
const pairs: readonly string[] = Array.from({ length: 1024 }, (_, i) => alphabet[i >> 5]! + alphabet[i & 31]!);

/** Makes tokens under one key. */
export class Tokenizer {
  readonly #hmac: Hmac;
  readonly #pads: { inner: Uint8Array; outer: Uint8Array };

  constructor(key: Uint8Array) {
    this.#hmac = new Hmac('sha256', key);
    this.#pads = hmacPads(key);
  }

  /** The token of an original text, byte for byte (UTF-8). */
  token(kind: TokenKind, original: string): string {
    const h = this.#hmac.text(kind + original);
    let text = `${tokenPrefix[kind]}~`;
    for (let bit = 0; bit < 130; bit += 10) {
      const at = bit >> 3;
      const window = (h.charCodeAt(at) << 16) | ((at < 15 ? h.charCodeAt(at + 1) : 0) << 8);
      text += pairs[(window >>> (14 - (bit & 7))) & 1023];
    }
    return text;
  }

  /**
   * The same as a query: SQL that answers `original` and `token` of the one text column that `source` answers, and the
   * parameters that it needs (the padded key; parameters stay in memory).
   */
  sql(kind: TokenKind, source: string): { sql: string; params: Record<string, Uint8Array | readonly string[]> } {
    const digits = (word: string, shifts: readonly number[]) =>
      shifts.map((shift) => `$pairs[1 + ((${word} >> ${shift}) & 1023)]`).join(' || ');
    const shifts = [50, 40, 30, 20, 10, 0];
    return {
      sql: `WITH o AS (SELECT * FROM (${source}) AS given(original) WHERE original IS NOT NULL),
        h AS (SELECT original,
          sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(original::VARCHAR)))) AS h FROM o),
        w AS (SELECT original, ('0x' || substr(h, 1, 15))::BIGINT AS x, ('0x' || substr(h, 16, 15))::BIGINT AS y,
          ('0x' || substr(h, 31, 2))::BIGINT << 2 AS z FROM h)
        SELECT original, '${tokenPrefix[kind]}~' || ${digits('x', shifts)} || ${digits('y', shifts)} || $pairs[1 + z]
          AS token FROM w`,
      params: {
        inner: Buffer.concat([this.#pads.inner, Buffer.from(kind)]),
        outer: this.#pads.outer,
        pairs,
      },
    };
  }
}
