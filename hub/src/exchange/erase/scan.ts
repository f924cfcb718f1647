/** Looks for a person's numbers in the bytes of a file, whatever its encoding of those that departments deliver. */
import { saysNumber } from '../../platform/personal.ts';

/** Characters that are looked at again with what follows. */
const OVERLAP = 64;
/** A run of nothing but digits is cut here. */
const LONGEST = 1 << 16;
const IDENTITY = /(?<![0-9])(?:\d{17}[\dXx]|\d{15})(?![0-9])/g;
/** Characters of four bytes in GB 18030 have digits as their second and fourth; nothing else looks like it. */
const FOUR_BYTES = /[\x81-\xfe][0-9][\x81-\xfe][0-9]/g;

/** What is looked for: own numbers as written, and whether an identity number in some spelling is theirs. */
export interface Sought {
  plain: readonly string[];
  isTheirs(number: string): boolean;
}

/** One reading of the bytes, text as it comes. */
class Lane {
  readonly #sought: Sought;
  #rest = '';
  found = false;

  constructor(sought: Sought) {
    this.#sought = sought;
  }

  feed(more: string): void {
    const text = this.#rest + more;
    // A number (or a character) that may go on with the next bytes waits for them.
    const open = /(?:[0-9]+[Xx]?|[\x81-\xfe][0-9]?[\x81-\xfe]?)$/.exec(text)?.index ?? text.length;
    const upto = text.length - open > LONGEST ? text.length : open;
    this.#look(text.slice(0, upto));
    this.#rest = text.slice(Math.max(0, upto - OVERLAP));
    // What is cut within a number would look like one that begins here.
    if (upto > OVERLAP) this.#rest = this.#rest.replace(/^[0-9]+/, '');
  }

  end(): void {
    this.#look(this.#rest);
  }

  #look(text: string): void {
    const clean = text.replaceAll(FOUR_BYTES, '????');
    this.found ||=
      saysNumber(clean, this.#sought.plain) ||
      (clean.match(IDENTITY) ?? []).some((n) => this.#sought.isTheirs(n.toUpperCase()));
  }
}

/** Takes bytes as they come; `found` once a number stands there by itself. Read as bytes (ASCII within UTF-8, GB 18030) and as UTF-16 both ways. */
export class Scan {
  readonly #bytes: Lane;
  readonly #little: Lane;
  readonly #big: Lane;
  #odd = Buffer.alloc(0);

  constructor(sought: Sought) {
    [this.#bytes, this.#little, this.#big] = [new Lane(sought), new Lane(sought), new Lane(sought)];
  }

  get found(): boolean {
    return this.#bytes.found || this.#little.found || this.#big.found;
  }

  feed(chunk: Uint8Array): void {
    if (this.found || chunk.length === 0) return;
    this.#bytes.feed(Buffer.from(chunk).toString('latin1'));
    const pairs = Buffer.concat([this.#odd, chunk]);
    this.#odd = Buffer.from(pairs.subarray(pairs.length - (pairs.length % 2)));
    const whole = pairs.subarray(0, pairs.length - (pairs.length % 2));
    // Digits in UTF-16 have a zero byte each: without one nothing is there, and what was open is over.
    if (!whole.includes(0)) {
      if (whole.length > 0) for (const lane of [this.#little, this.#big]) lane.feed('?');
      return;
    }
    this.#little.feed(asciiOf(whole.toString('utf16le')));
    this.#big.feed(asciiOf(Buffer.from(whole).swap16().toString('utf16le')));
  }

  /** What is there is all. */
  end(): boolean {
    for (const lane of [this.#bytes, this.#little, this.#big]) lane.end();
    return this.found;
  }
}

const asciiOf = (text: string): string => text.replaceAll(/[^ -~]+/g, '?');
