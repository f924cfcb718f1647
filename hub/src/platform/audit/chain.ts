/**
 * What makes the audit tamper-evident: every entry's hash is SHA-256 over the hash before it (32 zero bytes at first)
 * followed by the entry's RFC 8785 JSON. Changing, removing or inserting an entry breaks the chain from there on;
 * cutting its end off shows when a head noted elsewhere is no longer in it.
 */
import { createHash } from 'node:crypto';
import { citizenId } from '@jingwei/codes';
import { mask } from '../auth/protection.ts';

/** What the hash covers, besides the hash before it. */
export interface ChainedEntry {
  seq: number;
  /** ISO instant with milliseconds, UTC. */
  at: string;
  actor: string | null;
  actorId: string | null;
  roles: string[];
  sessionId: string | null;
  action: string;
  object: string;
  purpose: string | null;
  outcome: string;
  /** Canonical JSON. */
  detail: string;
}

/** The hash before the first entry. */
export const genesis: Uint8Array = new Uint8Array(32);

/** The hash of an entry. */
export function chainHash(prev: Uint8Array, entry: ChainedEntry): Uint8Array {
  return createHash('sha256').update(prev).update(canonicalJson(entry)).digest();
}

/**
 * JSON of RFC 8785: keys sorted by UTF-16 code units, no white space. Members that are undefined are left out, dates
 * become ISO instants; numbers that are not finite are an error.
 */
export function canonicalJson(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('a number of JSON must be finite');
  return JSON.stringify(value ?? null);
}

/**
 * Makes a text fit to be kept for ever: identity numbers with a right check character and mobile numbers are masked
 * (what an entry speaks of is named by token), NUL and lone surrogates, which no database keeps, are replaced.
 */
export function keepable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\ufffd'))
    .toString()
    .replace(/(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])/g, (number) => {
      if (number.length === 11) return mask('phone', number);
      return citizenId.check(number.toUpperCase()) ? mask('citizen-id', number) : number;
    });
}

/** The same for every text inside a value. */
export function keepableDetail(value: unknown): unknown {
  if (typeof value === 'string') return keepable(value);
  if (Array.isArray(value)) return value.map(keepableDetail);
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [keepable(k), keepableDetail(v)]));
  }
  return value;
}
