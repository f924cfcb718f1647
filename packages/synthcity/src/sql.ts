/** Small helpers that write SQL. Everything random is a hash of (salt, index): no state, any row at any time, any order. */
import { createHash } from 'node:crypto';

/** A string as an SQL literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** An identifier in double quotes. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A list literal of strings or numbers. */
export function list(values: readonly (string | number)[]): string {
  return `[${values.map((v) => (typeof v === 'number' ? String(v) : text(v))).join(', ')}]`;
}

/** A 56-bit number that stands for (seed, name): the start of a stream of hashes. */
export function saltOf(seed: number | string, name: string): bigint {
  return createHash('sha256').update(`${seed}|${name}`).digest().readBigUInt64BE() >> 8n;
}

/** SQL of a 64-bit hash of (index, stream, column); `column` below 256. */
export function hashOf(index: string, salt: bigint, column: number): string {
  return `hash((${index})::BIGINT * 256 + ${salt + BigInt(column)})`;
}

/** SQL that picks one of the values by a hash. */
export function pickOf(values: readonly (string | number)[], hash: string): string {
  return values.length === 1 ? list(values).slice(1, -1) : `${list(values)}[1 + (${hash} % ${values.length})::INTEGER]`;
}

/** Repeats every value as often as its weight says, for `pickOf`. */
export function weighted<T>(values: readonly (readonly [T, number])[]): T[] {
  return values.flatMap(([value, weight]) => Array.from({ length: weight }, () => value));
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/**
 * SQL of a permutation of 0 … modulus-1 applied to `index` (0-based, may be beyond: it wraps). The same index never meets
 * another one below the modulus, and neighbours land far apart.
 */
export function permuted(index: string, modulus: bigint | number, salt: bigint): string {
  const m = BigInt(modulus);
  if (m <= 1n) return '0';
  let a =
    (m > 1_000_000_000n ? 518_033_989n + (salt % 200_000_000n) : (m * 518n) / 1000n + (salt % (m / 5n + 1n))) | 1n;
  while (gcd(a, m) !== 1n) a += 2n;
  return `(((${index})::BIGINT * ${a} + ${(salt >> 5n) % m}) % ${m})`;
}

/** SQL of a number of `digits` digits that belongs to `index` alone. */
export function serial(index: string, digits: number, salt: bigint): string {
  return `lpad(${permuted(index, 10n ** BigInt(digits), salt)}::VARCHAR, ${digits}, '0')`;
}

const usccAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const fullAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function weightedSum(value: string, alphabet: string, weights: readonly number[]): string {
  return weights.map((w, i) => `(strpos('${alphabet}', substr(${value}, ${i + 1}, 1)) - 1) * ${w}`).join(' + ');
}

/** Macros for check digits: GB 32100, GB 11714, GS 15-2006 and GB 11643. Each takes the body and answers the whole code. */
export const checkDigitMacros: readonly string[] = [
  `CREATE MACRO with_uscc_check(b) AS b || substr('${usccAlphabet}', 1 + (31 - (${weightedSum('b', usccAlphabet, [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])}) % 31) % 31, 1)`,
  `CREATE MACRO with_org_check(b) AS b || CASE 11 - (${weightedSum('b', fullAlphabet, [3, 7, 9, 10, 5, 8, 4, 2])}) % 11 WHEN 10 THEN 'X' WHEN 11 THEN '0' ELSE (11 - (${weightedSum('b', fullAlphabet, [3, 7, 9, 10, 5, 8, 4, 2])}) % 11)::VARCHAR END`,
  `CREATE MACRO regno_step(p, d) AS (2 * CASE WHEN (p + d) % 10 = 0 THEN 10 ELSE (p + d) % 10 END) % 11`,
  `CREATE MACRO with_regno_check(b) AS b || ((11 - list_reduce(list_concat([10], list_transform(string_split(b, ''), lambda x: x::INTEGER)), lambda p, d: regno_step(p, d))) % 10)::VARCHAR`,
  `CREATE MACRO with_citizen_check(b) AS b || substr('10X98765432', 1 + (${weightedSum('b', '0123456789', [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])}) % 11, 1)`,
  `CREATE MACRO base31(n) AS substr('${usccAlphabet}', 1 + (n // 28629151 % 31)::INTEGER, 1) || substr('${usccAlphabet}', 1 + (n // 923521 % 31)::INTEGER, 1) || substr('${usccAlphabet}', 1 + (n // 29791 % 31)::INTEGER, 1) || substr('${usccAlphabet}', 1 + (n // 961 % 31)::INTEGER, 1) || substr('${usccAlphabet}', 1 + (n // 31 % 31)::INTEGER, 1) || substr('${usccAlphabet}', 1 + (n % 31)::INTEGER, 1)`,
];
