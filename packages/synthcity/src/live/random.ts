/** Numbers that belong to a seed, a thing and a moment: no state, the same whichever window is asked for. */
import { saltOf } from '../sql.ts';

/** A 32-bit salt of a seed and a name. */
export const salt32 = (seed: number | string, name: string): number =>
  Number(saltOf(seed, `live ${name}`) & 0xffffffffn);

/** A 32-bit hash of a salt and two integers. */
export function hash32(salt: number, a: number, b = 0): number {
  let x = Math.imul(a + 0x7f4a7c15, 0x9e3779b1) ^ Math.imul(b + 0x165667b1, 0x85ebca77) ^ salt;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A number of [0, 1). */
export const unit = (salt: number, a: number, b = 0): number => hash32(salt, a, b) / 4294967296;

/** A number of mean 0 and deviation about 1, never beyond ±2.5. */
export const bell = (salt: number, a: number, b = 0): number =>
  (unit(salt, a, b) + unit(salt ^ 0x5bd1e995, a, b) + unit(salt ^ 0x27d4eb2f, a, b) - 1.5) * 1.66;

/** Smooth noise of [-1, 1] along `x`: one hash at every whole number, eased in between. */
export function ripple(salt: number, a: number, x: number): number {
  const i = Math.floor(x);
  const f = x - i;
  const left = unit(salt, a, i);
  const right = unit(salt, a, i + 1);
  return 2 * (left + (right - left) * f * f * (3 - 2 * f)) - 1;
}

/** exp(-((x - middle) / width)²). */
export const bump = (x: number, middle: number, width: number): number => {
  const d = (x - middle) / width;
  return d > 5 || d < -5 ? 0 : Math.exp(-d * d);
};

/** `x` held between two bounds. */
export const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

/** One of the values. */
export const pick = <T>(values: readonly T[], salt: number, a: number, b = 0): T =>
  values[hash32(salt, a, b) % values.length]!;

const MASK = (1n << 64n) - 1n;
/** The engine's own hash of a 64-bit integer: what SQL of the city draws with `hash(…::BIGINT)` is drawn alike here. */
export function engineHash(value: bigint): bigint {
  let x = value & MASK;
  x ^= x >> 32n;
  x = (x * 0xd6e8feb86659fd93n) & MASK;
  x ^= x >> 32n;
  x = (x * 0xd6e8feb86659fd93n) & MASK;
  return x ^ (x >> 32n);
}
