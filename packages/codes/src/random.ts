/** Deterministic randomness for `generate`: the same seed gives the same values on every machine. */

/** A function that answers numbers in [0, 1), as Math.random does. */
export type Random = () => number;

/** FNV-1a of the UTF-16 code units: turns a text seed into a number. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** A random function from a seed (splitmix32). A function is answered as it is, so that callers may share one stream. */
export function randomOf(seed: Random | number | string): Random {
  if (typeof seed === 'function') return seed;
  let state = (typeof seed === 'string' ? hash(seed) : Math.imul(seed | 0, 0x9e3779b1)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}

/** A whole number in [0, bound). */
export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** One of the given values; the list must not be empty. */
export function pick<T>(random: Random, values: ArrayLike<T>): T {
  return values[below(random, values.length)] as T;
}

/** `length` characters out of `alphabet`. */
export function letters(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += pick(random, alphabet);
  return text;
}
